#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh header_snippets.sh INCLUDE: prints the code in the comments of all headers, verbatim. Declarations become the
# members of a struct with the name of the documented entity; lines of JSON become a constant.
set -eu
find "$1" -name '*.hpp' | LC_ALL=C sort | xargs awk '
    /^\/\/\/     [^ ]/ {
        line = substr($0, 9)
        if (line ~ /^{/) json = json line "\n"
        else code = code "    " line "\n"
        next
    }
    /^\/\/\/     +\/\// { code = code "    " substr($0, 9) "\n"; next }
    /^\/\/\/|^template / { next }
    {
        if (code != "" && match($0, /^(concept|struct|class) [A-Za-z]+/)) {
            split($0, words, " ")
            printf "struct %s {\n%s};\n", words[2], code
        }
        if (json != "") printf "constexpr std::string_view json_lines = R\"(%s)\";\n", json
        code = json = ""
    }'

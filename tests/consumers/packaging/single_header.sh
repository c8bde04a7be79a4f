#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh single_header.sh OUTPUT: writes all headers of the library into one file, with the version and the license at the
# top. The output depends on the headers only.
set -eu

output=${1:?usage: single_header.sh OUTPUT}
root=$(cd "$(dirname "$0")/../../.." && pwd)
version=$(awk '/^#define PRUNEPLAN_VERSION_(MAJOR|MINOR|PATCH) [0-9]+$/ { printf "%s%s", dot, $3; dot = "." }' \
    "$root/include/pruneplan/version.hpp")

{
    echo "// SPDX-License-Identifier: BSL-1.0"
    echo "//"
    echo "// pruneplan $version: all headers of the library in one. This file is generated."
    echo "//"
    awk '{ sub(/[ \t\r]+$/, ""); print $0 == "" ? "//" : "// " $0 }' "$root/LICENSE"
    echo
    # Each header replaces the first line that includes it, and keeps its include guard. A standard header is included
    # once, except within a condition.
    awk -v include="$root/include/" '
        function expand(header,    path, line, words, depth) {
            if (header in expanded) return
            expanded[header] = 1
            path = include header
            depth = 0
            while ((status = (getline line < path)) > 0) {
                if (line ~ /^#[ ]*if/) ++depth
                if (line ~ /^#[ ]*endif/) --depth
                if (line ~ /^#include </) {
                    split(line, words, /[<>]/)
                    if (words[2] ~ /^pruneplan\//) {
                        expand(words[2])
                        continue
                    }
                    if (depth == 1 && words[2] in included) continue
                    if (depth == 1) included[words[2]] = 1
                }
                print line
            }
            if (status < 0) {
                print "cannot read " path >"/dev/stderr"
                exit 1
            }
            close(path)
        }
        BEGIN { expand("pruneplan/pruneplan.hpp") }'
} >"$output.part"
mv "$output.part" "$output"

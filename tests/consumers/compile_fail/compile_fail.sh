#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh compile_fail.sh COMPILER [FLAG]...: the programs here named good*.cpp must compile, and no other. The first error
# that the compiler prints, which users read first, must contain the text after `// expect: ` in the program's first
# line. If the second line is `// flags: FLAGS`, these flags are added, and the error must be the only one.
set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
output=$work/output
trap 'rm -rf "$work"' EXIT

# The library is compiled once, and not again for each program. A compiler that cannot use the result reads the header;
# so do programs with flags of their own, for which clang rejects it.
echo '#include <pruneplan/pruneplan.hpp>' | tee "$work/library.hpp" >"$work/library_for_flags.hpp"
"$@" -std=c++20 -I "$here/../../../include" -x c++-header "$work/library.hpp" -o "$work/library.hpp.gch" 2>/dev/null ||
    rm -f "$work/library.hpp.gch"

# Only the first error is read, so the compiler stops at it. g++ would also look for garbage in the compiled header.
once=-Wfatal-errors
collector='--param ggc-min-heapsize=1000000'
# shellcheck disable=SC2086 # two words
"$@" $collector -E -x c++ /dev/null >/dev/null 2>&1 && once="$once $collector"

compiles() {
    program=$1
    shift
    # shellcheck disable=SC2086 # any number of flags
    LC_ALL=C "$@" -std=c++20 ${more:-$once} -fsyntax-only -fno-diagnostics-color -I "$here/../../../include" \
        -include "$work/library${more:+_for_flags}.hpp" "$program" >"$output" 2>&1
}

more=
# If these programs failed too, the failures of the others would prove nothing.
for program in "$here"/good*.cpp; do
    compiles "$program" "$@" && continue
    cat "$output"
    echo "FAILED ${program##*/}: it must compile"
    exit 1
done

failed=0
for program in "$here"/*.cpp; do
    name=${program##*/}
    expected=$(sed -n '1s|^// expect: ||p' "$program")
    more=$(sed -n '2s|^// flags: ||p' "$program")
    case $name in good*) continue ;; esac
    if [ -z "$expected" ]; then
        echo "FAILED $name: its first line must be '// expect: TEXT'"
        failed=1
    elif compiles "$program" "$@"; then
        echo "FAILED $name: it compiles, but must fail with: $expected"
        failed=1
    elif [ -n "$more" ] && [ "$(grep -c 'error: ' "$output")" != 1 ]; then
        cat "$output"
        echo "FAILED $name: there must be exactly one error"
        failed=1
    elif grep 'error: ' "$output" | head -n 1 | grep -qF -- "$expected"; then
        echo "ok $name"
    else
        cat "$output"
        echo "FAILED $name: the first error must contain: $expected"
        failed=1
    fi
done
exit "$failed"

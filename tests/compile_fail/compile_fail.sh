#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh compile_fail.sh COMPILER [FLAG]…: every program here but good.cpp must be refused, and the first error that the
# compiler prints must hold the text after `// expect: ` in the program's first line: a person reads that one first. Where
# the second line is `// flags: FLAGS`, these are added, and that error must be the only one.
set -u

here=$(cd "$(dirname "$0")" && pwd)
output=$(mktemp)
trap 'rm -f "$output"' EXIT

compiles() {
    program=$1
    shift
    # shellcheck disable=SC2086 # several flags, or none
    LC_ALL=C "$@" -std=c++20 $more -fsyntax-only -fno-diagnostics-color -I "$here/../../include" "$program" >"$output" 2>&1
}

more=
# If this one failed too, the others' failing would say nothing.
if ! compiles "$here/good.cpp" "$@"; then
    cat "$output"
    echo "FAILED good.cpp: it must compile"
    exit 1
fi

failed=0
for program in "$here"/*.cpp; do
    name=${program##*/}
    [ "$name" != good.cpp ] || continue
    expected=$(sed -n '1s|^// expect: ||p' "$program")
    more=$(sed -n '2s|^// flags: ||p' "$program")
    if [ -z "$expected" ]; then
        echo "FAILED $name: its first line is no '// expect: TEXT'"
        failed=1
    elif compiles "$program" "$@"; then
        echo "FAILED $name: it compiled, but must be refused with: $expected"
        failed=1
    elif [ -n "$more" ] && [ "$(grep -c 'error: ' "$output")" != 1 ]; then
        cat "$output"
        echo "FAILED $name: there must be one error"
        failed=1
    elif grep 'error: ' "$output" | head -n 1 | grep -qF -- "$expected"; then
        echo "ok $name"
    else
        cat "$output"
        echo "FAILED $name: the first error must hold: $expected"
        failed=1
    fi
done
exit "$failed"

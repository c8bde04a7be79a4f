#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Measures the costs that README states, and prints them in Markdown:
#
#     sh tests/measure/benchmark/benchmark.sh [N]...
#
# CXX and CXXFLAGS choose the compiler that builds the benchmark; the last table has g++ and clang++, if they are
# installed. On a busy machine, run it more than once: times differ by a tenth, ratios by less.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/tools.sh"
need compiler
build=${BUILD_DIR:-$root/build/benchmark}
mkdir -p "$build"
build_benchmark "$root/include" "$build/benchmark"

print_machine
echo
"$build/benchmark" "$@"

if command -v go >/dev/null; then
    echo
    echo "| records | Go, maps: ns a record | deleted |"
    echo "|--:|--:|--:|"
    (cd "$here/go_maps" && GO111MODULE=off go build -o "$build/go_maps" main.go)
    for records in ${*:-20 500 1000 10000 100000 1000000}; do
        "$build/benchmark" write "$records" | "$build/go_maps" | sed "s/^/| $records | /; s/ \([0-9]*\)\$/ | \1 |/"
    done
fi

if command -v valgrind >/dev/null; then
    echo
    print_instructions "$build/benchmark" 10000 100000 1000000
fi

echo
sh "$here/include_cost.sh"

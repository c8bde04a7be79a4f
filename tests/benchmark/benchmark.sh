#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Measures the costs that README states, and prints them in Markdown:
#
#     sh tests/benchmark/benchmark.sh [N]...
#
# CXX and CXXFLAGS choose the compiler that builds the benchmark; the last table has g++ and clang++, if they are
# installed. On a busy machine, run it more than once: times differ by a tenth, ratios by less.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/tests/support/need.sh"
need compiler
compiler=${CXX:-c++}
build=${BUILD_DIR:-$root/build/benchmark}
mkdir -p "$build"

# shellcheck disable=SC2086 # flags are several words
$compiler -std=c++20 -O2 -DNDEBUG ${CXXFLAGS:-} -I"$root/include" "$here"/*.cpp -o "$build/benchmark"

echo "Measured $(date +%Y-%m-%d) on $(uname -sm),$(awk -F: '/^model name/ { print $2; exit }' /proc/cpuinfo 2>/dev/null)," \
    "$(getconf _NPROCESSORS_ONLN) processors, $($compiler --version | head -n 1), -O2."
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
    sh "$here/instructions.sh" 10000 100000 1000000
fi

echo
sh "$here/include_cost.sh"

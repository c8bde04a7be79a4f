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

if command -v valgrind >/dev/null; then
    echo
    echo "| records | instructions of a plan of a store, a record |"
    echo "|--:|--:|"
    for records in ${*:-10000 100000 1000000}; do
        valgrind --tool=callgrind --toggle-collect=build_and_plan --callgrind-out-file="$build/callgrind.out" \
            "$build/benchmark" count "$records" 2>"$build/callgrind.log"
        awk -v records="$records" '/^summary:|^totals:/ { total = $2 }
            END { printf "| %d | %.0f |\n", records, total / records }' "$build/callgrind.out"
    done
fi

echo
sh "$here/include_cost.sh"

#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Measures what the library costs if include/pruneplan/detail/vector.hpp is replaced by standard/vector.hpp, which is
# std::vector. Prints a table in Markdown:
#
#     sh tests/benchmark/toolbox.sh
#
# A row says how long a unit that plans takes to compile (see include_cost.sh), and how many instructions planning
# takes. CXX is the compiler, TURNS is how often each unit is compiled.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/tests/support/need.sh"
need compiler valgrind
compiler=${CXX:-c++}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# `row WHAT INCLUDE` measures the headers in the folder INCLUDE, and prints a row.
row() {
    compiled=$(INCLUDE=$2 sh "$here/include_cost.sh" "$compiler" | awk -F'|' 'NR > 2 { print $5 }' | tr '\n' '|')
    $compiler -std=c++20 -O2 -DNDEBUG -I"$2" "$here"/*.cpp -o "$work/benchmark"
    counted=
    for records in 10000 100000; do
        valgrind --tool=callgrind --toggle-collect=build_and_plan --callgrind-out-file="$work/callgrind.out" \
            "$work/benchmark" count "$records" 2>"$work/callgrind.log"
        counted="$counted $(awk -v records="$records" '/^summary:|^totals:/ { total = $2 }
            END { printf "%.0f |", total / records }' "$work/callgrind.out")"
    done
    echo "| $1 |$compiled$counted"
}

echo "| | -O0 | -Os | -O2 | instructions a record, 10,000 | 100,000 |"
echo "|:--|--:|--:|--:|--:|--:|"
row 'with detail/vector.hpp' "$root/include"
cp -R "$root/include" "$work/standard"
cp "$here/standard/vector.hpp" "$work/standard/pruneplan/detail/vector.hpp"
row 'with std::vector' "$work/standard"

#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Measures what the library costs if include/pruneplan/detail/vector.hpp is replaced by standard/vector.hpp, which is
# std::vector. Prints a table in Markdown:
#
#     sh tests/measure/benchmark/toolbox.sh
#
# A row says how long a unit that plans takes to compile (see include_cost.sh), and how many instructions planning
# takes. CXX is the compiler, TURNS is how often each unit is compiled.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/tools.sh"
need compiler valgrind
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# `row WHAT INCLUDE` measures the headers in the folder INCLUDE, and prints a row.
row() {
    compiled=$(INCLUDE=$2 sh "$here/include_cost.sh" "$compiler" | awk -F'|' 'NR > 2 { print $5 }' | tr '\n' '|')
    build_benchmark "$2" "$work/benchmark"
    counted=
    for records in 10000 100000; do
        counted="$counted $(instructions "$work/benchmark" build_and_plan "$records") |"
    done
    echo "| $1 |$compiled$counted"
}

echo "| | -O0 | -Os | -O2 | instructions a record, 10,000 | 100,000 |"
echo "|:--|--:|--:|--:|--:|--:|"
row 'with detail/vector.hpp' "$root/include"
cp -R "$root/include" "$work/standard"
cp "$here/standard/vector.hpp" "$work/standard/pruneplan/detail/vector.hpp"
row 'with std::vector' "$work/standard"

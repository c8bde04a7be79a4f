#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Measures what the library costs if parts of include/pruneplan/detail are replaced by those of the standard library.
# Prints a table in Markdown:
#
#     sh tests/benchmark/toolbox.sh [NAME]...
#
# NAME is vector or sort; the default is both. standard/NAME.hpp replaces detail/NAME.hpp. A row says how long a unit
# that plans takes to compile (see include_cost.sh), and how many instructions building and planning take. CXX is the
# compiler, TURNS is how often each unit is compiled.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/tests/support/need.sh"
need compiler valgrind
compiler=${CXX:-c++}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- vector sort

# `row NAME INCLUDE` measures the headers in the folder INCLUDE, and prints a row.
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
row 'with detail/' "$root/include"
for name; do
    cp -R "$root/include" "$work/$name"
    cp "$here/standard/$name.hpp" "$work/$name/pruneplan/detail/$name.hpp"
    row "the standard $name" "$work/$name"
done

#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Compares planning with that of another tree, of version 0.1 or newer, and prints a table in Markdown:
#
#     sh tests/measure/benchmark/against.sh INCLUDE [N]...
#
# INCLUDE is the other tree's include folder. One program, against/main.cpp, is compiled with each tree's headers. Both
# programs run in turns, in one run, so that a slow phase of the machine affects both. Times are medians in nanoseconds
# a record, with their quartiles; ratios are medians of the pairs, this tree's time to the other's. "Ordered" adds a
# pass over the deletions in order. The peak is in bytes a record from operator new; "less texts" is without the names
# and targets that a plan owns since version 0.2. PAIRS is how often both programs run; CXX and CXXFLAGS choose the
# compiler.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/tools.sh"
need compiler
[ $# -gt 0 ] || {
    echo "usage: against.sh INCLUDE [N]..." >&2
    exit 2
}
other=$1
shift
build=${BUILD_DIR:-$root/build/against}
mkdir -p "$build"

for tree in other this; do
    [ $tree = this ] && include=$root/include || include=$other
    # shellcheck disable=SC2086 # flags are several words
    $compiler -std=c++20 -O2 -DNDEBUG ${CXXFLAGS:-} -I"$include" "$here/against/main.cpp" "$here/allocations.cpp" \
        -o "$build/$tree"
done

print_machine
echo
echo "| records | tree | plan | quartiles | ratio | ordered | ratio | peak | less texts | allocations |"
echo "|--:|:--|--:|--:|--:|--:|--:|--:|--:|--:|"
[ $# -gt 0 ] || set -- 100 10000 100000 1000000
for records; do
    pairs=${PAIRS:-$((records > 100000 ? 7 : 15))}
    # Each run of a program takes several turns, the fewer the larger they are.
    turns=$((2000000 / records + 1))
    [ "$turns" -le 201 ] || turns=201
    [ "$turns" -ge 3 ] || turns=3
    pair=0
    : >"$build/lines"
    while [ "$pair" -lt "$pairs" ]; do
        # The order of a pair changes, too.
        [ $((pair % 2)) = 0 ] && order='other this' || order='this other'
        for tree in $order; do
            "$build/$tree" "$records" "$turns" | sed "s/^/$tree $pair /" >>"$build/lines"
        done
        pair=$((pair + 1))
    done
    awk -v records="$records" -v pairs="$pairs" '
        function quantile(list, size, share,    i, j, kept) {
            for (i = 2; i <= size; ++i)
                for (j = i; j > 1 && list[j] < list[j - 1]; --j) {
                    kept = list[j]
                    list[j] = list[j - 1]
                    list[j - 1] = kept
                }
            return list[int((size - 1) * share + 1.5)]
        }
        # The quantile over the runs of the medians of their turns.
        function of_runs(tree, column, share,    pair, list) {
            for (pair = 0; pair < pairs; ++pair) list[pair + 1] = run[tree, pair, column]
            return quantile(list, pairs, share)
        }
        function ratio(column,    pair, list) {
            for (pair = 0; pair < pairs; ++pair) list[pair + 1] = run["this", pair, column] / run["other", pair, column]
            return quantile(list, pairs, 0.5)
        }
        function row(tree) {
            printf "| %d | %s | %.1f | %.1f to %.1f | %s | %.1f | %s | %.1f | %.1f | %d |\n", records, tree,
                of_runs(tree, 3, 0.5), of_runs(tree, 3, 0.25), of_runs(tree, 3, 0.75),
                tree == "this" ? sprintf("%.2f", ratio(3)) : "1", of_runs(tree, 4, 0.5),
                tree == "this" ? sprintf("%.2f", ratio(4)) : "1", peak[tree], less[tree], allocations[tree]
        }
        {
            turn = ++turns[$1, $2]
            time[$1, $2, turn, 3] = $3
            time[$1, $2, turn, 4] = $4
            peak[$1] = $5
            less[$1] = $6
            allocations[$1] = $7
        }
        END {
            for (key in turns) {
                split(key, parts, SUBSEP)
                for (column = 3; column <= 4; ++column) {
                    split("", list)
                    for (turn = 1; turn <= turns[key]; ++turn) list[turn] = time[key, turn, column]
                    run[key, column] = quantile(list, turns[key], 0.5)
                }
            }
            row("other")
            row("this")
        }' "$build/lines"
done

#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Counts instructions, which do not depend on what else a machine does: sh tests/benchmark/instructions.sh [N]...
#
# Prints a table in Markdown: of a plan of N records for N containers, and of the floor. Fails if a plan of 10,000 takes
# more instructions than it may: a change that makes it dearer raises the limit, and says why. If valgrind is not
# installed, ends with exit code 77, or with 1 if PRUNEPLAN_REQUIRE_TOOLS is set. CXX is the compiler, BUILD_DIR the folder
# to build in.
set -eu

most=2800 # instructions for a record and a container at 10,000: a tenth more than with g++ 12 on x86-64

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/tests/support/need.sh"
need compiler
compiler=${CXX:-c++}
build=${BUILD_DIR:-$root/build/benchmark}
mkdir -p "$build"

if ! command -v valgrind >/dev/null; then
    echo "skipped: valgrind is not installed"
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
fi
# shellcheck disable=SC2086 # flags are several words
$compiler -std=c++20 -O2 -DNDEBUG ${CXXFLAGS:-} -I"$root/include" "$here"/*.cpp -o "$build/benchmark"

# `instructions FUNCTION N` prints how many the function takes for a record.
instructions() {
    valgrind --tool=callgrind --toggle-collect="$1" --callgrind-out-file="$build/callgrind.out" \
        "$build/benchmark" count "$2" >"$build/callgrind.log" 2>&1
    awk -v records="$2" '/^summary:|^totals:/ { total = $2 } END { printf "%.0f\n", total / records }' \
        "$build/callgrind.out"
}

[ $# -gt 0 ] || set -- 10000
echo "| records | instructions of a plan, a record and container | of the floor | ratio |"
echo "|--:|--:|--:|--:|"
failed=0
for records; do
    plan=$(instructions build_and_plan "$records")
    floor=$(instructions do_floor "$records")
    awk -v records="$records" -v plan="$plan" -v floor="$floor" 'BEGIN {
        printf "| %d | %d | %d | %.2f |\n", records, plan, floor, plan / floor }'
    if [ "$records" = 10000 ] && [ "$plan" -gt "$most" ]; then failed=1; fi
done
[ "$failed" = 0 ] || echo "FAILED: a plan of 10,000 records takes more than $most instructions for each"
exit "$failed"

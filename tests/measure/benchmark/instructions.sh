#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Counts instructions, which do not depend on what else a machine does: sh tests/measure/benchmark/instructions.sh [N]...
#
# Prints a table in Markdown: of a plan of N records for N containers, and of the floor. Fails if a plan of 10,000 takes
# more instructions than it may: a change that makes it dearer raises the limit, and says why. If valgrind is not
# installed, ends with exit code 77, or with 1 if PRUNEPLAN_REQUIRE_TOOLS is set. CXX is the compiler, BUILD_DIR the
# folder to build in.
set -eu

most=2800 # instructions for a record and a container at 10,000: a tenth more than with g++ 12 on x86-64

here=$(cd "$(dirname "$0")" && pwd)
. "$here/tools.sh"
need compiler
if ! command -v valgrind >/dev/null; then
    echo "skipped: valgrind is not installed"
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
fi
build=${BUILD_DIR:-$root/build/benchmark}
mkdir -p "$build"
build_benchmark "$root/include" "$build/benchmark"

[ $# -gt 0 ] || set -- 10000
plan_of_10000=0
print_instructions "$build/benchmark" "$@"
[ "$plan_of_10000" -le "$most" ] || {
    echo "FAILED: a plan of 10,000 records takes more than $most instructions for each"
    exit 1
}

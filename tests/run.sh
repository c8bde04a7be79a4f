#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Builds and runs the tests: sh tests/run.sh [all] [argument for cmake]..., for example -DCMAKE_CXX_COMPILER=clang++-19.
# With `all`, also builds what only tests with a label need, and runs these: `program`, of the program for operators,
# `measure`, of steps and of the benchmarks, and `long`, with real engines, packages and other languages. Tests of
# the library that otherwise run a share of their cases run all then.
# PRUNEPLAN_SEED is the seed of random cases; its default is 1, or the date of the last commit with `all`. BUILD_DIR is
# the build folder; its default is build/tests.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_DIR:-$root/build/tests}
. "$root/tests/support/need.sh"

labels='--label-exclude long|program|measure'
targets='--target tests_of_every_change'
if [ "${1:-}" = all ]; then
    shift
    labels=
    targets=
    export PRUNEPLAN_ALL=1
    : "${PRUNEPLAN_SEED:=$(git -C "$root" -c safe.directory='*' log -1 --format=%cd --date=format:%Y%m%d 2>/dev/null || echo 1)}"
    export PRUNEPLAN_SEED
    echo "PRUNEPLAN_SEED=$PRUNEPLAN_SEED"
fi

compiler=compiler
catch2=catch2
for argument; do
    case $argument in
    -DCMAKE_CXX_COMPILER=*) compiler= ;;
    -DCatch2_*=* | -DCMAKE_PREFIX_PATH=*) catch2= ;;
    esac
done
# shellcheck disable=SC2086 # an empty value must not become an argument
need $compiler cmake make $catch2

jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# Debug, so that NDEBUG is not defined and the library's own assertions are tested, too. Without `all`, most of the time
# is compiling: 48 sources at once parse Catch2 and the library once, and information for a debugger costs a fifth more.
# To have it: -DCMAKE_CXX_FLAGS_DEBUG=-g
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG= -DPRUNEPLAN_TEST_BATCH=48 "$@"
# shellcheck disable=SC2086 # two words, or none
cmake --build "$build" -j "$jobs" $targets
# shellcheck disable=SC2086 # two words, or none
cd "$build" && ctest --output-on-failure $labels -j "$jobs"

#!/bin/sh
# Builds and runs all tests: sh tests/run.sh [argument for cmake]…, for example -DCMAKE_CXX_COMPILER=clang++-19.
# BUILD_DIR says where to build; without it, that is build/tests.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_DIR:-$root/build/tests}
. "$root/tests/support/need.sh"

compiler=compiler
catch2=catch2
for argument; do
    case $argument in
    -DCMAKE_CXX_COMPILER=*) compiler= ;;
    -DCatch2_*=* | -DCMAKE_PREFIX_PATH=*) catch2= ;;
    esac
done
# shellcheck disable=SC2086 # an empty word stands for nothing
need $compiler cmake make $catch2

jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# Without NDEBUG the library's own assertions are tested, too.
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Debug "$@"
cmake --build "$build" -j "$jobs"
cd "$build" && ctest --output-on-failure -j "$jobs"

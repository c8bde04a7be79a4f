#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Builds examples/quickstart.cpp and runs it: sh examples/quickstart.sh
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/quickstart
. "$root/tests/support/need.sh"
need compiler cmake make

mkdir -p "$build"
if ! { cmake -S "$root" -B "$build" -DPRUNEPLAN_BUILD_TESTS=OFF && cmake --build "$build" --target quickstart; } \
    >"$build/log" 2>&1; then
    cat "$build/log" >&2
    exit 1
fi
exec "$build/examples/quickstart"

#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Changes one place of include/ at a time and checks that a test notices: sh tests/mutation/run.sh N [HEADER]…
# N is the number of mutants that compile. "again" in the place of N tries those that survived the last run, and "list"
# prints what could be changed. HEADER, such as stages/usage.hpp, restricts it to these headers.
# SEED chooses the mutants, JOBS is how many are tried at a time, CXX the compiler, BUILD_DIR where to build.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
export BUILD_DIR="${BUILD_DIR:-$root/build/mutation}"
mkdir -p "$BUILD_DIR"
exec python3 "$root/tests/mutation/mutate.py" "$root" "${@:-50}"

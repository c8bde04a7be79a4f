#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Mutates one place of include/ at a time, and checks that a test fails:
#
#     sh tests/mutation/run.sh N [HEADER]...        tries N mutants that compile
#     sh tests/mutation/run.sh again [HEADER]...    tries the mutants that survived the last run
#     sh tests/mutation/run.sh list [HEADER]...     lists all mutants
#
# HEADER, such as planner/usage.hpp, restricts it to these headers. SEED selects the mutants, JOBS is the number of
# mutants that are tried at a time, CXX the compiler, BUILD_DIR the folder to build in.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
export BUILD_DIR="${BUILD_DIR:-$root/build/mutation}"
mkdir -p "$BUILD_DIR"
exec python3 "$root/tests/mutation/mutate.py" "$root" "${@:-50}"

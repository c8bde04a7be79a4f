#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Mutates one place of include/ at a time, and checks that a test fails:
#
#     sh tests/measure/mutation/run.sh N [HEADER]...        tries N mutants that compile
#     sh tests/measure/mutation/run.sh again [HEADER]...    tries the mutants that survived the last run
#     sh tests/measure/mutation/run.sh list [HEADER]...     lists all mutants
#
# HEADER, such as planner/usage.hpp, restricts it to these headers. SEED selects the mutants, JOBS is the number of
# mutants that are tried at a time, CXX the compiler, BUILD_DIR the folder to build in.
set -eu

case ${1:-50} in
again | list | [0-9]*) ;;
*)
    echo "usage: run.sh N|again|list [HEADER]..." >&2
    exit 2
    ;;
esac
root=$(cd "$(dirname "$0")/../../.." && pwd)
export BUILD_DIR="${BUILD_DIR:-$root/build/mutation}"
mkdir -p "$BUILD_DIR"
exec python3 -B "$root/tests/measure/mutation/mutate.py" "$root" "${@:-50}"

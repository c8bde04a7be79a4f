#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Lists the lines of include/ that no test runs: sh tests/measure/coverage/coverage.sh
#
# Fails if a line is missing that reasons.txt does not list, or if a listed line is run. BUILD_DIR is the folder to build
# in; the default is build/coverage. Needs g++ with its gcov, and python3.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
build=${BUILD_DIR:-$root/build/coverage}

cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=g++ -DCMAKE_CXX_FLAGS=--coverage \
    -DPRUNEPLAN_TEST_BATCH=24 >/dev/null
cmake --build "$build" -j "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)" --target \
    unit properties allocation_failures misuse own_end fuzz_corpus readme_snippet header_snippets >/dev/null
find "$build" -name '*.gcda' -exec rm -f {} +

# The same random cases each time, so that the same lines are run.
export PRUNEPLAN_SEED=1
cd "$build/tests"
for program in ./unit ./properties ./allocation_failures ./own_end ./readme_snippet ./header_snippets \
    "./fuzz/fuzz_corpus $root/tests/fuzz" "sh $root/tests/consumers/misuse/misuse.sh ./misuse"; do
    $program >output.txt 2>&1 || {
        cat output.txt
        echo "FAILED: $program"
        exit 1
    }
done
exec python3 -B "$here/coverage.py" "$root" "$build"

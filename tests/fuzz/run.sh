#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Runs the fuzzers with AddressSanitizer and UndefinedBehaviorSanitizer, each for this many seconds:
#
#     sh tests/fuzz/run.sh SECONDS [TARGET]...
#
# SEED makes a run repeatable; it defaults to the time of the commit. MERGE=1 adds the inputs that reached new code to
# tests/fuzz/corpus. CXX is a clang with libFuzzer, BUILD_DIR the folder to build in. An input that breaks a property is
# written to BUILD_DIR. Once the fault is mended, add the input to tests/fuzz/faults/TARGET, and name it after the
# fault.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
seconds=${1:?usage: run.sh SECONDS [TARGET]...}
shift
targets='references timestamps filters globs plans listings applications'
# shellcheck disable=SC2086 # several words
[ $# -gt 0 ] || set -- $targets
for target; do
    [ -d "$here/corpus/$target" ] || {
        echo "unknown target \"$target\": use $targets" >&2
        exit 2
    }
done
compiler=${CXX:-clang++-19}
build=${BUILD_DIR:-$root/build/fuzz}
seed=${SEED:-$(git -C "$root" -c safe.directory='*' log -1 --format=%ct 2>/dev/null || echo 1)}
mkdir -p "$build"
echo "seed $seed, $seconds s for each of: $*"

failed=0
for target; do
    work=$build/corpus/$target
    mkdir -p "$work"
    # shellcheck disable=SC2086 # flags are several words
    ${LAUNCHER:-} "$compiler" -std=c++20 -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
        ${CXXFLAGS:-} -I"$root/include" -c "$here/$target.cpp" -o "$build/$target.o"
    "$compiler" -std=c++20 -O1 -fsanitize=fuzzer,address,undefined -DPRUNEPLAN_FUZZ_TARGET="$target" \
        "$here/libfuzzer.cpp" "$build/$target.o" -o "$build/$target"
    kept=
    for folder in "$here/corpus/$target" "$here/faults/$target"; do
        [ ! -d "$folder" ] || kept="$kept $folder"
    done
    dictionary=
    [ ! -f "$here/$target.dict" ] || dictionary=-dict=$here/$target.dict
    # shellcheck disable=SC2086
    if "$build/$target" -seed="$seed" -max_total_time="$seconds" -max_len=768 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="$build/broken-$target-" $dictionary "$work" $kept >"$build/$target.log" 2>&1; then
        echo "$target: $(awk '/stat::number_of_executed_units/ { print $2 }' "$build/$target.log") executions"
    else
        failed=1
        echo "$target: a property does not hold, or a sanitizer found an error:"
        grep -E 'does not hold|ERROR|runtime error|Test unit written' "$build/$target.log" ||
            tail -n 20 "$build/$target.log"
    fi
    if [ -n "${MERGE:-}" ]; then
        mkdir -p "$here/corpus/$target"
        "$build/$target" -set_cover_merge=1 -use_counters=0 -max_len=768 "$here/corpus/$target" "$work" \
            >"$build/$target.merge.log" 2>&1
    fi
done
exit "$failed"

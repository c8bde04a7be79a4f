#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Checks that the programs `model` and `properties` detect faults. Puts one fault at a time into a copy of include/: in
# each stage, in the index, and in the order, the sums and the application of a plan. Each must be caught.
#
#     sh tests/oracle/model/deliberate_faults.sh BUILD_DIR CMAKE CXX
#
# The seconds that it prints include the build: less than 60 on two idle cores. Without PRUNEPLAN_ALL it is skipped,
# since it builds a program for each fault. With PRUNEPLAN_PART, a fifth of the faults is tried, which PRUNEPLAN_SEED
# selects.
set -eu

if [ -z "${PRUNEPLAN_ALL:-}" ]; then
    echo 'skipped: set PRUNEPLAN_ALL=1, or run sh tests/run.sh all'
    exit 77
fi
root=$(cd "$(dirname "$0")/../../.." && pwd)
build=$1 cmake=$2 compiler=$3
tree=$build/tree

rm -rf "$tree"
mkdir -p "$tree"
cp -R "$root/CMakeLists.txt" "$root/README.md" "$root/include" "$root/examples" "$root/tests" "$tree"
"$cmake" -S "$tree" -B "$build/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-DNDEBUG -DPRUNEPLAN_TEST_BATCH=24 \
    -DPRUNEPLAN_INSTALL=OFF -DPRUNEPLAN_BUILD_EXAMPLES=OFF -DCMAKE_CXX_COMPILER="$compiler" >"$build/configure.log"
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
missed=0

# `try PROGRAM` prints the line in which the program reports the fault. Fails if the program succeeds.
try() {
    "$cmake" --build "$build/build" -j "$jobs" --target "$1" >"$build/build.log" 2>&1 || {
        cat "$build/build.log"
        exit 1
    }
    program=$build/build/tests/$1
    # To try the same worlds as a plain run of the tests.
    if PRUNEPLAN_ALL='' PRUNEPLAN_PART='' PRUNEPLAN_SEED='' "$program" >"$build/run.log" 2>&1; then return 1; fi
    grep -m 1 -E 'differ in world|FAILED' "$build/run.log" || head -n 1 "$build/run.log"
}

number=0 # of the fault
# `fault PROGRAM HEADER RIGHT WRONG` replaces RIGHT by WRONG in HEADER, and expects that the program fails.
fault() {
    number=$((number + 1))
    header=include/pruneplan/$2
    sed "s/$3/$4/" "$root/$header" >"$build/faulty"
    if cmp -s "$root/$header" "$build/faulty"; then
        echo "$2 does not contain '$3': choose another fault"
        missed=$((missed + 1))
        return
    fi
    [ -z "${PRUNEPLAN_PART:-}" ] || [ $((number % 5)) = $((${PRUNEPLAN_SEED:-1} % 5)) ] || return 0
    cp "$build/faulty" "$tree/$header"
    start=$(date +%s)
    if caught=$(try "$1"); then
        echo "$2, '$4' for '$3': caught by $1 in $(($(date +%s) - start)) s: $caught"
    else
        echo "$2, '$4' for '$3': NOT CAUGHT by $1"
        missed=$((missed + 1))
    fi
    cp "$root/$header" "$tree/$header"
}

# Without a fault, both programs pass.
for program in model properties; do
    if caught=$(try $program); then
        echo "without a fault, $program fails: $caught"
        exit 1
    fi
done

fault model image_index.hpp '!text\.empty()' 'text.empty()'
fault model planner/kept_images.hpp 'names\[records\.image(id)\] > 0' 'names[records.image(id)] > 1'
fault model detail/index/records.hpp 'kinds_\.bare_target \&\& kinds_\.full_target' 'false'
fault model planner/budget.hpp 'circle_of(follower) != circle_of(image)' 'false'
fault model planner/candidates.hpp '|| draft\.records\.is_attachment(id)' ''
fault properties apply_prune.hpp '!has_subject(record)' 'true'
fault model planner/record_filters.hpp 'created_at(id) < above_' 'created_at(id) <= above_'
fault model planner/protection.hpp 'used < moment' 'used <= moment'
fault model planner/keep_patterns.hpp 'is_same_reference(name, typed, false)' 'false'
fault model planner/newest.hpp 'a\.time > b\.time' 'a.time < b.time'
fault model planner/usage.hpp 'rule_ != usage_rules::strict' 'rule_ == usage_rules::strict'
fault model planner/survivors.hpp 'records_\.name(a) > records_\.name(b)' 'records_.name(a) < records_.name(b)'
fault model planner/budget.hpp 'a\.used > b\.used' 'a.used < b.used'
fault model planner/plan_content.hpp 'deepest - depths\[id\]' 'depths[id]'
fault properties plan.hpp 'left\[i\] == 0' 'left[i] != 0'
fault properties apply_prune.hpp 'needed = true' 'needed = false'
fault properties apply_prune.hpp '!plan\.doubts\[at\]\.blocks' 'plan.doubts[at].blocks'

[ "$missed" -eq 0 ]

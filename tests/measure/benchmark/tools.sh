# SPDX-License-Identifier: BSL-1.0
# Sourced by the scripts of this folder, which set `here`: builds the benchmark, and counts its instructions.

root=$(cd "$here/../../.." && pwd)
. "$root/tests/support/need.sh"
compiler=${CXX:-c++}

# Prints when and where something is measured.
print_machine() {
    echo "Measured $(date +%Y-%m-%d) on $(uname -sm)," \
        "$(awk -F: '/^model name/ { sub(/^ /, "", $2); print $2; exit }' /proc/cpuinfo 2>/dev/null)," \
        "$(getconf _NPROCESSORS_ONLN) processors, $($compiler --version | head -n 1), -O2."
}

# `build_benchmark INCLUDE PROGRAM` builds it with the headers in this folder.
build_benchmark() {
    # shellcheck disable=SC2086 # flags are several words
    $compiler -std=c++20 -O2 -DNDEBUG ${CXXFLAGS:-} -I"$1" "$here"/*.cpp -o "$2"
}

# `instructions PROGRAM FUNCTION N` prints how many instructions the function takes for each of N records.
instructions() {
    valgrind --tool=callgrind --toggle-collect="$2" --callgrind-out-file="$1.callgrind" "$1" count "$3" \
        >"$1.callgrind.log" 2>&1
    awk -v records="$3" '/^summary:|^totals:/ { total = $2 } END { printf "%.0f\n", total / records }' "$1.callgrind"
}

# `print_instructions PROGRAM N...` prints a table of a plan and the floor. Sets `plan_of_10000`, if 10000 is among them.
print_instructions() {
    program=$1
    shift
    echo "| records | instructions of a plan, a record and container | of the floor | ratio |"
    echo "|--:|--:|--:|--:|"
    for records; do
        plan=$(instructions "$program" build_and_plan "$records")
        floor=$(instructions "$program" do_floor "$records")
        awk -v records="$records" -v plan="$plan" -v floor="$floor" 'BEGIN {
            printf "| %d | %d | %d | %.2f |\n", records, plan, floor, plan / floor }'
        # shellcheck disable=SC2034 # for the caller
        [ "$records" != 10000 ] || plan_of_10000=$plan
    done
}

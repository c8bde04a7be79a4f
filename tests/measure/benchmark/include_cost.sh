#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Measures how long it takes to compile a file that includes pruneplan.hpp and plans, compared with one that includes six
# standard headers, and with one that parses by nlohmann/json if that is installed. Prints a table in Markdown:
#
#     sh tests/measure/benchmark/include_cost.sh [COMPILER]...
#
# COMPILER is a command with flags, such as 'clang++ -stdlib=libc++'; without one, g++ and clang++ are tried. TURNS is
# how often each file is compiled; the median of the times counts. INCLUDE is the folder that contains pruneplan/; it
# defaults to include/ of this tree.
set -eu

root=$(cd "$(dirname "$0")/../../.." && pwd)
turns=${TURNS:-11}
include=${INCLUDE:-$root/include}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/six.cpp" <<'END'
#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>
END

cat >"$work/json.cpp" <<'END'
#include <nlohmann/json.hpp>

#include <string>

int sum(const std::string& text) {
    const auto list = nlohmann::json::parse(text, nullptr, false);
    int sum = 0;
    for (const auto& item : list) sum += item.value("size", 0);
    return sum;
}
END
files='six json plan'
${1:-c++} -std=c++20 -fsyntax-only "$work/json.cpp" 2>/dev/null || files='six plan'

cat >"$work/plan.cpp" <<'END'
#include <pruneplan/pruneplan.hpp>

#include <string>
#include <string_view>
#include <vector>

struct Record {
    std::string name, digest;
};
struct Store {
    std::vector<Record> records;
    const std::vector<Record>& images() const { return records; }
    static std::string_view name(const Record& record) { return record.name; }
    static std::string_view target(const Record& record) { return record.digest; }
};
struct Container {
    std::string id, ref;
    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return ref; }
};

bool plan(const Store& store, const std::vector<Container>& containers, std::vector<std::string>& deleted) {
    const auto plan = pruneplan::plan_prune(store, containers, {.scope = pruneplan::Scope::unused});
    if (!plan) return false;
    for (const pruneplan::Decision& deletion : plan->deletions()) deleted.emplace_back(deletion.name);
    return true;
}
END

# `milliseconds COMMAND...` runs a command and prints how long it took.
milliseconds() {
    before=$(date +%s%N)
    "$@"
    after=$(date +%s%N)
    echo $(((after - before) / 1000000))
}

median() { sort -n | awk '{ line[NR] = $1 } END { print line[int((NR + 1) / 2)] }'; }

# `compare COMPILER FLAGS` prints a row. The files take turns, so that a slow phase of the machine affects all of them.
compare() {
    for file in $files; do : >"$work/$file.ms"; done
    turn=0
    while [ "$turn" -lt "$turns" ]; do
        for file in $files; do
            # shellcheck disable=SC2086 # flags are several words
            milliseconds $1 -std=c++20 $2 -I"$include" -c "$work/$file.cpp" -o "$work/$file.o" >>"$work/$file.ms"
        done
        turn=$((turn + 1))
    done
    six=$(median <"$work/six.ms")
    json=$([ ! -f "$work/json.ms" ] || median <"$work/json.ms")
    plan=$(median <"$work/plan.ms")
    text=$(size "$work/plan.o" | awk 'NR == 2 { print $1 }')
    awk -v compiler="$1" -v flags="$2" -v six="$six" -v json="${json:-0}" -v plan="$plan" -v text="$text" 'BEGIN {
        printf "| `%s` | `%s` | %d ms | %d ms | %d ms | %s | %.1f KiB |\n", compiler, flags, six, json, plan,
            (json > 0 ? sprintf("%.2f", plan / json) : ""), text / 1024 }'
}

if [ $# -eq 0 ]; then
    for compiler in g++ clang++ 'clang++ -stdlib=libc++'; do
        # shellcheck disable=SC2086
        if $compiler -std=c++20 -fsyntax-only "$work/six.cpp" 2>/dev/null; then set -- "$@" "$compiler"; fi
    done
fi

echo "| compiler | flags | six standard headers | nlohmann/json | pruneplan.hpp and a plan | to nlohmann/json | text |"
echo "|:--|:--|--:|--:|--:|--:|--:|"
for compiler; do
    for flags in -O0 -Os -O2; do
        compare "$compiler" "$flags"
    done
done

// SPDX-License-Identifier: BSL-1.0
// The smallest program that plans: a store of five records, two containers, and what would be deleted and why. It
// changes nothing.

#include <pruneplan/pruneplan.hpp>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

struct Record {
    std::string name, digest;
};

struct MyStore {
    std::vector<Record> records;

    const std::vector<Record>& images() const { return records; }
    static std::string_view name(const Record& record) { return record.name; }
    static std::string_view target(const Record& record) { return record.digest; }
};

struct MyContainer {
    std::string digest, typed;

    std::string_view image_id() const { return digest; }
    std::string_view image_ref() const { return typed; }
};

int main() {
    const MyStore store{{
        {"docker.io/library/alpine:latest", "sha256:82d1e9d7"},
        {"docker.io/library/alpine:3.20", "sha256:82d1e9d7"},
        {"docker.io/library/postgres:16", "sha256:1b0ad3e6"},
        {"ghcr.io/team/app:nightly", "sha256:c0ffee00"},
        {"moby-dangling@sha256:5e1ec7ed", "sha256:5e1ec7ed"},
    }};
    const std::vector<MyContainer> containers{
        {"sha256:82d1e9d7", "82d1e9d"},      // docker create 82d1e9d
        {"sha256:1b0ad3e6", "postgres:16"},  // docker create postgres:16
    };

    const auto plan = pruneplan::plan_prune(store, containers, {.scope = pruneplan::Scope::unused});
    if (!plan) {
        std::fprintf(stderr, "%s\n", plan.error().message.c_str());
        return 1;
    }
    for (const pruneplan::Decision& decision : *plan)
        std::printf("%-33s %s\n", std::string(decision.name).c_str(), explain(*plan, decision.record).c_str());
    std::printf("\n%s\n", summary(*plan).c_str());
    for (const pruneplan::Doubt& doubt : plan->doubts()) std::printf("doubt: %s\n", doubt.sentence.c_str());
}

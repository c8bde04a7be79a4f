// SPDX-License-Identifier: BSL-1.0
// The consumer program that every way of packaging builds and runs: a plan must keep the used name and delete the
// unused one.
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

int main() {
    const std::string used = "sha256:" + std::string(64, 'a');
    const std::string unused = "sha256:" + std::string(64, 'b');
    const Store store{{{"docker.io/library/alpine:latest", used}, {"docker.io/library/busybox:latest", unused}}};
    const std::vector<Container> containers{{used, "alpine"}};

    const auto plan = pruneplan::plan_prune(store, containers, {.scope = pruneplan::Scope::unused});
    if (!plan) return 1;
    for (const pruneplan::Decision& deletion : plan->deletions())
        if (deletion.name != "docker.io/library/busybox:latest") return 2;
    return plan->deleted_count() == 1 && plan->kept_count() == 1 ? 0 : 3;
}

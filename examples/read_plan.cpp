// SPDX-License-Identifier: BSL-1.0
// Prints one plan in every way that the library has: as a sentence, as counts, as JSON lines, as a graph, and compared
// with another plan. It changes nothing.
//
//     read_plan summary | counts | json | dot | diff

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

struct Record {
    std::string name, digest, needs;
    std::vector<pruneplan::Blob> blobs;
    bool pinned = false;
};

struct MyStore {
    std::vector<Record> records;

    const std::vector<Record>& images() const { return records; }
    static std::string_view name(const Record& record) { return record.name; }
    static std::string_view target(const Record& record) { return record.digest; }
    static std::string_view needs(const Record& record) { return record.needs; }
    static bool pinned(const Record& record) { return record.pinned; }
    static const std::vector<pruneplan::Blob>& blobs(const Record& record) { return record.blobs; }
};

struct MyContainer {
    std::string called, digest, typed;

    std::string_view image_id() const { return digest; }
    std::string_view image_ref() const { return typed; }
    std::string_view name() const { return called; }
};

int main(int count, char** arguments) {
    const std::string_view wanted = count > 1 ? arguments[1] : "summary";
    const std::vector<pruneplan::Blob> base{{"sha256:ba5e", 48'000'000}};
    const std::vector<pruneplan::Blob> web_1{{"sha256:ba5e", 48'000'000}, {"sha256:0001", 7'500'000}};
    const std::vector<pruneplan::Blob> web_2{{"sha256:ba5e", 48'000'000}, {"sha256:0002", 8'250'000}};
    const MyStore store{{
        {"docker.io/library/debian:12", "sha256:ba5e00000000", "", base},
        {"docker.io/shop/web:latest", "sha256:2f0000000000", "sha256:ba5e00000000", web_2},
        {"docker.io/shop/web:1.4", "sha256:1f0000000000", "sha256:ba5e00000000", web_1},
        {"docker.io/library/postgres:16", "sha256:1b0ad3e60000", "", {{"sha256:0003", 154'000'000}}},
        {"docker.io/library/postgres:16.4", "sha256:1b0ad3e60000", "", {{"sha256:0003", 154'000'000}}},
        {"docker.io/library/pause:3.9", "sha256:9a05e0000000", "", {{"sha256:0004", 322'000}}, true},
        {"ghcr.io/team/job:nightly", "sha256:c0ffee000000", "", {{"sha256:0005", 1'210'000'000}}},
        {"moby-dangling@sha256:5e1ec7ed0000", "sha256:5e1ec7ed0000", "", {{"sha256:0006", 3'400'000}}},
    }};
    const std::vector<MyContainer> containers{
        {"web", "sha256:1f0000000000", "shop/web"},  // shop/web:latest was pulled anew since
        {"db", "sha256:1b0ad3e60000", "1b0ad3e6"},
    };

    const auto index = pruneplan::build_index(store);
    if (!index) {
        std::fprintf(stderr, "%s\n", index.error().message.c_str());
        return 1;
    }
    const auto strict = pruneplan::plan_prune(*index, containers, {.scope = pruneplan::Scope::unused});
    const auto docker = pruneplan::plan_prune(
        *index, containers,
        {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::containerd_snapshotter});

    const auto out = [](std::string_view piece) { std::fwrite(piece.data(), 1, piece.size(), stdout); };
    if (wanted == "summary") {
        std::printf("%s\n", pruneplan::summary(docker).c_str());
    } else if (wanted == "counts") {
        const auto counts = pruneplan::count_reasons(docker);
        for (std::size_t i = 0; i < pruneplan::reason_count; ++i) {
            const auto reason = static_cast<pruneplan::Reason>(i);
            if (counts[reason] > 0) std::printf("%s %zu\n", to_string(reason).data(), counts[reason]);
        }
    } else if (wanted == "json") {
        pruneplan::write_json_lines(docker, out);
    } else if (wanted == "dot") {
        pruneplan::write_dot(docker, out);
    } else if (wanted == "diff") {
        const auto changes = pruneplan::diff(docker, strict, [](const pruneplan::RecordChange& change) {
            std::printf("%s %s: %s -> %s\n", to_string(change.kind).data(), std::string(change.name).c_str(),
                        to_string(*change.reason_before).data(), to_string(*change.reason_after).data());
        });
        std::printf("%zu changed, %zu unchanged\n", changes.changed(), changes.unchanged());
    } else {
        std::fprintf(stderr, "usage: read_plan summary | counts | json | dot | diff\n");
        return 1;
    }
}

// SPDX-License-Identifier: BSL-1.0
// A store of one's own, continued from README.md: planning under a lock, printing a dry run, applying, and options that
// people type. Checks itself: exits with the number of the first check that fails, or 0.

#include <pruneplan/pruneplan.hpp>

#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

struct MyStore {
    std::map<std::string, std::string, std::less<>> names;  // "docker.io/library/alpine:3" points at "sha256:82d1e9d7…"
    std::mutex mutex;

    const auto& images() const { return names; }
    static std::string_view name(const auto& record) { return record.first; }
    static std::string_view target(const auto& record) { return record.second; }

    // To apply a plan: removes a name only while it, and the name that its image keeps, point at the planned target.
    pruneplan::RemoveStatus remove(std::string_view name, std::string_view target, std::string_view survivor) {
        const std::lock_guard lock(mutex);
        const auto found = names.find(name), kept = names.find(survivor);
        if (found == names.end()) return pruneplan::RemoveStatus::not_found;
        if (found->second != target) return pruneplan::RemoveStatus::changed;
        if (!survivor.empty() && (kept == names.end() || kept->second != target))
            return pruneplan::RemoveStatus::survivor_gone;
        names.erase(found);
        return pruneplan::RemoveStatus::removed;
    }
};

struct MyContainer {
    std::string digest, typed;

    std::string_view image_id() const { return digest; }  // the digest that the runtime reports for its image
    std::string_view image_ref() const { return typed; }  // what its user typed, verbatim
};

bool prune(MyStore& store, const std::vector<MyContainer>& containers,
           const std::function<bool(std::string_view target)>& is_used_now) {
    std::unique_lock lock(store.mutex);  // the store must not change while it is read
    const auto plan = pruneplan::plan_prune(store, containers, {.scope = pruneplan::Scope::unused});
    lock.unlock();
    if (!plan) {
        std::fprintf(stderr, "%s\n", plan.error().message.c_str());
        return false;
    }

    for (const pruneplan::Decision& decision : *plan)  // a dry run: nothing has changed yet
        std::printf("%s %s\n", std::string(decision.name).c_str(), explain(*plan, decision.record).c_str());
    for (const pruneplan::Doubt& doubt : plan->doubts()) std::printf("doubt: %s\n", doubt.sentence.c_str());

    // A container that was created after planning is not in the plan: ask again before each removal.
    const auto before = [&](const pruneplan::Decision& decision) { return !is_used_now(decision.target); };
    const auto report = pruneplan::apply_prune(*plan, store, {.before = before});
    if (!report) {  // the plan has a doubt that blocks: nothing was removed
        std::fprintf(stderr, "%s\n", report.error().message.c_str());
        return false;
    }
    for (const std::string& name : report->untagged()) std::printf("removed %s\n", name.c_str());
    return report->count(pruneplan::RemoveStatus::failed) == 0;
}

pruneplan::Result<pruneplan::PruneOptions> typed_options(const std::vector<std::string>& filters,
                                                         pruneplan::Timestamp now) {
    auto options = pruneplan::parse_filters(filters, now);          // "until=24h", "label!=keep", "dangling=false"
    const auto ours = pruneplan::Glob::compile("ghcr.io/team/**");  // `*` stops at "/", `**` does not
    const auto young = pruneplan::parse_age("48h", now);            // a duration or a moment, not after now
    if (!options) return options;
    if (!ours) return ours.error();
    if (!young) return young.error();
    options->keep = {*ours};
    options->keep_younger_than = *young;
    options->keep_newest = {{.count = 3, .by = pruneplan::NewestBy::version}};
    return options;
}

namespace {

const std::string used = "sha256:" + std::string(64, 'a'), unused = "sha256:" + std::string(64, 'b');

using Names = decltype(MyStore::names);

bool never(std::string_view) { return false; }

void fill(MyStore& store) {
    store.names = {{"docker.io/library/app:1", unused},
                   {"docker.io/library/app:2", used},
                   {"docker.io/library/app:3", used},
                   {"docker.io/library/app:4", unused}};
}

/// The tag app:1 has moved since the container was created: the image that it runs and the name are both kept.
bool keeps_what_a_container_uses() {
    MyStore store;
    fill(store);
    return prune(store, {{used, "app:1"}}, never) &&
           store.names == Names{{"docker.io/library/app:1", unused}, {"docker.io/library/app:3", used}};
}

bool keeps_what_is_used_after_planning() {
    MyStore store;
    fill(store);
    return prune(store, {}, [](std::string_view target) { return target == unused; }) &&
           store.names == Names{{"docker.io/library/app:1", unused}, {"docker.io/library/app:4", unused}};
}

bool does_not_apply_a_doubtful_plan() {
    MyStore store;
    fill(store);
    return !prune(store, {{"sha512:" + std::string(128, 'a'), "other"}}, never) && store.names.size() == 4;
}

bool removes_only_what_the_plan_says() {
    using enum pruneplan::RemoveStatus;
    MyStore store;
    fill(store);
    return store.remove("app:1", used, "") == not_found &&
           store.remove("docker.io/library/app:1", used, "") == changed &&
           store.remove("docker.io/library/app:2", used, "app:1") == survivor_gone &&
           store.remove("docker.io/library/app:2", used, "docker.io/library/app:1") == survivor_gone &&
           store.remove("docker.io/library/app:2", used, "docker.io/library/app:3") == removed &&
           store.names.size() == 3;
}

bool parses_what_people_type() {
    const pruneplan::Timestamp now{1'700'000'000, 0};
    const auto options = typed_options({"label!=keep", "dangling=false"}, now);
    return options && options->scope == pruneplan::Scope::unused && options->filters.size() == 1 &&
           options->keep[0].matches("ghcr.io/team/sub/app") &&
           options->keep_younger_than->seconds == now.seconds - 172'800 && !typed_options({"colour=red"}, now) &&
           !typed_options({}, {253'402'300'800, 0});
}

}  // namespace

int main() {
    int failed = 0;
    for (const auto test : {keeps_what_a_container_uses, keeps_what_is_used_after_planning,
                            does_not_apply_a_doubtful_plan, removes_only_what_the_plan_says, parses_what_people_type}) {
        ++failed;
        if (!test()) return failed;
    }
    return 0;
}

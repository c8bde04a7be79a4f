// SPDX-License-Identifier: BSL-1.0
// Misuses of the library that compile: each must end the program with a message. And uses that look like misuses: each
// must work. `misuse list` prints the name of each with its message, or with "works"; `misuse NAME` runs it. misuse.sh
// runs all of them.

#include <pruneplan/pruneplan.hpp>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::plan_prune;
using pruneplan::PruneOptions;
using pruneplan::PrunePlan;

struct Image {
    std::string name, digest, base{};
};

struct NamesOnly {
    std::vector<Image> all{{"docker.io/library/a:1", "sha256:1"}, {"docker.io/library/b:1", "sha256:2"}};
    const std::vector<Image>& images() const { return all; }
    static std::string_view name(const Image& image) { return image.name; }
    static std::string_view target(const Image& image) { return image.digest; }
};

// Stores with a member that plan_prune reads.

struct Store : NamesOnly {
    static bool pinned(const Image&) { return false; }
};

struct StoreWithBlobs : NamesOnly {
    static std::vector<pruneplan::Blob> blobs(const Image& image) { return {{image.digest, 1}}; }
};

struct StoreOfPointers {
    std::vector<const Image*> all;

    const std::vector<const Image*>& images() const { return all; }
    static std::string_view name(const Image& image) { return image.name; }
    static std::string_view target(const Image& image) { return image.digest; }
};

/// A store that has one record more after some readings.
struct GrowingStore : NamesOnly {
    mutable std::size_t readings = 0;
    std::size_t grows_after;

    explicit GrowingStore(std::size_t after) : grows_after(after) {}
    std::vector<Image> images() const {
        std::vector<Image> images = all;
        if (++readings > grows_after) images.push_back({"docker.io/library/c:1", "sha256:3", "sha256:1"});
        return images;
    }
    static std::string_view needs(const Image& image) { return image.base; }
};

struct Container {
    std::string id, typed;
    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return typed; }
};

using Containers = std::vector<Container>;

const Store store;
const PruneOptions all{.scope = pruneplan::Scope::unused};

/// A sum of all results, so that no compiler optimizes a use away.
std::size_t checksum = 0;
void use(std::size_t number) { checksum += number; }
void use(std::string_view text) {
    for (const char c : text) checksum += static_cast<unsigned char>(c);
}

PrunePlan plan_of_store() { return *plan_prune(store, Containers{}, all); }

/// Reads all that a plan can tell.
void read(const PrunePlan& plan) {
    for (const pruneplan::Decision& decision : plan) use(decision.name), use(explain(plan, decision.record));
    for (const pruneplan::Decision& decision : plan.deletions()) use(decision.target);
    for (const pruneplan::Doubt& doubt : plan.doubts()) use(doubt.sentence);
    write_json_lines(plan, [](std::string_view text) { use(text); });
    write_dot(plan, [](std::string_view text) { use(text); });
    use(summary(plan));
    use(plan.space().freed + diff(plan, plan).unchanged());
}

constexpr char no_record[] = "record number out of range: it must be less than size()";
constexpr char no_decision[] = "decision out of range: its number must be less than size()";
constexpr char no_error[] = "the error of a Result was read that holds a value: check has_value() before";
constexpr char changed[] =
    "the store has changed since its index was built: build the index again, or plan with the store";
constexpr char null_element[] = "a record or a container is a null pointer: leave it out of the range";
constexpr char works[] = "works";

struct Misuse {
    const char* name;
    const char* message;
    void (*run)();
};

const Misuse misuses[] = {
    // Numbers out of range.
    {"decision_past_the_last_record", no_record, [] { use(plan_of_store()[2].name); }},
    {"explain_past_the_last_record", no_record, [] { use(explain(plan_of_store(), 2)); }},
    {"explain_of_a_record_of_an_empty_plan", no_record, [] { use(explain(PrunePlan(), 0)); }},
    {"decision_past_the_end", no_decision,
     [] {
         const PrunePlan plan = plan_of_store();
         use((*plan.end()).record);
     }},
    {"deletion_past_the_last", no_decision,
     [] {
         const PrunePlan plan = plan_of_store();
         use(plan.deletions()[2].name);
     }},
    {"name_past_the_last_record", no_record, [] { use(pruneplan::build_index(store)->name(2)); }},
    {"target_past_the_last_record", no_record, [] { use(pruneplan::build_index(store)->target(2)); }},
    {"record_past_the_last_record", no_record, [] { use(pruneplan::build_index(store)->record(2).name); }},
    {"count_of_an_invalid_reason", "invalid Reason: use one of its enumerators",
     [] { use(pruneplan::ReasonCounts()[static_cast<pruneplan::Reason>(pruneplan::reason_count)]); }},
    {"add_an_invalid_reason", "invalid Reason: use one of its enumerators",
     [] { pruneplan::ReasonCounts().add(static_cast<pruneplan::Reason>(pruneplan::reason_count)); }},
    {"count_of_an_invalid_change_kind", "invalid ChangeKind: use one of its enumerators",
     [] { use(pruneplan::PlanDiff()[static_cast<pruneplan::ChangeKind>(pruneplan::change_kind_count)]); }},
    {"add_an_invalid_change_kind", "invalid ChangeKind: use one of its enumerators",
     [] { pruneplan::PlanDiff().add(static_cast<pruneplan::ChangeKind>(pruneplan::change_kind_count)); }},
    {"shard_of_no_shards", "0 shards: give at least 1", [] { use(pruneplan::shard_of("sha256:1", 0)); }},

    // Null pointers among records and containers.
    {"null_record", null_element,
     [] {
         const Image image{"a", "sha256:1"};
         use(plan_prune(StoreOfPointers{{&image, nullptr}}, Containers{}, all)->size());
     }},
    {"null_container", null_element,
     [] { use(plan_prune(store, std::vector<std::shared_ptr<Container>>{nullptr}, all)->size()); }},

    // Results that were not checked.
    {"index_of_a_store_with_a_duplicate_name", "duplicate name \"a\": names in a store must be unique",
     [] {
         const Store twice{{{{"a", "1"}, {"a", "2"}}}};
         use(plan_prune(*pruneplan::build_index(twice), Containers{}, all).deleted_count());
     }},
    {"plan_of_a_store_with_a_duplicate_name", "duplicate name \"a\": names in a store must be unique",
     [] {
         const Store twice{{{{"a", "1"}, {"a", "2"}}}};
         for (const pruneplan::Decision& decision : *plan_prune(twice, Containers{}, all)) use(decision.name);
     }},
    {"plan_with_an_option_that_the_store_does_not_support",
     "bytes_to_free is not supported: the store needs blobs(const Record&)",
     [] { use(plan_prune(store, Containers{}, {.bytes_to_free = 1})->deleted_count()); }},
    {"value_of_a_failed_check_of_options",
     "keep_newest by created is not supported: the store needs created(const Record&)",
     [] { check_options(*pruneplan::build_index(store), {.keep_newest = {{.count = 1}}}).value(); }},
    {"report_of_a_doubtful_plan",
     "doubtful plan: container 0 uses \"sha256:3\", which no record has: show the planner all records, and the digests "
     "that "
     "the runtime reports; to apply it nevertheless, accept unmatched_container",
     [] {
         const auto plan = plan_prune(store, Containers{{"sha256:3", "a:1"}}, all);
         const auto remove = [](auto...) { return pruneplan::RemoveStatus::removed; };
         use(apply_prune(*plan, remove)->steps.size());
     }},
    {"arrow_of_an_error", "invalid reference \"A\": repository names are lower-case",
     [] { use(pruneplan::parse_reference("A")->name()); }},
    {"value_of_an_error", "invalid reference \"A\": repository names are lower-case",
     [] { use(pruneplan::parse_reference("A").value().name()); }},
    {"error_of_a_value", no_error, [] { use(pruneplan::parse_reference("a").error().message); }},

    // Stores that change between build_index and plan_prune.
    {"plan_after_the_store_has_grown", changed,
     [] {
         Store live;
         const auto index = pruneplan::build_index(live);
         live.all.push_back({"docker.io/library/c:1", "sha256:3"});
         use(plan_prune(*index, Containers{}, all).deleted_count());
     }},
    {"plan_after_the_store_has_shrunk", changed,
     [] {
         Store live;
         const auto index = pruneplan::build_index(live);
         live.all.pop_back();
         use(plan_prune(*index, Containers{}, all).deleted_count());
     }},
    {"plan_after_a_store_with_blobs_has_grown", changed,
     [] {
         StoreWithBlobs live;
         const auto index = pruneplan::build_index(live);
         live.all.push_back({"docker.io/library/c:1", "sha256:3"});
         use(plan_prune(*index, Containers{}, all).deleted_count());
     }},
    {"plan_after_a_store_with_blobs_has_shrunk", changed,
     [] {
         StoreWithBlobs live;
         const auto index = pruneplan::build_index(live);
         live.all.clear();
         use(plan_prune(*index, Containers{}, all).deleted_count());
     }},
    {"record_that_the_store_does_not_have_any_more", changed,
     [] {
         Store live;
         const auto index = pruneplan::build_index(live);
         live.all.pop_back();
         use(index->record(1).name);
     }},
    {"index_of_a_store_that_grows_when_it_is_counted",
     "images() returned more than 2 records when it was read again: it must return the same records each time",
     [] {
         const GrowingStore live(1);
         use(pruneplan::build_index(live)->size());
     }},
    {"index_of_a_store_that_grows_after_its_names_were_read",
     "images() returned more than 2 records when it was read again: it must return the same records each time",
     [] {
         const GrowingStore live(2);
         use(pruneplan::build_index(live)->size());
     }},

    // What looks like a misuse, and works.
    {"range_for_over_a_temporary_plan", works,
     [] {
         for (const pruneplan::Decision& decision : *plan_prune(store, Containers{}, all)) use(decision.name);
     }},
    {"a_reference_to_the_value_of_a_temporary_result", works,
     [] {
         const auto& plan = *plan_prune(store, Containers{}, all);
         read(plan);
     }},
    {"a_plan_that_outlives_all_that_it_was_made_of", works,
     [] {
         std::optional<PrunePlan> plan;
         {
             const auto short_lived = std::make_unique<Store>();
             const auto index = std::make_unique<pruneplan::ImageIndex<Store>>(*pruneplan::build_index(*short_lived));
             PruneOptions options = all;
             options.keep = {*pruneplan::Glob::compile("a:?"), *pruneplan::Glob::compile("an-unused-pattern")};
             plan = plan_prune(*index, Containers{{"sha256:1", "a:1"}, {"sha256:3", "Not a reference"}}, options);
         }
         read(*plan);
     }},
    {"a_plan_of_a_store_that_is_destroyed", works,
     [] { read(*plan_prune(Store{}, Containers{{"sha256:1", "a:1"}}, all)); }},
    {"a_copy_of_a_plan_that_is_destroyed", works,
     [] {
         auto plan = std::make_unique<PrunePlan>(plan_of_store());
         const PrunePlan copy = *plan;
         plan.reset();
         read(copy);
     }},
    {"a_plan_that_was_moved_from", works,
     [] {
         PrunePlan plan = plan_of_store();
         const PrunePlan moved = std::move(plan);
         read(moved);
         use(plan.size());
         plan = moved;
         read(plan);
     }},
    {"an_index_that_moved", works,
     [] {
         auto index = pruneplan::build_index(store);
         const auto moved = *std::move(index);
         read(plan_prune(moved, Containers{}, all));
         use(moved.find("docker.io/library/b:1").value());
     }},
    {"a_copy_of_an_index", works,
     [] {
         auto index = pruneplan::build_index(store);
         const auto copy = *index;
         index = pruneplan::Error();
         read(plan_prune(copy, Containers{}, all));
     }},
    {"decisions_of_no_plan", works,
     [] {
         const PrunePlan::Decisions none;
         use(none.size());
         for (const pruneplan::Decision& decision : none) use(decision.name);
     }},
    {"an_empty_plan", works, [] { read(PrunePlan()); }},
    {"a_plan_of_an_empty_store", works, [] { read(*plan_prune(Store{{{}}}, Containers{{"sha256:1", "a"}}, all)); }},
    {"a_store_that_changes_after_the_plan", works,
     [] {
         Store live;
         const auto plan = plan_prune(live, Containers{}, all);
         live.all.clear();
         read(*plan);
         const auto remove = [](auto...) { return pruneplan::RemoveStatus::not_found; };
         use(apply_prune(*plan, remove)->steps.size());
     }},
    {"a_store_that_grows_and_has_nothing_left_to_read", works,
     [] {
         NamesOnly live;
         const auto index = pruneplan::build_index(live);
         live.all.push_back({"b", "sha256:2"});
         read(plan_prune(*index, Containers{}, all));
     }},
};

}  // namespace

int main(int count, char** arguments) {
    const std::string_view wanted = count == 2 ? arguments[1] : "";
    for (const Misuse& misuse : misuses) {
        if (wanted == "list") std::printf("%s %s\n", misuse.name, misuse.message);
        if (wanted != misuse.name) continue;
        misuse.run();
        return 0;
    }
    if (wanted == "list") return 0;
    std::fprintf(stderr, "usage: misuse list, or misuse NAME (%zu)\n", checksum);
    return 2;
}

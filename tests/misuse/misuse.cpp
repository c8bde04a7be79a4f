// SPDX-License-Identifier: BSL-1.0
// Misuses of the library that compile: each must end the program with a message, or work. `misuse list` prints the name
// of each misuse with its message, or with "works"; `misuse NAME` runs it. misuse.sh runs all of them.

#include <pruneplan/pruneplan.hpp>

#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

struct Image {
    std::string name, digest;
};

struct Store {
    std::vector<Image> all{{"docker.io/library/a:1", "sha256:1"}, {"docker.io/library/b:1", "sha256:2"}};
    const std::vector<Image>& images() const { return all; }
    static std::string_view name(const Image& image) { return image.name; }
    static std::string_view target(const Image& image) { return image.digest; }
    static std::vector<pruneplan::Blob> blobs(const Image& image) { return {{image.digest, 1}}; }

    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view) {
        std::erase_if(all, [name](const Image& image) { return image.name == name; });
        return {pruneplan::RemoveStatus::removed};
    }
};

struct Container {
    std::string id, typed;
    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return typed; }
};

using Containers = std::vector<Container>;

const Store store, other_store{{{"docker.io/library/a:1", "sha256:1"}}}, same_size_store{{{"x", "sha256:1"}, {"y", "sha256:2"}}};
const pruneplan::PruneOptions all{.scope = pruneplan::Scope::unused};

/// A sum of all results, so that no compiler optimizes a misuse away.
std::size_t checksum = 0;
void use(std::size_t number) { checksum += number; }
void use(std::string_view text) {
    for (const char c : text) checksum += static_cast<unsigned char>(c);
}

constexpr char another_index[] = "this plan was made of another index: pass the index that plan_prune was called with";
constexpr char no_record[] = "record number out of range: it must be less than size()";
constexpr char no_value[] = "a Result was read that holds an error and no value: check has_value() before";
constexpr char no_error[] = "the error of a Result was read that holds a value: check has_value() before";
constexpr char works[] = "works";

/// A range that creates its containers while it is read, and returns references to one shared object.
struct SharedObjectRange {
    Container& shared;
    struct Iterator {
        using value_type = Container;
        using difference_type = std::ptrdiff_t;
        Container* shared = nullptr;
        int at = 0;
        const Container& operator*() const {
            shared->id = "sha256:" + std::to_string(at);
            return *shared;
        }
        Iterator& operator++() {
            ++at;
            return *this;
        }
        Iterator operator++(int) { return {shared, at++}; }
        bool operator==(const Iterator& other) const { return at == other.at; }
    };
    Iterator begin() const { return {&shared, 1}; }
    Iterator end() const { return {&shared, 3}; }
};

struct Misuse {
    const char* name;
    const char* message;
    void (*run)();
};

const Misuse misuses[] = {
    {"explain_with_another_index", another_index,
     [] {
         const auto index = pruneplan::build_index(store), other = pruneplan::build_index(same_size_store);
         use(explain(plan_prune(*index, Containers{}, all), *other, 0));
     }},
    {"explain_with_a_shorter_index", another_index,
     [] {
         const auto index = pruneplan::build_index(store), other = pruneplan::build_index(other_store);
         use(explain(plan_prune(*index, Containers{}, all), *other, 0));
     }},
    {"estimate_space_with_another_index", another_index,
     [] {
         const auto index = pruneplan::build_index(store), other = pruneplan::build_index(other_store);
         use(estimate_space(plan_prune(*index, Containers{}, all), *other).freed);
     }},
    {"summary_with_another_index", another_index,
     [] {
         const auto index = pruneplan::build_index(store), other = pruneplan::build_index(same_size_store);
         use(summary(plan_prune(*index, Containers{}, all), *other));
     }},
    {"write_json_lines_with_another_index", another_index,
     [] {
         const auto index = pruneplan::build_index(store), other = pruneplan::build_index(same_size_store);
         write_json_lines(plan_prune(*index, Containers{}, all), *other, [](std::string_view text) { use(text); });
     }},
    {"write_dot_with_another_index", another_index,
     [] {
         const auto index = pruneplan::build_index(store), other = pruneplan::build_index(same_size_store);
         write_dot(plan_prune(*index, Containers{}, all), *other, [](std::string_view text) { use(text); });
     }},
    {"diff_with_another_index", another_index,
     [] {
         const auto index = pruneplan::build_index(store), other = pruneplan::build_index(same_size_store);
         const auto plan = plan_prune(*index, Containers{}, all);
         checksum += diff(plan, plan_prune(*other, Containers{}, all), *index).changed();
     }},
    {"diff_of_swapped_plans", another_index,
     [] {
         const auto index = pruneplan::build_index(store), other = pruneplan::build_index(same_size_store);
         const auto plan = plan_prune(*index, Containers{}, all), of_other = plan_prune(*other, Containers{}, all);
         checksum += diff(of_other, *index, plan, *other).changed();
     }},
    {"count_of_an_invalid_reason", "invalid Reason: use one of its enumerators",
     [] { checksum += pruneplan::ReasonCounts()[static_cast<pruneplan::Reason>(pruneplan::reason_count)]; }},
    {"add_an_invalid_reason", "invalid Reason: use one of its enumerators",
     [] { pruneplan::ReasonCounts().add(static_cast<pruneplan::Reason>(pruneplan::reason_count)); }},
    {"count_of_an_invalid_change_kind", "invalid ChangeKind: use one of its enumerators",
     [] { checksum += pruneplan::PlanDiff()[static_cast<pruneplan::ChangeKind>(pruneplan::change_kind_count)]; }},
    {"add_an_invalid_change_kind", "invalid ChangeKind: use one of its enumerators",
     [] { pruneplan::PlanDiff().add(static_cast<pruneplan::ChangeKind>(pruneplan::change_kind_count)); }},
    {"apply_with_another_index", another_index,
     [] {
         Store live;
         const auto index = pruneplan::build_index(live), other = pruneplan::build_index(other_store);
         use(apply_prune(plan_prune(*index, Containers{}, all), *other, live).deleted.size());
     }},
    {"apply_with_another_index_in_the_same_variable", another_index,
     [] {
         Store live;
         auto index = pruneplan::build_index(live);
         const auto plan = plan_prune(*index, Containers{}, all);
         index = pruneplan::Error();
         live.all.back().name = "docker.io/library/c:1";
         index = pruneplan::build_index(live);
         use(apply_prune(plan, *index, live).deleted.size());
     }},
    {"apply_after_the_store_has_changed",
     "the records of the store have changed since the index was built: build index and plan again, or index a copy of the "
     "records",
     [] {
         Store live;
         const auto index = pruneplan::build_index(live);
         const auto plan = plan_prune(*index, Containers{}, all);
         live.all.front().digest.back() = '9';
         use(apply_prune(plan, *index, live).deleted.size());
     }},
    {"containers_with_one_address",
     "two containers have the same address: a range that creates them while it is read must return them by value",
     [] {
         const auto index = pruneplan::build_index(store);
         Container shared;
         use(plan_prune(*index, SharedObjectRange{shared}, all).deleted_count());
     }},
    {"apply_a_plan_that_was_moved_from", another_index,
     [] {
         Store live;
         const auto index = pruneplan::build_index(live);
         auto plan = plan_prune(*index, Containers{}, all);
         const auto moved = std::move(plan);
         use(apply_prune(plan, *index, live).deleted.size());
     }},
    {"plan_of_an_index_that_was_moved_from", another_index,
     [] {
         auto index = *pruneplan::build_index(store);
         const auto plan = plan_prune(index, Containers{}, all);
         const auto moved = std::move(index);
         use(explain(plan, index, 0));
     }},
    {"explain_past_the_last_record", no_record,
     [] {
         const auto index = pruneplan::build_index(store);
         use(explain(plan_prune(*index, Containers{}, all), *index, 2));
     }},
    {"decision_past_the_last_record", no_record,
     [] {
         const auto index = pruneplan::build_index(store);
         const auto plan = plan_prune(*index, Containers{}, all);
         use(to_string(plan.decisions()[2].reason));
     }},
    {"name_past_the_last_record", no_record, [] { use(pruneplan::build_index(store)->name(2)); }},
    {"target_past_the_last_record", no_record, [] { use(pruneplan::build_index(store)->target(2)); }},
    {"record_past_the_last_record", no_record, [] { use(pruneplan::build_index(store)->record(2).name); }},
    {"parent_past_the_last_record", no_record, [] { use(pruneplan::build_index(store)->parent(2).value_or(0)); }},
    {"deletion_past_the_last", "deletion out of range: its number must be less than size()",
     [] {
         const auto index = pruneplan::build_index(store);
         use(plan_prune(*index, Containers{}, all).deletions()[2].name);
     }},
    {"plan_of_an_index_that_could_not_be_built", no_value,
     [] {
         const Store twice{{{"a", "1"}, {"a", "2"}}};
         const auto index = pruneplan::build_index(twice);
         use(plan_prune(*index, Containers{}, all).deleted_count());
     }},
    {"arrow_of_an_error", no_value, [] { use(pruneplan::parse_reference("A")->name()); }},
    {"value_of_an_error", no_value, [] { use(pruneplan::parse_reference("A").value().name()); }},
    {"error_of_a_value", no_error, [] { use(pruneplan::parse_reference("a").error().message); }},
    {"value_of_a_failed_check_options", no_value,
     [] {
         const auto index = pruneplan::build_index(store);
         pruneplan::PruneOptions options;
         options.keep_newest_per_repository = 1;
         check_options(*index, options).value();
     }},

    {"range_for_over_the_deletions_of_a_temporary_plan", works,
     [] {
         const auto index = pruneplan::build_index(store);
         for (const auto& deletion : plan_prune(*index, Containers{}, all).deletions()) use(deletion.name);
     }},
    {"range_for_over_the_decisions_of_a_temporary_plan", works,
     [] {
         const auto index = pruneplan::build_index(store);
         for (const auto& decision : plan_prune(*index, Containers{}, all).decisions()) use(to_string(decision.reason));
     }},
    {"reference_to_the_decisions_of_a_temporary_plan", works,
     [] {
         const auto index = pruneplan::build_index(store);
         const pruneplan::Decisions& decisions = plan_prune(*index, Containers{}, all).decisions();
         use(decisions.deleted_count());
     }},
    {"deletions_of_a_destroyed_plan", works,
     [] {
         const auto index = pruneplan::build_index(store);
         pruneplan::Deletions deletions;
         {
             const auto plan = plan_prune(*index, Containers{}, all);
             deletions = plan.deletions();
         }
         for (const auto& deletion : deletions) use(deletion.name);
     }},
    {"plan_of_an_index_that_moved", works,
     [] {
         auto index = pruneplan::build_index(store);
         const auto plan = plan_prune(*index, Containers{}, all);
         const auto moved = *std::move(index);
         use(explain(plan, moved, 1));
         for (const auto& deletion : plan.deletions()) use(deletion.name);
     }},
    {"apply_to_the_live_store", works,
     [] {
         Store live;
         const auto index = pruneplan::build_index(live);
         for (const auto& record : apply_prune(plan_prune(*index, Containers{}, all), *index, live).untagged)
             use(record.name);
     }},
    {"explain_after_the_containers_are_destroyed", works,
     [] {
         const auto index = pruneplan::build_index(store);
         const auto plan = plan_prune(*index, Containers{{"sha256:1", "a:1"}}, all);
         use(explain(plan, *index, 0));
     }},
    {"a_container_ID_in_another_spelling", works,
     [] {
         const auto index = pruneplan::build_index(store);
         const auto plan = plan_prune(*index, Containers{{"SHA256:1", "a:1"}},
                                      {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::strict});
         use(plan.unmatched_count());
     }},
    {"an_image_that_the_rule_does_not_protect", works,
     [] {
         const auto index = pruneplan::build_index(store);
         use(plan_prune(*index, Containers{{"sha256:2", "a:1"}}, all).unprotected_count());
     }},
    {"a_reference_to_the_value_of_a_temporary_result", works,
     [] {
         const auto& index = *pruneplan::build_index(store);
         use(plan_prune(index, Containers{}, all).deleted_count());
     }},
    {"an_index_of_an_empty_store", works,
     [] {
         const Store empty{{}};
         const auto index = pruneplan::build_index(empty);
         const auto plan = plan_prune(*index, Containers{{"sha256:1", "a"}}, all);
         use(plan.deletions().size() + plan.unmatched_containers().size() + estimate_space(plan, *index).freed);
     }},
};

}  // namespace

int main(int count, char** arguments) {
    const std::string_view wanted = count == 2 ? arguments[1] : "";
    for (const Misuse& misuse : misuses) {
        if (wanted == "list") std::printf("%s %s\n", misuse.name, misuse.message);
        if (wanted != misuse.name) continue;
        misuse.run();
        return checksum == 0;
    }
    return wanted == "list" ? 0 : 2;
}

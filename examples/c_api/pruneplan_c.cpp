// SPDX-License-Identifier: BSL-1.0
// Implements pruneplan.h.

#define PRUNEPLAN_C_API_BUILD
#include "pruneplan.h"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The library works without exceptions, and so does this file.
#if defined(__cpp_exceptions)
#define PRUNEPLAN_C_TRY try
#define PRUNEPLAN_C_CATCH(type) catch (type)
#define PRUNEPLAN_C_CATCH_ALL catch (...)
#else
#define PRUNEPLAN_C_TRY if (true)
#define PRUNEPLAN_C_CATCH(type) else if (false)
#define PRUNEPLAN_C_CATCH_ALL else
#endif

namespace {

using pruneplan::Error;
using pruneplan::Timestamp;

std::string_view view(pruneplan_text text) {
    return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}
pruneplan_text lent(std::string_view text) { return {text.data(), text.size()}; }

// The adapter, which gives the library what a host added.

struct Blob {
    std::string digest;
    std::uint64_t size;
};

struct Record {
    std::string name, target;
    std::optional<Timestamp> created{}, last_used{};
    std::vector<std::pair<std::string, std::string>> labels{};
    std::vector<Blob> blobs{};
    std::string parent{};
    std::optional<bool> dangling{};
    bool pinned = false;
};

struct Container {
    std::string id, ref;
    std::vector<std::string> mounts{};

    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return ref; }
    const std::vector<std::string>& mounted_image_ids() const { return mounts; }
};

struct Store {
    std::vector<Record> records;
    std::vector<Container> containers;

    const std::vector<Record>& images() const { return records; }
    static const std::string& name(const Record& record) { return record.name; }
    static const std::string& target(const Record& record) { return record.target; }
    static std::optional<Timestamp> created(const Record& record) { return record.created; }
    static std::optional<Timestamp> last_used(const Record& record) { return record.last_used; }
    static const std::string* label(const Record& record, std::string_view key) {
        for (const auto& [known, value] : record.labels)
            if (known == key) return &value;
        return nullptr;
    }
    static bool pinned(const Record& record) { return record.pinned; }
    static bool is_dangling(const Record& record) {
        constexpr std::string_view prefix = "moby-dangling@";
        if (record.dangling) return *record.dangling;
        return record.name.starts_with(prefix) && std::string_view(record.name).substr(prefix.size()) == record.target;
    }
    static const std::string& parent(const Record& record) { return record.parent; }
    static const std::vector<Blob>& blobs(const Record& record) { return record.blobs; }
};

using Index = pruneplan::ImageIndex<Store>;

// Handles.

std::atomic<std::size_t> live_handles = 0;

struct Counted {
    Counted() noexcept { ++live_handles; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --live_handles; }
};

}  // namespace

/// A listing shares its store with its plans, and copies the store before it changes what a plan reads.
struct pruneplan_listing : Counted {
    std::shared_ptr<Store> store = std::make_shared<Store>();

    Store& changed() {
        if (store.use_count() != 1) store = std::make_shared<Store>(*store);
        return *store;
    }
};

struct pruneplan_options : Counted {
    pruneplan::PruneOptions options{};
    std::optional<std::string> dangling{};  ///< the filter `dangling`, to detect one that contradicts it
};

struct pruneplan_plan : Counted {
    pruneplan_plan(std::shared_ptr<const Store> of, Index built, const pruneplan::PruneOptions& with)
        : store(std::move(of)),
          index(std::move(built)),
          options(with),
          plan(plan_prune(index, store->containers, options)),
          deletions(plan.deletions()) {}

    std::shared_ptr<const Store> store;
    Index index;
    pruneplan::PruneOptions options;
    pruneplan::PrunePlan plan;
    pruneplan::Deletions deletions;
};

struct pruneplan_report : Counted {
    pruneplan::PruneReport report{};
};

struct pruneplan_removal {
    pruneplan::RemoveOutcome outcome{};
};

namespace {

// Errors.

void copy_text(char* to, std::size_t capacity, std::string_view text) noexcept {
    const std::size_t size = std::min(text.size(), capacity - 1);
    std::memcpy(to, text.data(), size);
    to[size] = '\0';
}

/// Writes an error, and returns false.
bool rejected(pruneplan_error* error, std::string_view code, std::string_view message) noexcept {
    if (error != nullptr) {
        copy_text(error->code, sizeof error->code, code);
        copy_text(error->message, sizeof error->message, message);
    }
    return false;
}

bool rejected(pruneplan_error* error, const Error& why) noexcept {
    return rejected(error, to_string(why.code), why.message);
}

bool invalid(pruneplan_error* error, std::string_view message) noexcept {
    return rejected(error, "invalid_argument", message);
}

/// Returns what `body` returns; if it throws, writes an error and returns nothing.
template <class Body>
auto guarded(pruneplan_error* error, Body body) noexcept -> decltype(body()) {
    PRUNEPLAN_C_TRY { return body(); }
    PRUNEPLAN_C_CATCH(const std::bad_alloc&) { rejected(error, "out_of_memory", "out of memory"); }
    PRUNEPLAN_C_CATCH_ALL { rejected(error, "internal", "an exception of an unknown type"); }
    return {};
}

template <class Handle>
Handle* new_handle(pruneplan_error* error) noexcept {
    return guarded(error, [] { return std::make_unique<Handle>().release(); });
}

std::optional<Timestamp> moment(std::int64_t seconds, std::int32_t nanoseconds) {
    if (nanoseconds < 0 || nanoseconds >= Timestamp::billion) return std::nullopt;
    return Timestamp{seconds, nanoseconds};
}

bool invalid_moment(pruneplan_error* error) { return invalid(error, "nanoseconds are from 0 to 999,999,999"); }

/// Changes a record, if the number is valid.
template <class Change>
bool change_record(pruneplan_listing* listing, std::size_t record, pruneplan_error* error, Change change) noexcept {
    return guarded(error, [&] {
        if (record >= listing->store->records.size()) return invalid(error, "there is no record of this number");
        change(listing->changed().records[record]);
        return true;
    });
}

template <class Value>
struct Named {
    std::string_view word;
    Value value;
};

constexpr Named<pruneplan::Scope> scopes[] = {
    {"dangling", pruneplan::Scope::dangling},
    {"unused", pruneplan::Scope::unused},
};

constexpr Named<pruneplan::UsageRule> presets[] = {
    {"containerd_snapshotter", pruneplan::usage_rules::containerd_snapshotter},
    {"graph_driver", pruneplan::usage_rules::graph_driver},
    {"whole_image", pruneplan::usage_rules::whole_image},
    {"strict", pruneplan::usage_rules::strict},
};

constexpr Named<pruneplan::Survivor> survivors[] = {
    {"last_by_name", pruneplan::Survivor::last_by_name},
    {"first_by_name", pruneplan::Survivor::first_by_name},
    {"newest", pruneplan::Survivor::newest},
    {"oldest", pruneplan::Survivor::oldest},
    {"tagged", pruneplan::Survivor::tagged},
};

/// Quotes the first 80 bytes of a text for a message. Bytes that are not printable ASCII become "?".
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text.substr(0, 80)) out += c >= ' ' && c <= '~' ? c : '?';
    return out + (text.size() > 80 ? "...\"" : "\"");
}

template <class Value, std::size_t n>
bool set_by_word(Value& value, const Named<Value> (&known)[n], pruneplan_text word, pruneplan_error* error) noexcept {
    return guarded(error, [&] {
        std::string message = "unknown word " + quoted(view(word)) + ": use one of";
        for (const Named<Value>& entry : known) {
            if (entry.word == view(word)) {
                value = entry.value;
                return true;
            }
            message += " ";
            message += entry.word;
        }
        return invalid(error, message);
    });
}

/// The host's functions, as `apply_prune` calls them.
class Host {
public:
    Host(const pruneplan_host& host) : host_(host) {}

    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view target) {
        return remove(name, target, std::string_view());
    }
    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        using pruneplan::RemoveStatus;
        constexpr RemoveStatus statuses[] = {RemoveStatus::removed, RemoveStatus::not_found, RemoveStatus::changed,
                                             RemoveStatus::in_use, RemoveStatus::failed};
        pruneplan_removal removal;
        const std::int32_t status = host_.remove(host_.user, lent(name), lent(target), lent(survivor), &removal);
        if (status >= PRUNEPLAN_REMOVED && status <= PRUNEPLAN_FAILED)
            removal.outcome.status = statuses[status];
        else
            removal.outcome.error = "unknown status " + std::to_string(status) +
                                    ": the host's remove must return PRUNEPLAN_REMOVED to PRUNEPLAN_FAILED";
        return std::move(removal.outcome);
    }

    bool before(const pruneplan::PlannedDeletion& deletion) {
        if (host_.before == nullptr) return true;
        const pruneplan_step step = step_of(deletion);
        return host_.before(host_.user, &step);
    }
    void after(const pruneplan::AppliedStep& applied) {
        if (host_.after == nullptr) return;
        pruneplan_step step = step_of(applied.deletion);
        step.done = applied.done;
        step.total = applied.total;
        step.status = static_cast<std::int32_t>(applied.outcome.status);
        step.error = lent(applied.outcome.error);
        step.image_deleted = applied.image_deleted;
        step.space_reclaimed = applied.space_reclaimed;
        host_.after(host_.user, &step);
    }
    bool should_stop() { return host_.should_stop != nullptr && host_.should_stop(host_.user); }

private:
    static pruneplan_step step_of(const pruneplan::PlannedDeletion& deletion) {
        pruneplan_step step{};
        step.struct_size = sizeof step;
        step.record = deletion.image;
        step.name = lent(deletion.name);
        step.target = lent(deletion.target);
        step.reason = lent(to_string(deletion.reason));
        return step;
    }

    const pruneplan_host& host_;
};

static_assert(static_cast<int>(pruneplan::RemoveStatus::removed) == PRUNEPLAN_REMOVED &&
              static_cast<int>(pruneplan::RemoveStatus::not_found) == PRUNEPLAN_NOT_FOUND &&
              static_cast<int>(pruneplan::RemoveStatus::changed) == PRUNEPLAN_CHANGED &&
              static_cast<int>(pruneplan::RemoveStatus::in_use) == PRUNEPLAN_IN_USE &&
              static_cast<int>(pruneplan::RemoveStatus::failed) == PRUNEPLAN_FAILED);

template <class List, class Member>
pruneplan_text item(const List& list, std::size_t i, Member member) {
    return i < list.size() ? lent(member(list[i])) : pruneplan_text{nullptr, 0};
}

}  // namespace

extern "C" {

const char* pruneplan_library_version(void) { return pruneplan::version; }
size_t pruneplan_live_handles(void) { return live_handles; }

// Records and containers.

pruneplan_listing* pruneplan_listing_new(pruneplan_error* error) { return new_handle<pruneplan_listing>(error); }
void pruneplan_listing_free(pruneplan_listing* listing) { delete listing; }

size_t pruneplan_listing_records(const pruneplan_listing* listing) { return listing->store->records.size(); }
size_t pruneplan_listing_containers(const pruneplan_listing* listing) { return listing->store->containers.size(); }

bool pruneplan_listing_add_record(pruneplan_listing* listing, pruneplan_text name, pruneplan_text target,
                                  pruneplan_error* error) {
    return guarded(error, [&] {
        listing->changed().records.push_back({std::string(view(name)), std::string(view(target))});
        return true;
    });
}

bool pruneplan_listing_set_created(pruneplan_listing* listing, size_t record, int64_t seconds, int32_t nanoseconds,
                                   pruneplan_error* error) {
    const auto created = moment(seconds, nanoseconds);
    if (!created) return invalid_moment(error);
    return change_record(listing, record, error, [&](Record& changed) { changed.created = created; });
}

bool pruneplan_listing_set_last_used(pruneplan_listing* listing, size_t record, int64_t seconds, int32_t nanoseconds,
                                     pruneplan_error* error) {
    const auto used = moment(seconds, nanoseconds);
    if (!used) return invalid_moment(error);
    return change_record(listing, record, error, [&](Record& changed) { changed.last_used = used; });
}

bool pruneplan_listing_set_pinned(pruneplan_listing* listing, size_t record, bool pinned, pruneplan_error* error) {
    return change_record(listing, record, error, [&](Record& changed) { changed.pinned = pinned; });
}

bool pruneplan_listing_set_dangling(pruneplan_listing* listing, size_t record, bool dangling, pruneplan_error* error) {
    return change_record(listing, record, error, [&](Record& changed) { changed.dangling = dangling; });
}

bool pruneplan_listing_set_parent(pruneplan_listing* listing, size_t record, pruneplan_text parent,
                                  pruneplan_error* error) {
    return change_record(listing, record, error, [&](Record& changed) { changed.parent = view(parent); });
}

bool pruneplan_listing_add_label(pruneplan_listing* listing, size_t record, pruneplan_text key, pruneplan_text value,
                                 pruneplan_error* error) {
    return change_record(listing, record, error,
                         [&](Record& changed) { changed.labels.emplace_back(view(key), view(value)); });
}

bool pruneplan_listing_add_blob(pruneplan_listing* listing, size_t record, pruneplan_text digest, uint64_t size,
                                pruneplan_error* error) {
    return change_record(listing, record, error, [&](Record& changed) {
        changed.blobs.push_back({std::string(view(digest)), size});
    });
}

bool pruneplan_listing_add_container(pruneplan_listing* listing, pruneplan_text image_id, pruneplan_text image_ref,
                                     pruneplan_error* error) {
    return guarded(error, [&] {
        listing->changed().containers.push_back({std::string(view(image_id)), std::string(view(image_ref))});
        return true;
    });
}

bool pruneplan_listing_add_mount(pruneplan_listing* listing, size_t container, pruneplan_text image_id,
                                 pruneplan_error* error) {
    return guarded(error, [&] {
        if (container >= listing->store->containers.size())
            return invalid(error, "there is no container of this number");
        listing->changed().containers[container].mounts.emplace_back(view(image_id));
        return true;
    });
}

// Options.

pruneplan_options* pruneplan_options_new(pruneplan_error* error) { return new_handle<pruneplan_options>(error); }
void pruneplan_options_free(pruneplan_options* options) { delete options; }

bool pruneplan_options_set_scope(pruneplan_options* options, pruneplan_text scope, pruneplan_error* error) {
    return set_by_word(options->options.scope, scopes, scope, error);
}

bool pruneplan_options_set_usage_preset(pruneplan_options* options, pruneplan_text preset, pruneplan_error* error) {
    return set_by_word(options->options.usage, presets, preset, error);
}

void pruneplan_options_set_usage(pruneplan_options* options, bool names_in_use, bool every_container,
                                 bool keep_all_names) {
    using pruneplan::DigestUse, pruneplan::NamesKept;
    options->options.usage = {names_in_use, every_container ? DigestUse::every_container : DigestUse::created_by_digest,
                              keep_all_names ? NamesKept::all : NamesKept::last};
}

bool pruneplan_options_add_filter(pruneplan_options* options, pruneplan_text filter, int64_t now_seconds,
                                  int32_t now_nanoseconds, pruneplan_error* error) {
    return guarded(error, [&] {
        const auto now = moment(now_seconds, now_nanoseconds);
        if (!now) return invalid_moment(error);
        std::vector<std::string_view> texts;
        if (options->dangling) texts.push_back(*options->dangling);
        texts.push_back(view(filter));
        auto parsed = pruneplan::parse_filters(texts, *now);
        if (!parsed) return rejected(error, parsed.error());
        if (parsed->filters.empty()) {
            options->dangling = view(filter);
            options->options.scope = parsed->scope;
        } else {
            options->options.filters.push_back(std::move(parsed->filters.front()));
        }
        return true;
    });
}

bool pruneplan_options_add_keep(pruneplan_options* options, pruneplan_text pattern, pruneplan_error* error) {
    return guarded(error, [&] {
        auto glob = pruneplan::Glob::compile(view(pattern));
        if (!glob) return rejected(error, glob.error());
        options->options.keep.push_back(*std::move(glob));
        return true;
    });
}

void pruneplan_options_set_keep_newest(pruneplan_options* options, size_t images) {
    options->options.keep_newest_per_repository = images;
}

bool pruneplan_options_set_keep_younger_than(pruneplan_options* options, int64_t seconds, int32_t nanoseconds,
                                             pruneplan_error* error) {
    const auto since = moment(seconds, nanoseconds);
    if (!since) return invalid_moment(error);
    options->options.keep_younger_than = since;
    return true;
}

void pruneplan_options_set_bytes_to_free(pruneplan_options* options, uint64_t bytes) {
    options->options.bytes_to_free = bytes;
}

bool pruneplan_options_set_survivor(pruneplan_options* options, pruneplan_text survivor, pruneplan_error* error) {
    return set_by_word(options->options.survivor, survivors, survivor, error);
}

// The plan.

pruneplan_plan* pruneplan_plan_new(const pruneplan_listing* listing, const pruneplan_options* options,
                                   pruneplan_error* error) {
    return guarded(error, [&]() -> pruneplan_plan* {
        const pruneplan::PruneOptions defaults;
        const pruneplan::PruneOptions& wanted = options == nullptr ? defaults : options->options;
        auto index = Index::build(*listing->store);
        if (!index) {
            rejected(error, index.error());
            return nullptr;
        }
        if (const auto checked = check_options(*index, wanted); !checked) {
            rejected(error, checked.error());
            return nullptr;
        }
        return std::make_unique<pruneplan_plan>(listing->store, *std::move(index), wanted).release();
    });
}
void pruneplan_plan_free(pruneplan_plan* plan) { delete plan; }

size_t pruneplan_plan_records(const pruneplan_plan* plan) { return plan->index.size(); }
size_t pruneplan_plan_kept(const pruneplan_plan* plan) { return plan->plan.kept_count(); }
size_t pruneplan_plan_deleted(const pruneplan_plan* plan) { return plan->plan.deleted_count(); }

pruneplan_text pruneplan_plan_name(const pruneplan_plan* plan, size_t record) {
    return record < plan->index.size() ? lent(plan->index.name(record)) : pruneplan_text{nullptr, 0};
}

pruneplan_text pruneplan_plan_target(const pruneplan_plan* plan, size_t record) {
    return record < plan->index.size() ? lent(plan->index.target(record)) : pruneplan_text{nullptr, 0};
}

bool pruneplan_plan_deletes(const pruneplan_plan* plan, size_t record) {
    return record < plan->index.size() && plan->plan.decisions().deletes(record);
}

pruneplan_text pruneplan_plan_reason(const pruneplan_plan* plan, size_t record) {
    if (record >= plan->index.size()) return {nullptr, 0};
    return lent(to_string(plan->plan.decisions().reason(record)));
}

size_t pruneplan_plan_container(const pruneplan_plan* plan, size_t record) {
    if (record >= plan->index.size()) return PRUNEPLAN_NONE;
    return plan->plan.decisions()[record].container.value_or(PRUNEPLAN_NONE);
}

size_t pruneplan_plan_explain(const pruneplan_plan* plan, size_t record, char* buffer, size_t capacity) {
    return guarded(nullptr, [&]() -> std::size_t {
        if (record >= plan->index.size()) return 0;
        const std::string sentence = explain(plan->plan, plan->index, record, plan->options);
        const std::size_t size = std::min(sentence.size(), capacity);
        if (size > 0) std::memcpy(buffer, sentence.data(), size);
        return sentence.size();
    });
}

size_t pruneplan_plan_count(const pruneplan_plan* plan, pruneplan_text reason) {
    const auto& decisions = plan->plan.decisions();
    std::size_t count = 0;
    for (std::size_t record = 0; record < decisions.size(); ++record)
        if (to_string(decisions.reason(record)) == view(reason)) ++count;
    return count;
}

size_t pruneplan_plan_unmatched_container(const pruneplan_plan* plan, size_t i) {
    const auto unmatched = plan->plan.unmatched_containers();
    return i < unmatched.size() ? unmatched[i] : PRUNEPLAN_NONE;
}

size_t pruneplan_plan_deletion(const pruneplan_plan* plan, size_t step) {
    return step < plan->deletions.size() ? plan->deletions[step].image : PRUNEPLAN_NONE;
}

bool pruneplan_plan_estimate_space(const pruneplan_plan* plan, pruneplan_space* space, pruneplan_error* error) {
    return guarded(error, [&] {
        if (space->struct_size < sizeof space->struct_size) return invalid(error, "struct_size is not set");
        const pruneplan::SpaceEstimate estimate = estimate_space(plan->plan, plan->index);
        pruneplan_space full{};
        full.struct_size = space->struct_size;
        full.freed = estimate.freed;
        full.shared = estimate.shared;
        full.kept = estimate.kept;
        full.inconsistent_blobs = estimate.inconsistent_blobs;
        std::memcpy(space, &full, std::min(space->struct_size, sizeof full));
        return true;
    });
}

// Applying.

void pruneplan_removal_set_error(pruneplan_removal* removal, pruneplan_text words) {
    guarded(nullptr, [&] {
        removal->outcome.error = view(words);
        return true;
    });
}

void pruneplan_removal_set_still_named(pruneplan_removal* removal) { removal->outcome.still_named = true; }

pruneplan_report* pruneplan_report_new(pruneplan_error* error) { return new_handle<pruneplan_report>(error); }
void pruneplan_report_free(pruneplan_report* report) { delete report; }

bool pruneplan_apply(const pruneplan_plan* plan, const pruneplan_host* host, pruneplan_report* report,
                     pruneplan_error* error) {
    return guarded(error, [&] {
        constexpr std::size_t first_size = offsetof(pruneplan_host, should_stop) + sizeof host->should_stop;
        if (host->struct_size < first_size) return invalid(error, "struct_size is not set");
        pruneplan_host known{};
        std::memcpy(&known, host, std::min(host->struct_size, sizeof known));
        if (known.remove == nullptr) return invalid(error, "the host needs a function remove");
        report->report = {};
        Host functions(known);
        apply_prune(plan->plan, plan->index, functions, functions, report->report);
        return true;
    });
}

size_t pruneplan_report_untagged_count(const pruneplan_report* report) { return report->report.untagged.size(); }
pruneplan_text pruneplan_report_untagged_name(const pruneplan_report* report, size_t i) {
    return item(report->report.untagged, i, [](const auto& removed) -> const std::string& { return removed.name; });
}
pruneplan_text pruneplan_report_untagged_familiar(const pruneplan_report* report, size_t i) {
    return item(report->report.untagged, i, [](const auto& removed) -> const std::string& { return removed.familiar; });
}
pruneplan_text pruneplan_report_untagged_target(const pruneplan_report* report, size_t i) {
    return item(report->report.untagged, i, [](const auto& removed) -> const std::string& { return removed.target; });
}

size_t pruneplan_report_deleted_count(const pruneplan_report* report) { return report->report.deleted.size(); }
pruneplan_text pruneplan_report_deleted(const pruneplan_report* report, size_t i) {
    return item(report->report.deleted, i, [](const std::string& digest) -> const std::string& { return digest; });
}

uint64_t pruneplan_report_space_reclaimed(const pruneplan_report* report) { return report->report.space_reclaimed; }
bool pruneplan_report_cancelled(const pruneplan_report* report) { return report->report.cancelled; }

size_t pruneplan_report_failure_count(const pruneplan_report* report) { return report->report.failures.size(); }
pruneplan_text pruneplan_report_failure_name(const pruneplan_report* report, size_t i) {
    return item(report->report.failures, i, [](const auto& failure) -> const std::string& { return failure.name; });
}
pruneplan_text pruneplan_report_failure_target(const pruneplan_report* report, size_t i) {
    return item(report->report.failures, i, [](const auto& failure) -> const std::string& { return failure.target; });
}
pruneplan_text pruneplan_report_failure_error(const pruneplan_report* report, size_t i) {
    return item(report->report.failures, i, [](const auto& failure) -> const std::string& { return failure.error; });
}

size_t pruneplan_report_skipped_count(const pruneplan_report* report) { return report->report.skipped.size(); }
pruneplan_text pruneplan_report_skipped_name(const pruneplan_report* report, size_t i) {
    return item(report->report.skipped, i, [](const auto& skip) -> const std::string& { return skip.name; });
}
pruneplan_text pruneplan_report_skipped_target(const pruneplan_report* report, size_t i) {
    return item(report->report.skipped, i, [](const auto& skip) -> const std::string& { return skip.target; });
}
pruneplan_text pruneplan_report_skipped_reason(const pruneplan_report* report, size_t i) {
    return item(report->report.skipped, i, [](const auto& skip) { return to_string(skip.reason); });
}

}  // extern "C"

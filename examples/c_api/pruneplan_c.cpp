// SPDX-License-Identifier: BSL-1.0
// Implements pruneplan.h.

#define PRUNEPLAN_C_API_BUILD
#include "pruneplan.h"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
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
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
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
    std::vector<std::string> ids{}, needed{};
    std::string subject{};
    std::optional<bool> dangling{};
    bool pinned = false;
};

struct Container {
    std::string id, ref;
    std::string called{};
    std::vector<std::string> mounts{};

    const std::string& image_id() const { return id; }
    const std::string& image_ref() const { return ref; }
    const std::string& name() const { return called; }
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
    static const std::vector<std::string>& ids(const Record& record) { return record.ids; }
    static const std::string& subject(const Record& record) { return record.subject; }
    static const std::vector<std::string>& needs(const Record& record) { return record.needed; }
    static const std::vector<Blob>& blobs(const Record& record) { return record.blobs; }
};

// Handles.

std::atomic<std::size_t> live_handles = 0;

struct Counted {
    Counted() noexcept { ++live_handles; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --live_handles; }
};

}  // namespace

struct pruneplan_listing : Counted {
    Store store{};
};

struct pruneplan_options : Counted {
    pruneplan::PruneOptions options{};
    std::optional<std::string> dangling{};  ///< the filter `dangling`, to detect one that contradicts it
};

struct pruneplan_plan : Counted {
    explicit pruneplan_plan(pruneplan::PrunePlan made) : plan(std::move(made)), doubts(plan.doubts()) {}

    pruneplan::PrunePlan plan;
    std::vector<pruneplan::Doubt> doubts;  ///< they own the sentences that are lent
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

/// Returns what `body` returns for a handle's contents. NULL is an error.
template <class Handle, class Body>
auto use(Handle* handle, pruneplan_error* error, Body body) noexcept -> decltype(body(*handle)) {
    return guarded(error, [&]() -> decltype(body(*handle)) {
        if (handle != nullptr) return body(*handle);
        invalid(error, "the handle is NULL");
        return {};
    });
}

/// Like `use`, for what has no error.
template <class Handle, class Body>
auto read(const Handle* handle, Body body) noexcept -> decltype(body(*handle)) {
    return use(handle, nullptr, body);
}

template <class Handle>
Handle* new_handle(pruneplan_error* error) noexcept {
    return guarded(error, [] { return std::make_unique<Handle>().release(); });
}

/// Calls `set` with a time, if it is valid.
template <class Set>
bool set_moment(std::int64_t seconds, std::int32_t nanoseconds, pruneplan_error* error, Set set) {
    if (nanoseconds < 0 || nanoseconds >= Timestamp::billion)
        return invalid(error, "nanoseconds are from 0 to 999,999,999");
    return set(Timestamp{seconds, nanoseconds});
}

/// Changes a record, if the number is valid.
template <class Change>
bool change_record(pruneplan_listing* listing, std::size_t record, pruneplan_error* error, Change change) noexcept {
    return use(listing, error, [&](pruneplan_listing& used) {
        if (record >= used.store.records.size()) return invalid(error, "there is no record of this number");
        change(used.store.records[record]);
        return true;
    });
}

/// Changes a container, if the number is valid.
template <class Change>
bool change_container(pruneplan_listing* listing, std::size_t container, pruneplan_error* error,
                      Change change) noexcept {
    return use(listing, error, [&](pruneplan_listing& used) {
        if (container >= used.store.containers.size()) return invalid(error, "there is no container of this number");
        change(used.store.containers[container]);
        return true;
    });
}

/// Copies a struct to the caller, as far as the caller knows it.
template <class Struct>
bool give(const Struct& full, Struct* out, pruneplan_error* error) noexcept {
    const std::size_t size = out == nullptr ? 0 : out->struct_size;
    if (size < sizeof size) return invalid(error, "struct_size is not set");
    std::memcpy(out, &full, std::min(size, sizeof full));
    out->struct_size = size;
    return true;
}

/// Copies a text to a buffer, as far as it fits. Returns its whole size.
std::size_t give_text(std::string_view text, char* buffer, std::size_t capacity) noexcept {
    const std::size_t size = std::min(text.size(), capacity);
    if (size > 0) std::memcpy(buffer, text.data(), size);
    return text.size();
}

// Words.

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
    {"strict", pruneplan::usage_rules::strict},
    {"containerd_snapshotter", pruneplan::usage_rules::containerd_snapshotter},
    {"graph_driver", pruneplan::usage_rules::graph_driver},
    {"whole_image", pruneplan::usage_rules::whole_image},
    {"names_only", pruneplan::usage_rules::names_only},
};

constexpr Named<pruneplan::DigestUse> digest_uses[] = {
    {"created_by_digest", pruneplan::DigestUse::created_by_digest},
    {"every_container", pruneplan::DigestUse::every_container},
    {"no_container", pruneplan::DigestUse::no_container},
};

constexpr Named<pruneplan::NamesKept> names_kept_words[] = {
    {"last", pruneplan::NamesKept::last},
    {"all", pruneplan::NamesKept::all},
};

constexpr Named<pruneplan::NewestBy> newest_by_words[] = {
    {"created", pruneplan::NewestBy::created},
    {"last_used", pruneplan::NewestBy::last_used},
    {"version", pruneplan::NewestBy::version},
    {"name", pruneplan::NewestBy::name},
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

/// Sets `value` to what a word stands for.
template <class Value, std::size_t n>
bool set_by_word(Value& value, const Named<Value> (&known)[n], pruneplan_text word, pruneplan_error* error) {
    const auto found = std::find_if(known, known + n, [&](const auto& entry) { return entry.word == view(word); });
    if (found != known + n) {
        value = found->value;
        return true;
    }
    std::string message = "unknown word " + quoted(view(word)) + ": use one of";
    for (const Named<Value>& entry : known) {
        message += " ";
        message += entry.word;
    }
    return invalid(error, message);
}

/// Sets `value` to the enumerator that a word names.
template <class Enum, std::size_t n>
bool set_by_name(Enum& value, pruneplan_text word, pruneplan_error* error) {
    Named<Enum> known[n];
    for (std::size_t i = 0; i < n; ++i) known[i] = {to_string(static_cast<Enum>(i)), static_cast<Enum>(i)};
    return set_by_word(value, known, word, error);
}

using pruneplan::RemoveStatus;

/// The statuses of the library, by their numbers in C.
constexpr RemoveStatus statuses[] = {RemoveStatus::failed,  RemoveStatus::removed,       RemoveStatus::not_found,
                                     RemoveStatus::changed, RemoveStatus::survivor_gone, RemoveStatus::in_use,
                                     RemoveStatus::vetoed,  RemoveStatus::needed,        RemoveStatus::attached};
static_assert(std::size(statuses) == pruneplan::remove_status_count);
static_assert(statuses[PRUNEPLAN_FAILED] == RemoveStatus::failed &&
              statuses[PRUNEPLAN_REMOVED] == RemoveStatus::removed &&
              statuses[PRUNEPLAN_NOT_FOUND] == RemoveStatus::not_found &&
              statuses[PRUNEPLAN_CHANGED] == RemoveStatus::changed &&
              statuses[PRUNEPLAN_SURVIVOR_GONE] == RemoveStatus::survivor_gone &&
              statuses[PRUNEPLAN_IN_USE] == RemoveStatus::in_use &&
              statuses[PRUNEPLAN_VETOED] == RemoveStatus::vetoed && statuses[PRUNEPLAN_NEEDED] == RemoveStatus::needed &&
              statuses[PRUNEPLAN_ATTACHED] == RemoveStatus::attached);

bool is_status(std::int32_t number) { return number >= PRUNEPLAN_FAILED && number <= PRUNEPLAN_ATTACHED; }

// Structs of the library, as C sees them.

pruneplan_decision decision_of(const pruneplan::Decision& decision) {
    return {sizeof(pruneplan_decision),
            decision.record,
            lent(decision.name),
            lent(decision.target),
            decision.action == pruneplan::Action::erase,
            decision.mounted,
            lent(to_string(decision.reason)),
            decision.container.value_or(PRUNEPLAN_NONE),
            decision.option.value_or(PRUNEPLAN_NONE)};
}

pruneplan_doubt doubt_of(const pruneplan::Doubt& doubt) {
    return {sizeof(pruneplan_doubt), lent(to_string(doubt.kind)), doubt.number, doubt.blocks, lent(doubt.sentence)};
}

pruneplan_step step_of(const pruneplan::PruneReport::Step& step) {
    const auto status = std::find(std::begin(statuses), std::end(statuses), step.status) - std::begin(statuses);
    return {sizeof(pruneplan_step),
            lent(step.name),
            lent(step.familiar),
            lent(step.target),
            static_cast<std::int32_t>(status),
            lent(step.error),
            step.image_deleted,
            step.reclaimed};
}

/// Calls the host's `remove`.
pruneplan::RemoveOutcome remove_by(const pruneplan_host& host, std::string_view name, std::string_view target,
                                   std::string_view survivor) {
    pruneplan_removal removal;
    const std::int32_t status = host.remove(host.user, lent(name), lent(target), lent(survivor), &removal);
    if (is_status(status) && status <= PRUNEPLAN_IN_USE)
        removal.outcome.status = statuses[status];
    else
        removal.outcome.error = "invalid status " + std::to_string(status) +
                                ": the host's remove must return PRUNEPLAN_FAILED to PRUNEPLAN_IN_USE";
    return std::move(removal.outcome);
}

/// Sets `options` to the callbacks of a host, which must outlive them, and to the doubts that it accepts.
bool set_apply_options(pruneplan::ApplyOptions& options, const pruneplan_host& host, pruneplan_error* error) {
    if (host.before != nullptr)
        options.before = [&host](const pruneplan::Decision& decision) {
            const pruneplan_decision given = decision_of(decision);
            return host.before(host.user, &given);
        };
    if (host.after != nullptr)
        options.after = [&host](const pruneplan::PruneReport::Step& step) {
            const pruneplan_step given = step_of(step);
            host.after(host.user, &given);
        };
    if (host.should_stop != nullptr) options.should_stop = [&host] { return host.should_stop(host.user); };
    for (std::size_t i = 0; host.accept != nullptr && i < host.accept_count; ++i) {
        auto& kind = options.accept.emplace_back();
        if (!set_by_name<pruneplan::DoubtKind, pruneplan::doubt_kind_count>(kind, host.accept[i], error)) return false;
    }
    return true;
}

}  // namespace

extern "C" {

const char* pruneplan_library_version(void) { return pruneplan::version; }
size_t pruneplan_live_handles(void) { return live_handles; }

// Records and containers.

pruneplan_listing* pruneplan_listing_new(pruneplan_error* error) { return new_handle<pruneplan_listing>(error); }
void pruneplan_listing_free(pruneplan_listing* listing) { delete listing; }

size_t pruneplan_listing_records(const pruneplan_listing* listing) {
    return read(listing, [](const pruneplan_listing& used) { return used.store.records.size(); });
}
size_t pruneplan_listing_containers(const pruneplan_listing* listing) {
    return read(listing, [](const pruneplan_listing& used) { return used.store.containers.size(); });
}

bool pruneplan_listing_add_record(pruneplan_listing* listing, pruneplan_text name, pruneplan_text target,
                                  pruneplan_error* error) {
    return use(listing, error, [&](pruneplan_listing& used) {
        used.store.records.push_back({std::string(view(name)), std::string(view(target))});
        return true;
    });
}

bool pruneplan_listing_set_created(pruneplan_listing* listing, size_t record, int64_t seconds, int32_t nanoseconds,
                                   pruneplan_error* error) {
    return set_moment(seconds, nanoseconds, error, [&](Timestamp created) {
        return change_record(listing, record, error, [&](Record& changed) { changed.created = created; });
    });
}

bool pruneplan_listing_set_last_used(pruneplan_listing* listing, size_t record, int64_t seconds, int32_t nanoseconds,
                                     pruneplan_error* error) {
    return set_moment(seconds, nanoseconds, error, [&](Timestamp used) {
        return change_record(listing, record, error, [&](Record& changed) { changed.last_used = used; });
    });
}

bool pruneplan_listing_set_pinned(pruneplan_listing* listing, size_t record, bool pinned, pruneplan_error* error) {
    return change_record(listing, record, error, [&](Record& changed) { changed.pinned = pinned; });
}

bool pruneplan_listing_set_dangling(pruneplan_listing* listing, size_t record, bool dangling, pruneplan_error* error) {
    return change_record(listing, record, error, [&](Record& changed) { changed.dangling = dangling; });
}

bool pruneplan_listing_add_id(pruneplan_listing* listing, size_t record, pruneplan_text id, pruneplan_error* error) {
    return change_record(listing, record, error, [&](Record& changed) { changed.ids.emplace_back(view(id)); });
}

bool pruneplan_listing_set_subject(pruneplan_listing* listing, size_t record, pruneplan_text target,
                                   pruneplan_error* error) {
    return change_record(listing, record, error, [&](Record& changed) { changed.subject = view(target); });
}

bool pruneplan_listing_add_needed(pruneplan_listing* listing, size_t record, pruneplan_text target,
                                  pruneplan_error* error) {
    return change_record(listing, record, error, [&](Record& changed) { changed.needed.emplace_back(view(target)); });
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
    return use(listing, error, [&](pruneplan_listing& used) {
        used.store.containers.push_back({std::string(view(image_id)), std::string(view(image_ref))});
        return true;
    });
}

bool pruneplan_listing_set_container_name(pruneplan_listing* listing, size_t container, pruneplan_text name,
                                          pruneplan_error* error) {
    return change_container(listing, container, error, [&](Container& changed) { changed.called = view(name); });
}

bool pruneplan_listing_add_mount(pruneplan_listing* listing, size_t container, pruneplan_text image_id,
                                 pruneplan_error* error) {
    return change_container(listing, container, error,
                            [&](Container& changed) { changed.mounts.emplace_back(view(image_id)); });
}

// Options.

pruneplan_options* pruneplan_options_new(pruneplan_error* error) { return new_handle<pruneplan_options>(error); }
void pruneplan_options_free(pruneplan_options* options) { delete options; }

bool pruneplan_options_set_scope(pruneplan_options* options, pruneplan_text scope, pruneplan_error* error) {
    return use(options, error,
               [&](pruneplan_options& used) { return set_by_word(used.options.scope, scopes, scope, error); });
}

bool pruneplan_options_set_usage_preset(pruneplan_options* options, pruneplan_text preset, pruneplan_error* error) {
    return use(options, error,
               [&](pruneplan_options& used) { return set_by_word(used.options.usage, presets, preset, error); });
}

bool pruneplan_options_set_usage(pruneplan_options* options, bool names_in_use, pruneplan_text digests_in_use,
                                 pruneplan_text names_kept, pruneplan_error* error) {
    return use(options, error, [&](pruneplan_options& used) {
        pruneplan::UsageRule rule;
        rule.names_in_use = names_in_use;
        if (!set_by_word(rule.digests_in_use, digest_uses, digests_in_use, error) ||
            !set_by_word(rule.names_kept, names_kept_words, names_kept, error))
            return false;
        used.options.usage = rule;
        return true;
    });
}

bool pruneplan_options_add_filter(pruneplan_options* options, pruneplan_text filter, int64_t now_seconds,
                                  int32_t now_nanoseconds, pruneplan_error* error) {
    return use(options, error, [&](pruneplan_options& used) {
        return set_moment(now_seconds, now_nanoseconds, error, [&](Timestamp now) {
            std::vector<std::string_view> texts;
            if (used.dangling) texts.push_back(*used.dangling);
            texts.push_back(view(filter));
            auto parsed = pruneplan::parse_filters(texts, now);
            if (!parsed) return rejected(error, parsed.error());
            if (parsed->filters.empty()) {
                used.dangling = view(filter);
                used.options.scope = parsed->scope;
            } else {
                used.options.filters.push_back(std::move(parsed->filters.front()));
            }
            return true;
        });
    });
}

bool pruneplan_options_add_keep(pruneplan_options* options, pruneplan_text pattern, pruneplan_error* error) {
    return use(options, error, [&](pruneplan_options& used) {
        auto glob = pruneplan::Glob::compile(view(pattern));
        if (!glob) return rejected(error, glob.error());
        used.options.keep.push_back(*std::move(glob));
        return true;
    });
}

bool pruneplan_options_add_keep_newest(pruneplan_options* options, size_t images, pruneplan_text names,
                                       pruneplan_text by, pruneplan_error* error) {
    return use(options, error, [&](pruneplan_options& used) {
        pruneplan::KeepNewest rule;
        rule.count = images;
        if (!set_by_word(rule.by, newest_by_words, by, error)) return false;
        if (!view(names).empty()) {
            auto glob = pruneplan::Glob::compile(view(names));
            if (!glob) return rejected(error, glob.error());
            rule.names = *std::move(glob);
        }
        used.options.keep_newest.push_back(std::move(rule));
        return true;
    });
}

bool pruneplan_options_set_keep_younger_than(pruneplan_options* options, int64_t seconds, int32_t nanoseconds,
                                             pruneplan_error* error) {
    return use(options, error, [&](pruneplan_options& used) {
        return set_moment(seconds, nanoseconds, error, [&](Timestamp since) {
            used.options.keep_younger_than = since;
            return true;
        });
    });
}

bool pruneplan_options_set_bytes_to_free(pruneplan_options* options, int64_t bytes, pruneplan_error* error) {
    return use(options, error, [&](pruneplan_options& used) {
        used.options.bytes_to_free = bytes;
        return true;
    });
}

bool pruneplan_options_set_delete_unused_before(pruneplan_options* options, int64_t seconds, int32_t nanoseconds,
                                                pruneplan_error* error) {
    return use(options, error, [&](pruneplan_options& used) {
        return set_moment(seconds, nanoseconds, error, [&](Timestamp before) {
            used.options.delete_unused_before = before;
            return true;
        });
    });
}

bool pruneplan_options_set_survivor(pruneplan_options* options, pruneplan_text survivor, pruneplan_error* error) {
    return use(options, error,
               [&](pruneplan_options& used) { return set_by_word(used.options.survivor, survivors, survivor, error); });
}

// The plan.

pruneplan_plan* pruneplan_plan_new(const pruneplan_listing* listing, const pruneplan_options* options,
                                   pruneplan_error* error) {
    return use(listing, error, [&](const pruneplan_listing& used) -> pruneplan_plan* {
        const pruneplan::PruneOptions defaults;
        auto plan =
            pruneplan::plan_prune(used.store, used.store.containers, options == nullptr ? defaults : options->options);
        if (plan) return std::make_unique<pruneplan_plan>(*std::move(plan)).release();
        rejected(error, plan.error());
        return nullptr;
    });
}
void pruneplan_plan_free(pruneplan_plan* plan) { delete plan; }

size_t pruneplan_plan_records(const pruneplan_plan* plan) {
    return read(plan, [](const pruneplan_plan& used) { return used.plan.size(); });
}
size_t pruneplan_plan_kept(const pruneplan_plan* plan) {
    return read(plan, [](const pruneplan_plan& used) { return used.plan.kept_count(); });
}
size_t pruneplan_plan_deleted(const pruneplan_plan* plan) {
    return read(plan, [](const pruneplan_plan& used) { return used.plan.deleted_count(); });
}

bool pruneplan_plan_decision(const pruneplan_plan* plan, size_t record, pruneplan_decision* decision,
                             pruneplan_error* error) {
    return use(plan, error, [&](const pruneplan_plan& used) {
        if (record >= used.plan.size()) return invalid(error, "there is no record of this number");
        return give(decision_of(used.plan[record]), decision, error);
    });
}

size_t pruneplan_plan_deletion(const pruneplan_plan* plan, size_t step) {
    if (step >= pruneplan_plan_deleted(plan)) return PRUNEPLAN_NONE;
    return plan->plan.deletions()[step].record;
}

size_t pruneplan_plan_count(const pruneplan_plan* plan, pruneplan_text reason, pruneplan_error* error) {
    std::size_t count = PRUNEPLAN_NONE;
    use(plan, error, [&](const pruneplan_plan& used) {
        pruneplan::Reason known{};
        if (!set_by_name<pruneplan::Reason, pruneplan::reason_count>(known, reason, error)) return false;
        count = used.plan.count(known);
        return true;
    });
    return count;
}

size_t pruneplan_plan_explain(const pruneplan_plan* plan, size_t record, char* buffer, size_t capacity) {
    return read(plan, [&](const pruneplan_plan& used) -> std::size_t {
        return record < used.plan.size() ? give_text(explain(used.plan, record), buffer, capacity) : 0;
    });
}

size_t pruneplan_plan_summary(const pruneplan_plan* plan, char* buffer, size_t capacity) {
    return read(plan, [&](const pruneplan_plan& used) { return give_text(summary(used.plan), buffer, capacity); });
}

size_t pruneplan_plan_doubts(const pruneplan_plan* plan) {
    return read(plan, [](const pruneplan_plan& used) { return used.doubts.size(); });
}

bool pruneplan_plan_doubt(const pruneplan_plan* plan, size_t i, pruneplan_doubt* doubt, pruneplan_error* error) {
    return use(plan, error, [&](const pruneplan_plan& used) {
        if (i >= used.doubts.size()) return invalid(error, "there is no doubt of this number");
        return give(doubt_of(used.doubts[i]), doubt, error);
    });
}

bool pruneplan_plan_space(const pruneplan_plan* plan, pruneplan_space* space, pruneplan_error* error) {
    return use(plan, error, [&](const pruneplan_plan& used) {
        const pruneplan::SpaceEstimate estimate = used.plan.space();
        return give(pruneplan_space{sizeof(pruneplan_space), estimate.freed, estimate.shared, estimate.kept,
                                    estimate.inconsistent_blobs},
                    space, error);
    });
}

// Applying.

pruneplan_text pruneplan_status_word(int32_t status) {
    return is_status(status) ? lent(to_string(statuses[status])) : pruneplan_text{nullptr, 0};
}

void pruneplan_removal_set_error(pruneplan_removal* removal, pruneplan_text words) {
    use(removal, nullptr, [&](pruneplan_removal& used) {
        used.outcome.error = view(words);
        return true;
    });
}

void pruneplan_removal_set_still_named(pruneplan_removal* removal) {
    if (removal != nullptr) removal->outcome.still_named = true;
}

pruneplan_report* pruneplan_report_new(pruneplan_error* error) { return new_handle<pruneplan_report>(error); }
void pruneplan_report_free(pruneplan_report* report) { delete report; }

bool pruneplan_apply(const pruneplan_plan* plan, const pruneplan_host* host, pruneplan_report* report,
                     pruneplan_error* error) {
    return use(plan, error, [&](const pruneplan_plan& used) {
        constexpr std::size_t first_size = offsetof(pruneplan_host, accept_count) + sizeof host->accept_count;
        if (host == nullptr || host->struct_size < first_size) return invalid(error, "struct_size is not set");
        if (report == nullptr) return invalid(error, "the handle is NULL");
        pruneplan_host known{};
        std::memcpy(&known, host, std::min(host->struct_size, sizeof known));
        if (known.remove == nullptr) return invalid(error, "the host needs a function remove");
        pruneplan::ApplyOptions options;
        if (!set_apply_options(options, known, error)) return false;
        const auto remove = [&known](std::string_view name, std::string_view target, std::string_view survivor) {
            return remove_by(known, name, target, survivor);
        };
        const auto applied = apply_prune(used.plan, remove, options, report->report);
        return applied || rejected(error, applied.error());
    });
}

size_t pruneplan_report_steps(const pruneplan_report* report) {
    return read(report, [](const pruneplan_report& used) { return used.report.steps.size(); });
}

bool pruneplan_report_step(const pruneplan_report* report, size_t i, pruneplan_step* step, pruneplan_error* error) {
    return use(report, error, [&](const pruneplan_report& used) {
        if (i >= used.report.steps.size()) return invalid(error, "there is no step of this number");
        return give(step_of(used.report.steps[i]), step, error);
    });
}

size_t pruneplan_report_count(const pruneplan_report* report, int32_t status, pruneplan_error* error) {
    std::size_t count = PRUNEPLAN_NONE;
    use(report, error, [&](const pruneplan_report& used) {
        if (!is_status(status)) return invalid(error, "there is no status of this number");
        count = used.report.count(statuses[status]);
        return true;
    });
    return count;
}

uint64_t pruneplan_report_space_reclaimed(const pruneplan_report* report) {
    return read(report, [](const pruneplan_report& used) { return used.report.space_reclaimed; });
}

bool pruneplan_report_cancelled(const pruneplan_report* report) {
    return read(report, [](const pruneplan_report& used) { return used.report.cancelled; });
}

}  // extern "C"

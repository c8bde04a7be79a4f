// SPDX-License-Identifier: BSL-1.0
// Implements pruneplan.h.

#define PRUNEPLAN_C_API_BUILD
#include "pruneplan.h"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#ifndef PRUNEPLAN_C_CHECK_HANDLES
#ifdef NDEBUG
#define PRUNEPLAN_C_CHECK_HANDLES 0
#else
#define PRUNEPLAN_C_CHECK_HANDLES 1
#endif
#endif

#if PRUNEPLAN_C_CHECK_HANDLES
#include <map>
#include <mutex>
#endif

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
    std::string name{}, target{};
    std::optional<Timestamp> created{}, last_used{};
    std::vector<std::pair<std::string, std::string>> labels{};
    std::vector<Blob> blobs{};
    std::vector<std::string> ids{}, needed{};
    std::string subject{};
    std::optional<bool> dangling{};
    bool pinned = false;
};

struct Container {
    std::string id{}, ref{};
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

struct pruneplan_usage : Counted {
    pruneplan::UsageSummary summary{};
};

namespace {

// Live handles.

#if PRUNEPLAN_C_CHECK_HANDLES

/// Stands for a type of handle by its address.
template <class Object>
char kind_of = 0;

/// Knows the object of each live handle. A handle is a number in the form of a pointer, which is never used again, so
/// that a freed handle is found out even if a new object has its address.
class LiveHandles {
public:
    template <class Object>
    Object* add(Object* object) {
        const std::lock_guard lock(mutex_);
        constexpr std::uintptr_t step = 16;
        objects_.emplace(last_ + step, Entry{&kind_of<Object>, object});
        last_ += step;
        return reinterpret_cast<Object*>(last_);
    }
    /// Returns the object, or NULL if the handle is not live or has another type.
    template <class Object>
    Object* find(const Object* handle) const noexcept {
        const std::lock_guard lock(mutex_);
        const auto found = position(handle);
        return found == objects_.end() ? nullptr : static_cast<Object*>(found->second.object);
    }
    /// Like `find`. The handle is not live afterwards.
    template <class Object>
    Object* take(const Object* handle) noexcept {
        const std::lock_guard lock(mutex_);
        const auto found = position(handle);
        if (found == objects_.end()) return nullptr;
        Object* const object = static_cast<Object*>(found->second.object);
        objects_.erase(found);
        return object;
    }

private:
    struct Entry {
        const char* kind;
        void* object;
    };

    template <class Object>
    auto position(const Object* handle) const noexcept {
        const auto found = objects_.find(reinterpret_cast<std::uintptr_t>(handle));
        return found == objects_.end() || found->second.kind == &kind_of<Object> ? found : objects_.end();
    }

    mutable std::mutex mutex_;
    std::map<std::uintptr_t, Entry> objects_;
    std::uintptr_t last_ = 1 << 16;
};

/// Returns the live handles. They are not destroyed: handles can be freed while the process exits.
LiveHandles& live() {
    union Static {
        LiveHandles handles;
        Static() : handles() {}
        ~Static() {}
    };
    static Static instance;
    return instance.handles;
}

#else

/// Takes every handle for the address of its object.
struct LiveHandles {
    template <class Object>
    static Object* add(Object* object) noexcept {
        return object;
    }
    template <class Object>
    static Object* find(Object* handle) noexcept {
        return handle;
    }
    template <class Object>
    static Object* take(Object* handle) noexcept {
        return handle;
    }
};

LiveHandles live() noexcept { return {}; }

#endif

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

/// Returns what `body` returns for a handle's contents. NULL and a handle that is not live are errors.
template <class Handle, class Body>
auto use(Handle* handle, pruneplan_error* error, Body body) noexcept -> decltype(body(*handle)) {
    return guarded(error, [&]() -> decltype(body(*handle)) {
        Handle* const object = handle == nullptr ? nullptr : live().find(handle);
        if (object != nullptr) return body(*object);
        invalid(error, handle == nullptr ? "the handle is NULL" : "the handle is freed, or of another type");
        return {};
    });
}

/// Like `use`, for what has no error.
template <class Handle, class Body>
auto read(const Handle* handle, Body body) noexcept -> decltype(body(*handle)) {
    return use(handle, nullptr, body);
}

/// Gives an object to the caller.
template <class Object>
Object* handle_of(std::unique_ptr<Object> object) {
    Object* const handle = live().add(object.get());
    object.release();
    return handle;
}

template <class Handle>
Handle* new_handle(pruneplan_error* error) noexcept {
    return guarded(error, [] { return handle_of(std::make_unique<Handle>()); });
}

template <class Handle>
void free_handle(Handle* handle) noexcept {
    if (handle != nullptr) delete live().take(handle);
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

// Arrays.

/// Calls `take(element)` for each element of an array of structs that begin with their size. If `take` returns a text
/// that is not empty, the element is an error, and the text says why.
template <class Struct, class Take>
bool read_structs(const Struct* structs, std::size_t count, pruneplan_error* error, Take take) {
    if (structs == nullptr) return count == 0 || invalid(error, "the array is NULL");
    const auto* at = reinterpret_cast<const unsigned char*>(structs);
    const std::size_t size = count == 0 ? 0 : structs->struct_size;
    for (std::size_t i = 0; i < count; ++i, at += size) {
        Struct element{};
        std::memcpy(&element.struct_size, at, sizeof element.struct_size);
        std::string_view fault = "struct_size is not set";
        if (element.struct_size == size && size >= sizeof element && size % alignof(Struct) == 0) {
            std::memcpy(&element, at, sizeof element);
            fault = take(element);
        }
        if (!fault.empty()) {
            std::string message = "element " + std::to_string(i) + " of the array: ";
            message += fault;
            return invalid(error, message);
        }
    }
    return true;
}

/// Calls `take(element)` for each element of an array. Returns whether there is an array if it has elements.
template <class Element, class Take>
bool read_array(const Element* elements, std::size_t count, Take take) {
    if (elements == nullptr) return count == 0;
    for (std::size_t i = 0; i < count; ++i) take(elements[i]);
    return true;
}

bool copy_texts(const pruneplan_text* texts, std::size_t count, std::vector<std::string>& to) {
    if (texts != nullptr) to.reserve(count);
    return read_array(texts, count, [&to](pruneplan_text text) { to.emplace_back(view(text)); });
}

/// Sets `to` to a time, unless that is unknown. Returns whether it is valid.
bool copy_moment(const pruneplan_time& time, std::optional<Timestamp>& to) {
    if (!time.known) return true;
    to = Timestamp{time.seconds, time.nanoseconds};
    return time.nanoseconds >= 0 && time.nanoseconds < Timestamp::billion;
}

/// Copies a record. Returns what is wrong with it, or an empty text.
std::string_view copy_record(const pruneplan_record& from, Record& to) {
    to.name = view(from.name);
    to.target = view(from.target);
    to.subject = view(from.subject);
    to.pinned = from.pinned;
    const auto add_label = [&to](const pruneplan_label& label) {
        to.labels.emplace_back(view(label.key), view(label.value));
    };
    const auto add_blob = [&to](const pruneplan_blob& blob) {
        to.blobs.push_back({std::string(view(blob.digest)), blob.size});
    };
    if (!copy_texts(from.ids, from.id_count, to.ids)) return "the array ids is NULL";
    if (!copy_texts(from.needed, from.needed_count, to.needed)) return "the array needed is NULL";
    if (!read_array(from.labels, from.label_count, add_label)) return "the array labels is NULL";
    if (!read_array(from.blobs, from.blob_count, add_blob)) return "the array blobs is NULL";
    if (!copy_moment(from.created, to.created) || !copy_moment(from.last_used, to.last_used))
        return "nanoseconds are from 0 to 999,999,999";
    if (from.dangling < PRUNEPLAN_UNKNOWN || from.dangling > PRUNEPLAN_YES)
        return "dangling is PRUNEPLAN_UNKNOWN, PRUNEPLAN_NO or PRUNEPLAN_YES";
    if (from.dangling != PRUNEPLAN_UNKNOWN) to.dangling = from.dangling == PRUNEPLAN_YES;
    return {};
}

/// Copies a container. Returns what is wrong with it, or an empty text.
std::string_view copy_container(const pruneplan_container& from, Container& to) {
    to.id = view(from.image_id);
    to.ref = view(from.image_ref);
    to.called = view(from.name);
    return copy_texts(from.mounts, from.mount_count, to.mounts) ? "" : "the array mounts is NULL";
}

/// Adds `count` entries to a list by `fill()`, or none if it fails or throws.
template <class Entry, class Fill>
bool add_all(std::vector<Entry>& list, std::size_t count, Fill fill) {
    class Added {
    public:
        explicit Added(std::vector<Entry>& entries) : list_(entries), size_before_(entries.size()) {}
        Added(const Added&) = delete;
        Added& operator=(const Added&) = delete;
        ~Added() {
            while (!kept_ && list_.size() > size_before_) list_.pop_back();
        }
        void keep() { kept_ = true; }

    private:
        std::vector<Entry>& list_;
        std::size_t size_before_;
        bool kept_ = false;
    } added(list);
    // At least twice the capacity, so that many small arrays take linear time.
    const std::size_t room = list.capacity() - list.size();
    if (count > room && count <= list.max_size() - list.size())
        list.reserve(std::max(list.size() + count, std::min(list.max_size() / 2, list.capacity()) * 2));
    if (!fill()) return false;
    added.keep();
    return true;
}

/// Adds the containers of an array, or none.
bool add_containers(std::vector<Container>& list, const pruneplan_container* containers, std::size_t count,
                    pruneplan_error* error) {
    return add_all(list, containers == nullptr ? 0 : count, [&] {
        return read_structs(containers, count, error, [&list](const pruneplan_container& container) {
            return copy_container(container, list.emplace_back());
        });
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

/// Passes an output to the host's callback in large pieces, until it returns false.
class Output {
public:
    Output(pruneplan_write write, void* state) : write_(write), state_(state) { buffer_.reserve(capacity); }

    void operator()(std::string_view piece) {
        if (buffer_.size() + piece.size() > capacity) pass(buffer_);
        if (piece.size() > capacity)
            pass(piece);
        else
            buffer_ += piece;
    }
    /// Passes what is left. Returns whether the host took everything.
    bool finish(pruneplan_error* error) {
        pass(buffer_);
        return !stopped_ || rejected(error, "stopped", "the callback returned false");
    }

private:
    static constexpr std::size_t capacity = 1 << 14;

    void pass(std::string_view piece) {
        if (!stopped_ && !piece.empty()) stopped_ = !write_(state_, piece.data(), piece.size());
        buffer_.clear();
    }

    pruneplan_write write_;
    void* state_;
    std::string buffer_{};
    bool stopped_ = false;
};

/// Writes `content(out)` by a callback.
template <class Handle, class Content>
bool write_by(const Handle* handle, pruneplan_write write, void* state, pruneplan_error* error, Content content) {
    return use(handle, error, [&](const Handle& used) {
        if (write == nullptr) return invalid(error, "the function is NULL");
        Output output(write, state);
        content(used, [&output](std::string_view piece) { output(piece); });
        return output.finish(error);
    });
}

// Usage summaries as bytes.

using pruneplan::UsageSummary;

constexpr std::string_view usage_header = "pruneplan usage 1\n";
constexpr std::string_view usage_end = "end\n";  // so that a summary that was cut is malformed

/// Writes a netstring: the size, a colon, the bytes, a comma.
template <class Out>
void write_netstring(std::string_view bytes, Out& out) {
    out(std::to_string(bytes.size()));
    out(":");
    out(bytes);
    out(",");
}

/// Takes a netstring from the beginning of `rest`, or returns nothing if `rest` does not begin with one.
std::optional<std::string_view> take_netstring(std::string_view& rest) {
    std::size_t size = 0;
    const char* const end = rest.data() + rest.size();
    const auto [colon, fault] = std::from_chars(rest.data(), end, size);
    if (fault != std::errc() || colon == end || *colon != ':') return std::nullopt;
    const std::string_view behind = rest.substr(static_cast<std::size_t>(colon - rest.data()) + 1);
    if (size >= behind.size() || behind[size] != ',') return std::nullopt;
    rest = behind.substr(size + 1);
    return behind.substr(0, size);
}

/// Takes a character from the beginning of `rest`, if it is there.
bool take(char character, std::string_view& rest) {
    if (!rest.starts_with(character)) return false;
    rest.remove_prefix(1);
    return true;
}

/// Reads the uses of a summary, which are views of `bytes`. Returns nothing if `bytes` is malformed.
std::optional<std::vector<UsageSummary::Use>> parse_usage(std::string_view bytes) {
    if (!bytes.starts_with(usage_header)) return std::nullopt;
    bytes.remove_prefix(usage_header.size());
    std::vector<UsageSummary::Use> uses;
    while (bytes != usage_end) {
        const auto id = take_netstring(bytes);
        const auto ref = id ? take_netstring(bytes) : std::nullopt;
        if (!ref) return std::nullopt;
        if (take('\n', bytes)) {
            uses.emplace_back(*id, *ref);
            continue;
        }
        const auto mounted = take_netstring(bytes);
        if (!mounted || !take('\n', bytes)) return std::nullopt;
        uses.emplace_back(*id, *ref, *mounted);
    }
    return uses;
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
static_assert(
    statuses[PRUNEPLAN_FAILED] == RemoveStatus::failed && statuses[PRUNEPLAN_REMOVED] == RemoveStatus::removed &&
    statuses[PRUNEPLAN_NOT_FOUND] == RemoveStatus::not_found && statuses[PRUNEPLAN_CHANGED] == RemoveStatus::changed &&
    statuses[PRUNEPLAN_SURVIVOR_GONE] == RemoveStatus::survivor_gone &&
    statuses[PRUNEPLAN_IN_USE] == RemoveStatus::in_use && statuses[PRUNEPLAN_VETOED] == RemoveStatus::vetoed &&
    statuses[PRUNEPLAN_NEEDED] == RemoveStatus::needed && statuses[PRUNEPLAN_ATTACHED] == RemoveStatus::attached);

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

pruneplan_change change_of(const pruneplan::RecordChange& change) {
    const auto word = [](std::optional<pruneplan::Reason> reason) {
        return reason ? lent(to_string(*reason)) : pruneplan_text{nullptr, 0};
    };
    return {sizeof(pruneplan_change),
            lent(to_string(change.kind)),
            lent(change.name),
            change.before.value_or(PRUNEPLAN_NONE),
            change.after.value_or(PRUNEPLAN_NONE),
            word(change.reason_before),
            word(change.reason_after),
            change.target_changed};
}

/// The details of one removal, as a handle for the host.
class Removal {
public:
    Removal() : handle_(live().add(&removal_)) {}
    Removal(const Removal&) = delete;
    Removal& operator=(const Removal&) = delete;
    ~Removal() { live().take(handle_); }

    pruneplan_removal* handle() const noexcept { return handle_; }
    pruneplan::RemoveOutcome& outcome() noexcept { return removal_.outcome; }

private:
    pruneplan_removal removal_;
    pruneplan_removal* handle_;
};

/// Calls the host's `remove`.
pruneplan::RemoveOutcome remove_by(const pruneplan_host& host, std::string_view name, std::string_view target,
                                   std::string_view survivor) {
    Removal removal;
    const std::int32_t status = host.remove(host.user, lent(name), lent(target), lent(survivor), removal.handle());
    if (is_status(status) && status <= PRUNEPLAN_IN_USE)
        removal.outcome().status = statuses[status];
    else
        removal.outcome().error = "invalid status " + std::to_string(status) +
                                  ": the host's remove must return PRUNEPLAN_FAILED to PRUNEPLAN_IN_USE";
    return std::move(removal.outcome());
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
void pruneplan_listing_free(pruneplan_listing* listing) { free_handle(listing); }

size_t pruneplan_listing_records(const pruneplan_listing* listing) {
    return read(listing, [](const pruneplan_listing& used) { return used.store.records.size(); });
}
size_t pruneplan_listing_containers(const pruneplan_listing* listing) {
    return read(listing, [](const pruneplan_listing& used) { return used.store.containers.size(); });
}

bool pruneplan_listing_add_records(pruneplan_listing* listing, const pruneplan_record* records, size_t count,
                                   pruneplan_error* error) {
    return use(listing, error, [&](pruneplan_listing& used) {
        std::vector<Record>& list = used.store.records;
        return add_all(list, records == nullptr ? 0 : count, [&] {
            return read_structs(records, count, error, [&list](const pruneplan_record& record) {
                return copy_record(record, list.emplace_back());
            });
        });
    });
}

bool pruneplan_listing_add_containers(pruneplan_listing* listing, const pruneplan_container* containers, size_t count,
                                      pruneplan_error* error) {
    return use(listing, error, [&](pruneplan_listing& used) {
        return add_containers(used.store.containers, containers, count, error);
    });
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
    return change_record(listing, record, error,
                         [&](Record& changed) { changed.blobs.push_back({std::string(view(digest)), size}); });
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
void pruneplan_options_free(pruneplan_options* options) { free_handle(options); }

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
        const auto plan_with = [&](const pruneplan::PruneOptions& chosen) -> pruneplan_plan* {
            auto plan = pruneplan::plan_prune(used.store, used.store.containers, chosen);
            if (plan) return handle_of(std::make_unique<pruneplan_plan>(*std::move(plan)));
            rejected(error, plan.error());
            return nullptr;
        };
        if (options == nullptr) return plan_with({});
        return use(options, error, [&](const pruneplan_options& chosen) { return plan_with(chosen.options); });
    });
}
void pruneplan_plan_free(pruneplan_plan* plan) { free_handle(plan); }

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
    std::size_t record = PRUNEPLAN_NONE;
    use(plan, nullptr, [&](const pruneplan_plan& used) {
        if (step >= used.plan.deleted_count()) return false;
        record = used.plan.deletions()[step].record;
        return true;
    });
    return record;
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

bool pruneplan_plan_write_json_lines(const pruneplan_plan* plan, pruneplan_write write, void* state,
                                     pruneplan_error* error) {
    return write_by(plan, write, state, error,
                    [](const pruneplan_plan& used, auto&& out) { write_json_lines(used.plan, out); });
}

bool pruneplan_plan_write_dot(const pruneplan_plan* plan, pruneplan_write write, void* state, pruneplan_error* error) {
    return write_by(plan, write, state, error,
                    [](const pruneplan_plan& used, auto&& out) { write_dot(used.plan, out); });
}

bool pruneplan_plan_diff(const pruneplan_plan* before, const pruneplan_plan* after,
                         bool (*visit)(void* state, const pruneplan_change* change), void* state,
                         pruneplan_error* error) {
    return use(before, error, [&](const pruneplan_plan& old) {
        return use(after, error, [&](const pruneplan_plan& now) {
            if (visit == nullptr) return invalid(error, "the function is NULL");
            bool stopped = false;
            static_cast<void>(diff(old.plan, now.plan, [&](const pruneplan::RecordChange& change) {
                const pruneplan_change given = change_of(change);
                stopped = stopped || !visit(state, &given);
            }));
            return !stopped || rejected(error, "stopped", "the callback returned false");
        });
    });
}

// Many machines.

pruneplan_usage* pruneplan_usage_new(pruneplan_error* error) { return new_handle<pruneplan_usage>(error); }
void pruneplan_usage_free(pruneplan_usage* usage) { free_handle(usage); }

size_t pruneplan_usage_size(const pruneplan_usage* usage) {
    return read(usage, [](const pruneplan_usage& used) { return used.summary.size(); });
}

bool pruneplan_usage_add_containers(pruneplan_usage* usage, const pruneplan_container* containers, size_t count,
                                    pruneplan_error* error) {
    return use(usage, error, [&](pruneplan_usage& used) {
        std::vector<Container> copies;
        if (!add_containers(copies, containers, count, error)) return false;
        used.summary.merge(copies);
        return true;
    });
}

bool pruneplan_usage_merge(pruneplan_usage* usage, const pruneplan_usage* other, pruneplan_error* error) {
    return use(usage, error, [&](pruneplan_usage& used) {
        return use(other, error, [&](const pruneplan_usage& merged) {
            if (&used != &merged) used.summary.merge(merged.summary);
            return true;
        });
    });
}

bool pruneplan_usage_write(const pruneplan_usage* usage, pruneplan_write write, void* state, pruneplan_error* error) {
    return write_by(usage, write, state, error, [](const pruneplan_usage& used, auto&& out) {
        out(usage_header);
        for (const UsageSummary::Use use : used.summary) {
            write_netstring(use.image_id(), out);
            write_netstring(use.image_ref(), out);
            for (const std::string_view mounted : use.mounted_image_ids()) write_netstring(mounted, out);
            out("\n");
        }
        out(usage_end);
    });
}

bool pruneplan_usage_read(pruneplan_usage* usage, pruneplan_text bytes, pruneplan_error* error) {
    return use(usage, error, [&](pruneplan_usage& used) {
        const auto uses = parse_usage(view(bytes));
        if (!uses)
            return rejected(error, "invalid_format", "invalid summary: it must be what pruneplan_usage_write wrote");
        used.summary.merge(*uses);
        return true;
    });
}

bool pruneplan_listing_add_usage(pruneplan_listing* listing, const pruneplan_usage* usage, pruneplan_error* error) {
    return use(listing, error, [&](pruneplan_listing& used) {
        return use(usage, error, [&](const pruneplan_usage& added) {
            std::vector<Container>& list = used.store.containers;
            return add_all(list, added.summary.size(), [&] {
                for (const UsageSummary::Use use : added.summary) {
                    Container& container = list.emplace_back();
                    container.id = use.image_id();
                    container.ref = use.image_ref();
                    for (const std::string_view mounted : use.mounted_image_ids())
                        container.mounts.emplace_back(mounted);
                }
                return true;
            });
        });
    });
}

size_t pruneplan_shard_of(pruneplan_text target, size_t shards, pruneplan_error* error) {
    if (shards > 0) return pruneplan::shard_of(view(target), shards);
    invalid(error, "0 shards: give at least 1");
    return PRUNEPLAN_NONE;
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
    use(removal, nullptr, [](pruneplan_removal& used) { return used.outcome.still_named = true; });
}

pruneplan_report* pruneplan_report_new(pruneplan_error* error) { return new_handle<pruneplan_report>(error); }
void pruneplan_report_free(pruneplan_report* report) { free_handle(report); }

bool pruneplan_apply(const pruneplan_plan* plan, const pruneplan_host* host, pruneplan_report* report,
                     pruneplan_error* error) {
    return use(plan, error, [&](const pruneplan_plan& used) {
        constexpr std::size_t first_size = offsetof(pruneplan_host, accept_count) + sizeof host->accept_count;
        if (host == nullptr || host->struct_size < first_size) return invalid(error, "struct_size is not set");
        pruneplan_host known{};
        std::memcpy(&known, host, std::min(host->struct_size, sizeof known));
        if (known.remove == nullptr) return invalid(error, "the host needs a function remove");
        pruneplan::ApplyOptions options;
        if (!set_apply_options(options, known, error)) return false;
        const auto remove = [&known](std::string_view name, std::string_view target, std::string_view survivor) {
            return remove_by(known, name, target, survivor);
        };
        return use(report, error, [&](pruneplan_report& filled) {
            const auto applied = apply_prune(used.plan, remove, options, filled.report);
            return applied || rejected(error, applied.error());
        });
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

#ifndef PRUNEPLAN_TESTS_MODEL_LIBRARY_HPP
#define PRUNEPLAN_TESTS_MODEL_LIBRARY_HPP

// SPDX-License-Identifier: BSL-1.0

// Plans a world of the model with the library: wraps it in stores and containers of many kinds, and converts the plan
// to the model's types.

#include "model.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace library {

using model::Record;
using model::World;

// Optional members of a store, to be combined.

inline std::optional<pruneplan::Timestamp> timestamp(const std::optional<model::Moment>& moment) {
    if (!moment) return std::nullopt;
    return pruneplan::Timestamp{moment->seconds, moment->nanoseconds};
}

struct WithCreated {
    static std::optional<pruneplan::Timestamp> created(const Record& record) { return timestamp(record.created); }
};

struct WithLastUsed {
    static std::optional<pruneplan::Timestamp> last_used(const Record& record) { return timestamp(record.last_used); }
};

struct WithLabel {
    static std::optional<std::string> label(const Record& record, std::string_view key) {
        for (const auto& [its_key, value] : record.labels)
            if (its_key == key) return value;
        return std::nullopt;
    }
};

struct WithPinned {
    static bool pinned(const Record& record) { return record.pinned; }
};

struct WithIsDangling {
    static bool is_dangling(const Record& record) { return record.is_dangling; }
};

struct WithNeeds {
    static const std::vector<std::string>& needs(const Record& record) { return record.needs; }
};

/// Returns one text: the first image that a record needs.
struct WithOneNeed {
    static std::string needs(const Record& record) { return record.needs.empty() ? "" : record.needs.front(); }
};

struct WithIds {
    static const std::vector<std::string>& ids(const Record& record) { return record.ids; }
};

struct WithSubject {
    static const std::string& subject(const Record& record) { return record.subject; }
};

/// Returns an optional text.
struct WithMaybeSubject {
    static std::optional<std::string> subject(const Record& record) {
        return record.subject.empty() ? std::nullopt : std::optional(record.subject);
    }
};

struct WithBlobs {
    static const std::vector<model::Blob>& blobs(const Record& record) { return record.blobs; }
};

/// Returns blobs by value, in a list without random access.
struct WithMadeBlobs {
    static std::list<model::Blob> blobs(const Record& record) { return {record.blobs.begin(), record.blobs.end()}; }
};

/// Returns a text as `Text`: by reference, as a view, by value, or in the one buffer of a thread, which the next text
/// overwrites.
template <class Text>
Text given(const std::string& text) {
    if constexpr (std::is_pointer_v<Text>) {
        thread_local std::string buffer;
        buffer = text;
        return buffer.c_str();
    } else {
        return Text(text);
    }
}

/// A store that holds records in a list of type `Records`, and returns names and targets as `Text`.
template <class Records, class Text, class... Members>
struct Store : Members... {
    Records records;

    explicit Store(const std::vector<Record>& from) : records(from.begin(), from.end()) {}

    const Records& images() const { return records; }
    static Text name(const Record& record) { return given<Text>(record.name); }
    static Text target(const Record& record) { return given<Text>(record.target); }
};

/// A store that holds smart pointers to its records, and returns all texts in one buffer.
template <class... Members>
struct Pointing : Members... {
    std::vector<std::unique_ptr<Record>> records;

    explicit Pointing(const std::vector<Record>& from) {
        for (const Record& record : from) records.push_back(std::make_unique<Record>(record));
    }

    const std::vector<std::unique_ptr<Record>>& images() const { return records; }
    static const char* name(const Record& record) { return given<const char*>(record.name); }
    static const char* target(const Record& record) { return given<const char*>(record.target); }
};

/// A range that creates its elements while it is read. Not std::views::transform, which clang 13 cannot compile.
template <class T, class Call>
class Transformed {
public:
    class iterator {
    public:
        using value_type = std::invoke_result_t<const Call&, const T&>;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::forward_iterator_tag;
        using iterator_category = std::input_iterator_tag;

        iterator() = default;
        explicit iterator(const T* at) : at_(at) {}

        value_type operator*() const { return Call()(*at_); }
        iterator& operator++() {
            ++at_;
            return *this;
        }
        iterator operator++(int) {
            const iterator before = *this;
            ++at_;
            return before;
        }
        friend bool operator==(const iterator&, const iterator&) = default;

    private:
        const T* at_ = nullptr;
    };

    Transformed(const std::vector<T>& from, Call) : from_(&from) {}

    iterator begin() const { return iterator(from_->data()); }
    iterator end() const { return iterator(from_->data() + from_->size()); }

private:
    const std::vector<T>* from_;
};

/// A record that is created while the range of a `Creating` store is read.
struct Created final {
    Record record;
};

/// A store whose records are created while its range is read.
struct Creating final {
    std::vector<Record> records;

    explicit Creating(const std::vector<Record>& from) : records(from) {}

    auto images() const {
        return Transformed(records, [](const Record& record) { return Created{record}; });
    }
    static std::string_view name(const Created& created) { return created.record.name; }
    static std::string_view target(const Created& created) { return created.record.target; }
    static std::optional<pruneplan::Timestamp> last_used(const Created& created) {
        return timestamp(created.record.last_used);
    }
    static std::vector<std::string> needs(const Created& created) { return created.record.needs; }
    static std::vector<model::Blob> blobs(const Created& created) { return created.record.blobs; }
};

/// Overwrites the texts of a store before it is destroyed, so that a plan that still reads them is found out.
template <class Store>
void spoil(Store& store) {
    for (auto& element : store.records) {
        Record* record = nullptr;
        if constexpr (requires { element->name; })
            record = element.get();
        else
            record = &element;
        std::fill(record->name.begin(), record->name.end(), '#');
        std::fill(record->target.begin(), record->target.end(), '#');
    }
}

// Containers.

/// A container that returns its texts by reference.
struct Lent {
    const model::Container* container;

    const std::string& image_id() const { return container->image_id; }
    std::string_view image_ref() const { return container->image_ref; }
    const std::vector<std::string>& mounted_image_ids() const { return container->mounted; }
};

/// A container that returns its texts by value, and has no `mounted_image_ids`.
struct Made {
    const model::Container* container;

    std::string image_id() const { return container->image_id; }
    std::string image_ref() const { return container->image_ref; }
};

/// A container with a name that returns all texts in one buffer.
struct Buffered final {
    const model::Container* container;

    const char* image_id() const { return given<const char*>(container->image_id); }
    const char* image_ref() const { return given<const char*>(container->image_ref); }
    auto mounted_image_ids() const {
        return Transformed(container->mounted, [](const std::string& id) { return given<const char*>(id); });
    }
    static const char* name() { return given<const char*>("a container"); }
};

/// A row of a `Cursor`. Its texts are valid until the cursor moves to the next row.
struct Row {
    std::string_view id, ref;
    std::vector<std::string> mounted;

    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return ref; }
    const std::vector<std::string>& mounted_image_ids() const { return mounted; }
};

/// A range of containers that can be read once. Its elements are what `Reader::read` returns.
template <class Reader>
class ReadOnce {
public:
    explicit ReadOnce(const std::vector<model::Container>& from) : from_(&from) {}

    class Iterator {
    public:
        using iterator_concept = std::input_iterator_tag;
        using iterator_category = std::input_iterator_tag;
        using reference = decltype(std::declval<Reader&>().read(std::declval<const model::Container&>()));
        using value_type = std::remove_cvref_t<reference>;
        using difference_type = std::ptrdiff_t;
        using pointer = void;

        Iterator() = default;
        Iterator(const std::vector<model::Container>& from, std::size_t at) : from_(&from), at_(at) {}

        reference operator*() const { return reader_.read((*from_)[at_]); }
        Iterator& operator++() {
            reader_ = {};
            ++at_;
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

    private:
        const std::vector<model::Container>* from_ = nullptr;
        std::size_t at_ = 0;
        mutable Reader reader_{};
    };

    Iterator begin() const { return {*from_, 0}; }
    Iterator end() const { return {*from_, from_->size()}; }

private:
    const std::vector<model::Container>* from_;
};

/// Returns each container by value.
struct ByValue {
    static Made read(const model::Container& container) { return Made{&container}; }
};

/// Returns all rows by reference to one object, which the next row overwrites.
struct Cursor {
    std::string id{}, ref{};
    Row row{};

    const Row& read(const model::Container& container) {
        id = container.image_id;
        ref = container.image_ref;
        row = {id, ref, container.mounted};
        return row;
    }
};

/// Wraps containers in the type `Container`, in a list without random access.
template <class Container>
std::list<Container> listed(const std::vector<model::Container>& from) {
    std::list<Container> out;
    for (const model::Container& container : from) out.push_back({&container});
    return out;
}

/// Wraps containers in the type `Container`, in a vector.
template <class Container>
std::vector<Container> in_a_row(const std::vector<model::Container>& from) {
    std::vector<Container> out;
    out.reserve(from.size());
    for (const model::Container& container : from) out.push_back({&container});
    return out;
}

/// Wraps containers in the type `Container`, behind smart pointers.
template <class Container>
std::vector<std::unique_ptr<Container>> pointed_at(const std::vector<model::Container>& from) {
    std::vector<std::unique_ptr<Container>> out;
    for (const model::Container& container : from) out.push_back(std::make_unique<Container>(Container{&container}));
    return out;
}

// Options.

/// Returns the value, or ends the program: the library must accept everything in a world.
template <class T>
T accepted(pruneplan::Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "rejected: %s\n", result.error().message.c_str());
        std::abort();
    }
    return *std::move(result);
}

/// Parses a text, or returns what it was parsed to before.
template <class T, class Parse>
const T& parsed(const std::string& text, Parse parse) {
    thread_local std::unordered_map<std::string, T> known;
    const auto found = known.find(text);
    if (found != known.end()) return found->second;
    return known.emplace(text, accepted(parse(text))).first->second;
}

inline pruneplan::Glob glob(const std::string& pattern) {
    return parsed<pruneplan::Glob>(pattern, [](const std::string& text) { return pruneplan::Glob::compile(text); });
}

inline pruneplan::PruneOptions options_of(const model::Options& from) {
    constexpr std::array digests{pruneplan::DigestUse::created_by_digest, pruneplan::DigestUse::every_container,
                                 pruneplan::DigestUse::no_container};
    constexpr std::array orders{pruneplan::NewestBy::created, pruneplan::NewestBy::last_used,
                                pruneplan::NewestBy::version, pruneplan::NewestBy::name};
    constexpr std::array survivors{pruneplan::Survivor::last_by_name, pruneplan::Survivor::first_by_name,
                                   pruneplan::Survivor::newest, pruneplan::Survivor::oldest,
                                   pruneplan::Survivor::tagged};
    pruneplan::PruneOptions options;
    options.scope = from.only_dangling ? pruneplan::Scope::dangling : pruneplan::Scope::unused;
    options.usage = {from.rule.names_in_use, digests[static_cast<std::size_t>(from.rule.digests)],
                     from.rule.all_names ? pruneplan::NamesKept::all : pruneplan::NamesKept::last};
    for (const std::string& filter : from.filters)
        options.filters.push_back(parsed<pruneplan::Filter>(
            filter, [](const std::string& text) { return pruneplan::parse_filter(text, {}); }));
    for (const std::string& pattern : from.keep) options.keep.push_back(glob(pattern));
    for (const model::KeepNewest& rule : from.keep_newest) {
        options.keep_newest.push_back({rule.count, std::nullopt, orders[static_cast<std::size_t>(rule.by)]});
        if (rule.names) options.keep_newest.back().names = glob(*rule.names);
    }
    options.keep_younger_than = timestamp(from.keep_younger_than);
    options.bytes_to_free = from.bytes_to_free;
    options.delete_unused_before = timestamp(from.delete_unused_before);
    options.survivor = survivors[static_cast<std::size_t>(from.survivor)];
    return options;
}

// Plans, converted to those of the model.

inline std::vector<model::Doubt> doubts_of(const pruneplan::PrunePlan& plan) {
    std::vector<model::Doubt> out;
    for (const pruneplan::Doubt& doubt : plan.doubts())
        out.push_back({to_string(doubt.kind), doubt.number, doubt.blocks});
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

inline model::Plan converted(const pruneplan::PrunePlan& plan, const World& world) {
    model::Plan out;
    for (const pruneplan::Decision& decision : plan) {
        const std::size_t record = out.decisions.size();
        out.decisions.push_back({to_string(decision.reason), decision.container, decision.mounted,
                                 decision.option ? std::uint64_t{1} << *decision.option : 0});
        if (out.decisions.back().deletes() != (decision.action == pruneplan::Action::erase))
            out.decisions.back().reason = "the action contradicts the reason";
        if (record >= world.records.size() || decision.record != record ||
            decision.name != world.records[record].name || decision.target != world.records[record].target)
            out.decisions.back().reason = "the record has other texts";
    }
    for (const pruneplan::Decision& deletion : plan.deletions()) out.deletions.push_back(deletion.record);
    out.doubts = doubts_of(plan);
    return out;
}

using All = Store<std::vector<Record>, const std::string&, WithCreated, WithLastUsed, WithLabel, WithPinned, WithNeeds,
                  WithBlobs, WithIds, WithSubject>;

/// Plans a world both with a store and with its index. Converts the plans when store, index and containers are gone.
/// `wrap` makes containers of those of the world.
template <class Store, class Wrap>
model::Plan planned_by(const World& world, const Wrap& wrap) {
    pruneplan::Result<pruneplan::PrunePlan> by_store = pruneplan::PrunePlan();
    pruneplan::PrunePlan by_index;
    bool rejected = false;
    {
        const pruneplan::PruneOptions options = options_of(world.options);
        Store store(world.records);
        by_store = plan_prune(store, wrap(world.containers), options);
        const auto index = accepted(pruneplan::build_index(store));
        by_index = plan_prune(index, wrap(world.containers), options);
        rejected = !check_options(index, options);
        spoil(store);
    }
    model::Plan plan = converted(by_store ? *by_store : by_index, world);
    plan.rejected = rejected;
    if (rejected != !by_store || (by_store && !(*by_store == by_index)))
        for (model::Decision& decision : plan.decisions) decision.reason = "store and index disagree";
    return plan;
}

}  // namespace library

#endif

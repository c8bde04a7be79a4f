#ifndef PRUNEPLAN_TESTS_MODEL_LIBRARY_HPP
#define PRUNEPLAN_TESTS_MODEL_LIBRARY_HPP

// SPDX-License-Identifier: BSL-1.0

// Plans a world of the model with the library: wraps it in stores and containers of many kinds, and converts the plan
// to the model's types.

#include "model.hpp"

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <list>
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

struct WithParent {
    static std::string parent(const Record& record) { return record.parent; }
};

struct WithBlobs {
    static const std::vector<model::Blob>& blobs(const Record& record) { return record.blobs; }
};

/// Returns blobs by value, in a list without random access.
struct WithMadeBlobs {
    static std::list<model::Blob> blobs(const Record& record) { return {record.blobs.begin(), record.blobs.end()}; }
};

/// A store that holds records in a list of type `Records`, and returns names and targets as `Text`: std::string_view,
/// which is borrowed, or std::string, which is copied.
template <class Records, class Text, class... Members>
struct Store : Members... {
    Records records;

    explicit Store(const std::vector<Record>& from) : records(from.begin(), from.end()) {}

    const Records& images() const { return records; }
    static Text name(const Record& record) { return Text(record.name); }
    static Text target(const Record& record) { return Text(record.target); }
};

/// A store that borrows its records, and copies nothing.
template <class... Members>
struct Borrowing : Members... {
    const std::vector<Record>* records;

    explicit Borrowing(const std::vector<Record>& from) : records(&from) {}

    const std::vector<Record>& images() const { return *records; }
    static const std::string& name(const Record& record) { return record.name; }
    static const std::string& target(const Record& record) { return record.target; }
};

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

inline pruneplan::PruneOptions options_of(const model::Options& from) {
    pruneplan::PruneOptions options;
    options.scope = from.only_dangling ? pruneplan::Scope::dangling : pruneplan::Scope::unused;
    options.usage = {
        from.rule.names_in_use,
        from.rule.every_container ? pruneplan::DigestUse::every_container : pruneplan::DigestUse::created_by_digest,
        from.rule.all_names ? pruneplan::NamesKept::all : pruneplan::NamesKept::last};
    for (const std::string& filter : from.filters)
        options.filters.push_back(parsed<pruneplan::Filter>(
            filter, [](const std::string& text) { return pruneplan::parse_filter(text, {}); }));
    for (const std::string& pattern : from.keep)
        options.keep.push_back(
            parsed<pruneplan::Glob>(pattern, [](const std::string& text) { return pruneplan::Glob::compile(text); }));
    options.keep_newest_per_repository = from.keep_newest;
    options.keep_younger_than = timestamp(from.keep_younger_than);
    options.bytes_to_free = from.bytes_to_free;
    constexpr std::array survivors{pruneplan::Survivor::last_by_name, pruneplan::Survivor::first_by_name,
                                   pruneplan::Survivor::newest, pruneplan::Survivor::oldest,
                                   pruneplan::Survivor::tagged};
    options.survivor = survivors[static_cast<std::size_t>(from.survivor)];
    return options;
}

// Plans, converted to those of the model.

template <class Index, class Containers>
model::Plan plan_of(const Index& index, const Containers& containers, const model::Options& options) {
    const pruneplan::PrunePlan plan = pruneplan::plan_prune(index, containers, options_of(options));
    model::Plan out;
    for (const pruneplan::Decision& decision : plan.decisions()) {
        out.decisions.push_back({to_string(decision.reason), decision.container, decision.mounted});
        if (out.decisions.back().deletes() != (decision.action == pruneplan::Action::remove))
            out.decisions.back().reason = "the action contradicts the reason";
    }
    for (const std::size_t container : plan.unmatched_containers()) out.unmatched.push_back(container);
    const auto deletions = plan.deletions();
    for (const pruneplan::PlannedDeletion& deletion : deletions) out.deletions.push_back(deletion.image);
    return out;
}

using All = Borrowing<WithCreated, WithLastUsed, WithLabel, WithPinned, WithParent, WithBlobs>;

template <class Store, class Containers>
model::Plan planned_by(const World& world, const Containers& containers) {
    const Store store(world.records);
    const auto index = accepted(pruneplan::ImageIndex<Store>::build(store));
    return plan_of(index, containers, world.options);
}

}  // namespace library

#endif

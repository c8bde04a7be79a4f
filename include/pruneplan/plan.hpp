#ifndef PRUNEPLAN_PLAN_HPP
#define PRUNEPLAN_PLAN_HPP

// What the planner gives: for every record keep or delete, and why.

#include <pruneplan/detail/index_iterator.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/record_table.hpp>
#include <pruneplan/detail/sort.hpp>
#include <pruneplan/detail/target_use.hpp>
#include <pruneplan/syntax/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pruneplan {

enum class Action : unsigned char { keep, remove };

/// Why a record goes or stays: of all reasons that apply, the first in the order of the planner's stages.
enum class Reason : unsigned char {
    // These go.
    unused,      ///< no container needs it
    dangling,    ///< it is dangling, and no container needs it
    spare_name,  ///< a container needs its image, which keeps another name
    // These stay.
    not_dangling,  ///< the scope is `Scope::dangling`, and it is not
    filtered,      ///< a filter does not match it, or cannot judge it
    pinned,        ///< the store says that it must never go
    kept_pattern,  ///< a pattern of `PruneOptions::keep` matches it
    newest,        ///< it is among the newest of its repository
    too_young,     ///< it was made or used too lately, or nobody knows when
    name_in_use,   ///< a container was created from this name
    image_in_use,  ///< a container needs its image, and the usage rule keeps all names
    last_name,     ///< a container needs its image, and this is the name of it that is kept
    parent,        ///< an image that stays is built on its image
    image_stays,   ///< another name of its image stays, so that deleting this one would free nothing
    enough_freed,  ///< others free as many bytes as are wanted
};

constexpr Action action_of(Reason reason) noexcept {
    return reason <= Reason::spare_name ? Action::remove : Action::keep;
}

constexpr std::string_view to_string(Action action) noexcept { return action == Action::keep ? "keep" : "delete"; }

/// A word for logs and scripts: stable from release to release.
constexpr std::string_view to_string(Reason reason) noexcept {
    switch (reason) {
        case Reason::unused: return "unused";
        case Reason::dangling: return "dangling";
        case Reason::spare_name: return "spare_name";
        case Reason::not_dangling: return "not_dangling";
        case Reason::filtered: return "filtered";
        case Reason::pinned: return "pinned";
        case Reason::kept_pattern: return "kept_pattern";
        case Reason::newest: return "newest";
        case Reason::too_young: return "too_young";
        case Reason::name_in_use: return "name_in_use";
        case Reason::image_in_use: return "image_in_use";
        case Reason::last_name: return "last_name";
        case Reason::parent: return "parent";
        case Reason::image_stays: return "image_stays";
        case Reason::enough_freed: return "enough_freed";
    }
    return "unknown";
}

/// What is to become of one record, and why.
struct Decision {
    Action action = Action::keep;
    Reason reason = Reason::not_dangling;
    /// The container that caused it, where one did: its position in the list that was given to the planner. Where
    /// several do, the first of them; of an image, the first that the usage rule lets protect it, if there is one. Past the
    /// first 2^29 - 2 containers, nobody keeps count: then it is none.
    std::optional<std::size_t> container;

    friend constexpr bool operator==(const Decision&, const Decision&) = default;
};

/// One decision for each record, under the record's number. Five bytes a record. The planner's stages narrow it: they
/// turn a deletion into a keep, and never the other way.
class Decisions {
public:
    /// At first, every record goes.
    constexpr explicit Decisions(std::size_t records)
        : reasons_(records, Reason::unused), containers_(records, detail::no_container), deleted_(records) {}

    constexpr std::size_t size() const noexcept { return reasons_.size(); }
    constexpr std::size_t deleted_count() const noexcept { return deleted_; }

    constexpr Reason reason(std::size_t id) const noexcept { return reasons_[id]; }
    constexpr bool deletes(std::size_t id) const noexcept { return action_of(reasons_[id]) == Action::remove; }

    constexpr Decision operator[](std::size_t id) const noexcept {
        Decision decision{action_of(reasons_[id]), reasons_[id], std::nullopt};
        if (containers_[id] != detail::no_container) decision.container = containers_[id];
        return decision;
    }

    using iterator = detail::IndexIterator<Decisions>;
    constexpr iterator begin() const noexcept { return {*this, 0}; }
    constexpr iterator end() const noexcept { return {*this, size()}; }

    /// Asks for the memory of a decision that is soon to be made.
    constexpr void prefetch(std::size_t id) const noexcept {
        detail::prefetch(reasons_.data() + id);
        detail::prefetch(containers_.data() + id);
    }

    /// For a record that goes: gives a reason, and the container that caused it. A record that stays keeps its reason.
    constexpr void decide(std::size_t id, Reason reason, std::uint32_t container = detail::no_container) {
        if (!deletes(id)) return;
        reasons_[id] = reason;
        containers_[id] = container;
        if (action_of(reason) == Action::keep) --deleted_;
    }

private:
    detail::List<Reason> reasons_;
    detail::List<std::uint32_t> containers_;
    std::size_t deleted_;
};

/// One step of a plan. The texts belong to the index, or to its store.
struct PlannedDeletion {
    std::string_view name, target;
    std::size_t image;  ///< the record's number in the index
    Reason reason;
};

/// The records that go, in the order in which they should. Owns four bytes a record; the texts belong to the index.
class Deletions {
public:
    /// `generations` says of each record how many ancestors its image has, or is empty.
    constexpr Deletions(const detail::Entry* entries, const Decisions& decisions,
                        const detail::List<std::uint32_t>& generations)
        : entries_(entries), decisions_(&decisions) {
        records_.reserve(decisions.deleted_count());
        for (std::size_t id = 0; id < decisions.size(); ++id)
            if (decisions.deletes(id)) records_.push_back(static_cast<std::uint32_t>(id));
        detail::sort(records_, [&](std::uint32_t a, std::uint32_t b) {
            if (!generations.empty() && generations[a] != generations[b]) return generations[a] > generations[b];
            return entries[a].name() < entries[b].name();
        });
    }

    constexpr std::size_t size() const noexcept { return records_.size(); }
    constexpr bool empty() const noexcept { return records_.empty(); }
    constexpr PlannedDeletion operator[](std::size_t step) const noexcept {
        const std::uint32_t record = records_[step];
        return {entries_[record].name(), entries_[record].target(), record, decisions_->reason(record)};
    }

    using iterator = detail::IndexIterator<Deletions>;
    constexpr iterator begin() const noexcept { return {*this, 0}; }
    constexpr iterator end() const noexcept { return {*this, size()}; }

private:
    const detail::Entry* entries_;
    const Decisions* decisions_;
    detail::List<std::uint32_t> records_;
};

/// The plan: a value that touches nothing. Names and targets that it gives belong to the index it was made of, which
/// must live at least as long. It owns five bytes a record, and four more where the store knows parents.
class PrunePlan {
public:
    constexpr PrunePlan(const detail::RecordTable& table, Decisions decisions, detail::List<std::uint32_t> generations)
        : entries_(table.entries()), decisions_(std::move(decisions)), generations_(std::move(generations)) {}

    /// One for each record, under its number in the index.
    constexpr const Decisions& decisions() const noexcept { return decisions_; }

    /// What goes, in the order to apply it: children before parents, then by name, bytewise. Sorts at each call: keep
    /// the result while using it. Lives no longer than the plan.
    constexpr Deletions deletions() const { return {entries_, decisions_, generations_}; }

    constexpr std::size_t kept_count() const noexcept { return decisions_.size() - decisions_.deleted_count(); }
    constexpr std::size_t deleted_count() const noexcept { return decisions_.deleted_count(); }

private:
    const detail::Entry* entries_;
    Decisions decisions_;
    detail::List<std::uint32_t> generations_;
};

/// A sentence on what becomes of record number `image`, and why, that a person can act on, such as
/// "kept: container 3 was created from sha256:82d1e9d… and this is the last name of that image". Containers are
/// numbered from 0, as they were given to the planner. `plan` must be of `index`, and `image` less than its size.
template <class Index>
constexpr std::string explain(const PrunePlan& plan, const Index& index, std::size_t image) {
    const Decision decision = plan.decisions()[image];
    std::string container = "an image that stays";
    if (decision.container) {
        char digits[20] = {};
        std::size_t count = 0;
        for (std::size_t rest = *decision.container; count == 0 || rest != 0; rest /= 10)
            digits[count++] = static_cast<char>('0' + rest % 10);
        container = "container ";
        while (count > 0) container += digits[--count];
    }
    const std::string_view name = index.name(image), target = index.target(image);
    switch (decision.reason) {
        case Reason::unused: return "deleted: no container needs it";
        case Reason::dangling: return "deleted: it has lost its name, and no container needs it";
        case Reason::spare_name:
            return detail::joined({"deleted: ", container, " needs ", target, ", which keeps another name"});
        case Reason::not_dangling: return "kept: it has a name, and only dangling images are asked for";
        case Reason::name_in_use:
            if (index.is_dangling(image))
                return detail::joined({"kept: ", container, " needs ", target, ", which has lost its name"});
            return detail::joined({"kept: ", container, " was created from ", name});
        case Reason::filtered: return "kept: a filter rules it out, or cannot judge it";
        case Reason::pinned: return "kept: it is pinned";
        case Reason::kept_pattern: return "kept: a pattern says to keep it";
        case Reason::newest: return "kept: it is among the newest of its repository";
        case Reason::too_young: return "kept: it is too young, or nobody knows how old it is";
        case Reason::image_in_use: return detail::joined({"kept: ", container, " was created from ", target});
        case Reason::last_name:
            return detail::joined(
                {"kept: ", container, " was created from ", target, " and this is the last name of that image"});
        case Reason::parent: return detail::joined({"kept: an image that stays is built on ", target});
        case Reason::image_stays:
            return detail::joined({"kept: ", target, " keeps another name, so that deleting this one frees nothing"});
        case Reason::enough_freed: return "kept: enough is freed without it";
    }
    return {};
}

}  // namespace pruneplan

#endif

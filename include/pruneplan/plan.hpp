#ifndef PRUNEPLAN_PLAN_HPP
#define PRUNEPLAN_PLAN_HPP

// SPDX-License-Identifier: BSL-1.0

// The plan that the planner returns: keep or delete for every record, and the reason.

#include <pruneplan/detail/emptied_by_move.hpp>
#include <pruneplan/detail/index_iterator.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/detail/record_table.hpp>
#include <pruneplan/detail/sort.hpp>
#include <pruneplan/detail/target_use.hpp>
#include <pruneplan/detail/vector.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace pruneplan {

/// Tells what a plan does with a record. `remove` is to delete, which is a keyword of C++.
enum class Action : unsigned char { keep, remove };

/// Tells why a record is deleted or kept. If several reasons apply, it is that of the planner's first stage that has
/// one. **Source:** README.md, "The rule", paragraph 5.
enum class Reason : unsigned char {
    // Deleted.
    unused,       ///< no container uses its image
    dangling,     ///< it is dangling, and no container uses its image
    spare_name,   ///< its image keeps another name, and is used by a container or is an ancestor of a kept image
    unprotected,  ///< a container runs its image, but the usage rule does not protect it; the image loses its last name
    // Kept.
    not_dangling,  ///< the scope is `Scope::dangling`, and the record is not dangling
    filtered,      ///< it does not match the filters, or a time or label that they need is unknown
    pinned,        ///< the store says that it must not be deleted
    kept_pattern,  ///< a pattern of `PruneOptions::keep` matches it
    newest,        ///< its image is among the newest of its repository, or its age is unknown
    too_young,     ///< it was created or used too recently, or its age is unknown
    name_in_use,   ///< a container was created from this name, or it is the dangling name of an image that one runs
    image_in_use,  ///< a container uses its image, and the usage rule keeps all names
    last_name,     ///< a container uses its image, and this is the name that the image keeps
    parent,        ///< its image is the parent of a kept image
    image_stays,   ///< its image keeps another name, so that deleting this one frees nothing
    enough_freed,  ///< deleting other images frees enough bytes, or the store has no `blobs` to count
};

/// The number of reasons.
inline constexpr std::size_t reason_count = 16;

/// Returns what a plan does with a record that has this reason.
constexpr Action action_of(Reason reason) noexcept {
    return reason <= Reason::unprotected ? Action::remove : Action::keep;
}

/// Returns "keep" or "delete".
constexpr std::string_view to_string(Action action) noexcept { return action == Action::keep ? "keep" : "delete"; }

/// Returns the enumerator's name. It is stable across releases.
constexpr std::string_view to_string(Reason reason) noexcept {
    switch (reason) {
        case Reason::unused: return "unused";
        case Reason::dangling: return "dangling";
        case Reason::spare_name: return "spare_name";
        case Reason::unprotected: return "unprotected";
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

/// Tells what happens to one record, and why.
struct [[nodiscard]] Decision {
    /// What the plan does.
    Action action = Action::keep;
    /// Why.
    Reason reason = Reason::not_dangling;
    /// The container that caused the decision, if one did: its position in the list given to the planner. If several
    /// did, it is the first of them, or the first that puts the image in use under the usage rule. Unknown for
    /// containers after the first 2^27 - 2.
    std::optional<std::size_t> container{};
    bool mounted = false;  ///< the container mounts the image as a volume, and does not run it

    /// Compares all fields.
    friend constexpr bool operator==(const Decision&, const Decision&) = default;
};

/// Holds one decision for each record, by the record's number. The planner's stages change deletions to keeps, never
/// keeps to deletions. **Memory:** five bytes a record.
class [[nodiscard]] Decisions {
public:
    constexpr Decisions() = default;
    constexpr Decisions(const Decisions&) = default;
    constexpr Decisions(Decisions&&) noexcept = default;
    /// Copies completely, or leaves this object unchanged if an allocation fails.
    constexpr Decisions& operator=(const Decisions& other) { return *this = Decisions(other); }
    constexpr Decisions& operator=(Decisions&&) noexcept = default;
    constexpr ~Decisions() = default;
    /// Decides to delete every record.
    constexpr explicit Decisions(std::size_t records)
        : reasons_(records, Reason::unused), usages_(records, detail::Usage().word()), deleted_(records) {}

    /// Returns the number of records.
    constexpr std::size_t size() const noexcept { return reasons_.size(); }
    /// Tells whether there is no record.
    constexpr bool empty() const noexcept { return reasons_.empty(); }
    /// Returns how many records are deleted.
    constexpr std::size_t deleted_count() const noexcept { return *deleted_; }

    // Members that take a record's number. @pre It is less than `size()`.

    /// Returns the reason of a record.
    constexpr Reason reason(std::size_t id) const noexcept {
        detail::require_record(id, size());
        return reasons_[id];
    }
    /// Tells whether a record is deleted.
    constexpr bool deletes(std::size_t id) const noexcept { return action_of(reason(id)) == Action::remove; }

    /// Returns the decision on a record.
    constexpr Decision operator[](std::size_t id) const noexcept {
        Decision decision{action_of(reason(id)), reason(id), std::nullopt, false};
        const auto usage = detail::Usage::from_word(usages_[id]);
        if (usage.container() != detail::Usage::no_container) {
            decision.container = usage.container();
            decision.mounted = usage.mounts();
        }
        return decision;
    }

    /// Iterates over decisions, with random access.
    using iterator = detail::IndexIterator<Decisions>;
    /// Returns an iterator to the first decision.
    constexpr iterator begin() const& noexcept PRUNEPLAN_LIFETIMEBOUND { return {*this, 0}; }
    /// Returns the end.
    constexpr iterator end() const& noexcept PRUNEPLAN_LIFETIMEBOUND { return {*this, size()}; }
    iterator begin() const&& = delete;
    iterator end() const&& = delete;

    /// Prefetches a decision that will be read or made soon.
    constexpr void prefetch(std::size_t id) const noexcept {
        detail::prefetch(reasons_.data() + id);
        detail::prefetch(usages_.data() + id);
    }

    /// Gives a deleted record a reason, and the container that caused it. Has no effect on a kept record.
    constexpr void decide(std::size_t id, Reason reason, detail::Usage usage = {}) {
        if (!deletes(id)) return;
        reasons_[id] = reason;
        usages_[id] = usage.word();
        if (action_of(reason) == Action::keep) --*deleted_;
    }

    /// Compares reasons and containers.
    friend constexpr bool operator==(const Decisions& a, const Decisions& b) {
        return a.reasons_ == b.reasons_ && a.usages_ == b.usages_;
    }

private:
    detail::Vector<Reason> reasons_;
    detail::Vector<std::uint32_t> usages_;
    detail::EmptiedByMove<std::size_t> deleted_;
};

/// Describes one step of a plan. **Lifetime:** the index or its store owns the texts; in callbacks of `apply_prune`,
/// they live until that returns.
struct [[nodiscard]] PlannedDeletion {
    std::string_view name;    ///< the record's name
    std::string_view target;  ///< the record's target
    std::size_t image;  ///< the record's number in the index
    /// Why the record is deleted.
    Reason reason;
};

/// Holds the records to delete, in the order in which to delete them. **Memory:** five bytes a deletion. **Lifetime:**
/// the index or its store owns the texts.
class [[nodiscard]] Deletions {
public:
    constexpr Deletions() = default;
    constexpr Deletions(const Deletions&) = default;
    constexpr Deletions(Deletions&&) noexcept = default;
    /// Copies completely, or leaves this object unchanged if an allocation fails.
    constexpr Deletions& operator=(const Deletions& other) { return *this = Deletions(other); }
    constexpr Deletions& operator=(Deletions&&) noexcept = default;
    constexpr ~Deletions() = default;
    /// Orders the deletions. `depths` holds the depth of each record's image (see `detail::Ancestry`), or is empty.
    constexpr Deletions(const detail::Entry* entries, const Decisions& decisions,
                        const detail::Vector<std::uint32_t>& depths)
        : entries_(entries) {
        records_.reserve(decisions.deleted_count());
        for (std::size_t id = 0; id < decisions.size(); ++id)
            if (decisions.deletes(id)) records_.push_back(static_cast<std::uint32_t>(id));
        detail::sort(records_, [&](std::uint32_t a, std::uint32_t b) {
            if (!depths.empty() && depths[a] != depths[b]) return depths[a] > depths[b];
            return entries[a].name() < entries[b].name();
        });
        reasons_.reserve(records_.size());
        for (const std::uint32_t record : records_) reasons_.push_back(decisions.reason(record));
    }

    /// Returns the number of steps.
    constexpr std::size_t size() const noexcept { return records_.size(); }
    /// Tells whether there is no step.
    constexpr bool empty() const noexcept { return records_.empty(); }
    /// Returns a step. @pre `step` is less than `size()`.
    constexpr PlannedDeletion operator[](std::size_t step) const noexcept {
        detail::require(step < size(), "deletion out of range: its number must be less than size()");
        const std::uint32_t record = records_[step];
        return {entries_[record].name(), entries_[record].target(), record, reasons_[step]};
    }

    /// Iterates over steps, with random access.
    using iterator = detail::IndexIterator<Deletions>;
    /// Returns an iterator to the first step.
    constexpr iterator begin() const& noexcept PRUNEPLAN_LIFETIMEBOUND { return {*this, 0}; }
    /// Returns the end.
    constexpr iterator end() const& noexcept PRUNEPLAN_LIFETIMEBOUND { return {*this, size()}; }
    iterator begin() const&& = delete;
    iterator end() const&& = delete;

    /// Tells whether both delete the same names of the same targets for the same reasons in the same order.
    friend constexpr bool operator==(const Deletions& a, const Deletions& b) {
        if (a.reasons_ != b.reasons_) return false;
        for (std::size_t step = 0; step < a.size(); ++step)
            if (a[step].name != b[step].name || a[step].target != b[step].target) return false;
        return true;
    }

private:
    const detail::Entry* entries_ = nullptr;
    detail::Vector<std::uint32_t> records_;
    detail::Vector<Reason> reasons_;
};

/// Holds a plan: a value that changes nothing. A default-constructed or moved-from plan is empty.
///
/// **Memory:** five bytes a record, four more if the store has `parent`, and 8 to 16 for each unmatched container.
/// **Lifetime:** the index that the plan was made of, and its store, own the names and targets. Both must live,
/// unchanged, while these are read. The index may be moved.
class [[nodiscard]] PrunePlan {
public:
    constexpr PrunePlan() = default;
    constexpr PrunePlan(const PrunePlan&) = default;
    constexpr PrunePlan(PrunePlan&&) noexcept = default;
    /// Copies completely, or leaves this object unchanged if an allocation fails.
    constexpr PrunePlan& operator=(const PrunePlan& other) { return *this = PrunePlan(other); }
    constexpr PrunePlan& operator=(PrunePlan&&) noexcept = default;
    constexpr ~PrunePlan() = default;
    /// Makes the plan of an index; for the planner.
    constexpr PrunePlan(const detail::RecordTable& table, Decisions decisions, detail::Vector<std::uint32_t> depths,
                        detail::Vector<std::size_t> unmatched)
        : made_of_(table.identity()),
          decisions_(std::move(decisions)),
          depths_(std::move(depths)),
          unmatched_(std::move(unmatched)) {}

    /// Returns one decision for each record, by its number in the index.
    constexpr const Decisions& decisions() const& noexcept PRUNEPLAN_LIFETIMEBOUND { return decisions_; }
    /// @overload
    constexpr Decisions decisions() && noexcept { return std::move(decisions_); }

    /// Returns what to delete, in order: children before parents, then by name, bytewise. **Lifetime:** the result
    /// needs the index, but not the plan.
    /// **Complexity:** O(n + d log d) for n records and d deletions, at each call: store the result.
    constexpr Deletions deletions() const { return {made_of_->entries, decisions_, depths_}; }

    /// Returns how many records are kept.
    constexpr std::size_t kept_count() const noexcept { return decisions_.size() - decisions_.deleted_count(); }
    /// Returns how many records are deleted.
    constexpr std::size_t deleted_count() const noexcept { return decisions_.deleted_count(); }

    /// Returns how many records have this reason. **Complexity:** O(n) for n records.
    constexpr std::size_t count(Reason reason) const noexcept {
        std::size_t count = 0;
        for (std::size_t id = 0; id < decisions_.size(); ++id) count += decisions_.reason(id) == reason;
        return count;
    }

    /// Returns how many records are deleted although a container runs their image, which loses its last name. Their
    /// reason is `Reason::unprotected`. The number is 0 under `usage_rules::strict`. **Complexity:** O(n) for n
    /// records.
    constexpr std::size_t unprotected_count() const noexcept { return count(Reason::unprotected); }

    /// Returns the containers whose image the planner did not find, by their position in the list given to it. No
    /// record has their `image_id`, or one of their mounted images, as its target. If the usage rule protects only the
    /// name that a container was created from, a record of that name is enough.
    ///
    /// Three causes are possible: the image was removed before, the container's ID is spelled differently than the
    /// targets, or the store does not show all records. In the latter two cases, applying the plan can delete images in
    /// use.
    constexpr std::span<const std::size_t> unmatched_containers() const& noexcept PRUNEPLAN_LIFETIMEBOUND {
        return {unmatched_.data(), unmatched_.size()};
    }
    std::span<const std::size_t> unmatched_containers() const&& = delete;
    /// Returns how many containers `unmatched_containers()` lists.
    constexpr std::size_t unmatched_count() const noexcept { return unmatched_.size(); }

    /// Tells whether the plan was made of `index`, which may have been moved since. **Complexity:** O(1).
    template <class Index>
    constexpr bool is_of(const Index& index) const noexcept {
        return *made_of_ == index.table().identity();
    }

    /// Tells whether both decide alike under the same record numbers (actions, reasons and containers), list the same
    /// unmatched containers, and have images of the same depths. Does not compare names and targets.
    friend constexpr bool operator==(const PrunePlan& a, const PrunePlan& b) {
        return a.decisions_ == b.decisions_ && a.depths_ == b.depths_ && a.unmatched_ == b.unmatched_;
    }

private:
    detail::EmptiedByMove<detail::TableIdentity> made_of_;
    Decisions decisions_;
    detail::Vector<std::uint32_t> depths_;
    detail::Vector<std::size_t> unmatched_;
};

namespace detail {

template <class Index>
constexpr void require_plan_of(const PrunePlan& plan, const Index& index) noexcept {
    require(plan.is_of(index) && plan.decisions().size() == index.size(),
            "this plan was made of another index: pass the index that plan_prune was called with");
}

}  // namespace detail

}  // namespace pruneplan

#endif

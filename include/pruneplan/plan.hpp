#ifndef PRUNEPLAN_PLAN_HPP
#define PRUNEPLAN_PLAN_HPP

// What the planner returns: keep or delete for every record, and why.

#include <pruneplan/detail/emptied_by_move.hpp>
#include <pruneplan/detail/index_iterator.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/detail/record_table.hpp>
#include <pruneplan/detail/sort.hpp>
#include <pruneplan/detail/target_use.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace pruneplan {

enum class Action : unsigned char { keep, remove };

/// Why a record is deleted or kept: of all reasons that apply, the first in the order of the planner's stages.
enum class Reason : unsigned char {
    // Deleted.
    unused,       ///< no container uses its image
    dangling,     ///< it is dangling, and no container uses its image
    spare_name,   ///< a container uses its image, or a kept image is built on it; the image keeps another name
    unprotected,  ///< a container runs its image, which loses its last name, since the usage rule does not protect it
    // Kept.
    not_dangling,  ///< the scope is `Scope::dangling`, and it is not dangling
    filtered,      ///< a filter does not match it, or cannot judge it
    pinned,        ///< the store says that it must never be deleted
    kept_pattern,  ///< a pattern of `PruneOptions::keep` matches it
    newest,        ///< it is among the newest of its repository
    too_young,     ///< it was created or used too recently, or its age is unknown
    name_in_use,   ///< a container was created from this name
    image_in_use,  ///< a container uses its image, and the usage rule keeps all names
    last_name,     ///< a container uses its image, and this is the name of it that is kept
    parent,        ///< a kept image is built on its image
    image_stays,   ///< its image keeps another name, so that deleting this one would free nothing
    enough_freed,  ///< deleting others frees as many bytes as are wanted
};

/// How many reasons there are.
inline constexpr std::size_t reason_count = 16;

constexpr Action action_of(Reason reason) noexcept {
    return reason <= Reason::unprotected ? Action::remove : Action::keep;
}

constexpr std::string_view to_string(Action action) noexcept { return action == Action::keep ? "keep" : "delete"; }

/// A word for logs and scripts: stable from release to release.
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

/// What happens to one record, and why.
struct [[nodiscard]] Decision {
    Action action = Action::keep;
    Reason reason = Reason::not_dangling;
    /// The container that caused it, where one did: its position in the list that was given to the planner. Where several
    /// did, the first of them; of an image, the first that the usage rule lets protect it, if there is one. Unknown for
    /// containers after the first 2^27 - 2.
    std::optional<std::size_t> container{};
    bool mounted = false;  ///< that container mounts the image as a volume, and does not run it

    friend constexpr bool operator==(const Decision&, const Decision&) = default;
};

/// One decision for each record, under the record's number. Five bytes a record. The planner's stages narrow it: they
/// turn a deletion into a keep, and never the other way.
class [[nodiscard]] Decisions {
public:
    constexpr Decisions() = default;
    constexpr Decisions(const Decisions&) = default;
    constexpr Decisions(Decisions&&) noexcept = default;
    /// Copies whole or not at all: an allocation can fail half-way.
    constexpr Decisions& operator=(const Decisions& other) { return *this = Decisions(other); }
    constexpr Decisions& operator=(Decisions&&) noexcept = default;
    constexpr ~Decisions() = default;
    /// At first, every record is deleted.
    constexpr explicit Decisions(std::size_t records)
        : reasons_(records, Reason::unused), usages_(records, detail::Usage().word()), deleted_(records) {}

    constexpr std::size_t size() const noexcept { return reasons_.size(); }
    constexpr bool empty() const noexcept { return reasons_.empty(); }
    constexpr std::size_t deleted_count() const noexcept { return *deleted_; }

    /// @pre `id` is less than `size()`, as for all that follows.
    constexpr Reason reason(std::size_t id) const noexcept {
        detail::require_record(id, size());
        return reasons_[id];
    }
    constexpr bool deletes(std::size_t id) const noexcept { return action_of(reason(id)) == Action::remove; }

    constexpr Decision operator[](std::size_t id) const noexcept {
        Decision decision{action_of(reason(id)), reason(id), std::nullopt, false};
        const auto usage = detail::Usage::from_word(usages_[id]);
        if (usage.container() != detail::Usage::no_container) {
            decision.container = usage.container();
            decision.mounted = usage.mounts();
        }
        return decision;
    }

    using iterator = detail::IndexIterator<Decisions>;
    constexpr iterator begin() const& noexcept PRUNEPLAN_LIFETIMEBOUND { return {*this, 0}; }
    constexpr iterator end() const& noexcept PRUNEPLAN_LIFETIMEBOUND { return {*this, size()}; }
    iterator begin() const&& = delete;
    iterator end() const&& = delete;

    /// Asks for the memory of a decision that is made soon.
    constexpr void prefetch(std::size_t id) const noexcept {
        detail::prefetch(reasons_.data() + id);
        detail::prefetch(usages_.data() + id);
    }

    /// Gives a record that is deleted so far a reason, and the container that caused it. A kept record keeps its reason.
    constexpr void decide(std::size_t id, Reason reason, detail::Usage usage = {}) {
        if (!deletes(id)) return;
        reasons_[id] = reason;
        usages_[id] = usage.word();
        if (action_of(reason) == Action::keep) --*deleted_;
    }

    friend constexpr bool operator==(const Decisions& a, const Decisions& b) {
        return a.reasons_ == b.reasons_ && a.usages_ == b.usages_;
    }

private:
    detail::List<Reason> reasons_;
    detail::List<std::uint32_t> usages_;
    detail::EmptiedByMove<std::size_t> deleted_;
};

/// One step of a plan. The texts belong to the index, or to its store.
struct [[nodiscard]] PlannedDeletion {
    std::string_view name, target;
    std::size_t image;  ///< the record's number in the index
    Reason reason;
};

/// The records to delete, in the order in which to delete them. Owns five bytes a record; the texts belong to the index.
class [[nodiscard]] Deletions {
public:
    constexpr Deletions() = default;
    constexpr Deletions(const Deletions&) = default;
    constexpr Deletions(Deletions&&) noexcept = default;
    /// Copies whole or not at all: an allocation can fail half-way.
    constexpr Deletions& operator=(const Deletions& other) { return *this = Deletions(other); }
    constexpr Deletions& operator=(Deletions&&) noexcept = default;
    constexpr ~Deletions() = default;
    /// `depths` says of each record how many ancestors its image has, or is empty.
    constexpr Deletions(const detail::Entry* entries, const Decisions& decisions,
                        const detail::List<std::uint32_t>& depths)
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

    constexpr std::size_t size() const noexcept { return records_.size(); }
    constexpr bool empty() const noexcept { return records_.empty(); }
    /// @pre `step` is less than `size()`.
    constexpr PlannedDeletion operator[](std::size_t step) const noexcept {
        detail::require(step < size(), "deletion out of range: its number must be less than size()");
        const std::uint32_t record = records_[step];
        return {entries_[record].name(), entries_[record].target(), record, reasons_[step]};
    }

    using iterator = detail::IndexIterator<Deletions>;
    constexpr iterator begin() const& noexcept PRUNEPLAN_LIFETIMEBOUND { return {*this, 0}; }
    constexpr iterator end() const& noexcept PRUNEPLAN_LIFETIMEBOUND { return {*this, size()}; }
    iterator begin() const&& = delete;
    iterator end() const&& = delete;

    /// Whether both delete the same names, of the same targets, for the same reasons, in the same order.
    friend constexpr bool operator==(const Deletions& a, const Deletions& b) {
        if (a.reasons_ != b.reasons_) return false;
        for (std::size_t step = 0; step < a.size(); ++step)
            if (a[step].name != b[step].name || a[step].target != b[step].target) return false;
        return true;
    }

private:
    const detail::Entry* entries_ = nullptr;
    detail::List<std::uint32_t> records_;
    detail::List<Reason> reasons_;
};

/// The plan: a value that changes nothing. Default-constructed or moved from, it is empty. Plans are equal if they decide
/// the same, for the same reasons and containers, under the same record numbers.
///
/// **Memory:** five bytes a record, four more where the store knows parents, and eight for each unmatched container.
/// **Lifetime:** names and targets that it gives belong to the index it was made of, and to that index's store: both must
/// live, unchanged, while they are read. The index may be moved.
class [[nodiscard]] PrunePlan {
public:
    constexpr PrunePlan() = default;
    constexpr PrunePlan(const PrunePlan&) = default;
    constexpr PrunePlan(PrunePlan&&) noexcept = default;
    /// Copies whole or not at all: an allocation can fail half-way.
    constexpr PrunePlan& operator=(const PrunePlan& other) { return *this = PrunePlan(other); }
    constexpr PrunePlan& operator=(PrunePlan&&) noexcept = default;
    constexpr ~PrunePlan() = default;
    constexpr PrunePlan(const detail::RecordTable& table, Decisions decisions, detail::List<std::uint32_t> depths,
                        detail::List<std::size_t> unmatched)
        : made_of_(table.identity()),
          decisions_(std::move(decisions)),
          depths_(std::move(depths)),
          unmatched_(std::move(unmatched)) {}

    /// One decision for each record, under its number in the index.
    constexpr const Decisions& decisions() const& noexcept PRUNEPLAN_LIFETIMEBOUND { return decisions_; }
    constexpr Decisions decisions() && noexcept { return std::move(decisions_); }

    /// Returns what to delete, in the order in which to do it: children before parents, then by name, bytewise. The result
    /// needs the index, and not the plan.
    /// **Complexity:** O(n + d log d) for n records of which d are deleted, at each call: keep the result.
    constexpr Deletions deletions() const { return {made_of_->entries, decisions_, depths_}; }

    constexpr std::size_t kept_count() const noexcept { return decisions_.size() - decisions_.deleted_count(); }
    constexpr std::size_t deleted_count() const noexcept { return decisions_.deleted_count(); }

    /// Returns how many records have this reason. **Complexity:** O(n) for n records, a byte each.
    constexpr std::size_t count(Reason reason) const noexcept {
        std::size_t count = 0;
        for (std::size_t id = 0; id < decisions_.size(); ++id) count += decisions_.reason(id) == reason;
        return count;
    }

    /// Returns how many records are deleted although a container runs their image, which loses its last name: their
    /// reason is `Reason::unprotected`. `usage_rules::strict` has none. **Complexity:** O(n) for n records.
    constexpr std::size_t unprotected_count() const noexcept { return count(Reason::unprotected); }

    /// Returns the containers whose image the planner did not find, as their positions in the list that was given to it:
    /// no record has their `image_id` as its target, or one of their mounted images. Where the usage rule protects just
    /// the name that a container was created from, a record of that name is enough.
    /// Such an image was removed under its container, or the container's ID is spelled otherwise than the targets, or the
    /// store does not show all records. Unless it is the first, applying the plan can delete images in use.
    constexpr std::span<const std::size_t> unmatched_containers() const& noexcept PRUNEPLAN_LIFETIMEBOUND {
        return {unmatched_.data(), unmatched_.size()};
    }
    std::span<const std::size_t> unmatched_containers() const&& = delete;
    constexpr std::size_t unmatched_count() const noexcept { return unmatched_.size(); }

    /// Whether the plan was made of `index`, or of one that was moved there. **Complexity:** O(1).
    template <class Index>
    constexpr bool is_of(const Index& index) const noexcept {
        return *made_of_ == index.table().identity();
    }

    friend constexpr bool operator==(const PrunePlan& a, const PrunePlan& b) {
        return a.decisions_ == b.decisions_ && a.depths_ == b.depths_ && a.unmatched_ == b.unmatched_;
    }

private:
    detail::EmptiedByMove<detail::TableIdentity> made_of_;
    Decisions decisions_;
    detail::List<std::uint32_t> depths_;
    detail::List<std::size_t> unmatched_;
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

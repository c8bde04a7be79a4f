#ifndef PRUNEPLAN_PLAN_HPP
#define PRUNEPLAN_PLAN_HPP

// SPDX-License-Identifier: BSL-1.0

// The plan that the planner returns: keep or delete for every record, why, and what is doubtful.

#include <pruneplan/decision.hpp>
#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/index/blobs.hpp>
#include <pruneplan/detail/index/flat_index.hpp>
#include <pruneplan/detail/index/graph.hpp>
#include <pruneplan/detail/index/index_iterator.hpp>
#include <pruneplan/detail/index/record_texts.hpp>
#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/detail/text/decimal.hpp>
#include <pruneplan/detail/text/message.hpp>
#include <pruneplan/detail/text/significant_part.hpp>
#include <pruneplan/detail/text/text_list.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/syntax/reference_grammar.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pruneplan {

class PrunePlan;

namespace detail {

/// What caused a decision: a container, an option, another image, or nothing.
struct Cause {
    static constexpr std::uint32_t none = 0x7fffffff;

    std::uint32_t number : 31 = none;
    /// A container only mounts the image; for a filter or a protection by time, a time is unknown.
    std::uint32_t mark : 1 = 0;

    friend constexpr bool operator==(const Cause&, const Cause&) = default;
};

/// What the number of a cause counts. An image always has one; a container or an option can be missing.
enum class CauseKind : unsigned char { container, image, option };

constexpr CauseKind cause_kind(Reason reason) noexcept {
    switch (reason) {
        case Reason::needed:
        case Reason::attached:
        case Reason::attached_to_deleted: return CauseKind::image;
        case Reason::filtered:
        case Reason::kept_pattern:
        case Reason::newest: return CauseKind::option;
        case Reason::unused:
        case Reason::dangling:
        case Reason::spare_name:
        case Reason::unprotected:
        case Reason::not_dangling:
        case Reason::pinned:
        case Reason::too_young:
        case Reason::name_in_use:
        case Reason::image_in_use:
        case Reason::last_name:
        case Reason::image_stays:
        case Reason::enough_freed: break;
    }
    return CauseKind::container;
}

/// A doubt without its sentence.
struct DoubtEntry {
    DoubtKind kind{};
    bool blocks = false;
    std::uint32_t text = 0;  ///< its text in `PlanContent::doubt_texts`; for `unprotected_image`, a record of the image
    std::size_t number = 0;

    friend constexpr bool operator==(const DoubtEntry&, const DoubtEntry&) = default;
};

/// The columns of a plan.
struct PlanContent {
    RecordTexts records;
    Graph needs;     // by image
    Graph subjects;  // by record
    Blobs blobs;
    Vector<Reason> reasons;        // by record
    Vector<Cause> causes;          // by record
    Vector<std::uint32_t> depths;  // by record: see `Ancestry`; empty if no image needs another, or is attached to one
    Vector<std::uint32_t> order;   // the deleted records, in the order in which to delete them
    Vector<DoubtEntry> doubts;     // but for those about names
    TextList doubt_texts;
    TextList filters, patterns;          // of the options, as they were typed
    TextList containers;                 // their names, if they have any
    TextList reported_ids;               // further IDs that containers have as their image's
    Vector<std::uint32_t> reported_for;  // the records that these containers decided, ascending
    bool similar_names = false;          // two names may differ only in their form

    constexpr bool deletes(std::size_t record) const noexcept { return action_of(reasons[record]) == Action::erase; }

    /// Returns the ID that the container that decided a record has as its image's, if that is not the image's target;
    /// else an empty text.
    constexpr std::string_view reported_id(std::size_t record) const noexcept {
        const std::uint32_t* const at = std::lower_bound(reported_for.begin(), reported_for.end(), record);
        if (at == reported_for.end() || *at != record) return {};
        return reported_ids[static_cast<std::size_t>(at - reported_for.begin())];
    }

    /// Returns the name of a record of the other image that caused a decision, if one did.
    constexpr std::optional<std::string_view> causing_name(std::size_t record) const noexcept {
        if (cause_kind(reasons[record]) != CauseKind::image) return std::nullopt;
        return records.name(causes[record].number);
    }

    /// Returns by image whether a record of it is kept.
    constexpr Vector<char> kept_images() const {
        Vector<char> kept(records.size(), false);
        for (std::size_t id = 0; id < records.size(); ++id)
            if (!deletes(id)) kept[records.image(id)] = true;
        return kept;
    }
};

/// Names a container by its own name or its number: "container web", "container 3". A name that is not printable ASCII
/// without blanks is quoted. A template: not every supported compiler evaluates std::string at compile time.
template <class Text = std::string>
constexpr Text container_name(const PlanContent& plan, std::size_t number) {
    const std::string_view name = number < plan.containers.size() ? plan.containers[number] : std::string_view();
    if (name.empty()) return joined({"container ", Decimal(number)});
    bool plain = true;
    for (const char c : name) plain = plain && c > ' ' && c < 0x7f;
    return plain ? joined({"container ", name}) : joined({"container ", quoted(name)});
}

template <class Text = std::string>
constexpr Text doubt_sentence(const PlanContent& plan, const DoubtEntry& doubt) {
    const Quoted quoted(doubt.kind == DoubtKind::unprotected_image ? plan.records.target(doubt.text)
                        : doubt.kind >= DoubtKind::invalid_name    ? plan.records.name(doubt.number)
                                                                   : plan.doubt_texts[doubt.text]);
    switch (doubt.kind) {
        case DoubtKind::unmatched_container:
            if (plan.doubt_texts[doubt.text].empty())
                return joined({container_name(plan, doubt.number),
                               " names no image: give the ID that its runtime reports, or what its user typed"});
            return joined(
                {container_name(plan, doubt.number), " uses ", quoted,
                 ", which no record has: show the planner all records, and the digests that the runtime reports"});
        case DoubtKind::unprotected_image:
            return joined({container_name(plan, doubt.number), " runs ", quoted,
                           ", which loses its last name: the usage rule does not protect it, strict does"});
        case DoubtKind::invalid_image_ref:
            return joined({container_name(plan, doubt.number), " was created from ", quoted,
                           ", which is neither a reference nor an ID: give what its user typed"});
        case DoubtKind::unmatched_pattern:
            return joined({"the pattern ", quoted, " of names to keep matches no record"});
        case DoubtKind::invalid_name:
            return joined(
                {"the name ", quoted, " of record ", Decimal(doubt.number), " is neither a reference nor an ID"});
        case DoubtKind::same_name:
            return joined({"the name ", quoted, " of record ", Decimal(doubt.number),
                           " means the same as that of an earlier record"});
    }
    return Text();
}

/// Calls `visit(kind, record)` for each doubt about a name.
template <class Visit>
constexpr void visit_doubtful_names(const PlanContent& plan, const Visit& visit) {
    const RecordTexts& records = plan.records;
    for (std::uint32_t id = 0; id < records.size(); ++id)
        if (!records.is_dangling(id) && !is_reference(records.name(id)) && !is_id(records.name(id)))
            visit(DoubtKind::invalid_name, id);
    if (!plan.similar_names) return;
    FlatIndex by_part(records.size());
    const HashKey key = key_from_addresses(&plan);
    for (std::uint32_t id = 0; id < records.size(); ++id) {
        FlatIndex::Search search = by_part.search(hash(significant_part(records.name(id)), key));
        by_part.advance(search);
        const std::uint32_t same = by_part.find_or_insert(search, id, [&](std::uint32_t other) {
            return is_same_reference(records.name(other), records.name(id), false);
        });
        if (same != id) visit(DoubtKind::same_name, id);
    }
}

constexpr const PlanContent& content(const PrunePlan& plan) noexcept;

}  // namespace detail

/// Holds a plan: one decision for each record, by its number. It is a value that owns all its texts: the store, the
/// index, the containers and the options need not outlive it. Threads can read one plan at the same time.
///
/// Texts that it returns are valid until the plan is assigned to, moved or destroyed.
/// **Memory:** the names and targets once, and O(1) a record, a blob and a doubt.
class [[nodiscard]] PrunePlan {
public:
    /// Holds no record.
    constexpr PrunePlan() = default;
    constexpr PrunePlan(const PrunePlan&) = default;
    constexpr PrunePlan(PrunePlan&&) noexcept = default;
    /// Copies completely, or leaves this object unchanged if an allocation fails.
    constexpr PrunePlan& operator=(const PrunePlan& other) { return *this = PrunePlan(other); }
    constexpr PrunePlan& operator=(PrunePlan&&) noexcept = default;
    constexpr ~PrunePlan() = default;
    /// For the planner.
    constexpr explicit PrunePlan(detail::PlanContent content) : content_(std::move(content)) {}

    /// Returns the number of records.
    constexpr std::size_t size() const noexcept { return content_.reasons.size(); }
    /// Tells whether there is no record.
    constexpr bool empty() const noexcept { return size() == 0; }
    /// Returns the decision on a record. @pre `record` is less than `size()`.
    constexpr Decision operator[](std::size_t record) const noexcept {
        detail::require_record(record, size());
        const Reason reason = content_.reasons[record];
        const detail::Cause cause = content_.causes[record];
        Decision decision{record,
                          content_.records.name(record),
                          content_.records.target(record),
                          action_of(reason),
                          reason,
                          std::nullopt,
                          false,
                          std::nullopt};
        if (cause.number == detail::Cause::none || detail::cause_kind(reason) == detail::CauseKind::image)
            return decision;
        if (detail::cause_kind(reason) == detail::CauseKind::option) {
            decision.option = cause.number;
        } else {
            decision.container = cause.number;
            decision.mounted = cause.mark != 0;
        }
        return decision;
    }

    /// Views decisions of a plan, in some order. It is valid as long as the plan.
    class [[nodiscard]] Decisions {
    public:
        /// Iterates over decisions, with random access. Does not need the view.
        using iterator = detail::IndexIterator<Decisions>;

        constexpr Decisions() = default;  ///< views nothing
        /// Returns the number of decisions.
        constexpr std::size_t size() const noexcept { return size_; }
        /// Tells whether there is no decision.
        constexpr bool empty() const noexcept { return size_ == 0; }
        /// Returns a decision. @pre `step` is less than `size()`.
        constexpr Decision operator[](std::size_t step) const noexcept {
            detail::require(step < size_, "decision out of range: its number must be less than size()");
            return (*plan_)[order_ == nullptr ? step : order_[step]];
        }
        /// Returns an iterator to the first decision.
        constexpr iterator begin() const noexcept { return {*this, 0}; }
        /// Returns the end.
        constexpr iterator end() const noexcept { return {*this, size_}; }

    private:
        friend PrunePlan;
        constexpr Decisions(const PrunePlan& plan, const std::uint32_t* order, std::size_t size)
            : plan_(&plan), order_(order), size_(size) {}

        const PrunePlan* plan_ = nullptr;
        const std::uint32_t* order_ = nullptr;  // null: by record
        std::size_t size_ = 0;
    };
    /// Iterates over decisions, with random access.
    using iterator = Decisions::iterator;
    /// Returns an iterator to the decision on the first record.
    constexpr iterator begin() const noexcept { return Decisions(*this, nullptr, size()).begin(); }
    /// Returns the end.
    constexpr iterator end() const noexcept { return Decisions(*this, nullptr, size()).end(); }

    /// Returns what to delete, in order: an image before the images that it needs and those that are attached to it,
    /// then by name, bytewise.
    constexpr Decisions deletions() const noexcept { return {*this, content_.order.data(), content_.order.size()}; }

    /// Returns how many records have this reason. **Complexity:** O(n) for n records.
    constexpr std::size_t count(Reason reason) const noexcept {
        std::size_t count = 0;
        for (const Reason other : content_.reasons) count += other == reason;
        return count;
    }
    /// Returns how many records are kept.
    constexpr std::size_t kept_count() const noexcept { return size() - deleted_count(); }
    /// Returns how many records are deleted.
    constexpr std::size_t deleted_count() const noexcept { return content_.order.size(); }

    /// Returns what the planner was not sure of, by kind in the order of `DoubtKind`.
    /// **Complexity:** O(n + d) for n records with their texts and d doubts.
    template <class List = std::vector<Doubt>>
    [[nodiscard]] constexpr List doubts() const {
        List doubts;
        const auto add = [&](const detail::DoubtEntry& entry) {
            doubts.push_back({entry.kind, entry.number, entry.blocks, detail::doubt_sentence(content_, entry)});
        };
        for (const detail::DoubtEntry& entry : content_.doubts) add(entry);
        detail::visit_doubtful_names(content_,
                                     [&](DoubtKind kind, std::size_t record) { add({kind, false, 0, record}); });
        return doubts;
    }

    /// Returns what the plan frees; all 0 if no image has a size. An image is deleted with its last record. The
    /// blobs that the store lists for the first record of an image count for all its records. The result is exact if
    /// the store keeps a blob exactly as long as an image has it. **Complexity:** O(n + b) for n records and b blobs
    /// listed.
    constexpr SpaceEstimate space() const {
        const detail::Blobs& blobs = content_.blobs;
        const detail::Vector<char> kept = content_.kept_images();
        const detail::BlobCounts all(blobs, [](std::size_t) { return true; });
        const detail::BlobCounts left(blobs, [&](std::size_t image) { return kept[image] != 0; });
        SpaceEstimate space;
        for (std::size_t i = 0; i < blobs.blobs.size(); ++i) {
            const std::uint64_t size = blobs.blobs[i].size;
            if (!blobs.blobs[i].consistent) {
                ++space.inconsistent_blobs;
            } else if (left[i] == 0) {
                space.freed = detail::saturating_sum(space.freed, size);
            } else {
                space.kept = detail::saturating_sum(space.kept, size);
                if (left[i] != all[i]) space.shared = detail::saturating_sum(space.shared, size);
            }
        }
        return space;
    }

    /// Tells whether both decide alike on the same records in the same order, with the same doubts but for those about
    /// names. **Complexity:** O(n) for n records.
    friend constexpr bool operator==(const PrunePlan& a, const PrunePlan& b) {
        if (a.size() != b.size() || !(a.content_.order == b.content_.order) ||
            !(a.content_.doubts == b.content_.doubts))
            return false;
        for (std::size_t id = 0; id < a.size(); ++id)
            if (a[id] != b[id]) return false;
        return true;
    }

private:
    friend constexpr const detail::PlanContent& detail::content(const PrunePlan& plan) noexcept;
    detail::PlanContent content_;
};

/// Gives the parts of the library that read plans their columns.
constexpr const detail::PlanContent& detail::content(const PrunePlan& plan) noexcept { return plan.content_; }

}  // namespace pruneplan

#endif

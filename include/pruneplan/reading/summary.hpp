#ifndef PRUNEPLAN_READING_SUMMARY_HPP
#define PRUNEPLAN_READING_SUMMARY_HPP

// SPDX-License-Identifier: BSL-1.0

// Says in one sentence what a whole plan does.

#include <pruneplan/detail/text/decimal.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/reading/count_reasons.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace pruneplan {

namespace detail {

/// Reasons to keep a record, from `first` to `last`, that a summary counts together.
struct KeptGroup {
    Reason first, last;
    std::string_view words;
};

inline constexpr KeptGroup kept_groups[] = {
    {Reason::not_dangling, Reason::not_dangling, "not dangling"},
    {Reason::filtered, Reason::filtered, "filtered"},
    {Reason::pinned, Reason::pinned, "pinned"},
    {Reason::kept_pattern, Reason::kept_pattern, "kept by a pattern"},
    {Reason::newest, Reason::newest, "among the newest"},
    {Reason::too_young, Reason::too_young, "too young"},
    {Reason::name_in_use, Reason::last_name, "in use"},
    {Reason::needed, Reason::needed, "needed by kept images"},
    {Reason::attached, Reason::attached, "attached to kept images"},
    {Reason::image_stays, Reason::image_stays, "of kept images"},
    {Reason::enough_freed, Reason::enough_freed, "not needed to free enough"},
};

constexpr void append_all(String& out, std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) append(out, text);
}

/// Appends "1 image" or "3 images".
constexpr void append_count(String& out, std::size_t count, std::string_view one, std::string_view several) {
    append_all(out, {Decimal(count), " ", count == 1 ? one : several});
}

/// Appends a size in powers of 1000, rounded down: "999 B", "1.2 GB", "187 MB".
constexpr void append_bytes(String& out, std::uint64_t bytes) {
    constexpr std::string_view units[] = {" B", " kB", " MB", " GB", " TB", " PB", " EB"};
    std::size_t unit = 0;
    std::uint64_t thousandths = 0;
    for (; bytes >= 1000; bytes /= 1000, ++unit) thousandths = bytes % 1000;
    append(out, Decimal(bytes));
    if (unit > 0 && bytes < 100) append_all(out, {".", Decimal(thousandths / 100)});
    append(out, units[unit]);
}

/// Appends why records are kept, and how many for each reason: the largest group first.
constexpr void append_kept_groups(String& out, const ReasonCounts& counts, bool knows_sizes) {
    struct Counted {
        std::size_t count{};
        std::string_view words{};
    };
    Vector<Counted> groups;
    for (const KeptGroup& group : kept_groups) {
        Counted counted{0, group.words};
        for (auto reason = static_cast<unsigned>(group.first); reason <= static_cast<unsigned>(group.last); ++reason)
            counted.count += counts[static_cast<Reason>(reason)];
        if (group.first == Reason::enough_freed && !knows_sizes) counted.words = "of unknown size";
        groups.push_back(counted);
        for (std::size_t i = groups.size() - 1; i > 0 && groups[i - 1].count < groups[i].count; --i) {
            const Counted smaller = groups[i - 1];
            groups[i - 1] = groups[i];
            groups[i] = smaller;
        }
    }
    std::string_view before = ": ";
    for (const Counted& group : groups) {
        if (group.count == 0) break;
        append(out, before);
        append_count(out, group.count, group.words, group.words);
        before = ", ";
    }
}

/// Appends how many doubts there are of each kind.
constexpr void append_doubts(String& out, const PrunePlan& plan) {
    std::size_t counts[doubt_kind_count] = {};
    for (const DoubtEntry& doubt : content(plan).doubts) ++counts[static_cast<std::size_t>(doubt.kind)];
    visit_doubtful_names(content(plan), [&](DoubtKind kind, std::size_t) { ++counts[static_cast<std::size_t>(kind)]; });
    std::string_view before = "; doubts: ";
    for (std::size_t kind = 0; kind < doubt_kind_count; ++kind) {
        if (counts[kind] == 0) continue;
        append(out, before);
        append_count(out, counts[kind], to_string(static_cast<DoubtKind>(kind)),
                     to_string(static_cast<DoubtKind>(kind)));
        before = ", ";
    }
}

}  // namespace detail

/// Returns one sentence on what `plan` does, such as "5 of 12 records are deleted, 3 images, 1.2 GB freed; 7 are kept:
/// 4 in use, 2 pinned, 1 filtered; doubts: 1 unmatched_container".
///
/// An image is deleted if all its records are. The bytes are those of `PrunePlan::space`, in powers of 1000 and rounded
/// down, after "at least" if blobs have inconsistent sizes; they are missing if no image has a size. Groups of
/// kept records are ordered by size, largest first, then by the planner's stages. For an empty plan without doubts, it
/// is "the store has no records".
///
/// The sentence is for people, and its words may change: for programs, see `count_reasons` and `write_json_lines`.
/// **Complexity:** O(n + b + d) for n records, b blobs that their images list and d doubts.
template <class Text = std::string>
[[nodiscard]] constexpr Text summary(const PrunePlan& plan) {
    const detail::PlanContent& content = detail::content(plan);
    detail::String out;
    if (plan.empty()) {
        detail::append(out, "the store has no records");
    } else {
        detail::append_all(out, {detail::Decimal(plan.deleted_count()), " of ", detail::Decimal(plan.size()),
                                 plan.deleted_count() == 1 ? " records is deleted" : " records are deleted"});
    }
    if (plan.deleted_count() > 0) {
        const detail::Vector<char> kept = content.kept_images();
        std::size_t images = 0;
        for (std::size_t id = 0; id < plan.size(); ++id) images += content.records.is_first(id) && !kept[id];
        detail::append(out, ", ");
        detail::append_count(out, images, "image", "images");
        if (content.blobs.known()) {
            const SpaceEstimate space = plan.space();
            detail::append(out, space.inconsistent_blobs > 0 ? ", at least " : ", ");
            detail::append_bytes(out, space.freed);
            detail::append(out, " freed");
        }
    }
    if (plan.kept_count() > 0) {
        detail::append(out, "; ");
        detail::append_count(out, plan.kept_count(), "is kept", "are kept");
        detail::append_kept_groups(out, count_reasons(plan), content.blobs.known());
    }
    detail::append_doubts(out, plan);
    return Text(out.data(), out.size());
}

}  // namespace pruneplan

#endif

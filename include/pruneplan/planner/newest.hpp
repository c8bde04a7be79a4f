#ifndef PRUNEPLAN_PLANNER_NEWEST_HPP
#define PRUNEPLAN_PLANNER_NEWEST_HPP

// SPDX-License-Identifier: BSL-1.0

// Keeps the newest images of each repository.

#include <pruneplan/detail/index/ancestry.hpp>
#include <pruneplan/detail/index/flat_index.hpp>
#include <pruneplan/detail/index/groups.hpp>
#include <pruneplan/detail/index/string_arena.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/planner/keep_patterns.hpp>
#include <pruneplan/planner/name_forms.hpp>
#include <pruneplan/syntax/digest.hpp>
#include <pruneplan/syntax/version_order.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace pruneplan::detail {

/// Returns the tag of a valid reference, or an empty text.
constexpr std::string_view tag_in(std::string_view reference) noexcept {
    reference = reference.substr(0, reference.find('@'));
    const std::size_t slash = reference.rfind('/'), colon = reference.rfind(':');
    return colon == reference.npos || (slash != reference.npos && colon < slash) ? std::string_view()
                                                                                 : reference.substr(colon + 1);
}

/// Groups records by repository.
class Repositories {
public:
    /// **Complexity:** O(n) for n records and their names.
    constexpr explicit Repositories(Draft& draft) : draft_(draft) {
        const Records& records = draft.records;
        if (!records.subjects.empty()) own_depths_ = ancestry(records.texts(), records.needs).depths;
        Vector<std::uint32_t> repository_of(records.size(), no_group);
        Vector<std::string_view> names;
        StringArena texts;
        FlatIndex by_name(records.size());
        for (std::uint32_t id = 0; id < records.size(); ++id) {
            records.texts().prefetch_names_after(id);
            if (records.is_dangling(id) || records.is_attachment(id) || is_whole_id(records.name(id)) ||
                !forms_.read(records.name(id), draft.names[id]))
                continue;
            const std::string_view name = forms_.name();
            const auto next = static_cast<std::uint32_t>(names.size());
            FlatIndex::Search search = by_name.search(records.hash(name));
            by_name.advance(search);
            repository_of[id] =
                by_name.find_or_insert(search, next, [&](std::uint32_t other) { return names[other] == name; });
            if (repository_of[id] == next)
                names.push_back(draft.names[id].kind == ParsedName::canonical ? name : texts.add(name));
        }
        groups_ = grouped(records.size(), names.size(), [&](std::size_t id) { return repository_of[id]; });
        place_ = Vector<std::uint32_t>(records.size(), 0);
    }

    /// Keeps the newest images of each repository by a rule. **Complexity:** O(n log k) for n records and k images kept
    /// of a repository.
    constexpr void keep_newest(const KeepNewest& rule, std::uint32_t number) {
        Glob names;
        if (rule.names) names = normalized_glob(*rule.names);
        Vector<std::uint32_t> records;
        std::size_t begin = 0;
        for (const std::uint32_t end : groups_.ends) {
            records.clear();
            for (; begin < end; ++begin) {
                const std::uint32_t id = groups_.numbers[begin];
                if (!rule.names || (forms_.read(draft_.records.name(id), draft_.names[id]) && forms_.match(names)))
                    records.push_back(id);
            }
            keep_newest_of(records, rule, number);
        }
    }

private:
    static constexpr Moment no_time{INT64_MIN, 0};

    /// An image, as one repository contains it.
    struct TaggedImage {
        Moment time = no_time;  ///< the latest known time of its records here
        std::uint32_t image = 0;
        std::uint32_t name = 0, version = 0;  ///< the records with the last name and with the highest version
        bool is_needed = false;               ///< another image of the repository needs it
        bool is_kept = false;
    };

    constexpr void keep_newest_of(const Vector<std::uint32_t>& records, const KeepNewest& rule, std::uint32_t number) {
        const bool by_time = rule.by == NewestBy::created || rule.by == NewestBy::last_used;
        images_.clear();
        for (const std::uint32_t id : records) add(id, rule.by);
        const std::size_t counted = needed_last();
        keep_newest_of(counted, rule);
        if (counted < images_.size()) keep_newest_of(images_.size(), rule);
        for (std::uint32_t i = 0; i < images_.size(); ++i) place_[images_[i].image] = i;
        for (const std::uint32_t id : records) {
            const bool unknown = by_time && !time_of(id, rule.by).is_known();
            if (images_[place_[draft_.records.image(id)]].is_kept || unknown)
                draft_.decisions.decide(id, Reason::newest, by_option(number, unknown));
        }
    }

    /// Keeps the newest of the first so many images.
    constexpr void keep_newest_of(std::size_t images, const KeepNewest& rule) {
        const std::size_t kept = (std::min)(rule.count, images);
        if (kept < images)
            std::partial_sort(images_.begin(), images_.begin() + kept, images_.begin() + images,
                              [&](const TaggedImage& a, const TaggedImage& b) { return is_newer(a, b, rule.by); });
        for (std::size_t i = 0; i < kept; ++i) images_[i].is_kept = true;
    }

    constexpr Moment time_of(std::size_t id, NewestBy by) const noexcept {
        return by == NewestBy::last_used ? draft_.facts.used_at(id) : draft_.facts.created_at(id);
    }

    constexpr std::weak_ordering compare_versions_of(std::uint32_t a, std::uint32_t b) const noexcept {
        return compare_versions(tag_in(draft_.records.name(a)), tag_in(draft_.records.name(b)));
    }

    constexpr bool is_newer(const TaggedImage& a, const TaggedImage& b, NewestBy by) const noexcept {
        if (by == NewestBy::created || by == NewestBy::last_used)
            if (a.time != b.time) return a.time > b.time;
        if (by == NewestBy::version)
            if (const auto order = compare_versions_of(a.version, b.version); std::is_neq(order))
                return std::is_gt(order);
        return draft_.records.name(a.name) > draft_.records.name(b.name);
    }

    /// Adds a record to its image. `place_` can hold old places of other repositories.
    constexpr void add(std::uint32_t id, NewestBy by) {
        const std::uint32_t image = draft_.records.image(id);
        const Moment time = time_of(id, by).is_known() ? time_of(id, by) : no_time;
        if (!contains(image)) {
            place_[image] = static_cast<std::uint32_t>(images_.size());
            images_.push_back({time, image, id, id});
            return;
        }
        TaggedImage& known = images_[place_[image]];
        if (draft_.records.name(id) > draft_.records.name(known.name)) known.name = id;
        if (by == NewestBy::version && std::is_gt(compare_versions_of(id, known.version))) known.version = id;
        known.time = (std::max)(known.time, time);
    }
    constexpr bool contains(std::uint32_t image) const noexcept {
        return place_[image] < images_.size() && images_[place_[image]].image == image;
    }

    /// Moves the images that another one of the repository needs behind the others, and returns the number of the
    /// others. The images of a circle do not need each other. Invalidates `place_`.
    constexpr std::size_t needed_last() {
        if (draft_.records.needs.empty()) return images_.size();
        const Vector<std::uint32_t>& depths = own_depths_.empty() ? draft_.ancestry.depths : own_depths_;
        for (const TaggedImage& image : images_)
            for (const std::uint32_t needed : draft_.records.needs[image.image])
                if (contains(needed) && depths[needed] != depths[image.image]) images_[place_[needed]].is_needed = true;
        const auto counts = [](const TaggedImage& image) { return !image.is_needed; };
        return static_cast<std::size_t>(std::partition(images_.begin(), images_.end(), counts) - images_.begin());
    }

    Draft& draft_;
    Vector<std::uint32_t> own_depths_;  // of images along what they need, if attachments make others of `ancestry`
    Groups groups_;
    Vector<std::uint32_t> place_;  // by image: its place in `images_`, if it is there
    Vector<TaggedImage> images_;   // of one repository at a time
    NameForms forms_;
};

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_STAGES_PROTECTION_HPP
#define PRUNEPLAN_STAGES_PROTECTION_HPP

// SPDX-License-Identifier: BSL-1.0

// The second stage of the planner: keeps records that options protect, or the store pins.

#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/groups.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/string_arena.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/reference.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pruneplan {

namespace detail {

/// Groups records by repository. **Memory:** at most 16 bytes a record, 20 a repository, and 32 for each image of the
/// largest repository. The latter two take up to three times as much while their lists grow. A repository whose first
/// name is not canonical adds a copy of its name.
template <class Store>
class Repositories {
public:
    constexpr Repositories(const ImageIndex<Store>& index, ParsedNames& parsed_names)
        : index_(index), repository_of_(index.size(), no_group) {
        FlatIndex by_name(index.size());
        NameForms forms;
        for (std::uint32_t id = 0; id < index.size(); ++id) {
            index.table().prefetch_names_after(id);
            if (index.is_dangling(id) || !forms.read(index.name(id), parsed_names[id])) continue;
            const std::string_view name = forms.name();
            const auto candidate = static_cast<std::uint32_t>(names_.size());
            FlatIndex::Search search = by_name.search(index.table().hash(name));
            by_name.advance(search);
            repository_of_[id] =
                by_name.find_or_insert(search, candidate, [&](std::uint32_t other) { return names_[other] == name; });
            if (repository_of_[id] == candidate)
                names_.push_back(parsed_names[id].kind == ParsedName::canonical ? name : texts_.add(name));
        }
    }

    /// Keeps the `count` newest images of each repository, and records of unknown age. **Complexity:** O(n log count)
    /// for n records.
    constexpr void keep_newest(std::size_t count, Decisions& decisions) const {
        const Groups groups = grouped(index_.size(), names_.size(), [this](std::size_t id) { return repository_of_[id]; });
        const Vector<std::uint32_t>& records = groups.numbers;
        Vector<Image> images;                           // of one repository at a time
        Vector<std::uint32_t> place(index_.size(), 0);  // by target: its place in `images`, if it is there
        std::size_t begin = 0;
        for (const std::uint32_t end : groups.ends) {
            images.clear();
            for (std::size_t i = begin; i < end; ++i) {
                if (i + batch_size < records.size()) prefetch_object(index_.record(records[i + batch_size]));
                add(records[i], images, place);
            }
            const std::size_t kept = (std::min)(count, images.size());
            if (kept < images.size()) {
                // std::nth_element is quadratic for some inputs in some standard libraries.
                std::partial_sort(images.begin(), images.begin() + kept, images.end(), [this](const Image& a, const Image& b) {
                    return a.created != b.created ? a.created > b.created : index_.name(a.name) > index_.name(b.name);
                });
                for (std::uint32_t rank = 0; rank < images.size(); ++rank) place[images[rank].target] = rank;
            }
            for (std::size_t i = begin; i < end; ++i)
                if (place[index_.target_id(records[i])] < kept || !index_.created(records[i]))
                    decisions.decide(records[i], Reason::newest);
            begin = end;
        }
    }

private:
    /// An image, as one repository contains it.
    struct Image {
        std::optional<Timestamp> created;  ///< of its newest record here
        std::uint32_t target, name;        ///< `name`: the record whose name sorts last
    };

    /// Adds a record to the images of its repository. `places` can hold old places of other repositories.
    constexpr void add(std::uint32_t record, Vector<Image>& images, Vector<std::uint32_t>& places) const {
        const std::uint32_t target = index_.table().target_id(record);
        std::uint32_t& place = places[target];
        if (place >= images.size() || images[place].target != target) {
            place = static_cast<std::uint32_t>(images.size());
            images.push_back({index_.created(record), target, record});
            return;
        }
        Image& image = images[place];
        if (index_.name(image.name) < index_.name(record)) image.name = record;
        // An empty optional is less than any other.
        image.created = (std::max)(image.created, index_.created(record));
    }

    const ImageIndex<Store>& index_;
    StringArena texts_;
    Vector<std::string_view> names_;       // the canonical names of the repositories
    Vector<std::uint32_t> repository_of_;  // by record
};

/// Tells whether a record was last used before `moment`, or, if that is unknown, created before it. Returns false if
/// both are unknown.
template <class Store>
constexpr bool is_older(const ImageIndex<Store>& index, std::size_t id, Timestamp moment) {
    if constexpr (HasLastUsed<Store> || HasCreated<Store>) {
        const auto used = index.last_used(id), time = used ? used : index.created(id);
        return time && *time < moment;
    } else {
        return false;
    }
}

}  // namespace detail

namespace stages {

/// Second stage: keeps records that are pinned, match a pattern, are among the newest, or are too young. Caches parsed
/// names in `parsed_names` for the following stages.
/// **Complexity:** O(n) for each option that is set, for n records; O(n * p) for p patterns, of which short ones are
/// matched together; O(n log k) to keep the k newest images of each repository.
/// **Memory:** for `keep_newest_per_repository`, see `detail::Repositories`.
/// **Source:** README.md, "The rule", paragraph 5.
template <class Store>
constexpr void protection(const ImageIndex<Store>& index, const PruneOptions& options,
                          detail::ParsedNames& parsed_names, Decisions& decisions) {
    if constexpr (detail::HasPinned<Store>)
        for (std::size_t id = 0; id < index.size(); ++id)
            if (index.store().pinned(index.record(id))) decisions.decide(id, Reason::pinned);

    if (!options.keep.empty()) {
        detail::Globs keep;
        for (const Glob& glob : options.keep) keep.add(glob);
        detail::NameForms forms;
        for (std::size_t id = 0; id < index.size(); ++id) {
            index.table().prefetch_names_after(id);
            if (decisions.deletes(id) && detail::matches_any(keep, index.name(id), parsed_names[id], forms))
                decisions.decide(id, Reason::kept_pattern);
        }
    }

    if (options.keep_newest_per_repository > 0) {
        if constexpr (detail::HasCreated<Store>)
            detail::Repositories<Store>(index, parsed_names).keep_newest(options.keep_newest_per_repository, decisions);
        else  // everything in a repository is of unknown age
            for (std::size_t id = 0; id < index.size(); ++id)
                if (!index.is_dangling(id) && detail::is_reference(index.name(id)))
                    decisions.decide(id, Reason::newest);
    }

    if (options.keep_younger_than)
        for (std::size_t id = 0; id < index.size(); ++id)
            if (!detail::is_older(index, id, *options.keep_younger_than)) decisions.decide(id, Reason::too_young);
}

}  // namespace stages
}  // namespace pruneplan

#endif

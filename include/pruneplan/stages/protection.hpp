#ifndef PRUNEPLAN_STAGES_PROTECTION_HPP
#define PRUNEPLAN_STAGES_PROTECTION_HPP

#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/sort.hpp>
#include <pruneplan/detail/text_arena.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/reference.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pruneplan {

namespace detail {

/// The images of each repository, by age. Memory: 26 bytes a record, and up to 100 for each image of a repository.
template <class Store>
class Repositories {
public:
    constexpr Repositories(const ImageIndex<Store>& index, NameCuts& cuts)
        : index_(index), image_of_(index.size(), no_record), by_key_(index.size()) {
        FlatIndex by_name(index.size());
        NameForms forms;
        for (std::uint32_t id = 0; id < index.size(); ++id) {
            if (index.is_dangling(id) || !forms.read(index.name(id), cuts[id])) continue;
            const std::string_view name = forms.name();
            const auto candidate = static_cast<std::uint32_t>(repositories_.size());
            const std::uint32_t repository =
                by_name.find_or_insert(by_name.search(index.table().hash(name)), candidate,
                                       [&](std::uint32_t other) { return repositories_[other] == name; });
            if (repository == candidate)
                repositories_.push_back(cuts[id].kind == NameCut::canonical ? name : texts_.keep(name));
            put(id, repository);
        }
        resolve();
    }

    /// Keeps what is among the `count` newest of its repository, and what is of unknown age.
    constexpr void keep_newest(std::size_t count, Decisions& decisions) {
        const List<std::uint32_t> images = by_repository();
        List<Ranked> ranked;
        for (std::size_t i = 0; i < images.size();) {
            const std::uint32_t repository = images_[images[i]].repository;
            ranked.clear();
            for (; i < images.size() && images_[images[i]].repository == repository; ++i) {
                if (i + batch_size < images.size()) prefetch(&images_[images[i + batch_size]], sizeof(Image) - 1);
                ranked.push_back({*images_[images[i]].created, images[i]});
            }
            const std::size_t kept = std::min(count, ranked.size());
            std::nth_element(ranked.begin(), ranked.begin() + kept, ranked.end(), [this](const Ranked& a, const Ranked& b) {
                return a.created != b.created ? a.created > b.created
                                              : index_.name(images_[a.image].name) > index_.name(images_[b.image].name);
            });
            for (std::size_t rank = 0; rank < kept; ++rank) images_[ranked[rank].image].newest = true;
        }
        for (std::size_t id = 0; id < index_.size(); ++id)
            if (image_of_[id] != no_record && (images_[image_of_[id]].newest || !index_.created(id)))
                decisions.decide(id, Reason::newest);
    }

private:
    /// A target, in one repository.
    struct Image {
        std::uint32_t repository, target;
        std::uint32_t name;                ///< the record whose name sorts last
        std::optional<Timestamp> created;  ///< of its newest record
        bool newest = false;
    };

    struct Ranked {
        Timestamp created;
        std::uint32_t image;
    };

    /// A record on its way to its image, a batch at a time: see `FlatIndex`.
    struct Waiting {
        FlatIndex::Search search;
        std::uint32_t record = 0, repository = 0;
    };

    constexpr void put(std::uint32_t record, std::uint32_t repository) {
        const std::uint64_t key = index_.table().hash(repository, index_.table().target_id(record));
        waiting_[size_++] = {by_key_.search(key), record, repository};
        if (size_ == waiting_.size()) resolve();
    }

    constexpr void resolve() {
        for (std::size_t i = 0; i < size_; ++i) {
            by_key_.advance(waiting_[i].search);
            const std::uint32_t image = by_key_.record_at(waiting_[i].search);
            if (image != no_record) prefetch(&images_[image]);
        }
        for (std::size_t i = 0; i < size_; ++i) {
            const Waiting& waiting = waiting_[i];
            const std::uint32_t target = index_.table().target_id(waiting.record);
            const auto candidate = static_cast<std::uint32_t>(images_.size());
            const std::uint32_t image = by_key_.find_or_insert(waiting.search, candidate, [&](std::uint32_t other) {
                return images_[other].repository == waiting.repository && images_[other].target == target;
            });
            if (image == candidate)
                images_.push_back({waiting.repository, target, waiting.record, index_.created(waiting.record)});
            image_of_[waiting.record] = image;
            see(images_[image], waiting.record);
        }
        size_ = 0;
    }

    constexpr void see(Image& image, std::uint32_t record) const {
        if (image.name != record && index_.name(image.name) < index_.name(record)) image.name = record;
        // An empty optional comes before all others.
        image.created = std::max(image.created, index_.created(record));
    }

    /// The images of known age, those of one repository together.
    constexpr List<std::uint32_t> by_repository() const {
        return grouped(images_.size(), repositories_.size(),
                       [this](std::size_t image) { return images_[image].created ? images_[image].repository : no_group; });
    }

    const ImageIndex<Store>& index_;
    TextArena texts_;
    List<std::string_view> repositories_;  // their canonical names
    List<Image> images_;
    List<std::uint32_t> image_of_;  // by record
    FlatIndex by_key_;              // images by repository and target
    std::array<Waiting, batch_size> waiting_{};
    std::size_t size_ = 0;
};

/// Whether a pattern matches a name, which need not be a reference.
constexpr bool matches_any(const Globs& globs, std::string_view name, NameCut& cut, NameForms& forms) {
    return forms.read(name, cut) ? forms.match_any(globs) : globs.any([name](const Glob& glob) { return glob.matches(name); });
}

/// Whether a record is known to have been used, or else made, before `moment`.
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

/// Second stage: what must not go, whether it is used or not. Cost: a look at each record for each of the options that
/// is set, and one at its name for each pattern, or for several short ones. `cuts` are kept for the stages that follow.
template <class Store>
constexpr void protection(const ImageIndex<Store>& index, const PruneOptions& options, detail::NameCuts& cuts,
                          Decisions& decisions) {
    if constexpr (detail::HasPinned<Store>)
        for (std::size_t id = 0; id < index.size(); ++id)
            if (index.store().pinned(index.record(id))) decisions.decide(id, Reason::pinned);

    if (!options.keep.empty()) {
        detail::Globs keep;
        for (const Glob& glob : options.keep) keep.add(glob);
        detail::NameForms forms;
        for (std::size_t id = 0; id < index.size(); ++id)
            if (decisions.deletes(id) && detail::matches_any(keep, index.name(id), cuts[id], forms))
                decisions.decide(id, Reason::kept_pattern);
    }

    if (options.keep_newest_per_repository > 0) {
        if constexpr (detail::HasCreated<Store>)
            detail::Repositories<Store>(index, cuts).keep_newest(options.keep_newest_per_repository, decisions);
        else  // all that is in a repository is of unknown age
            for (std::size_t id = 0; id < index.size(); ++id)
                if (!index.is_dangling(id) && detail::split_reference(index.name(id)))
                    decisions.decide(id, Reason::newest);
    }

    if (options.keep_younger_than)
        for (std::size_t id = 0; id < index.size(); ++id)
            if (!detail::is_older(index, id, *options.keep_younger_than)) decisions.decide(id, Reason::too_young);
}

}  // namespace stages
}  // namespace pruneplan

#endif

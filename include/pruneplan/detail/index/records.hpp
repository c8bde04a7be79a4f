#ifndef PRUNEPLAN_DETAIL_INDEX_RECORDS_HPP
#define PRUNEPLAN_DETAIL_INDEX_RECORDS_HPP

// SPDX-License-Identifier: BSL-1.0

// The records of a store in plain columns, found by name and by target. The planner reads nothing else of a store but
// what detail/index/facts.hpp and detail/index/blobs.hpp hold.

#include <pruneplan/detail/batch.hpp>
#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/index/flat_index.hpp>
#include <pruneplan/detail/index/graph.hpp>
#include <pruneplan/detail/index/image_ids.hpp>
#include <pruneplan/detail/index/record_texts.hpp>
#include <pruneplan/detail/text/full_id.hpp>
#include <pruneplan/detail/text/significant_part.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/text/words.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace pruneplan::detail {

/// Docker's containerd image store names an image that lost its last name by this prefix and its target.
inline constexpr char dangling_prefix[] = "moby-dangling@";

/// Holds the records of a store, and finds them by name and by target. An image is identified by the number of its
/// first record.
///
/// Names are hashed without the parts that a reference may omit, so that a reference finds its record in whatever form
/// both are spelled.
/// **Complexity:** O(1) a record on average: two hashes, and most often one or two comparisons.
class Records {
public:
    using Search = FlatIndex::Search;

    /// What some name or target is like, so that a search for it can be left out if none is.
    struct Kinds {
        bool name_like_id = false;         ///< a name begins with "sha256:", but for what a reference may omit
        bool name_with_digest = false;     ///< a name that is not dangling ends in a digest
        bool stray_dangling_name = false;  ///< a dangling name is not the dangling record of an ID in it
        bool similar_names = false;        ///< two names may differ only in the form of one reference
        bool bare_target = false;          ///< a target has the length of a sha256 digest without its algorithm
        bool full_target = false;          ///< a target has the length of a sha256 digest with its algorithm
    };

    /// What an ID means: an image, or several.
    struct Meaning {
        std::uint32_t image = no_record;       ///< the first image, or `no_record`
        std::uint32_t further_id = no_record;  ///< the ID's number in `ids`, if some image has it beside its target
    };

    constexpr Records(std::size_t records, HashKey key) : ids(key), key_(key), by_name_(records), by_target_(records) {
        texts_.reserve(records);
        added_texts_.reserve((std::min)(records, batch_size) * usual_texts);
    }

    constexpr std::size_t size() const noexcept { return texts_.size(); }
    constexpr std::string_view name(std::size_t record) const noexcept { return texts_.name(record); }
    constexpr std::string_view target(std::size_t record) const noexcept { return texts_.target(record); }
    constexpr std::uint32_t image(std::size_t record) const noexcept { return texts_.image(record); }
    constexpr bool is_dangling(std::size_t record) const noexcept { return texts_.is_dangling(record); }
    constexpr const Kinds& kinds() const noexcept { return kinds_; }
    constexpr const RecordTexts& texts() const noexcept { return texts_; }
    constexpr std::uint64_t hash(std::string_view text) const noexcept { return detail::hash(text, key_); }

    // What a store can tell beside names and targets, once it was read.

    ImageIds ids;    // further IDs of images
    Graph needs;     // by image: the images that it needs
    Graph subjects;  // by record: the images that it is attached to

    /// Tells whether a record is attached to an image of the store.
    constexpr bool is_attachment(std::size_t record) const noexcept { return !subjects[record].empty(); }

    /// Moves the texts out, and frees the tables.
    constexpr RecordTexts release() noexcept {
        by_name_ = by_target_ = FlatIndex();
        return std::move(texts_);
    }

    // Adds a record: `add_name`, `add_target` and `add`. Texts are copied at once. It can be found after the next
    // `enter`.

    constexpr void add_name(std::string_view name) {
        Added& added = batch_.next();
        const std::string_view part = significant_part(name);
        added.begin = added_texts_.size();
        added.name_size = name.size();
        added.like_dangling = begins(name, dangling_prefix);
        added.by_name = by_name_.search(hash(part));
        kinds_.name_like_id |= begins(part, "sha256:");
        kinds_.name_with_digest |= !added.like_dangling && ends_in_digest(name);
        append(added_texts_, name);
    }
    constexpr void add_target(std::string_view target) {
        Added& added = batch_.last();
        added.target_size = target.size();
        added.by_target = by_target_.search(hash(target));
        kinds_.bare_target |= target.size() == sha256_digits;
        kinds_.full_target |= target.size() == sizeof "sha256:" - 1 + sha256_digits;
        append(added_texts_, target);
    }
    /// Tells whether the record that is being added has the dangling name of its target.
    constexpr bool has_dangling_name() const noexcept {
        const Added& added = batch_.last();
        return added.like_dangling && name_of(added).substr(sizeof dangling_prefix - 1) == target_of(added);
    }

    /// Returns a record whose name one of the added records has, or `no_record`.
    constexpr std::uint32_t add(bool is_dangling) {
        Added& added = batch_.last();
        added.dangling = is_dangling;
        kinds_.stray_dangling_name |=
            added.like_dangling && !(is_dangling && has_dangling_name() && added.target_size > 0);
        return batch_.full() ? enter() : no_record;
    }

    /// Enters the records that were added. Returns the first whose name another record has, or `no_record`.
    constexpr std::uint32_t enter() {
        std::uint32_t duplicate = no_record;
        texts_.make_room(added_texts_.size(), batch_size);
        batch_.run(
            [this](Added& added) {
                seek(by_name_, added.by_name);
                seek(by_target_, added.by_target);
            },
            [this](Added& added) {
                fetch_name(added.by_name);
                fetch_target(added.by_target);
            },
            [&](Added& added) {
                if (duplicate == no_record) duplicate = place(added);
            });
        added_texts_.clear();
        return duplicate;
    }

    // The steps of a search: `search_…`, `seek_…`, `fetch_…`, `find_…`. Each prefetches what the next one reads.

    constexpr Search search_name(std::string_view name) const noexcept {
        return by_name_.search(hash(significant_part(name)));
    }
    constexpr Search search_target(std::string_view target) const noexcept { return by_target_.search(hash(target)); }
    constexpr void seek_name(Search& search) const noexcept { seek(by_name_, search); }
    constexpr void seek_target(Search& search) const noexcept { seek(by_target_, search); }
    /// Returns the record most likely searched for, for further prefetching.
    constexpr std::uint32_t fetch_name(const Search& search) const noexcept {
        const std::uint32_t record = or_first(by_name_.record_at(search));
        if (size() > 0) texts_.prefetch_name(record);
        return record;
    }
    /// @overload
    constexpr std::uint32_t fetch_target(const Search& search) const noexcept {
        const std::uint32_t record = or_first(by_target_.record_at(search));
        if (size() > 0) texts_.prefetch_target(record);
        return record;
    }
    /// Returns the first record for which `matches(record)` is true, or `no_record`. It is called for those with the
    /// name's significant part, and for some others, which depend on hashes.
    template <class Matches>
    constexpr std::uint32_t find_name(const Search& search, const Matches& matches) const {
        return by_name_.find(search, matches);
    }
    /// Returns the image with this target, or `no_record`.
    constexpr std::uint32_t find_target(std::string_view target, const Search& search) const {
        return by_target_.find(search, [&](std::uint32_t record) { return same(this->target(record), target); });
    }

    /// Returns the first record with the name's significant part for which `matches(record)` is true, or `no_record`.
    template <class Matches>
    constexpr std::uint32_t find_name(std::string_view name, const Matches& matches) const {
        if (size() == 0) return no_record;
        Search search = search_name(name);
        by_name_.advance(search);
        const std::string_view part = significant_part(name);
        return by_name_.find(search, [&](std::uint32_t record) {
            return significant_part(this->name(record)) == part && matches(record);
        });
    }
    /// Returns the record with exactly this name, or `no_record`.
    constexpr std::uint32_t find_name(std::string_view name) const {
        return find_name(name, [&](std::uint32_t record) { return this->name(record) == name; });
    }
    /// Returns the image with this target, or `no_record`.
    constexpr std::uint32_t find_target(std::string_view target) const {
        if (size() == 0) return no_record;
        Search search = search_target(target);
        by_target_.advance(search);
        return find_target(target, search);
    }

    /// Groups the further IDs that were added to `ids`. Two targets that are one ID, with and without its algorithm,
    /// become a further ID of both their images.
    constexpr void finish_ids() {
        if (kinds_.bare_target && kinds_.full_target) add_ids_of_bare_targets();
        if (!ids.empty())
            ids.finish(size(), [this](std::string_view id) { return find_full_target(id, sought_target(id)); });
    }
    /// Returns the image whose target is a sha256 digest in the other form, with or without its algorithm, or
    /// `no_record`.
    constexpr std::uint32_t find_other_form(std::string_view target) const {
        if (is_identifier(target)) return kinds_.full_target ? find_with_algorithm(target) : no_record;
        const std::string_view digits = without_algorithm(target);
        return kinds_.bare_target && is_identifier(digits) ? find_target(digits) : no_record;
    }
    /// Returns what an ID means, which is whole and has its algorithm; nothing, if it is empty. Some stores have
    /// targets without the algorithm "sha256:".
    constexpr Meaning find_id(std::string_view id, const Search& search) const {
        if (id.empty()) return {};
        if (const std::uint32_t number = ids.find(id, search.hash); number != no_record)
            return {ids.images(number)[0], number};
        return {find_full_target(id, search), no_record};
    }
    /// @overload
    constexpr Meaning find_id(std::string_view id) const {
        return size() == 0 ? Meaning{} : find_id(id, sought_target(id));
    }
    /// Returns how many images share an ID; 0 if none or one has it.
    constexpr std::size_t sharing(const Meaning& meaning) const noexcept {
        if (meaning.further_id == no_record) return 0;
        const std::size_t images = ids.images(meaning.further_id).size();
        return images > 1 ? images : 0;
    }
    /// Tells whether an ID means an image. **Complexity:** O(log k) for k images.
    constexpr bool means(const Meaning& meaning, std::uint32_t image) const noexcept {
        if (meaning.further_id == no_record) return meaning.image == image;
        const std::span<const std::uint32_t> images = ids.images(meaning.further_id);
        return std::binary_search(images.data(), images.data() + images.size(), image);
    }
    /// Calls `visit(image)` for each image that an ID means.
    template <class Visit>
    constexpr void for_each(const Meaning& meaning, const Visit& visit) const {
        if (meaning.further_id == no_record) {
            if (meaning.image != no_record) visit(meaning.image);
            return;
        }
        for (const std::uint32_t image : ids.images(meaning.further_id)) visit(image);
    }

private:
    /// The size of a name and a target together, as they most often are, or less.
    static constexpr std::size_t usual_texts = 128;

    struct Added {
        std::size_t begin = 0, name_size = 0, target_size = 0;
        bool like_dangling = false, dangling = false;
        Search by_name{}, by_target{};
    };

    constexpr std::string_view name_of(const Added& added) const noexcept {
        return {added_texts_.data() + added.begin, added.name_size};
    }
    constexpr std::string_view target_of(const Added& added) const noexcept {
        return {added_texts_.data() + added.begin + added.name_size, added.target_size};
    }

    /// Returns a record whose name this record has, or `no_record` if it was placed.
    constexpr std::uint32_t place(const Added& added) {
        const auto record = static_cast<std::uint32_t>(size());
        const std::string_view name = name_of(added), target = target_of(added);
        const std::uint32_t named = by_name_.find_or_insert(added.by_name, record, [&](std::uint32_t other) {
            const std::string_view known = this->name(other);
            if (same(known, name)) return true;
            kinds_.similar_names = kinds_.similar_names || significant_part(known) == significant_part(name);
            return false;
        });
        if (named != record) return named;
        const std::uint32_t image = by_target_.find_or_insert(
            added.by_target, record, [&](std::uint32_t other) { return same(this->target(other), target); });
        texts_.add(name, target, image, added.dangling);
        return no_record;
    }

    constexpr Search sought_target(std::string_view target) const noexcept {
        Search search = search_target(target);
        seek_target(search);
        return search;
    }
    /// Returns the image whose target is an ID with its algorithm, or `no_record`.
    constexpr std::uint32_t find_full_target(std::string_view id, const Search& search) const {
        const std::uint32_t image = find_target(id, search);
        return image != no_record || !kinds_.bare_target ? image : find_other_form(id);
    }
    constexpr std::uint32_t find_with_algorithm(std::string_view digits) const {
        String full;
        append_full_id(digits, full);
        return find_target({full.data(), full.size()});
    }

    constexpr void add_ids_of_bare_targets() {
        for (std::uint32_t record = 0; record < size(); ++record) {
            if (image(record) != record || !is_identifier(target(record))) continue;
            const std::uint32_t other = find_with_algorithm(target(record));
            if (other != no_record) ids.add(target(other), record);
        }
    }

    constexpr void seek(const FlatIndex& table, Search& search) const noexcept {
        table.advance(search);
        if (size() > 0) texts_.prefetch(or_first(table.record_at(search)));
    }

    /// Returns the record, or 0 for `no_record`: a useless prefetch costs less than an unpredictable branch.
    static constexpr std::uint32_t or_first(std::uint32_t record) noexcept {
        return record & (0u - (record != no_record));
    }

    HashKey key_;
    RecordTexts texts_;
    FlatIndex by_name_, by_target_;
    String added_texts_;
    Batch<Added> batch_;
    Kinds kinds_;
};

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_IMAGE_INDEX_HPP
#define PRUNEPLAN_IMAGE_INDEX_HPP

// SPDX-License-Identifier: BSL-1.0

// The index of a store's records: finds them by name and by target.

#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/detail/record_table.hpp>
#include <pruneplan/detail/string_arena.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/detail/words.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/syntax/reference.hpp>
#include <pruneplan/syntax/result.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan {

namespace detail {

/// Docker's containerd image store names an image that lost its last name by this prefix and its target.
inline constexpr char dangling_prefix[] = "moby-dangling@";

}  // namespace detail

/// Indexes the records of a `Store`, numbered from 0 in the order of its `images()`.
///
/// **Lifetime:** the index borrows the store and the texts that the store lends (see `ImageStore`). Both must stay
/// unchanged while the index and its plans are read. After a change of the store, such as applying a plan, destroy the
/// index and build another. Moving an index keeps its plans valid; the moved-from index is empty.
template <class Store>
class ImageIndex {
    static_assert(detail::fits_store<Store>());

public:
    /// The store's record type.
    using Record = detail::RecordOf<Store>;

    /// Builds the index. Calls `name`, `target`, `is_dangling` and `parent` once for each record. Names that are not
    /// valid references are kept as they are.
    /// **Errors:** `duplicate_name` if two records have the same name; `text_too_long` if a name or target has 2 GiB or
    /// more; `too_many_records` if the store has 2^32 - 1 records or more.
    /// **Complexity:** O(n) for n records and the length of their texts. m records that name another parent
    /// than an earlier record of their image add O(m log m).
    /// **Memory:** 49 bytes a record, and a copy of the texts that the store returns by value; 8 more a record if
    /// `images()` has no random access, 4 more if the store has `parent`, and 8 to 24 for each of the m records. The
    /// number of allocations does not depend on n, except for copied texts and the m records, O(log n).
    static constexpr Result<ImageIndex> build(const Store& store PRUNEPLAN_LIFETIMEBOUND) {
        auto&& images = store.images();
        const auto end = std::end(images);
        std::size_t count = 0;
        for (auto it = std::begin(images); it != end; ++it) ++count;
        if (count >= detail::no_record)
            return Error{ErrorCode::too_many_records, "too many records: an index holds at most 2^32 - 2"};

        ImageIndex index(store, count);
        if constexpr (random_access)
            index.records_ = std::begin(images);
        else
            index.records_.reserve(count);
        for (auto it = std::begin(images); it != end;) {
            const std::size_t first = index.size();
            for (std::size_t left = detail::batch_size; left > 0 && it != end; --left, ++it) {
                if (const auto text = index.push(*it))
                    return Error{ErrorCode::text_too_long, detail::joined({"name or target ", detail::quoted(*text),
                                                                           " is too long: use less than 2 GiB"})};
            }
            for (std::size_t id = first; id < index.size(); ++id) index.classify_name(id);
            const std::uint32_t duplicate = index.table_.enter();
            if (duplicate != detail::no_record)
                return Error{ErrorCode::duplicate_name,
                             detail::joined({"duplicate name ", detail::quoted(index.name(duplicate)),
                                             ": names in a store must be unique"})};
        }
        index.find_parents();
        return index;
    }
    static Result<ImageIndex> build(const Store&& temporary) = delete;

    /// Returns the number of records.
    constexpr std::size_t size() const noexcept { return table_.size(); }
    /// Returns the store that was indexed.
    constexpr const Store& store() const noexcept { return *store_; }

    // Members that take a record's number. @pre It is less than `size()`.

    /// Returns the record as the store has it.
    constexpr const Record& record(std::size_t id) const {
        detail::require_record(id, size());
        if constexpr (random_access)
            return records_[static_cast<std::iter_difference_t<detail::RecordIterator<Store>>>(id)];
        else
            return *records_[id];
    }
    /// Returns the record's name.
    constexpr std::string_view name(std::size_t id) const noexcept PRUNEPLAN_LIFETIMEBOUND { return entry(id).name(); }
    /// Returns the record's target.
    constexpr std::string_view target(std::size_t id) const noexcept PRUNEPLAN_LIFETIMEBOUND {
        return entry(id).target();
    }
    /// Tells whether the record is dangling: what the store's `is_dangling` returns, or else whether its name is
    /// "moby-dangling@" and its target.
    constexpr bool is_dangling(std::size_t id) const noexcept {
        detail::require_record(id, size());
        return dangling_[id];
    }

    /// Returns the number of the first record that has the target of record `id`. It identifies the image.
    constexpr std::size_t target_id(std::size_t id) const noexcept {
        detail::require_record(id, size());
        return table_.target_id(id);
    }

    /// Returns a parent of an image, as the number of the parent's first record. Returns nothing if there is no `nth`
    /// parent, the parent is not in the store, or the store has no `parent`. An image has several parents if its
    /// records name different ones; their order is unspecified. Parents can form a circle.
    /// @param target_id the image, by its first record.
    /// @param nth which parent, from 0.
    /// **Complexity:** O(1) for `nth` 0, or if no image has several parents; else O(log p) for p parents.
    constexpr std::optional<std::size_t> parent(std::size_t target_id, std::size_t nth = 0) const noexcept {
        detail::require_record(target_id, size());
        if (parents_.empty()) return std::nullopt;
        return nth == 0 ? found(parents_[target_id]) : more_parents(target_id, nth - 1);
    }

    /// Returns the record with exactly this name. For a name that a user typed, see `find_image`. **Complexity:** O(1)
    /// on average, one hash.
    [[nodiscard]] constexpr std::optional<std::size_t> find(std::string_view name) const {
        return found(table_.find_name(name));
    }

    /// Returns the first record that points at exactly this digest. **Complexity:** O(1) on average, one hash.
    [[nodiscard]] constexpr std::optional<std::size_t> find_target(std::string_view target) const {
        return found(table_.find_target(target));
    }

    /// Returns the first record of the image that a user means by a name or an ID, such as "alpine", "sha256:82d1e9d7…"
    /// or "82d1e9d". A name takes precedence over an ID. An ID can be truncated, and lack its algorithm, if it is of
    /// sha256.
    /// **Errors:** `image_not_found`; `ambiguous_id` if a truncated ID matches several images.
    /// **Complexity:** O(1) on average for a name, or an ID that is spelled as the target is; else O(n) for n records.
    constexpr Result<std::size_t> find_image(std::string_view typed) const {
        bool ambiguous = false;
        if (const auto id = find_image(typed, ambiguous)) return *id;
        if (ambiguous)
            return Error{ErrorCode::ambiguous_id, detail::joined({"ambiguous ID ", detail::quoted(typed),
                                                                  ": it matches several images, use more digits"})};
        return Error{ErrorCode::image_not_found, detail::joined({"image ", detail::quoted(typed),
                                                                 " not found: use the name or ID of a stored image"})};
    }

    /// Like `find_image`, without building a message. Sets `ambiguous` to true if several images match.
    /// @pre `ambiguous` is false.
    constexpr std::optional<std::size_t> find_image(std::string_view typed, bool& ambiguous) const {
        if (const auto id = find_whole(typed)) return id;
        constexpr std::string_view algorithm = "sha256:";
        std::string_view digits = typed;
        if (digits.starts_with(algorithm)) digits.remove_prefix(algorithm.size());
        std::optional<std::size_t> found;
        for (std::size_t id = 0; id < size() && !digits.empty(); ++id) {
            if (target_id(id) != id || !target(id).starts_with(algorithm) ||
                !target(id).substr(algorithm.size()).starts_with(digits))
                continue;
            ambiguous = found.has_value();
            if (ambiguous) return std::nullopt;
            found = id;
        }
        return found;
    }

    /// Returns when the record was created; nothing if that is unknown or the store does not provide it.
    constexpr std::optional<Timestamp> created(std::size_t id) const {
        if constexpr (detail::HasCreated<Store>) return store_->created(record(id));
        return std::nullopt;
    }
    /// Returns when the record was last used; nothing if that is unknown or the store does not provide it.
    constexpr std::optional<Timestamp> last_used(std::size_t id) const {
        if constexpr (detail::HasLastUsed<Store>) return store_->last_used(record(id));
        return std::nullopt;
    }

    /// Tells whether some record has a dangling name and is not the dangling record of the target in it: it has another
    /// target, or the store says that it is not dangling.
    constexpr bool has_stray_dangling_name() const noexcept { return has_stray_dangling_name_; }

    /// Tells whether some record's name ends in a digest and is not a dangling name.
    constexpr bool has_name_with_digest() const noexcept { return has_name_with_digest_; }

    /// Returns what `find_image` finds without a search through all IDs: the first record of the image with exactly
    /// this name, with the canonical form of this reference as its name, or with exactly this target.
    /// **Complexity:** O(1) on average, three hashes at most.
    [[nodiscard]] constexpr std::optional<std::size_t> find_whole(std::string_view typed) const {
        if (const auto id = find(typed)) return id;
        if (detail::is_reference(typed))
            if (const auto id = find(parse_reference(typed)->with_default_tag().canonical())) return id;
        return find_target(typed);
    }

    /// Returns the table that the planner's stages search in batches.
    constexpr const detail::RecordTable& table() const noexcept { return table_; }

private:
    constexpr ImageIndex(const Store& store, std::size_t records)
        : store_(&store), table_(records, detail::key_from_addresses(&store)) {
        dangling_.reserve(records);
    }

    constexpr void find_parents() {
        if constexpr (detail::HasParent<Store>) {
            parents_ = detail::Vector<std::uint32_t>(size(), detail::no_record);
            for (std::size_t id = 0; id < size(); ++id) {
                const auto& given = store_->parent(record(id));
                const std::string_view text = detail::text_of(given);
                const std::uint32_t parent = text.empty() ? detail::no_record : table_.find_target(text);
                std::uint32_t& first = parents_[target_id(id)];
                if (first == detail::no_record)
                    first = parent;
                else if (parent != detail::no_record && parent != first)
                    more_.push_back({static_cast<std::uint32_t>(target_id(id)), parent});
            }
            std::sort(more_.begin(), more_.end());
            more_.shrink(static_cast<std::size_t>(std::unique(more_.begin(), more_.end()) - more_.begin()));
        }
    }

    constexpr std::optional<std::size_t> more_parents(std::size_t target_id, std::size_t nth) const noexcept {
        const Link* const first = std::lower_bound(more_.begin(), more_.end(), Link{static_cast<std::uint32_t>(target_id), 0});
        if (static_cast<std::size_t>(more_.end() - first) <= nth || first[nth].child != target_id) return std::nullopt;
        return first[nth].parent;
    }

    static constexpr std::optional<std::size_t> found(std::uint32_t record) {
        if (record == detail::no_record) return std::nullopt;
        return record;
    }

    /// Adds a record to the table. Returns its name or target if that is too long.
    constexpr std::optional<std::string_view> push(const Record& record) {
        using Name = decltype(store_->name(record));
        using Target = decltype(store_->target(record));
        const std::string_view name = kept<Name>(detail::text_of(store_->name(record)));
        const std::string_view target = kept<Target>(detail::text_of(store_->target(record)));
        detail::prefetch(name.data(), name.size());
        detail::prefetch(target.data(), target.size());
        table_.push({name, target});
        if constexpr (!random_access) records_.push_back(detail::address_of(record));
        if (name.size() > detail::Entry::longest_text) return name;
        if (target.size() > detail::Entry::longest_text) return target;
        return std::nullopt;
    }

    /// Tells dangling names and names with a digest from others, for a record that was pushed. Called after the texts
    /// of a whole batch were prefetched.
    constexpr void classify_name(std::size_t id) {
        const std::string_view name = this->name(id), target = this->target(id);
        const bool like_dangling = detail::begins(name, detail::dangling_prefix);
        const bool named_by_target = like_dangling && name.substr(sizeof detail::dangling_prefix - 1) == target;
        bool dangling = named_by_target;
        if constexpr (detail::HasIsDangling<Store>) dangling = store_->is_dangling(record(id));
        dangling_.push_back(dangling);
        has_stray_dangling_name_ |= like_dangling && !(dangling && named_by_target);
        has_name_with_digest_ |= !like_dangling && detail::start_of_digest(name) != name.npos;
    }

    constexpr const detail::Entry& entry(std::size_t id) const noexcept {
        detail::require_record(id, size());
        return table_[id];
    }

    /// Returns a view, for the index to store, of a text that the store returned as `Given`: of a copy unless the store
    /// lends the text.
    template <class Given>
    constexpr std::string_view kept(std::string_view text) {
        if constexpr (detail::borrowed_text<Given>)
            return text;
        else
            return texts_.add(text);
    }

    static constexpr bool random_access = std::random_access_iterator<detail::RecordIterator<Store>>;

    const Store* store_;
    /// The beginning of the store's range, or, if that has no random access, a pointer to each record.
    std::conditional_t<random_access, detail::RecordIterator<Store>, detail::Vector<const Record*>> records_{};
    detail::StringArena texts_;
    detail::RecordTable table_;
    detail::Vector<char> dangling_;          // by record
    detail::Vector<std::uint32_t> parents_;  // by target, if the store knows parents
    struct Link {
        std::uint32_t child, parent;
        friend constexpr auto operator<=>(const Link&, const Link&) = default;
    };
    detail::Vector<Link> more_;  // further parents of images whose records name several; sorted
    bool has_stray_dangling_name_ = false, has_name_with_digest_ = false;
};

/// Builds the index of a store, deducing its type. See `ImageIndex::build`.
template <class Store>
constexpr Result<ImageIndex<Store>> build_index(const Store& store PRUNEPLAN_LIFETIMEBOUND) {
    return ImageIndex<Store>::build(store);
}
template <class Store>
Result<ImageIndex<Store>> build_index(const Store&& temporary) = delete;

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_IMAGE_INDEX_HPP
#define PRUNEPLAN_IMAGE_INDEX_HPP

// The records of a store, found by name and by target.

#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/detail/record_table.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/text_arena.hpp>
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

/// What the containerd image store of Docker names an image that lost its last name: this, and the target.
inline constexpr char dangling_prefix[] = "moby-dangling@";

}  // namespace detail

/// The records of a `Store`, numbered from 0 in the order of its `images()`.
///
/// **Lifetime:** the index borrows the store and the texts that the store lends (see `ImageStore`): both must stay as they
/// are while the index and its plans are read. Once a store has changed, as by applying a plan to it, destroy the index
/// and build another. An index can be moved, and the plans that were made of it stay valid; one that was moved from is
/// empty.
template <class Store>
class ImageIndex {
    static_assert(detail::fits_store<Store>());

public:
    using Record = detail::RecordOf<Store>;

    /// Reads all records once.
    /// **Errors:** `duplicate_name` where two records have one name, `text_too_long` for a text over 2 GiB,
    /// `too_many_records` for 2^32 - 1 records or more. Names that are not valid references are kept as they are.
    /// **Complexity:** O(n) for n records and their texts. **Memory:** 49 bytes a record, and a copy of the texts that the
    /// store returns by value; a handful of allocations, however many records there are.
    static constexpr Result<ImageIndex> build(const Store& store PRUNEPLAN_LIFETIMEBOUND) {
        auto&& images = store.images();
        const auto end = std::end(images);
        std::size_t count = 0;
        for (auto it = std::begin(images); it != end; ++it) ++count;
        if (count >= detail::no_record)
            return Error{ErrorCode::too_many_records, "a store of 2^32 - 1 records or more cannot be indexed: split it"};

        ImageIndex index(store, count);
        if constexpr (random_access)
            index.records_ = std::begin(images);
        else
            index.records_.reserve(count);
        for (auto it = std::begin(images); it != end;) {
            const std::size_t first = index.size();
            for (std::size_t left = detail::batch_size; left > 0 && it != end; --left, ++it) {
                if (const auto text = index.push(*it))
                    return Error{ErrorCode::text_too_long,
                                 detail::joined({detail::quoted(*text), " is too long for a name or target: over 2 GiB"})};
            }
            for (std::size_t id = first; id < index.size(); ++id) index.look_at_name(id);
            const std::uint32_t duplicate = index.table_.enter();
            if (duplicate != detail::no_record)
                return Error{ErrorCode::duplicate_name,
                             detail::joined({"two records are named ", detail::quoted(index.name(duplicate)),
                                             ": a store's names must be unique"})};
        }
        index.find_parents();
        return index;
    }
    static Result<ImageIndex> build(const Store&& temporary) = delete;

    constexpr std::size_t size() const noexcept { return table_.size(); }
    constexpr const Store& store() const noexcept { return *store_; }

    // Of one record. @pre Its number is less than `size()`.

    /// The record as the store has it.
    constexpr const Record& record(std::size_t id) const {
        detail::require_record(id, size());
        if constexpr (random_access)
            return records_[static_cast<std::iter_difference_t<detail::RecordIterator<Store>>>(id)];
        else
            return *records_[id];
    }
    constexpr std::string_view name(std::size_t id) const noexcept PRUNEPLAN_LIFETIMEBOUND { return entry(id).name(); }
    constexpr std::string_view target(std::size_t id) const noexcept PRUNEPLAN_LIFETIMEBOUND {
        return entry(id).target();
    }
    constexpr bool is_dangling(std::size_t id) const noexcept {
        detail::require_record(id, size());
        return dangling_[id];
    }

    /// The number of the first record on the same target as record `id`: one number stands for an image.
    constexpr std::size_t target_id(std::size_t id) const noexcept {
        detail::require_record(id, size());
        return table_.target_id(id);
    }

    /// The parent of the image `target_id`, itself as the number of its first record; nothing where it has none, the parent
    /// is not in the store, or the store has no `parent`. Where the records of an image name different parents, it has
    /// several, numbered by `nth`, in no particular order. Parents can form a circle.
    constexpr std::optional<std::size_t> parent(std::size_t target_id, std::size_t nth = 0) const noexcept {
        detail::require_record(target_id, size());
        if (parents_.empty()) return std::nullopt;
        return nth == 0 ? found(parents_[target_id]) : more_parents(target_id, nth - 1);
    }

    /// The record of exactly this name. Cost: one hash. For what a person typed, see `parse_reference`.
    [[nodiscard]] constexpr std::optional<std::size_t> find(std::string_view name) const {
        return found(table_.find_name(name));
    }

    /// The first record that points at exactly this digest. Cost: one hash.
    [[nodiscard]] constexpr std::optional<std::size_t> find_target(std::string_view target) const {
        return found(table_.find_target(target));
    }

    /// The first record of the image that a person means by a name or an ID: "alpine", "sha256:82d1e9d7…", "82d1e9d".
    /// A name comes before an ID. Cost: a look at each target, where it is no name. Refuses with `image_not_found`, and
    /// with `ambiguous_id` where a cut-off ID fits several images.
    constexpr Result<std::size_t> find_image(std::string_view typed) const {
        bool ambiguous = false;
        if (const auto id = find_image(typed, ambiguous)) return *id;
        if (ambiguous)
            return Error{ErrorCode::ambiguous_id,
                         detail::joined({detail::quoted(typed), " is the beginning of several IDs: give more of it"})};
        return Error{ErrorCode::image_not_found,
                     detail::joined({detail::quoted(typed), " is no image here: give the name or ID of one that is"})};
    }

    /// The same for who needs no message: where nothing is found, sets `ambiguous` if that is why.
    constexpr std::optional<std::size_t> find_image(std::string_view typed, bool& ambiguous) const {
        if (const auto id = find(typed)) return id;
        if (detail::is_reference(typed))
            if (const auto id = find(parse_reference(typed)->with_default_tag().canonical())) return id;
        if (const auto id = find_target(typed)) return id;
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

    /// When the record was made or last used: nothing where the store does not know, or does not have the ability.
    constexpr std::optional<Timestamp> created(std::size_t id) const {
        if constexpr (detail::HasCreated<Store>) return store_->created(record(id));
        return std::nullopt;
    }
    constexpr std::optional<Timestamp> last_used(std::size_t id) const {
        if constexpr (detail::HasLastUsed<Store>) return store_->last_used(record(id));
        return std::nullopt;
    }

    /// Whether a record is named like the dangling record of some target that is not its own.
    constexpr bool has_stray_dangling_name() const noexcept { return has_stray_dangling_name_; }

    /// Whether a record's name ends in a digest, and is not like that of a dangling record.
    constexpr bool has_name_with_digest() const noexcept { return has_name_with_digest_; }

    /// For the planner's stages, which look up many at a time.
    constexpr const detail::RecordTable& table() const noexcept { return table_; }

private:
    constexpr ImageIndex(const Store& store, std::size_t records)
        : store_(&store), table_(records, detail::key_from_addresses(&store)) {
        dangling_.reserve(records);
    }

    constexpr void find_parents() {
        if constexpr (detail::HasParent<Store>) {
            parents_ = {size(), detail::no_record};
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

    /// Gives a text of the record that is too long, if there is one.
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

    /// A batch after it was pushed: by then, its texts are there.
    constexpr void look_at_name(std::size_t id) {
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

    /// A text that the store returned as `Given`, as a view that lives as long as the index.
    template <class Given>
    constexpr std::string_view kept(std::string_view text) {
        if constexpr (detail::borrowed_text<Given>)
            return text;
        else
            return texts_.keep(text);
    }

    static constexpr bool random_access = std::random_access_iterator<detail::RecordIterator<Store>>;

    const Store* store_;
    /// Where the records are: eight bytes a record, if they cannot be counted off.
    std::conditional_t<random_access, detail::RecordIterator<Store>, detail::List<const Record*>> records_{};
    detail::TextArena texts_;
    detail::RecordTable table_;
    detail::List<char> dangling_;          // by record
    detail::List<std::uint32_t> parents_;  // by target, if the store knows parents
    struct Link {
        std::uint32_t child, parent;
        friend constexpr auto operator<=>(const Link&, const Link&) = default;
    };
    detail::List<Link> more_;  // sorted: the parents that records of an image name besides
    bool has_stray_dangling_name_ = false, has_name_with_digest_ = false;
};

/// Builds the index of a store whose type need not be spelled. See `ImageIndex::build`.
template <class Store>
constexpr Result<ImageIndex<Store>> build_index(const Store& store PRUNEPLAN_LIFETIMEBOUND) {
    return ImageIndex<Store>::build(store);
}
template <class Store>
Result<ImageIndex<Store>> build_index(const Store&& temporary) = delete;

}  // namespace pruneplan

#endif

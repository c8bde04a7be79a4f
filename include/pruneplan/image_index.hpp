#ifndef PRUNEPLAN_IMAGE_INDEX_HPP
#define PRUNEPLAN_IMAGE_INDEX_HPP

// SPDX-License-Identifier: BSL-1.0

// Reads the records of a store into plain columns: the only header that knows the type of a store.

#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/host/store_members.hpp>
#include <pruneplan/detail/index/blobs.hpp>
#include <pruneplan/detail/index/facts.hpp>
#include <pruneplan/detail/index/image_lookups.hpp>
#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/detail/text/decimal.hpp>
#include <pruneplan/detail/text/message.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/syntax/digest.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/result.hpp>
#include <pruneplan/syntax/timestamp.hpp>
#include <pruneplan/syntax/typed_image.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace pruneplan {

namespace detail {

/// Returns a time as a column stores it. A time that is not valid is unknown.
constexpr Moment moment_of(const std::optional<Timestamp>& given) noexcept {
    return given && is_valid(*given) ? Moment{given->seconds, given->nanoseconds} : Moment{};
}

inline constexpr const char* store_has_changed =
    "the store has changed since its index was built: build the index again, or plan with the store";

template <class Store>
class Planning;

}  // namespace detail

/// Holds the records of a `Store`, numbered from 0 in the order of its `images()`. It owns its texts.
///
/// **Lifetime:** the store must live and not change until the last `plan_prune` of the index returns: what options need
/// is read then. The plans need neither store nor index.
template <class Store>
class ImageIndex {
    static_assert(detail::fits_store<Store>());

public:
    /// The store's record type.
    using Record = detail::RecordOf<Store>;

    constexpr ImageIndex(const ImageIndex&) = default;
    constexpr ImageIndex(ImageIndex&&) noexcept = default;
    /// Copies completely, or leaves this object unchanged if an allocation fails.
    constexpr ImageIndex& operator=(const ImageIndex& other) { return *this = ImageIndex(other); }
    constexpr ImageIndex& operator=(ImageIndex&&) noexcept = default;
    constexpr ~ImageIndex() = default;

    /// Returns the number of records.
    constexpr std::size_t size() const noexcept { return records_.size(); }

    // Members that take a record's number. @pre It is less than `size()`.

    /// Returns the record as the store has it: a reference to it, or the record itself if the store creates records
    /// while its range is read. **Complexity:** O(1) if the range has random access, else O(n) for n records.
    constexpr decltype(auto) record(std::size_t number) const PRUNEPLAN_LIFETIMEBOUND {
        detail::require_record(number, size());
        auto&& images = store_->images();
        auto at = std::begin(images);
        const auto end = std::end(images);
        const auto steps = static_cast<std::iter_difference_t<decltype(at)>>(number);
        detail::require(std::ranges::advance(at, steps, end) == 0 && at != end, detail::store_has_changed);
        if constexpr (detail::has_lasting_records<Store>)
            return static_cast<const Record&>(detail::record_in<Store>(*at));
        else
            return Record(detail::record_in<Store>(*at));
    }
    /// Returns the record's name.
    constexpr std::string_view name(std::size_t record) const noexcept PRUNEPLAN_LIFETIMEBOUND {
        detail::require_record(record, size());
        return records_.name(record);
    }
    /// Returns the record's target.
    constexpr std::string_view target(std::size_t record) const noexcept PRUNEPLAN_LIFETIMEBOUND {
        detail::require_record(record, size());
        return records_.target(record);
    }

    /// Returns the record with exactly this name. For a name that a user typed, see `find_image`. **Complexity:** O(1)
    /// on average, one hash.
    [[nodiscard]] constexpr std::optional<std::size_t> find(std::string_view name) const {
        const std::uint32_t record = records_.find_name(name);
        if (record == detail::no_record) return std::nullopt;
        return record;
    }

    /// Returns the first record of the image that a user means by a name or an ID, such as "alpine", "sha256:82d1e9d7…"
    /// or "82d1e9d". A name takes precedence over an ID, and a target over an ID that several images have. An ID can be
    /// truncated, and lack its algorithm, if it is of sha256.
    /// **Errors:** `image_not_found`; `ambiguous_id` if an ID matches several images.
    /// **Complexity:** O(1) on average for a name, or an ID that is spelled as the target is; else O(n log n) for n
    /// records.
    constexpr Result<std::size_t> find_image(std::string_view typed) const {
        bool ambiguous = false;
        detail::ImageLookups lookups(records_);
        const std::uint32_t image = detail::find_image(records_, lookups, typed, ambiguous);
        if (image != detail::no_record) return std::size_t{image};
        return detail::image_error(typed, ambiguous);
    }

private:
    template <class S>
    friend constexpr Result<ImageIndex<S>> build_index(const S& store);
    friend class detail::Planning<Store>;

    constexpr ImageIndex(const Store& store, std::size_t records)
        : store_(&store), records_(records, detail::key_from_addresses(&store)) {}

    /// Calls `visit(number, record)` for each record of the store, and for one more if it has more than it had.
    template <class Visit>
    constexpr void for_each_record(const Visit& visit) const {
        std::size_t number = 0;
        auto&& images = store_->images();
        const auto end = std::end(images);
        for (auto at = std::begin(images); at != end && number <= size(); ++at) {
            auto&& element = *at;
            visit(number++, detail::record_in<Store>(element));
        }
    }

    /// Reads names, targets and dangling records.
    constexpr Result<void> read(std::size_t count) {
        auto&& images = store_->images();
        std::uint32_t duplicate = detail::no_record;
        std::size_t read = 0;
        bool too_long = false;
        const auto end = std::end(images);
        for (auto at = std::begin(images); at != end && duplicate == detail::no_record && ++read <= count; ++at) {
            auto&& element = *at;
            const Record& record = detail::record_in<Store>(element);
            const auto fits = [](std::string_view text) { return text.size() <= detail::longest_text; };
            const auto& name = store_->name(record);
            too_long = !fits(detail::text_of(name));
            if (too_long) break;
            records_.add_name(detail::text_of(name));
            const auto& target = store_->target(record);
            too_long = !fits(detail::text_of(target));
            if (too_long) break;
            records_.add_target(detail::text_of(target));
            bool dangling = records_.has_dangling_name();
            if constexpr (detail::HasIsDangling<Store>) dangling = store_->is_dangling(record);
            duplicate = records_.add(dangling);
        }
        if (read > count) return more_records_than(count);
        if (too_long)
            return Error{ErrorCode::text_too_long,
                         detail::joined({"a name or target of record ", detail::Decimal(read - 1),
                                         " is too long: use less than 2 GiB"})};
        if (duplicate == detail::no_record) duplicate = records_.enter();
        if (duplicate == detail::no_record) return {};
        return Error{ErrorCode::duplicate_name,
                     detail::joined({"duplicate name ", detail::quoted(records_.name(duplicate)),
                                     ": names in a store must be unique"})};
    }

    static constexpr Error more_records_than(std::size_t count) {
        return {ErrorCode::store_changed,
                detail::joined({"images() returned more than ", detail::Decimal(count),
                                " records when it was read again: it must return the same records each time"})};
    }

    /// Calls `visit(id)` for each text that a member returned, unless it is empty. The ID has its algorithm.
    template <class Given, class Visit>
    static constexpr void for_each_id(const Given& given, const Visit& visit) {
        if constexpr (detail::TextLike<Given> || detail::MaybeText<Given>) {
            std::string_view text;
            if constexpr (detail::TextLike<Given>)
                text = detail::text_of(given);
            else
                text = detail::maybe_text(given).value_or(text);
            if (detail::is_identifier(text)) {
                detail::String id;
                detail::append_full_id(text, id);
                visit(std::string_view(id.data(), id.size()));
            } else if (!text.empty()) {
                visit(text);
            }
        } else {
            const auto end = std::end(given);
            for (auto at = std::begin(given); at != end; ++at) for_each_id(*at, visit);
        }
    }

    /// Reads further IDs.
    constexpr Result<void> read_ids() {
        if constexpr (detail::HasIds<Store>) {
            bool more = false;
            for_each_record([&](std::size_t number, const Record& record) {
                more = more || number >= size();
                if (more) return;
                const auto& given = store_->ids(record);
                for_each_id(given, [&](std::string_view id) { records_.ids.add(id, records_.image(number)); });
            });
            if (more) return more_records_than(size());
        }
        records_.finish_ids();
        return {};
    }

    /// Reads what images need, and what records are attached to. Texts that mean no image are ignored.
    constexpr Result<void> read_graph() {
        if constexpr (detail::HasNeeds<Store> || detail::HasSubject<Store>) {
            detail::Vector<std::uint32_t> needing, needed, attached, subjects;
            Linking linking;
            for_each_record([&](std::size_t number, const Record& record) {
                if (linking.result && number >= size()) linking.result = more_records_than(size());
                if (!linking.result) return;
                if constexpr (detail::HasNeeds<Store>)
                    read_links("needs", store_->needs(record), number, linking, [&](std::uint32_t image) {
                        needing.push_back(records_.image(number));
                        needed.push_back(image);
                    });
                if constexpr (detail::HasSubject<Store>)
                    read_links("subject", store_->subject(record), number, linking, [&](std::uint32_t image) {
                        attached.push_back(static_cast<std::uint32_t>(number));
                        subjects.push_back(image);
                    });
            });
            if (!linking.result) return linking.result;
            records_.needs = detail::Graph(size(), size(), needing, needed);
            records_.subjects = detail::Graph(size(), size(), attached, subjects);
        }
        return {};
    }

    struct Linking {
        Result<void> result;
        std::size_t by_shared_id = 0;
    };

    /// Calls `link(image)` for each image that is meant by what a member gave for a record.
    template <class Given, class Link>
    constexpr void read_links(std::string_view member, const Given& given, std::size_t record, Linking& linking,
                              const Link& link) const {
        for_each_id(given, [&](std::string_view id) {
            const detail::Records::Meaning meaning = records_.find_id(id);
            const std::size_t shared = records_.sharing(meaning);
            linking.by_shared_id += shared;
            if (linking.by_shared_id > most_links_by_shared_ids + size())
                linking.result = shared_by_too_many(member, id, record, shared);
            else
                records_.for_each(meaning, link);
        });
    }

    /// Links to all images that share an ID are counted, since n records can link to n images by one ID.
    static constexpr std::size_t most_links_by_shared_ids = std::size_t{1} << 24;

    static constexpr Error shared_by_too_many(std::string_view member, std::string_view id, std::size_t record,
                                              std::size_t images) {
        return {ErrorCode::ambiguous_id,
                detail::joined({member, " of record ", detail::Decimal(record), " is the ID ", detail::quoted(id),
                                ", which ", detail::Decimal(images), " images share: use targets"})};
    }

    const Store* store_;
    detail::Records records_;
};

/// Reads the records of a store. Calls `name`, `target`, `is_dangling`, `ids`, `needs` and `subject` once a record.
/// **Errors:** `duplicate_name` if two records have the same name, byte for byte; `text_too_long` if a name or target
/// has 2 GiB or more; `too_many_records` if the store has 2^31 - 1 records or more; `store_changed` if `images()`
/// returns more records when it is read again; `ambiguous_id` if `needs` and `subject` give IDs that several images
/// share, and that links more than 2^24 + n images.
/// **Complexity:** O(n + m) for n records, the length of their texts, and m IDs, needed images and subjects.
/// **Memory:** a copy of all texts, and O(1) a record.
/// **Lifetime:** see `ImageIndex`.
template <class Store>
constexpr Result<ImageIndex<Store>> build_index(const Store& store PRUNEPLAN_LIFETIMEBOUND) {
    std::size_t count = 0;
    {
        auto&& images = store.images();
        const auto end = std::end(images);
        for (auto at = std::begin(images); at != end; ++at) ++count;
    }
    if (count >= detail::longest_text)
        return Error{ErrorCode::too_many_records, "too many records: an index holds at most 2^31 - 2"};
    ImageIndex<Store> index(store, count);
    if (auto read = index.read(count); !read) return std::move(read).error();
    if (auto read = index.read_ids(); !read) return std::move(read).error();
    if (auto read = index.read_graph(); !read) return std::move(read).error();
    return index;
}
/// An index does not outlive its store: a temporary store is rejected.
template <class Store>
Result<ImageIndex<Store>> build_index(const Store&& store) = delete;

namespace detail {

/// Reads from a store, when a plan is made, what its options need.
template <class Store>
class Planning {
public:
    constexpr explicit Planning(const ImageIndex<Store>& index) : index_(index) {}

    static constexpr Abilities abilities() noexcept {
        return {HasCreated<Store>, HasLastUsed<Store>, HasLabel<Store>, HasPinned<Store>, HasBlobs<Store>};
    }
    constexpr const Records& records() const noexcept { return index_.records_; }
    /// Moves the texts out of an index that is not used any more.
    static constexpr RecordTexts release(ImageIndex<Store>& index) noexcept { return index.records_.release(); }

    constexpr Facts facts(const PruneOptions& options) const {
        Facts facts{abilities(), {}, {}, {}, {}};
        const FactsNeeded needed(options);
        const auto room = [this](bool wanted) { return wanted ? index_.size() : 0; };
        facts.created.reserve(room(HasCreated<Store> && needed.created));
        facts.last_used.reserve(room(HasLastUsed<Store> && needed.last_used));
        facts.pinned.reserve(room(HasPinned<Store>));
        facts.unlabelled.reserve(room(HasLabel<Store> && needed.labels));
        if (facts.created.capacity() + facts.last_used.capacity() + facts.pinned.capacity() +
                facts.unlabelled.capacity() ==
            0)
            return facts;
        std::size_t left = index_.size();
        index_.for_each_record([&](std::size_t, const RecordOf<Store>& record) {
            require(left-- > 0, store_has_changed);
            read_facts(record, options, facts);
        });
        require(left == 0, store_has_changed);
        return facts;
    }

    constexpr Blobs blobs() const {
        if constexpr (HasBlobs<Store>) {
            BlobCollector collector(index_.size(), key_from_addresses(this));
            std::size_t left = index_.size();
            index_.for_each_record([&](std::size_t number, const RecordOf<Store>& record) {
                require(left-- > 0, store_has_changed);
                collector.begin_record();
                if (!index_.records_.texts().is_first(number)) return;
                auto&& given = index_.store_->blobs(record);
                const auto end = std::end(given);
                for (auto at = std::begin(given); at != end; ++at) {
                    auto&& blob = *at;
                    collector.add(text_of(blob.digest), bytes_of(blob.size));
                }
            });
            require(left == 0, store_has_changed);
            return collector.finish();
        } else {
            return {};
        }
    }

private:
    /// Reads the facts of a record for which `facts` has room.
    constexpr void read_facts(const RecordOf<Store>& record, const PruneOptions& options, Facts& facts) const {
        const Store& store = *index_.store_;
        if constexpr (HasCreated<Store>)
            if (facts.created.capacity() > 0) facts.created.push_back(moment_of(store.created(record)));
        if constexpr (HasLastUsed<Store>)
            if (facts.last_used.capacity() > 0) facts.last_used.push_back(moment_of(store.last_used(record)));
        if constexpr (HasPinned<Store>) facts.pinned.push_back(store.pinned(record));
        if constexpr (HasLabel<Store>)
            if (facts.unlabelled.capacity() > 0) facts.unlabelled.push_back(first_unlabelled(store, record, options));
    }

    static constexpr std::uint32_t first_unlabelled(const Store& store, const RecordOf<Store>& record,
                                                    const PruneOptions& options) {
        for (std::uint32_t number = 0; number < options.filters.size(); ++number) {
            const Filter& filter = options.filters[number];
            if (filter.kind() != FilterKind::label) continue;
            const auto& given = store.label(record, filter.key());
            const auto label = maybe_text(given);
            if ((label && (!filter.value() || *label == *filter.value())) == filter.negated()) return number;
        }
        return Facts::no_option;
    }

    const ImageIndex<Store>& index_;
};

}  // namespace detail
}  // namespace pruneplan

#endif

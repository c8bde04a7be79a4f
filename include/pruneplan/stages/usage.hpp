#ifndef PRUNEPLAN_STAGES_USAGE_HPP
#define PRUNEPLAN_STAGES_USAGE_HPP

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/record_table.hpp>
#include <pruneplan/detail/target_use.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/words.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/syntax/reference.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace pruneplan {

namespace detail {

/// Whether who created the container named the image by its ID, whole or cut off, or by its digest: such a container
/// stands on the digest alone. Rule: pruneplan's design, section 3, 3.
constexpr bool created_by_digest(std::string_view image_id, std::string_view image_ref) noexcept {
    if (image_ref.size() > image_id.size())
        return image_ref[image_ref.size() - image_id.size() - 1] == '@' && image_ref.ends_with(image_id);
    if (!begins(image_id, "sha256:")) return false;
    image_id.remove_prefix(7);
    if (begins(image_ref, "sha256:")) image_ref.remove_prefix(7);
    // Of most names, the first letter tells.
    return image_ref.empty() || (image_id.starts_with(image_ref[0]) && image_id.starts_with(image_ref));
}

/// Names in use, to be looked up a batch at a time. What was typed is looked up as it stands, less what may be left out
/// of a reference, and proved to be one only where that finds a record that would go.
class NameLookups {
public:
    constexpr explicit NameLookups(const RecordTable& table) : table_(table) {}

    /// Puts the names in use by a container: the canonical form of what its user typed, and the one with the tag alone,
    /// which can be all that is wanted. Rule: pruneplan's design, section 3, 2.
    constexpr void put(std::string_view typed, bool only_by_tag, std::uint32_t container) {
        if (begins(typed, "sha256:") && !table_.has_name_like_id()) return;
        const std::size_t digest = start_of_digest(typed);
        if (digest != typed.npos) put({typed.data(), digest - 1}, typed, true, container);
        if (digest == typed.npos || !only_by_tag) put(typed, typed, false, container);
    }

    constexpr void seek() {
        for (std::size_t i = 0; i < size_; ++i) table_.seek_name(lookups_[i].search);
    }

    constexpr void fetch(const Decisions& decisions) {
        for (std::size_t i = 0; i < size_; ++i) decisions.prefetch(table_.fetch_name(lookups_[i].search));
    }

    /// Decides on the records that are there. Empties the list.
    constexpr void resolve(Decisions& decisions) {
        for (std::size_t i = 0; i < size_; ++i) {
            const Lookup& lookup = lookups_[i];
            const std::uint32_t record = table_.find_name_if(lookup.search, [&](std::uint32_t candidate) {
                return decisions.deletes(candidate) &&
                       is_canonical_form(table_[candidate].name(), lookup.typed, lookup.by_tag_alone);
            });
            if (record != no_record) decisions.decide(record, Reason::name_in_use, lookup.container);
        }
        size_ = 0;
    }

private:
    struct Lookup {
        FlatIndex::Search search;
        std::string_view typed;
        std::uint32_t container = 0;
        bool by_tag_alone = false;
    };

    constexpr void put(std::string_view name, std::string_view typed, bool by_tag_alone, std::uint32_t container) {
        lookups_[size_++] = {table_.search_name(name), typed, container, by_tag_alone};
    }

    const RecordTable& table_;
    std::array<Lookup, 2 * batch_size> lookups_{};
    std::size_t size_ = 0;
};

/// A text as a container gave it: a view where it lends it, else the text itself.
template <class Given>
using HeldText = std::conditional_t<borrowed_text<Given>, std::string_view, std::string>;

}  // namespace detail

namespace stages {

/// Third stage: what the containers use. Names in use stay; gives which targets containers hold and which of them are
/// in use, for the stage that picks their survivors. Cost: two or three hashes a container, and a look at each record.
/// Rule: pruneplan's design, section 3, 2 and 3.
template <class Store, class Containers>
constexpr detail::TargetUse usage(const ImageIndex<Store>& index, const Containers& containers, const UsageRule& rule,
                                  Decisions& decisions) {
    using Given = std::iter_reference_t<detail::IteratorOf<const Containers>>;
    using Container = std::remove_cvref_t<Given>;
    // Where the list makes its containers as it is read, or has but one place for them, the batch has to hold them.
    constexpr bool lasting =
        std::is_lvalue_reference_v<Given> && std::forward_iterator<detail::IteratorOf<const Containers>>;
    using Held = std::conditional_t<lasting, const Container*, std::optional<Container>>;
    struct Seen {
        Held container{};
        detail::HeldText<decltype(std::declval<const Container&>().image_id())> image_id;
        detail::HeldText<decltype(std::declval<const Container&>().image_ref())> image_ref;
        detail::FlatIndex::Search target;
        std::uint32_t number = 0;
        bool in_use = false;
    };

    const detail::RecordTable& table = index.table();
    detail::TargetUse use(index.size());
    if (index.size() == 0) return use;
    detail::NameLookups names(table);
    detail::Text dangling_name;
    std::array<Seen, detail::batch_size> batch;
    const auto resolve = [&](std::size_t filled) {
        for (std::size_t i = 0; i < filled; ++i) {
            Seen& seen = batch[i];
            seen.target = table.search_target(seen.image_id);
            seen.in_use =
                rule.digests_in_use == DigestUse::every_container || detail::created_by_digest(seen.image_id, seen.image_ref);
            if (rule.names_in_use) names.put(seen.image_ref, !index.has_name_with_digest(), seen.number);
        }
        for (std::size_t i = 0; i < filled; ++i) table.seek_target(batch[i].target);
        names.seek();
        for (std::size_t i = 0; i < filled; ++i) use.prefetch(table.fetch_target(batch[i].target));
        names.fetch(decisions);
        for (std::size_t i = 0; i < filled; ++i) {
            const Seen& seen = batch[i];
            const std::uint32_t record = table.find_target(seen.image_id, seen.target);
            if (record != detail::no_record) use.hold(record, seen.number, seen.in_use);
            if constexpr (detail::HasMountedImageIds<Container>)
                for (auto&& mounted : seen.container->mounted_image_ids())
                    if (const auto target = index.find_target(mounted))
                        use.mount(static_cast<std::uint32_t>(*target), seen.number);
            if (rule.names_in_use && index.has_stray_dangling_name()) {
                dangling_name.clear();
                detail::append(dangling_name, detail::dangling_prefix);
                detail::append(dangling_name, seen.image_id);
                const std::uint32_t stray = table.find_name({dangling_name.data(), dangling_name.size()});
                if (stray != detail::no_record) decisions.decide(stray, Reason::name_in_use, seen.number);
            }
        }
        names.resolve(decisions);
    };

    std::size_t filled = 0;
    std::uint32_t number = 0;
    const auto end = std::end(containers);
    for (auto it = std::begin(containers); it != end; ++it) {
        Seen& seen = batch[filled];
        if constexpr (lasting)
            seen.container = detail::address_of(*it);
        else
            seen.container.emplace(*it);
        seen.image_id = seen.container->image_id();
        seen.image_ref = seen.container->image_ref();
        detail::prefetch(seen.image_id.data(), seen.image_id.size());
        detail::prefetch(seen.image_ref.data(), seen.image_ref.size());
        seen.number = number;
        number = std::min(number + 1, detail::no_container);
        if (++filled == batch.size()) {
            resolve(filled);
            filled = 0;
        }
    }
    resolve(filled);

    // The dangling record of a target is the name in use of whichever container runs it.
    if (rule.names_in_use)
        for (std::size_t id = 0; id < index.size(); ++id)
            if (index.is_dangling(id) && use.runs(table.target_id(id)))
                decisions.decide(id, Reason::name_in_use, use.container(table.target_id(id)));
    return use;
}

}  // namespace stages
}  // namespace pruneplan

#endif

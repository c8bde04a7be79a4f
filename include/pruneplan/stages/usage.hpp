#ifndef PRUNEPLAN_STAGES_USAGE_HPP
#define PRUNEPLAN_STAGES_USAGE_HPP

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/record_table.hpp>
#include <pruneplan/detail/target_use.hpp>
#include <pruneplan/detail/text.hpp>
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
    constexpr std::string_view algorithm = "sha256:";
    std::string_view digits = image_ref;
    if (digits.starts_with(algorithm)) digits.remove_prefix(algorithm.size());
    if (image_id.starts_with(algorithm) && image_id.substr(algorithm.size()).starts_with(digits)) return true;
    return image_ref.size() > image_id.size() && image_ref.ends_with(image_id) &&
           image_ref[image_ref.size() - image_id.size() - 1] == '@';
}

/// Names to be looked up in an index, a batch at a time. Their texts are written here, one after the other.
class NameLookups {
public:
    /// Puts the names in use by a container: the canonical form of what its user typed, and the one with the tag alone.
    /// Rule: pruneplan's design, section 3, 2. Puts nothing where `image_ref` is no reference.
    constexpr void put_reference(std::string_view image_ref, std::uint32_t container) {
        const auto parts = split_reference(image_ref);
        if (!parts) return;
        const bool tagged = !parts->tag.empty(), digested = !parts->digest.empty();
        put(container, *parts, tagged || digested ? parts->tag : default_tag, parts->digest);
        if (tagged && digested) put(container, *parts, parts->tag, {});
    }

    constexpr void put_dangling(std::string_view image_id, std::uint32_t container) {
        const std::size_t start = texts_.size();
        append(texts_, dangling_prefix);
        append(texts_, image_id);
        pending_.push_back({start, texts_.size(), 0, container});
    }

    /// Looks all up, and calls `found(record, container)` for each that is there. Empties the list.
    template <class Found>
    constexpr void resolve(const RecordTable& table, Found found) {
        for (Pending& name : pending_) {
            name.hash = table.hash(text(name));
            table.prefetch_name(name.hash);
        }
        for (const Pending& name : pending_) {
            const std::uint32_t record = table.find_name(text(name), name.hash);
            if (record != no_record) found(record, name.container);
        }
        pending_.clear();
        texts_.clear();
    }

private:
    struct Pending {
        std::size_t start, end;
        std::uint64_t hash;
        std::uint32_t container;
    };

    constexpr std::string_view text(const Pending& name) const noexcept {
        return {texts_.data() + name.start, name.end - name.start};
    }

    constexpr void put(std::uint32_t container, const ReferenceParts& parts, std::string_view tag, std::string_view digest) {
        const std::size_t start = texts_.size();
        append_name(parts, texts_);
        if (!tag.empty()) {
            append(texts_, ":");
            append(texts_, tag);
        }
        if (!digest.empty()) {
            append(texts_, "@");
            append(texts_, digest);
        }
        pending_.push_back({start, texts_.size(), 0, container});
    }

    Text texts_;
    std::vector<Pending> pending_;
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
    // Where the list makes its containers as it is read, the batch has to hold them.
    using Held = std::conditional_t<std::is_lvalue_reference_v<Given>, const Container*, std::optional<Container>>;
    struct Seen {
        Held container{};
        detail::HeldText<decltype(std::declval<const Container&>().image_id())> image_id;
        std::uint64_t hash = 0;
        std::uint32_t number = 0;
        bool in_use = false;
    };

    const detail::RecordTable& table = index.table();
    detail::TargetUse use(index.size());
    detail::NameLookups names;
    std::array<Seen, detail::batch_size> batch;
    const auto resolve = [&](std::size_t filled) {
        for (std::size_t i = 0; i < filled; ++i) {
            const std::uint32_t target = table.find_target(batch[i].image_id, batch[i].hash);
            if (target != detail::no_record) use.hold(target, batch[i].number, batch[i].in_use);
        }
        names.resolve(table, [&](std::uint32_t record, std::uint32_t container) {
            decisions.decide(record, Reason::name_in_use, container);
        });
    };

    std::size_t filled = 0;
    std::uint32_t number = 0;
    const auto end = std::end(containers);
    for (auto it = std::begin(containers); it != end; ++it) {
        Seen& seen = batch[filled];
        if constexpr (std::is_lvalue_reference_v<Given>)
            seen.container = detail::address_of(*it);
        else
            seen.container.emplace(*it);
        const Container& container = *seen.container;
        seen.image_id = container.image_id();
        seen.hash = table.hash(seen.image_id);
        table.prefetch_target(seen.hash);
        seen.number = number;
        auto&& image_ref = container.image_ref();
        const std::string_view typed = image_ref;
        seen.in_use = rule.digests_in_use == DigestUse::every_container || detail::created_by_digest(seen.image_id, typed);
        if (rule.names_in_use) {
            names.put_reference(typed, number);
            if (index.has_stray_dangling_name()) names.put_dangling(seen.image_id, number);
        }
        if constexpr (detail::HasMountedImageIds<Container>)
            for (auto&& mounted : container.mounted_image_ids())
                if (const auto target = index.find_target(mounted))
                    use.hold(static_cast<std::uint32_t>(*target), number, true);
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
            if (index.is_dangling(id) && use.held(table.target_id(id)))
                decisions.decide(id, Reason::name_in_use, use.container(table.target_id(id)));
    return use;
}

}  // namespace stages
}  // namespace pruneplan

#endif

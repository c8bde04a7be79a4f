#ifndef PRUNEPLAN_STAGES_USAGE_HPP
#define PRUNEPLAN_STAGES_USAGE_HPP

// SPDX-License-Identifier: BSL-1.0

// The third stage of the planner: finds the records that containers use, and keeps names in use.

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/record_table.hpp>
#include <pruneplan/detail/sort.hpp>
#include <pruneplan/detail/target_use.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/vector.hpp>
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
#include <string_view>
#include <type_traits>

namespace pruneplan {

namespace detail {

/// Tells whether a container was created by a sha256 ID, whole or truncated, or by a digest, and so puts its image's
/// digest in use. **Source:** README.md, "The rule", paragraph 3.
constexpr bool created_by_digest(std::string_view image_id, std::string_view image_ref) noexcept {
    if (image_ref.size() > image_id.size())
        return image_ref[image_ref.size() - image_id.size() - 1] == '@' && image_ref.ends_with(image_id);
    if (!begins(image_id, "sha256:")) return false;
    image_id.remove_prefix(7);
    if (begins(image_ref, "sha256:")) image_ref.remove_prefix(7);
    // The first letter rules out most names.
    return image_ref.empty() || (image_id.starts_with(image_ref[0]) && image_id.starts_with(image_ref));
}

/// Looks up names in use, in batches. It searches the typed text without the parts that a reference may omit. It parses
/// the text only if that finds a record whose decision can change, or whose existence matters to the caller.
class NameLookups {
public:
    constexpr explicit NameLookups(const RecordTable& table) : table_(table) {}

    /// Adds the names that a container puts in use: the canonical form of the typed text, and if that has a tag and a
    /// digest, the form with the tag only. **Source:** README.md, "The rule", paragraph 2.
    /// @param only_by_tag no record has a name with a digest, so of a typed text with a digest, the second form is
    /// enough.
    /// @param slot the place of the container in its batch.
    constexpr void add(std::string_view typed, bool only_by_tag, std::uint32_t container, std::size_t slot) {
        if (begins(typed, "sha256:") && !table_.has_name_like_id()) return;
        const std::size_t digest = start_of_digest(typed);
        if (digest != typed.npos) add({typed.data(), digest - 1}, typed, true, container, slot);
        if (digest == typed.npos || !only_by_tag) add(typed, typed, false, container, slot);
    }

    constexpr void seek() {
        for (std::size_t i = 0; i < size_; ++i) table_.seek_name(lookups_[i].search);
    }

    constexpr void fetch(const Decisions& decisions) {
        for (std::size_t i = 0; i < size_; ++i) decisions.prefetch(table_.fetch_name(lookups_[i].search));
    }

    /// Decides on the records that have a name of the container in this slot. Slots must be resolved in order. Returns
    /// whether there is such a record; unless `is_sought`, it can miss records that are kept already.
    constexpr bool resolve(std::size_t slot, bool is_sought, Decisions& decisions) {
        bool found = false;
        for (; next_ < size_ && lookups_[next_].slot == slot; ++next_) {
            const Lookup& lookup = lookups_[next_];
            const std::uint32_t record = table_.find_name_if(lookup.search, [&](std::uint32_t candidate) {
                return (is_sought || decisions.deletes(candidate)) &&
                       is_canonical_form(table_[candidate].name(), lookup.typed, lookup.by_tag_alone);
            });
            if (record == no_record) continue;
            found = true;
            decisions.decide(record, Reason::name_in_use, {lookup.container, false});
        }
        return found;
    }

    constexpr void clear() noexcept { size_ = next_ = 0; }

private:
    struct Lookup {
        FlatIndex::Search search;
        std::string_view typed;
        std::uint32_t container = 0;
        unsigned char slot = 0;
        bool by_tag_alone = false;
    };

    constexpr void add(std::string_view name, std::string_view typed, bool by_tag_alone, std::uint32_t container,
                       std::size_t slot) {
        lookups_[size_++] = {table_.search_name(name), typed, container, static_cast<unsigned char>(slot), by_tag_alone};
    }

    const RecordTable& table_;
    std::array<Lookup, 2 * batch_size> lookups_{};
    std::size_t size_ = 0, next_ = 0;
};

/// Finds the dangling records of a target. Any container that runs the target puts their names in use.
/// **Complexity:** O(n + d log d) for n records and d dangling ones to build, O(n) if their targets are in order of
/// first records; O(log d) for each target.
/// **Memory:** 4 to 12 bytes a dangling record.
class DanglingRecords {
public:
    /// Collects the dangling records and marks their targets in `use`; none, unless the rule keeps names in use.
    template <class Store>
    constexpr DanglingRecords(const ImageIndex<Store>& index, const UsageRule& rule, TargetUse& use) : table_(index.table()) {
        for (std::uint32_t id = 0; rule.names_in_use && id < index.size(); ++id) {
            if (!index.is_dangling(id)) continue;
            records_.push_back(id);
            use.mark(table_.target_id(id));
        }
        sort(records_, [this](std::uint32_t a, std::uint32_t b) { return table_.target_id(a) < table_.target_id(b); });
    }

    /// Calls `visit(record)` for each dangling record of a target.
    template <class Visit>
    constexpr void for_each(std::uint32_t target, const Visit& visit) const {
        const auto before = [this](std::uint32_t record, std::uint32_t wanted) { return table_.target_id(record) < wanted; };
        const std::uint32_t* at = std::lower_bound(records_.begin(), records_.end(), target, before);
        for (; at != records_.end() && table_.target_id(*at) == target; ++at) visit(*at);
    }

private:
    const RecordTable& table_;
    Vector<std::uint32_t> records_;  // sorted by target
};

/// Holds a text of a container: a view if the container lends it for long enough, else a copy.
template <class Given, bool lasting>
class ContainerText {
    static constexpr bool is_lent = lasting && borrowed_text<Given>;

public:
    constexpr void set(std::string_view text) {
        if constexpr (is_lent) {
            text_ = text;
        } else {
            text_.clear();
            append(text_, text);
        }
        prefetch(text_.data(), text_.size());
    }
    constexpr std::string_view view() const noexcept { return {text_.data(), text_.size()}; }

private:
    std::conditional_t<is_lent, std::string_view, String> text_;
};

/// Holds the targets that containers use, and the containers that match none.
struct ContainerUse {
    TargetUse targets;
    Vector<std::size_t> unmatched;  ///< see `PrunePlan::unmatched_containers`
};

/// Looks up a batch of containers and decides on their records. `Given` is the reference type of the containers' range.
/// If `lasting`, containers outlive the batch.
template <class Store, class Given, bool lasting>
class UsageBatch {
    using Container = std::remove_cvref_t<Given>;

public:
    constexpr UsageBatch(const ImageIndex<Store>& index, const UsageRule& rule, Decisions& decisions, ContainerUse& use)
        : index_(index), table_(index.table()), rule_(rule), decisions_(decisions), use_(use), names_(table_),
          dangling_(index, rule, use.targets) {}

    /// Adds a container, and decides for a batch once it is full.
    constexpr void add(const Container& container) {
        Pending& pending = batch_[size_];
        pending.image_id.set(text_of(container.image_id()));
        pending.image_ref.set(text_of(container.image_ref()));
        pending.number = static_cast<std::uint32_t>((std::min<std::size_t>)(count_, Usage::no_container));
        pending.mounts_matched = true;
        if constexpr (HasMountedImageIds<Container>)
            for (auto&& mounted : container.mounted_image_ids()) mount(pending, text_of(mounted));
        ++count_;
        if (++size_ == batch_size) resolve();
    }

    /// Decides for the containers added since the last call.
    constexpr void resolve() {
        for (std::size_t i = 0; i < size_; ++i) {
            Pending& pending = batch_[i];
            const std::string_view ref = pending.image_ref.view();
            pending.id = full_id(pending.image_id.view(), pending.digits);
            pending.target = table_.search_target(pending.id);
            pending.in_use = rule_.digests_in_use == DigestUse::every_container || created_by_digest(pending.id, ref);
            if (rule_.names_in_use) names_.add(ref, !index_.has_name_with_digest(), pending.number, i);
        }
        for (std::size_t i = 0; i < size_; ++i) table_.seek_target(batch_[i].target);
        names_.seek();
        for (std::size_t i = 0; i < size_; ++i) use_.targets.prefetch(table_.fetch_target(batch_[i].target));
        names_.fetch(decisions_);
        for (std::size_t i = 0; i < size_; ++i) {
            const bool has_image = find_image(i);
            bool has_name = rule_.names_in_use && index_.has_stray_dangling_name() && keep_stray(i);
            has_name |= names_.resolve(i, !has_image, decisions_);
            // A name is enough only if the rule does not protect the image.
            const bool matched = has_image || (has_name && !batch_[i].in_use);
            if (!matched || !batch_[i].mounts_matched) use_.unmatched.push_back(count_ - size_ + i);
        }
        names_.clear();
        size_ = 0;
    }

private:
    struct Pending {
        ContainerText<decltype(std::declval<const Container&>().image_id()), lasting> image_id;
        ContainerText<decltype(std::declval<const Container&>().image_ref()), lasting> image_ref;
        std::array<char, 71> digits{};  ///< room for an ID with its algorithm
        std::string_view id;  ///< the image's ID with its algorithm
        FlatIndex::Search target{};
        std::uint32_t number = 0;  ///< the container's number, for decisions
        bool in_use = false;
        bool mounts_matched = true;
    };

    /// Returns the ID with its algorithm. 64 hex digits alone get "sha256:", in a copy in `room`.
    static constexpr std::string_view full_id(std::string_view id, std::array<char, 71>& room) noexcept {
        if (!is_identifier(id)) return id;
        std::copy_n("sha256:", 7, room.data());
        std::copy_n(id.data(), id.size(), room.data() + 7);
        return {room.data(), room.size()};
    }

    /// Returns the record whose target is this ID without its algorithm, or `no_record`. Some stores have such targets.
    constexpr std::uint32_t find_bare_target(std::string_view id) const {
        const bool can_be = table_.has_bare_target() && begins(id, "sha256:") && is_identifier(id.substr(7));
        return can_be ? table_.find_target(id.substr(7)) : no_record;
    }

    /// Puts the image that a container mounts in use.
    constexpr void mount(Pending& pending, std::string_view given) {
        std::array<char, 71> room;
        const std::string_view id = full_id(given, room);
        std::uint32_t target = table_.find_target(id);
        if (target == no_record) target = find_bare_target(id);
        if (target == no_record)
            pending.mounts_matched = pending.mounts_matched && given.empty();  // an empty ID names no image
        else
            use_.targets.add(target, {pending.number, true}, true);
    }

    /// Marks the container's image as used, and keeps its dangling names. Returns whether the store has the image.
    constexpr bool find_image(std::size_t slot) {
        const Pending& pending = batch_[slot];
        std::uint32_t record = table_.find_target(pending.id, pending.target);
        if (record == no_record) record = find_bare_target(pending.id);
        if (record == no_record) return false;
        if (use_.targets.add(record, {pending.number, false}, pending.in_use))
            dangling_.for_each(record, [&](std::uint32_t dangling) {
                decisions_.decide(dangling, Reason::name_in_use, {pending.number, false});
            });
        return true;
    }

    /// Keeps the record that has the dangling name of the container's image, whatever it points at. Returns whether
    /// there is one.
    constexpr bool keep_stray(std::size_t slot) {
        dangling_name_.clear();
        append(dangling_name_, dangling_prefix);
        append(dangling_name_, batch_[slot].id);
        const std::uint32_t stray = table_.find_name({dangling_name_.data(), dangling_name_.size()});
        if (stray == no_record) return false;
        decisions_.decide(stray, Reason::name_in_use, {batch_[slot].number, false});
        return true;
    }

    const ImageIndex<Store>& index_;
    const RecordTable& table_;
    const UsageRule& rule_;
    Decisions& decisions_;
    ContainerUse& use_;
    NameLookups names_;
    DanglingRecords dangling_;
    String dangling_name_;
    std::array<Pending, batch_size> batch_{};
    std::size_t size_ = 0, count_ = 0;
};

}  // namespace detail

namespace stages {

/// Third stage: keeps names in use. Returns the targets that containers use, for the fourth stage.
/// **Complexity:** O(n + c) for n records and c containers, with two or three hashes a container and one a mounted
/// image; for dangling records, see `detail::DanglingRecords`.
/// **Source:** README.md, "The rule", paragraphs 2 and 3.
template <class Store, class Containers>
constexpr detail::ContainerUse usage(const ImageIndex<Store>& index, Containers&& containers, const UsageRule& rule,
                                     Decisions& decisions) {
    using Iterator = detail::IteratorOf<std::remove_reference_t<Containers>>;
    using Given = std::iter_reference_t<Iterator>;
    // Other ranges create their containers while they are read, or reuse one object.
    constexpr bool lasting = std::is_lvalue_reference_v<Given> && std::forward_iterator<Iterator>;

    detail::ContainerUse use{detail::TargetUse(index.size()), {}};
    const auto end = std::end(containers);
    if (index.size() == 0) {
        std::size_t number = 0;
        for (auto it = std::begin(containers); it != end; ++it) use.unmatched.push_back(number++);
        return use;
    }
    detail::UsageBatch<Store, Given, lasting> batch(index, rule, decisions, use);
    if constexpr (lasting) {
        const void* last = nullptr;
        for (auto it = std::begin(containers); it != end; ++it) {
            const auto& container = *it;
            detail::require(last != detail::address_of(container),
                            "two containers have the same address: a range that creates them while it is read must return "
                            "them by value");
            last = detail::address_of(container);
            batch.add(container);
        }
    } else {
        for (auto it = std::begin(containers); it != end; ++it) batch.add(*it);
    }
    batch.resolve();
    return use;
}

}  // namespace stages
}  // namespace pruneplan

#endif

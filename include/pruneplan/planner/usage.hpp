#ifndef PRUNEPLAN_PLANNER_USAGE_HPP
#define PRUNEPLAN_PLANNER_USAGE_HPP

// SPDX-License-Identifier: BSL-1.0

// The third stage of the planner: finds what containers use, and keeps names in use.

#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/text/words.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/planner/container_batch.hpp>
#include <pruneplan/planner/dangling_records.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/planner/image_use.hpp>
#include <pruneplan/planner/shared_ids.hpp>
#include <pruneplan/syntax/digest.hpp>
#include <pruneplan/syntax/reference_grammar.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace pruneplan {

namespace planner {

/// Third stage: takes containers one after the other, and decides in batches on the records that they put in use.
///
/// Two images are in the store: app:1 points at sha256:82d1e9d7…, and app:2 at another. What containers put in use:
///
/// | command | `image_id` | `image_ref` | name | digest |
/// |---|---|---|---|---|
/// | docker run app:1 | sha256:82d1e9d7… | app:1 | app:1 | under `strict` only |
/// | docker run 82d1e9d | sha256:82d1e9d7… | 82d1e9d | 82d1e9d:latest, which no record has | yes |
/// | docker run app:1, then app:1 moves to app:2's image | sha256:82d1e9d7… | app:1 | app:1 | under `strict` only |
/// | docker run app:2\@sha256:82d1e9d7… | sha256:82d1e9d7… | app:2\@sha256:82d1e9d7… | app:2 | yes |
///
/// **Complexity:** O(n + c) for n records and c containers, with two or three hashes a container and one a mounted
/// image.
/// **Source:** README.md, "The rule", paragraphs 2 and 3.
class Usage {
public:
    constexpr explicit Usage(detail::Draft& draft)
        : draft_(draft),
          records_(draft.records),
          rule_(draft.options.usage),
          use_(records_.size()),
          dangling_(records_, rule_.names_in_use, use_),
          shared_(records_, draft.images),
          batch_(records_) {}

    // Adds a container: `add_image_id`, `add_image_ref`, `mount` for each image that it mounts, then `add`. Each text
    // is copied at once.

    constexpr void add_image_id(std::string_view id) { batch_.add_image_id(id); }
    constexpr void add_image_ref(std::string_view typed) { batch_.add_image_ref(typed); }
    constexpr void mount(std::string_view typed) {
        const Meaning meaning = find(typed);
        if (shared_.add(meaning, batch_.number(), true, true))
            records_.for_each(meaning, [&](std::uint32_t image) { use_.add(image, batch_.number(), true, true); });
        if (meaning.image == detail::no_record && !typed.empty())  // an empty ID means no image
            draft_.doubt(DoubtKind::unmatched_container, batch_.number(), true, typed);
    }
    constexpr void add() {
        if (batch_.add()) decide_all();
    }

    /// Decides for the last containers. Returns how containers use images, for the next stage.
    constexpr detail::ImageUse finish() {
        decide_all();
        return std::move(use_);
    }

private:
    using Container = detail::ContainerSearch;
    using Meaning = detail::Records::Meaning;
    /// What is known of the names that a container puts in use.
    struct Named {
        bool found = false;  ///< a record has one
        bool valid = false;  ///< so the typed text is a valid reference
    };

    constexpr void decide_all() {
        const auto prefetch = [this](std::uint32_t image, std::uint32_t record) {
            use_.prefetch(image);
            draft_.decisions.prefetch(record);
        };
        batch_.run(prefetch, [this](const Container& container) { decide(container); });
    }

    constexpr void decide(const Container& container) {
        const Meaning image = records_.find_id(container.id, container.by_id);
        bool protects = protects_image(container);
        if (image.image != detail::no_record) protects = run(image, container, protects);
        if (image.further_id != detail::no_record) draft_.reported_ids.set(container.number, image.further_id);
        if (rule_.names_in_use && records_.kinds().stray_dangling_name) keep_stray_dangling_name(container);
        const Named named = keep_names(container);
        const bool runs = image.image != detail::no_record || run_typed(container, named);

        if (!runs && !(container.id.empty() && named.found))
            doubt(DoubtKind::unmatched_container, container, true,
                  container.id.empty() ? container.typed : container.id);
        if (!named.valid && !is_valid(container))
            doubt(DoubtKind::invalid_image_ref, container, image.image == detail::no_record || !protects,
                  container.typed);
    }

    /// Tells whether the usage rule protects the images that a container runs, whatever further IDs they have.
    constexpr bool protects_image(const Container& container) const noexcept {
        return rule_.digests_in_use == DigestUse::every_container ||
               (rule_.digests_in_use == DigestUse::created_by_digest &&
                detail::created_by_id(container.id, container.typed));
    }

    /// Runs the images of a container's ID. Returns whether the usage rule protects one of them.
    constexpr bool run(const Meaning& meaning, const Container& container, bool protects) {
        if (shared_.add(meaning, container.number, false, protects))
            records_.for_each(meaning, [&](std::uint32_t image) { run(image, container, protects); });
        if (protects || rule_.digests_in_use != DigestUse::created_by_digest || records_.ids.empty()) return protects;
        return protect_created(meaning, container);
    }

    /// Marks an image as run, and keeps its dangling names.
    constexpr void run(std::uint32_t image, const Container& container, bool protects) {
        if (use_.add(image, container.number, false, protects))
            dangling_.for_each(image, [&](std::uint32_t record) { keep_name(record, container); });
    }

    /// Protects the images that a container runs and was created from by another of their IDs. Returns whether there is
    /// one.
    constexpr bool protect_created(const Meaning& meaning, const Container& container) {
        const std::string_view typed = container.typed;
        const auto protect = [&](std::uint32_t image) { use_.add(image, container.number, false, true); };
        if (const std::size_t at = typed.rfind('@'); at != typed.npos) {
            const std::string_view digest = typed.substr(at + 1);
            return !detail::is_identifier(digest) &&
                   shared_.for_each_common(meaning, records_.find_id(digest), protect);
        }
        const bool is_id = typed.empty() || typed == "sha256:" || detail::is_id(typed);
        return is_id && shared_.for_each_common(meaning, draft_.images.find(typed), protect);
    }

    /// Under `strict`, a container whose image is unknown runs the images that its typed text means by digest or ID.
    /// Returns whether it surely means one: a truncated ID that is also a name can mean either.
    constexpr bool run_typed(const Container& container, const Named& named) {
        const std::string_view wanted =
            container.has_digest() ? container.typed.substr(container.tag.size() + 1) : container.typed;
        if (rule_ != usage_rules::strict || !detail::is_id(wanted)) return false;
        const Meaning meaning = find(wanted);
        if (meaning.image != detail::no_record) return run(meaning, container, true);
        const detail::ImageLookups::Range range = draft_.images.find(wanted);
        if (shared_.add(range))
            draft_.images.for_each_image(range, [&](std::uint32_t image) {
                run(image, container, true);
                return true;
            });
        return !range.empty() && !named.found;
    }

    /// Returns what a whole ID means, with or without its algorithm.
    constexpr Meaning find(std::string_view id) {
        room_.clear();
        detail::append_full_id(id, room_);
        return records_.find_id({room_.data(), room_.size()});
    }

    /// Keeps the record that has the dangling name of the container's image, whatever it points at.
    constexpr void keep_stray_dangling_name(const Container& container) {
        room_.clear();
        append(room_, detail::dangling_prefix);
        append(room_, container.id);
        const std::uint32_t stray = records_.find_name({room_.data(), room_.size()});
        if (stray != detail::no_record) keep_name(stray, container);
    }

    /// Keeps the names that a container was created from: the canonical form of the typed text, the form with the tag
    /// alone if it has a tag and a digest, and the typed text byte for byte.
    constexpr Named keep_names(const Container& container) {
        Named named;
        const auto keep = [&](const detail::Records::Search& search, bool by_tag_alone) {
            records_.find_name(search, [&](std::uint32_t record) {
                const bool same = detail::is_same_reference(records_.name(record), container.typed, by_tag_alone);
                if (!same && (by_tag_alone || records_.name(record) != container.typed)) return false;
                named = {true, named.valid || same};
                if (rule_.names_in_use) keep_name(record, container);
                return !records_.kinds().similar_names;
            });
        };
        if (container.can_be_name) keep(container.by_typed, false);
        if (container.has_digest()) keep(container.by_tag, true);
        return named;
    }

    constexpr void keep_name(std::uint32_t record, const Container& container) {
        draft_.decisions.decide(record, Reason::name_in_use, detail::by_container(container.number, false));
    }

    /// Tells whether the typed text is a reference or an ID.
    static constexpr bool is_valid(const Container& container) noexcept {
        const std::string_view typed = container.typed;
        // Most IDs are those of the container's image, which is faster to see.
        return (typed.size() <= container.id.size() && detail::created_by_id(container.id, typed)) || typed.empty() ||
               detail::is_id(typed) || detail::is_reference(typed);
    }
    constexpr void doubt(DoubtKind kind, const Container& container, bool blocks, std::string_view text) {
        draft_.doubt(kind, container.number, blocks, text);
    }

    detail::Draft& draft_;
    const detail::Records& records_;
    const UsageRule& rule_;
    detail::ImageUse use_;
    detail::DanglingRecords dangling_;
    detail::SharedIds shared_;
    detail::ContainerBatch batch_;
    detail::String room_;  // for one text
};

}  // namespace planner
}  // namespace pruneplan

#endif

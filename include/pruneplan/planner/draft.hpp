#ifndef PRUNEPLAN_PLANNER_DRAFT_HPP
#define PRUNEPLAN_PLANNER_DRAFT_HPP

// SPDX-License-Identifier: BSL-1.0

// A plan in the making: what the planner's stages read, and what they write.

#include <pruneplan/detail/index/ancestry.hpp>
#include <pruneplan/detail/index/facts.hpp>
#include <pruneplan/detail/index/graph.hpp>
#include <pruneplan/detail/index/image_lookups.hpp>
#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/text/text_list.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/planner/decisions.hpp>
#include <pruneplan/planner/name_forms.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/glob.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace pruneplan::detail {

/// Returns by image the records that are attached to it.
constexpr Graph attachments_of(const Records& records) {
    if (records.subjects.empty()) return {};
    Vector<std::uint32_t> from, to;
    for (std::uint32_t id = 0; id < records.size(); ++id)
        for (const std::uint32_t subject : records.subjects[id]) {
            from.push_back(subject);
            to.push_back(id);
        }
    return Graph(records.size(), records.size(), from, to);
}

/// Returns by image the images that are deleted after it: those that it needs, and those that are attached to it.
constexpr Graph followers_of(const Records& records) {
    if (records.subjects.empty()) return records.needs;
    Vector<std::uint32_t> from, to;
    for (std::uint32_t id = 0; id < records.size(); ++id) {
        for (const std::uint32_t needed : records.needs[id]) {
            from.push_back(id);
            to.push_back(needed);
        }
        for (const std::uint32_t subject : records.subjects[id]) {
            from.push_back(subject);
            to.push_back(records.image(id));
        }
    }
    return Graph(records.size(), records.size(), from, to);
}

/// Holds the further IDs that containers have as their image's, by their numbers in `Records::ids`.
class ReportedIds {
public:
    constexpr void set(std::size_t container, std::uint32_t id) {
        while (ids_.size() <= container) ids_.push_back(no_record);
        ids_[container] = id;
    }
    /// Returns the number of an ID, or `no_record`.
    constexpr std::uint32_t operator[](std::size_t container) const noexcept {
        return container < ids_.size() ? ids_[container] : no_record;
    }
    constexpr bool empty() const noexcept { return ids_.empty(); }

private:
    Vector<std::uint32_t> ids_;  // by container
};

/// Holds what the stages share. A stage reads records, facts and options, narrows the decisions, and adds its doubts.
struct Draft {
    const Records& records;
    const Facts& facts;
    const PruneOptions& options;
    std::span<const Filter> filters;          // of the options
    std::span<const Glob> keep;               // of the options
    std::span<const KeepNewest> keep_newest;  // of the options
    Graph attachments{};                      // by image: the records that are attached to it
    Graph followers{};                        // by image: the images that are deleted after it
    Ancestry ancestry{};                      // of images along `followers`
    Decisions decisions;
    ParsedNames names;
    ImageLookups images;
    ReportedIds reported_ids{};
    Vector<DoubtEntry> doubts{};
    TextList doubt_texts{};

    /// A template: not every supported standard library can use a vector in constant expressions.
    template <class Options>
    constexpr Draft(const Records& all, const Facts& known, const Options& wanted)
        : records(all),
          facts(known),
          options(wanted),
          filters(wanted.filters),
          keep(wanted.keep),
          keep_newest(wanted.keep_newest),
          decisions(all.size()),
          names(all.size()),
          images(all) {}

    /// Reads what images need, and what is attached to them. Not needed for a store that knows neither.
    constexpr void link() {
        attachments = attachments_of(records);
        followers = followers_of(records);
        ancestry = detail::ancestry(records.texts(), followers);
    }

    constexpr void doubt(DoubtKind kind, std::size_t number, bool blocks, std::string_view text) {
        doubts.push_back({kind, blocks, static_cast<std::uint32_t>(doubt_texts.size()), number});
        doubt_texts.add(text);
    }
    constexpr void doubt_image(std::size_t container, std::uint32_t image) {
        doubts.push_back({DoubtKind::unprotected_image, true, image, container});
    }
};

}  // namespace pruneplan::detail

#endif

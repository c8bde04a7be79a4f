#ifndef PRUNEPLAN_PLANNER_DRAFT_HPP
#define PRUNEPLAN_PLANNER_DRAFT_HPP

// SPDX-License-Identifier: BSL-1.0

// A plan in the making: what the planner's stages read, and what they write.

#include <pruneplan/detail/ancestry.hpp>
#include <pruneplan/detail/facts.hpp>
#include <pruneplan/detail/image_lookups.hpp>
#include <pruneplan/detail/records.hpp>
#include <pruneplan/detail/text_list.hpp>
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

/// Holds what the stages share. A stage reads records, facts and options, narrows the decisions, and adds its doubts.
struct Draft {
    const Records& records;
    const Facts& facts;
    const PruneOptions& options;
    std::span<const Filter> filters;          // of the options
    std::span<const Glob> keep;               // of the options
    std::span<const KeepNewest> keep_newest;  // of the options
    Ancestry ancestry;
    Decisions decisions;
    ParsedNames names;
    ImageLookups images;
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
          ancestry(detail::ancestry(all.texts(), all.needs)),
          decisions(all.size()),
          names(all.size()),
          images(all) {}

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

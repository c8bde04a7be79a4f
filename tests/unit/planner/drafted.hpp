#ifndef PRUNEPLAN_TESTS_UNIT_PLANNER_DRAFTED_HPP
#define PRUNEPLAN_TESTS_UNIT_PLANNER_DRAFTED_HPP

// SPDX-License-Identifier: BSL-1.0

// Drafts of plans, for tests of single stages.

#include "../../support/mock.hpp"

#include <pruneplan/detail/index/blobs.hpp>
#include <pruneplan/detail/text/text_list.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/planner/plan_content.hpp>

#include <cstddef>
#include <utility>
#include <vector>

/// Holds a draft, and what it refers to.
template <class Store>
class Drafted {
    using Planning = pruneplan::detail::Planning<Store>;

    Store store_;
    pruneplan::PruneOptions options_;
    pruneplan::Result<pruneplan::ImageIndex<Store>> index_;
    pruneplan::detail::Facts facts_;

public:
    constexpr explicit Drafted(Store store, pruneplan::PruneOptions options = {})
        : store_(std::move(store)),
          options_(std::move(options)),
          index_(pruneplan::build_index(store_)),
          facts_(Planning(*index_).facts(options_)),
          draft(records(), facts_, options_) {
        draft.link();
    }
    Drafted(const Drafted&) = delete;
    Drafted& operator=(const Drafted&) = delete;

    constexpr const pruneplan::detail::Records& records() const { return Planning(*index_).records(); }
    constexpr pruneplan::detail::Blobs blobs() const { return Planning(*index_).blobs(); }

    constexpr std::vector<pruneplan::Reason> reasons() const {
        std::vector<pruneplan::Reason> out;
        for (std::size_t id = 0; id < draft.decisions.size(); ++id) out.push_back(draft.decisions.reason(id));
        return out;
    }

    /// Returns the plan. The draft is not used any more.
    constexpr pruneplan::PrunePlan plan() {
        name_kept_images(draft);
        return pruneplan::PrunePlan(plan_content(draft, pruneplan::detail::Blobs(), pruneplan::detail::TextList(),
                                                 deletion_depths(draft),
                                                 [](const pruneplan::detail::Records& all) { return all.texts(); }));
    }

    pruneplan::detail::Draft draft;
};

#endif

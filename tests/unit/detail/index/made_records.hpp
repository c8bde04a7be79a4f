#ifndef PRUNEPLAN_TESTS_UNIT_DETAIL_MADE_RECORDS_HPP
#define PRUNEPLAN_TESTS_UNIT_DETAIL_MADE_RECORDS_HPP

// SPDX-License-Identifier: BSL-1.0

// Records without a store, for tests of what stands below one.

#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/index/graph.hpp>
#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/vector.hpp>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

struct Named {
    std::string_view name, target;
    bool dangling = false;
};

/// Returns records with these names and targets, of which no two have the same name.
constexpr pruneplan::detail::Records made_records(const std::vector<Named>& all) {
    pruneplan::detail::Records records(all.size(), pruneplan::detail::HashKey());
    for (const Named& one : all) {
        records.add_name(one.name);
        records.add_target(one.target);
        records.add(one.dangling);
    }
    records.enter();
    return records;
}

/// Returns the graph of links from the first image of each pair to the second.
constexpr pruneplan::detail::Graph made_graph(std::size_t records,
                                              const std::vector<std::pair<std::uint32_t, std::uint32_t>>& links) {
    pruneplan::detail::Vector<std::uint32_t> from, to;
    for (const auto& [image, needed] : links) {
        from.push_back(image);
        to.push_back(needed);
    }
    return pruneplan::detail::Graph(records, records, from, to);
}

#endif

// SPDX-License-Identifier: BSL-1.0

// Tests `SharedIds`: the images that two texts mean, and work that is done once.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/planner/shared_ids.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace {

using mock::GraphRecord;
using pruneplan::detail::ImageLookups;
using pruneplan::detail::SharedIds;
using Images = std::vector<std::uint32_t>;

// Three images share c, two of them d, and the last one e.
const std::vector<GraphRecord> records{{"a", "sha256:a1", {"sha256:c", "sha256:d"}},
                                       {"b", "sha256:a2", {"sha256:c", "sha256:d"}},
                                       {"x", "sha256:a3", {"sha256:c", "sha256:e"}}};

/// Holds what `SharedIds` refers to.
struct Shared {
    Drafted<mock::GraphStore> drafted{mock::GraphStore{records}};
    ImageLookups lookups{drafted.records()};
    SharedIds shared{drafted.records(), lookups};

    auto meaning(std::string_view id) { return drafted.records().find_id(id); }
    Images common(std::string_view a, std::string_view b) {
        Images out;
        any = shared.for_each_common(meaning(a), meaning(b), [&](std::uint32_t image) { out.push_back(image); });
        return out;
    }
    Images in_range(std::string_view a, std::string_view prefix) {
        Images out;
        any = shared.for_each_common(meaning(a), lookups.find(prefix),
                                     [&](std::uint32_t image) { out.push_back(image); });
        std::sort(out.begin(), out.end());
        return out;
    }
    bool any = false;
};

}  // namespace

TEST_CASE("two IDs have the images in common that have both, and shared ones are visited once") {
    Shared shared;
    CHECK(shared.common("sha256:c", "sha256:d") == Images{0, 1});
    CHECK(shared.any);
    CHECK(shared.common("sha256:c", "sha256:d").empty());
    CHECK(shared.any);
    CHECK(shared.common("sha256:d", "sha256:c") == Images{0, 1});
    CHECK(shared.common("sha256:e", "sha256:d").empty());
    CHECK_FALSE(shared.any);
    for (int i = 0; i < 2; ++i) {
        CHECK(shared.common("sha256:c", "sha256:a2") == Images{1});
        CHECK(shared.common("sha256:a2", "sha256:a2") == Images{1});
        CHECK(shared.common("sha256:a1", "sha256:a2").empty());
        CHECK(shared.common("sha256:c", "sha256:gone").empty());
        CHECK_FALSE(shared.any);
    }
}

TEST_CASE("an ID and a truncated one have the images in common that have both") {
    Shared shared;
    CHECK(shared.in_range("sha256:c", "a") == Images{0, 1, 2});
    CHECK(shared.in_range("sha256:c", "a").empty());
    CHECK(shared.any);
    CHECK(shared.in_range("sha256:c", "a2") == Images{1});
    CHECK(shared.in_range("sha256:d", "e").empty());
    CHECK_FALSE(shared.any);
    CHECK(shared.in_range("sha256:e", "f").empty());
    CHECK_FALSE(shared.any);
    for (int i = 0; i < 2; ++i) {
        CHECK(shared.in_range("sha256:a1", "d") == Images{0});
        CHECK(shared.in_range("sha256:a1", "") == Images{0});
        CHECK(shared.in_range("sha256:a3", "d").empty());
    }
}

TEST_CASE("a container that uses a shared ID as an earlier one did adds nothing, and an ID of one image always does") {
    Shared shared;
    const auto c = shared.meaning("sha256:c"), e = shared.meaning("sha256:e");
    CHECK(shared.shared.add(c, 4, false, false));
    CHECK_FALSE(shared.shared.add(c, 5, false, false));
    CHECK(shared.shared.add(c, 6, false, true));
    CHECK_FALSE(shared.shared.add(c, 7, true, true));
    CHECK(shared.shared.add(c, 3, true, true));
    CHECK(shared.shared.add(e, 4, false, false));
    CHECK(shared.shared.add(e, 4, false, false));
}

TEST_CASE("a range of IDs is new once") {
    Shared shared;
    CHECK(shared.shared.add(shared.lookups.find("a")));
    CHECK_FALSE(shared.shared.add(shared.lookups.find("a")));
    CHECK(shared.shared.add(shared.lookups.find("a1")));
}

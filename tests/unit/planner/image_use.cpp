// SPDX-License-Identifier: BSL-1.0

// Tests how uses of an image by several containers combine.

#include "../../support/check.hpp"

#include <pruneplan/planner/image_use.hpp>

#include <cstdint>
#include <utility>

namespace {

using pruneplan::detail::ImageUse;

struct Used {
    std::uint32_t container;
    bool mounts, in_use;
};

/// Tells whether uses, in every order, leave this container and these marks.
constexpr bool leaves(const Used (&given)[3], std::uint32_t container, bool mounts, bool in_use, bool run) {
    Used uses[] = {given[0], given[1], given[2]};
    for (int order = 0; order < 6; ++order) {
        ImageUse use(2);
        for (const Used& one : uses) use.add(1, one.container, one.mounts, one.in_use);
        const ImageUse::State& state = use[1];
        if (state.container != container || (state.mounts != 0) != mounts || (state.in_use != 0) != in_use)
            return false;
        if (state.run != run || use[0].run || use[0].container != ImageUse::no_container) return false;
        std::swap(uses[order % 2], uses[order % 2 + 1]);
    }
    return true;
}

}  // namespace

TEST_CASE("an image reports the first container that puts it in use in whatever order they are added") {
    CHECK_TWICE(leaves({{4, false, true}, {2, false, true}, {9, false, true}}, 2, false, true, true));
    CHECK_TWICE(leaves({{4, false, true}, {2, false, false}, {9, false, true}}, 4, false, true, true));
    CHECK_TWICE(leaves({{4, false, false}, {2, false, false}, {9, false, false}}, 2, false, false, true));
    CHECK_TWICE(leaves({{4, true, true}, {2, false, false}, {9, false, false}}, 4, true, true, true));
    CHECK_TWICE(leaves({{4, true, true}, {5, true, true}, {4, true, true}}, 4, true, true, false));
}

TEST_CASE("a container that both runs and mounts an image counts as running it") {
    CHECK_TWICE(leaves({{4, true, true}, {4, false, true}, {5, true, true}}, 4, false, true, true));
    CHECK_TWICE(leaves({{4, true, true}, {4, false, false}, {5, true, true}}, 4, true, true, true));
}

TEST_CASE("adding the first container that runs a marked image returns true once") {
    constexpr auto first = [] {
        ImageUse use(2);
        use.mark(1);
        return !use.any() && !use.add(1, 3, true, true) && use.any() && use.add(1, 3, false, false) &&
               !use.add(1, 4, false, true) && !use.add(0, 3, false, true);
    };
    CHECK_TWICE(first());
}

TEST_CASE("an image is kept as soon as one of its records is") {
    constexpr auto keeps = [] {
        ImageUse use(1);
        use.keep_if(0, false);
        const bool before = use[0].kept;
        use.keep_if(0, true);
        use.keep_if(0, false);
        return !before && use[0].kept && !use.any();
    };
    CHECK_TWICE(keeps());
}

TEST_CASE("containers beyond the greatest number are reported as none") {
    ImageUse use(1);
    use.add(0, ImageUse::no_container, false, true);
    CHECK(use[0].in_use);
    CHECK(use[0].container == ImageUse::no_container);
}

#ifndef PRUNEPLAN_PLANNER_DANGLING_RECORDS_HPP
#define PRUNEPLAN_PLANNER_DANGLING_RECORDS_HPP

// SPDX-License-Identifier: BSL-1.0

// The dangling records of images: any container that runs an image puts their names in use.

#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/planner/image_use.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

/// Finds the dangling records of an image. **Complexity:** O(n + d log d) for n records and d dangling ones to build;
/// O(log d) for each image.
class DanglingRecords {
public:
    /// Collects the dangling records and marks their images in `use`; none, unless the rule keeps names in use.
    constexpr DanglingRecords(const Records& records, bool names_in_use, ImageUse& use) {
        for (std::uint32_t id = 0; names_in_use && id < records.size(); ++id) {
            if (!records.is_dangling(id)) continue;
            dangling_.push_back(std::uint64_t{records.image(id)} << 32 | id);
            use.mark(records.image(id));
        }
        std::sort(dangling_.begin(), dangling_.end());
    }

    /// Calls `visit(record)` for each dangling record of an image.
    template <class Visit>
    constexpr void for_each(std::uint32_t image, const Visit& visit) const {
        const std::uint64_t* at = std::lower_bound(dangling_.begin(), dangling_.end(), std::uint64_t{image} << 32);
        for (; at != dangling_.end() && *at >> 32 == image; ++at) visit(static_cast<std::uint32_t>(*at));
    }

private:
    Vector<std::uint64_t> dangling_;  // an image in the upper half, a record in the lower; sorted
};

}  // namespace pruneplan::detail

#endif

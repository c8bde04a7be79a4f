#ifndef PRUNEPLAN_DETAIL_IMAGE_LOOKUPS_HPP
#define PRUNEPLAN_DETAIL_IMAGE_LOOKUPS_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds images by truncated IDs.

#include <pruneplan/detail/records.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pruneplan::detail {

/// Finds images by IDs of sha256, whole or truncated, with or without their algorithm.
/// **Complexity:** O(n log n) once, at the first lookup, for n images; then O(log n) a lookup, and O(1) an image found.
class ImageLookups {
public:
    constexpr explicit ImageLookups(const Records& records) : records_(records) {}

    /// Calls `visit(image)` for each image whose target begins with an ID, until it returns false. None if the ID is
    /// empty.
    template <class Visit>
    constexpr void for_each(std::string_view id, const Visit& visit) {
        if (id.starts_with(algorithm)) id.remove_prefix(algorithm.size());
        if (id.empty()) return;
        if (!sorted_) sort();
        const std::uint32_t* at =
            std::lower_bound(images_.begin(), images_.end(), id,
                             [this](std::uint32_t image, std::string_view wanted) { return digits(image) < wanted; });
        while (at != images_.end() && digits(*at).starts_with(id) && visit(*at)) ++at;
    }

private:
    static constexpr std::string_view algorithm = "sha256:";
    static constexpr std::size_t sha256_digits = 64;

    /// Returns a sha256 target without its algorithm.
    constexpr std::string_view digits(std::uint32_t image) const noexcept {
        const std::string_view target = records_.target(image);
        return target.starts_with(algorithm) ? target.substr(algorithm.size()) : target;
    }

    constexpr void sort() {
        for (std::uint32_t record = 0; record < records_.size(); ++record)
            if (records_.image(record) == record &&
                (records_.target(record).starts_with(algorithm) || records_.target(record).size() == sha256_digits))
                images_.push_back(record);
        std::sort(images_.begin(), images_.end(),
                  [this](std::uint32_t a, std::uint32_t b) { return digits(a) < digits(b); });
        sorted_ = true;
    }

    const Records& records_;
    bool sorted_ = false;
    Vector<std::uint32_t> images_;  // those with a sha256 target, sorted by digits
};

}  // namespace pruneplan::detail

#endif

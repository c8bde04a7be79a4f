#ifndef PRUNEPLAN_IMAGE_LOOKUPS_HPP
#define PRUNEPLAN_IMAGE_LOOKUPS_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds many images of one index by names or IDs that users typed. Private: its one class is in `detail`.

#include <pruneplan/detail/sort.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/syntax/reference.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pruneplan::detail {

/// Finds many images by name or ID, each as `ImageIndex::find_image` does.
/// **Complexity:** at most O(n) for each of the first eight lookups, for n records; then O(n log n) once, and O(log n)
/// each.
/// **Memory:** from the ninth lookup on, up to 8 bytes an image, and up to 12 while they are sorted.
template <class Index>
class ImageLookups {
public:
    constexpr explicit ImageLookups(const Index& index) : index_(index) {}

    /// Returns the first record of the image. Sets `ambiguous` to true if several images match. @pre `ambiguous` is
    /// false.
    constexpr std::optional<std::size_t> find(std::string_view typed, bool& ambiguous) {
        // A few passes over all targets cost less than sorting them.
        constexpr std::size_t few = 8;
        if (asked_ < few) {
            ++asked_;
            return index_.find_image(typed, ambiguous);
        }
        if (const auto id = index_.find_whole(typed)) return id;
        return find_by_digits(typed.starts_with(algorithm) ? typed.substr(algorithm.size()) : typed, ambiguous);
    }

private:
    static constexpr std::string_view algorithm = "sha256:";

    /// Returns a sha256 target without its algorithm.
    constexpr std::string_view digits(std::uint32_t id) const { return index_.target(id).substr(algorithm.size()); }

    constexpr std::optional<std::size_t> find_by_digits(std::string_view typed, bool& ambiguous) {
        if (typed.empty()) return std::nullopt;
        if (!sorted_) sort_targets();
        const std::uint32_t* const end = targets_.end();
        const std::uint32_t* const first =
            std::lower_bound(targets_.begin(), targets_.end(), typed,
                             [this](std::uint32_t id, std::string_view wanted) { return digits(id) < wanted; });
        // Matching targets are adjacent.
        const auto matches = [&](const std::uint32_t* at) { return at != end && digits(*at).starts_with(typed); };
        if (!matches(first)) return std::nullopt;
        ambiguous = matches(first + 1);
        if (ambiguous) return std::nullopt;
        return *first;
    }

    constexpr void sort_targets() {
        for (std::size_t id = 0; id < index_.size(); ++id)
            if (index_.target_id(id) == id && index_.target(id).starts_with(algorithm))
                targets_.push_back(static_cast<std::uint32_t>(id));
        sort(targets_, [this](std::uint32_t a, std::uint32_t b) { return digits(a) < digits(b); });
        sorted_ = true;
    }

    const Index& index_;
    std::size_t asked_ = 0;
    bool sorted_ = false;
    Vector<std::uint32_t> targets_;  // the first record of each image with a sha256 target, sorted by digits
};

}  // namespace pruneplan::detail

#endif

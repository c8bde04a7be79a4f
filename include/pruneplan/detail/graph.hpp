#ifndef PRUNEPLAN_DETAIL_GRAPH_HPP
#define PRUNEPLAN_DETAIL_GRAPH_HPP

// SPDX-License-Identifier: BSL-1.0

// Which image needs which, in plain columns.

#include <pruneplan/detail/vector.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace pruneplan::detail {

/// Holds a list of images for each image. Empty if no image has any.
class Graph {
public:
    constexpr Graph() = default;
    /// Groups links from one image to another; a link that is given twice counts once.
    /// **Complexity:** O(n + m) for n records and m links.
    constexpr Graph(std::size_t records, const Vector<std::uint32_t>& from, const Vector<std::uint32_t>& to) {
        if (from.empty()) return;
        // Behind `ends_[image]`, the links of an image are counted, then placed.
        Vector<std::size_t> begins(records + 1, 0);
        for (const std::uint32_t image : from) ++begins[image + 1];
        for (std::size_t image = 0; image < records; ++image) begins[image + 1] += begins[image];
        Vector<std::uint32_t> grouped(to.size(), 0), last(records, 0xffffffff);
        Vector<std::size_t> next = begins;
        for (std::size_t i = 0; i < from.size(); ++i) grouped[next[from[i]]++] = to[i];
        ends_.reserve(records);
        for (std::uint32_t image = 0; image < records; ++image) {
            for (std::size_t i = begins[image]; i < begins[image + 1]; ++i) {
                if (last[grouped[i]] == image) continue;
                last[grouped[i]] = image;
                images_.push_back(grouped[i]);
            }
            ends_.push_back(images_.size());
        }
    }

    constexpr bool empty() const noexcept { return images_.empty(); }

    /// Returns the list of an image.
    constexpr std::span<const std::uint32_t> operator[](std::size_t image) const noexcept {
        if (images_.empty()) return {};
        const std::size_t begin = image == 0 ? 0 : ends_[image - 1];
        return {images_.data() + begin, ends_[image] - begin};
    }

private:
    Vector<std::size_t> ends_;  // by image: where its list ends in `images_`
    Vector<std::uint32_t> images_;
};

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_DETAIL_INDEX_STRING_ARENA_HPP
#define PRUNEPLAN_DETAIL_INDEX_STRING_ARENA_HPP

// SPDX-License-Identifier: BSL-1.0

// Copies of texts at stable addresses. Unlike std::pmr::monotonic_buffer_resource, it can be moved, and used in
// constant evaluation.

#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace pruneplan::detail {

/// Owns copies of texts, in blocks that double in size and never move. Moving the arena does not move the texts.
/// Copying it would, so it cannot be copied.
class StringArena {
public:
    constexpr StringArena() = default;
    constexpr StringArena(StringArena&&) noexcept = default;
    constexpr StringArena& operator=(StringArena&&) noexcept = default;

    /// Returns a view of a copy of `text`, which lives as long as the arena. **Complexity:** O(n) for n bytes.
    constexpr std::string_view add(std::string_view text) {
        if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < text.size()) {
            const std::size_t size = blocks_.empty() ? 1024 : 2 * blocks_.back().capacity();
            blocks_.push_back({});
            blocks_.back().reserve((std::max)(size, text.size()));
        }
        Vector<char>& block = blocks_.back();
        const std::size_t start = block.size();
        block.append(text.data(), text.size());
        return {block.data() + start, text.size()};
    }

private:
    Vector<Vector<char>> blocks_;
};

}  // namespace pruneplan::detail

#endif

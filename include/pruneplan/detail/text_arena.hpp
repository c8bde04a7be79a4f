#ifndef PRUNEPLAN_DETAIL_TEXT_ARENA_HPP
#define PRUNEPLAN_DETAIL_TEXT_ARENA_HPP

// Copies of texts that nobody else keeps, at addresses that stay.

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace pruneplan::detail {

/// Texts lie in blocks, each twice as large as the one before: few allocations, and none is ever moved. A move of the
/// arena moves no text; a copy would, so there is none.
class TextArena {
public:
    constexpr TextArena() = default;
    constexpr TextArena(TextArena&&) noexcept = default;
    constexpr TextArena& operator=(TextArena&&) noexcept = default;

    constexpr std::string_view keep(std::string_view text) {
        if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < text.size()) {
            const std::size_t size = blocks_.empty() ? 1024 : 2 * blocks_.back().capacity();
            blocks_.emplace_back().reserve(std::max(size, text.size()));
        }
        std::vector<char>& block = blocks_.back();
        const std::size_t start = block.size();
        block.insert(block.end(), text.begin(), text.end());
        return {block.data() + start, text.size()};
    }

private:
    std::vector<std::vector<char>> blocks_;
};

}  // namespace pruneplan::detail

#endif

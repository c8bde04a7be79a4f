#ifndef PRUNEPLAN_DETAIL_TEXT_ARENA_HPP
#define PRUNEPLAN_DETAIL_TEXT_ARENA_HPP

// Copies of texts that nobody else keeps, at addresses that stay.

#include <pruneplan/detail/list.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

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
            blocks_.push_back({});
            blocks_.back().reserve((std::max)(size, text.size()));
        }
        List<char>& block = blocks_.back();
        const std::size_t start = block.size();
        block.append(text.data(), text.size());
        return {block.data() + start, text.size()};
    }

private:
    List<List<char>> blocks_;
};

}  // namespace pruneplan::detail

#endif

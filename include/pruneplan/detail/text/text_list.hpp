#ifndef PRUNEPLAN_DETAIL_TEXT_TEXT_LIST_HPP
#define PRUNEPLAN_DETAIL_TEXT_TEXT_LIST_HPP

// SPDX-License-Identifier: BSL-1.0

// A list of texts that can be copied as a whole.

#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/vector.hpp>

#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace pruneplan::detail {

/// Owns texts, one behind the other.
class TextList {
public:
    constexpr void add(std::string_view text) {
        append(text_, text);
        ends_.push_back(text_.size());
    }
    /// Adds all texts, or none if an allocation fails.
    constexpr void add_all(std::initializer_list<std::string_view> texts) {
        std::size_t more = 0;
        for (const std::string_view text : texts) more += text.size();
        text_.make_room(more);
        ends_.make_room(texts.size());
        for (const std::string_view text : texts) add(text);
    }
    constexpr std::size_t size() const noexcept { return ends_.size(); }
    constexpr bool empty() const noexcept { return ends_.empty(); }
    constexpr std::string_view operator[](std::size_t at) const noexcept {
        const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
        return {text_.data() + begin, ends_[at] - begin};
    }

private:
    String text_;
    Vector<std::size_t> ends_;
};

}  // namespace pruneplan::detail

#endif

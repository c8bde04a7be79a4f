#ifndef PRUNEPLAN_SYNTAX_GLOB_HPP
#define PRUNEPLAN_SYNTAX_GLOB_HPP

// Shell patterns, as Docker's `reference` filter takes them:
//
//   pattern  = *( "*" | item )
//   item     = "?" | "[" [ "^" ] 1*range "]" | "\" character | character
//   range    = bound [ "-" bound ]           bound = "\" character | character, but not "-" or "]"
//
// "*" stands for any characters but "/", "?" for one, "[a-c]" for one of these. The whole text has to match.

#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/utf8.hpp>
#include <pruneplan/syntax/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace pruneplan {

/// A pattern, ready to be held against many texts.
class Glob {
public:
    static constexpr std::size_t longest_pattern = 1024;

private:
    enum class Kind : unsigned char { literal, any, one_of, none_of };

    struct Range {
        char32_t low, high;
    };

    struct Item {
        Kind kind;
        char32_t literal = 0;
        std::size_t first_range = 0, end_of_ranges = 0;
    };

    /// Items first to end, which match one character each, behind a "*" or not. Only the first chunk can be without,
    /// and only the last one empty.
    struct Chunk {
        bool star;
        std::size_t first, end;
    };

    static constexpr std::size_t bits = 64, most_words = longest_pattern / bits, ascii = 128;

    constexpr bool takes(const Item& item, char32_t c) const noexcept {
        if (item.kind == Kind::literal) return c == item.literal;
        if (item.kind == Kind::any) return c != '/';
        for (std::size_t i = item.first_range; i < item.end_of_ranges; ++i)
            if (ranges_[i].low <= c && c <= ranges_[i].high) return item.kind == Kind::one_of;
        return item.kind == Kind::none_of;
    }

    constexpr std::uint64_t takers(char32_t c, std::size_t word) const noexcept {
        if (c < ascii) return takers_[c * words_ + word];
        std::uint64_t out = 0;
        for (std::size_t i = word * bits; i < items_.size() && i < (word + 1) * bits; ++i)
            if (takes(items_[i], c)) out |= std::uint64_t{1} << i % bits;
        return out;
    }

    /// Where the leftmost match of a chunk ends, from `at` on, or npos; the last chunk's has to end with the text. All
    /// places where it may have begun are followed at once, a bit each (the Shift-And method of Baeza-Yates and Gonnet).
    /// `Words` is at least how many words the chunk's bits are in.
    template <std::size_t Words>
    constexpr std::size_t end_of_match(const Chunk& chunk, std::string_view text, std::size_t at,
                                       bool to_the_end) const noexcept {
        const std::size_t first_word = chunk.first / bits, words = Words == 1 ? 1 : (chunk.end - 1) / bits - first_word + 1;
        const std::uint64_t begin = std::uint64_t{1} << chunk.first % bits, done = std::uint64_t{1} << (chunk.end - 1) % bits;
        std::array<std::uint64_t, Words> reached{};
        bool may_begin = true;
        while (at < text.size()) {
            const detail::Character next = detail::character_at(text, at);
            at += next.size;
            std::uint64_t carry = may_begin ? begin : 0, any = 0;
            for (std::size_t word = 0; word < words; ++word) {
                const std::uint64_t shifted = reached[word] << 1 | carry;
                carry = reached[word] >> (bits - 1);
                any |= reached[word] = shifted & takers(next.code, first_word + word);
            }
            if ((reached[words - 1] & done) != 0 && (!to_the_end || at == text.size())) return at;
            may_begin = may_begin && chunk.star && next.code != '/';
            if (any == 0 && !may_begin) break;
        }
        return text.npos;
    }

public:
    /// Owns what it needs of `pattern`: about 1 KiB for each 64 characters. Refuses with `bad_pattern` one that is
    /// malformed, or over 1,024 bytes.
    static constexpr Result<Glob> compile(std::string_view pattern) {
        if (pattern.size() > longest_pattern)
            return Error{ErrorCode::bad_pattern,
                         detail::joined({detail::quoted(pattern), " is too long for a pattern: at most 1,024 bytes"})};
        Glob glob;
        if (!glob.read(pattern))
            return Error{ErrorCode::bad_pattern,
                         detail::joined({detail::quoted(pattern), " is no pattern: close each [, put a range such as a-z "
                                                                  "into it, and put a character after each \\"})};
        glob.mark();
        return glob;
    }

    /// Whether the whole text matches. Cost: one pass over the text, with one step for each 64 characters of the
    /// pattern; no allocation. Bytes that are not UTF-8 count as a character each.
    constexpr bool matches(std::string_view text) const noexcept {
        std::size_t at = 0;
        for (std::size_t i = 0; i < chunks_.size(); ++i) {
            const Chunk& chunk = chunks_[i];
            const bool last = i + 1 == chunks_.size();
            if (chunk.first == chunk.end) return text.find('/', at) == text.npos;  // a "*" at the pattern's end
            const bool in_one_word = chunk.first / bits == (chunk.end - 1) / bits;
            at = in_one_word ? end_of_match<1>(chunk, text, at, last) : end_of_match<most_words>(chunk, text, at, last);
            if (at == text.npos) return false;
        }
        return at == text.size();
    }

private:
    constexpr bool read(std::string_view pattern) {
        for (std::size_t at = 0; at < pattern.size();) {
            if (pattern[at] == '*') {
                chunks_.push_back({true, items_.size(), items_.size()});
                at = pattern.find_first_not_of('*', at);
                if (at == pattern.npos) break;
            } else if (chunks_.empty()) {
                chunks_.push_back({false, 0, 0});
            }
            if (!read_item(pattern, at)) return false;
            chunks_.back().end = items_.size();
        }
        return true;
    }

    constexpr bool read_item(std::string_view pattern, std::size_t& at) {
        if (pattern[at] == '?') {
            ++at;
            items_.push_back({Kind::any});
            return true;
        }
        if (pattern[at] == '[') return read_ranges(pattern, ++at);
        if (pattern[at] == '\\' && ++at == pattern.size()) return false;
        const detail::Character literal = detail::character_at(pattern, at);
        at += literal.size;
        items_.push_back({Kind::literal, literal.code});
        return true;
    }

    constexpr bool read_ranges(std::string_view pattern, std::size_t& at) {
        Item item{Kind::one_of, 0, ranges_.size()};
        if (pattern.substr(at).starts_with('^')) {
            item.kind = Kind::none_of;
            ++at;
        }
        while (ranges_.size() == item.first_range || !pattern.substr(at).starts_with(']')) {
            Range range{};
            if (!read_bound(pattern, at, range.low)) return false;
            range.high = range.low;
            if (pattern[at] == '-' && !read_bound(pattern, ++at, range.high)) return false;
            ranges_.push_back(range);
        }
        ++at;
        item.end_of_ranges = ranges_.size();
        items_.push_back(item);
        return true;
    }

    /// A bound, which never stands at the pattern's end: at the least a "]" has to follow.
    static constexpr bool read_bound(std::string_view pattern, std::size_t& at, char32_t& out) {
        if (at == pattern.size() || pattern[at] == '-' || pattern[at] == ']') return false;
        if (pattern[at] == '\\' && ++at == pattern.size()) return false;
        const detail::Character bound = detail::character_at(pattern, at);
        at += bound.size;
        out = bound.code;
        return bound.well_formed && at != pattern.size();
    }

    /// For each ASCII character the items that take it, a bit each.
    constexpr void mark() {
        words_ = (items_.size() + bits - 1) / bits;
        takers_ = detail::List<std::uint64_t>(ascii * words_, 0);
        for (std::size_t i = 0; i < items_.size(); ++i)
            for (char32_t c = 0; c < ascii; ++c)
                if (takes(items_[i], c)) takers_[c * words_ + i / bits] |= std::uint64_t{1} << i % bits;
    }

    detail::List<Item> items_;
    detail::List<Range> ranges_;
    detail::List<Chunk> chunks_;
    detail::List<std::uint64_t> takers_;
    std::size_t words_ = 0;
};

/// Whether `text` as a whole matches `pattern`. To hold one pattern against many texts, `Glob::compile` it once.
/// Refuses a malformed pattern with `bad_pattern`, whatever the text. Rule: Go, path.Match; vectors/reference_globs.tsv.
constexpr Result<bool> match_glob(std::string_view pattern, std::string_view text) {
    auto glob = Glob::compile(pattern);
    if (!glob) return std::move(glob).error();
    return glob->matches(text);
}

}  // namespace pruneplan

#endif

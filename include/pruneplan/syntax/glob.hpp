#ifndef PRUNEPLAN_SYNTAX_GLOB_HPP
#define PRUNEPLAN_SYNTAX_GLOB_HPP

// SPDX-License-Identifier: BSL-1.0

// Shell patterns, in the syntax of Docker's filter `reference`, and with "**":
//
//   pattern  = *( "*" | "**" | item )
//   item     = "?" | "[" [ "^" ] 1*range "]" | "\" character | character
//   range    = bound [ "-" bound ]           bound = "\" character | character, but not "-" or "]", and in UTF-8
//
// "*" matches any characters but "/", "**" matches any characters, "?" matches one character but "/", "[a-c]" matches
// one character of the range. A pattern has to match the whole text.

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/text/utf8.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/syntax/result.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pruneplan {

namespace detail {

/// Tells what two or more stars in a row mean in a pattern: as much as one (Docker), or any characters with "/".
enum class Stars : unsigned char { as_docker, cross_slashes };

}  // namespace detail

/// Holds a compiled pattern, or several joined ones of which one must match. A default-constructed or moved-from Glob
/// matches nothing.
///
/// The implementation numbers the places in the pattern, from before its first character to behind its last. It follows
/// all places that a match can have reached at once, one bit each (the Shift-And algorithm of Baeza-Yates and Gonnet).
class Glob {
    static constexpr std::size_t bits = 64, ascii = 128;

public:
    /// The length of the longest pattern, in bytes.
    static constexpr std::size_t longest_pattern = 1024;

    constexpr Glob() = default;
    constexpr Glob(const Glob&) = default;
    constexpr Glob(Glob&&) noexcept = default;
    /// Copies completely, or leaves this object unchanged if an allocation fails.
    constexpr Glob& operator=(const Glob& other) { return *this = Glob(other); }
    constexpr Glob& operator=(Glob&&) noexcept = default;
    constexpr ~Glob() = default;

    /// Compiles a pattern.
    /// @param stars `as_docker` for the filter `reference`, which knows no "**".
    /// **Errors:** `bad_pattern` if the pattern is malformed, contains a blank or control character of ASCII, or is
    /// longer than `longest_pattern`.
    /// **Complexity:** O(p) for a pattern of p bytes.
    /// **Memory:** O(p). **Lifetime:** the result owns all that it needs.
    /// **Source:** Go, `path.Match`; tests/oracle/vectors/reference_globs.tsv. Differences: a "*" never ends within a
    /// character, a byte that is not UTF-8 does not match U+FFFD, and the errors above. Patterns with a "**" match as
    /// regular expressions do: every way to divide the text counts.
    static constexpr Result<Glob> compile(std::string_view pattern,
                                          detail::Stars stars = detail::Stars::cross_slashes) {
        const auto fail = [pattern](std::string_view what, std::string_view advice) {
            return Error{ErrorCode::bad_pattern, detail::joined({what, detail::quoted(pattern), advice})};
        };
        if (pattern.size() > longest_pattern) return fail("pattern ", " is too long: use at most 1,024 bytes");
        for (const char c : pattern)
            if (const auto byte = static_cast<unsigned char>(c); byte <= ' ' || byte == 0x7f)
                return fail("invalid pattern ", ": remove blanks and control characters");
        Glob glob;
        detail::append(glob.pattern_, pattern);
        glob.places_.reserve(pattern.size() + 1);
        if (!glob.read(pattern, stars))
            return fail("invalid pattern ",
                        ": close each [, put a range such as a-z into it, and put a character after each \\");
        glob.words_ = detail::Vector<Word>((glob.places_.size() + bits - 1) / bits, Word{});
        glob.accepting_ = detail::Vector<std::uint64_t>(ascii * glob.words_.size(), 0);
        glob.mark(0);
        return glob;
    }

    /// Returns the pattern that this was compiled from, without patterns that were joined.
    constexpr std::string_view pattern() const noexcept { return {pattern_.data(), pattern_.size()}; }

    /// Tells whether the whole text matches. Each byte that is not part of well-formed UTF-8 counts as one character.
    /// **Complexity:** O(n) for n characters of ASCII and a pattern of at most 63 items; O(n * p / 64) for longer
    /// patterns of p items. A character beyond ASCII takes up to O(p). No allocation.
    constexpr bool matches(std::string_view text) const noexcept {
        Run run(*this);
        run.begin();
        run.take(text);
        return run.matches();
    }

    /// Tells whether every way to divide a text counts. So a run of a simple pattern can begin several matches. A
    /// pattern without "**" is not simple if one of its classes, such as "[^a]", matches "/": as in Go, only the first
    /// occurrence of what stands between two stars counts.
    constexpr bool simple() const noexcept { return simple_; }

    /// Adds another pattern, so that this matches what either matches. Returns false and changes nothing if only one of
    /// them is simple, or if both together have more than 62 items, so that matching would take longer.
    constexpr bool join(const Glob& other) {
        const std::size_t first = places_.size(), places = other.places_.size();
        const std::size_t first_range = ranges_.size(), ranges = other.ranges_.size();
        if (words_.empty() || first + places > bits || simple_ != other.simple_) return false;
        // Reserves first, so that this pattern is unchanged if an allocation fails. `other` can be this pattern.
        places_.reserve(first + places);
        ranges_.reserve(first_range + ranges);
        for (std::size_t i = 0; i < places; ++i) {
            Place place = other.places_[i];
            place.first_range += static_cast<std::uint32_t>(first_range);
            place.end_of_ranges += static_cast<std::uint32_t>(first_range);
            places_.push_back(place);
        }
        for (std::size_t i = 0; i < ranges; ++i) ranges_.push_back(other.ranges_[i]);
        mark(first);
        return true;
    }

    // Example: "a*b" has the places 0 (before the "a"), 1 (at the "*", before the "b") and 2 (the end). The places that
    // a run has reached in "axbc":
    //
    //   begin  0     no match
    //   a      1     the "a" leads from 0 to 1
    //   x      1     a "*" stays where it is
    //   b      1, 2  the "b" leads from 1 to 2, and the "*" stays: a match ends here
    //   c      1     nothing leads on from the end: no match

    /// Matches a text piece by piece. For simple patterns, texts with common pieces can share a run: a match can begin
    /// in several places and end in several. **Lifetime:** a run must not outlive its pattern.
    class Run {
    public:
        /// Starts with no match begun.
        constexpr explicit Run(const Glob& glob) noexcept : glob_(glob), words_(glob.words_.size()) {
            for (std::size_t word = 0; word < words_; ++word) reached_[word] = 0;
        }
        explicit Run(const Glob&& temporary) = delete;
        Run(const Run&) = delete;
        Run& operator=(const Run&) = delete;

        /// Lets a match begin at the next piece.
        constexpr void begin() noexcept {
            for (std::size_t word = 0; word < words_; ++word) reached_[word] |= glob_.words_[word].begins;
        }

        /// Reads a piece of the text, which must not end within a character.
        constexpr void take(std::string_view piece) noexcept {
            std::size_t at = words_ == 1 ? take_ascii(piece) : 0;
            while (at < piece.size()) {
                const detail::Character next = detail::character_at(piece, at);
                at += next.size;
                std::uint64_t carry = 0;
                std::uint64_t any = 0;
                for (std::size_t word = 0; word < words_; ++word) {
                    const std::uint64_t advanced = glob_.accepting(next.code, word, reached_[word]);
                    const std::uint64_t now = advanced << 1 | carry;
                    const Word& marks = glob_.words_[word];
                    any |= reached_[word] = (reached_[word] & (next.code == '/' ? marks.deep : marks.stars)) | now;
                    carry = advanced >> (bits - 1);
                    if (!glob_.simple_) drop_places_before_stars(word, now);
                }
                if (any == 0) return;
            }
        }

        /// Tells whether a match ends here.
        constexpr bool matches() const noexcept {
            std::uint64_t ended = 0;
            for (std::size_t word = 0; word < words_; ++word) ended |= reached_[word] & glob_.words_[word].ends;
            return ended != 0;
        }

    private:
        /// If a "*" was reached `now`, drops all places of its pattern before it: Go's `path.Match` never returns to an
        /// earlier "*".
        constexpr void drop_places_before_stars(std::size_t word, std::uint64_t now) noexcept {
            const std::uint64_t stars = now & glob_.words_[word].stars;
            if (stars == 0) return;
            reached_[word] &= ~places_before(stars, glob_.words_[word].begins);
            // A pattern that spans several words is the only one.
            while (word > 0) reached_[--word] = 0;
        }

        /// Returns the places of a word between each star and where its pattern begins. A match reaches each star once,
        /// so over a whole text this takes one step for each star.
        static constexpr std::uint64_t places_before(std::uint64_t stars, std::uint64_t begins) noexcept {
            std::uint64_t places = 0;
            for (; stars != 0; stars &= stars - 1) {
                const std::uint64_t star = stars & (0 - stars);
                const std::uint64_t begin = std::bit_floor(begins & (star | (star - 1)));
                places |= star - (begin == 0 ? 1 : begin);
            }
            return places;
        }

        /// Like `take`, for the ASCII characters at the front of a piece, if one word holds all places.
        constexpr std::size_t take_ascii(std::string_view piece) noexcept {
            const std::uint64_t stars = glob_.words_[0].stars, deep = glob_.words_[0].deep;
            const std::uint64_t one_way = glob_.simple_ ? 0 : stars;
            std::uint64_t reached = reached_[0];
            std::size_t at = 0;
            for (; at < piece.size() && reached != 0; ++at) {
                const auto byte = static_cast<unsigned char>(piece[at]);
                if (byte >= ascii) break;
                const std::uint64_t now = (reached & glob_.accepting_[byte]) << 1;
                reached = (reached & (byte == '/' ? deep : stars)) | now;
                if ((now & one_way) != 0) reached &= ~places_before(now & one_way, glob_.words_[0].begins);
            }
            reached_[0] = reached;
            return reached == 0 ? piece.size() : at;
        }

        const Glob& glob_;
        std::size_t words_;
        std::array<std::uint64_t, longest_pattern / bits + 1> reached_;
    };

private:
    /// What a place matches; `end` is behind the last character of a pattern.
    enum class Kind : unsigned char { literal, any, one_of, none_of, end };

    struct Range {
        char32_t low, high;
    };

    struct Place {
        Kind kind = Kind::end;
        bool star = false, deep = false;  ///< "*" or "**" precedes it; "**" precedes it
        char32_t literal = 0;
        std::uint32_t first_range = 0, end_of_ranges = 0;
    };

    /// Marks for 64 places: where patterns begin, where "*" and "**" are, where "**" are, where patterns end.
    struct Word {
        std::uint64_t begins = 0, stars = 0, deep = 0, ends = 0;
    };

    constexpr bool accepts(const Place& place, char32_t c) const noexcept {
        if (place.kind == Kind::end) return false;
        if (place.kind == Kind::literal) return c == place.literal;
        if (place.kind == Kind::any) return c != '/';
        for (std::size_t i = place.first_range; i < place.end_of_ranges; ++i)
            if (ranges_[i].low <= c && c <= ranges_[i].high) return place.kind == Kind::one_of;
        return place.kind == Kind::none_of;
    }

    /// Returns those of the given places of a word that match a character.
    constexpr std::uint64_t accepting(char32_t c, std::size_t word, std::uint64_t places) const noexcept {
        if (c < ascii) return accepting_[c * words_.size() + word] & places;
        std::uint64_t out = places;
        for (std::uint64_t left = places; left != 0; left &= left - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(left));
            if (!accepts(places_[word * bits + place], c)) out ^= std::uint64_t{1} << place;
        }
        return out;
    }

    constexpr bool read(std::string_view pattern, detail::Stars stars) {
        bool any_deep = false;
        for (std::size_t at = 0;;) {
            Place place;
            const std::size_t start = at;
            while (at < pattern.size() && pattern[at] == '*') ++at;
            place.star = at > start;
            place.deep = at > start + 1 && stars == detail::Stars::cross_slashes;
            any_deep = any_deep || place.deep;
            if (at < pattern.size() && !read_place(pattern, at, place)) return false;
            if (place.kind != Kind::literal && accepts(place, '/')) simple_ = false;
            places_.push_back(place);
            if (place.kind != Kind::end) continue;
            simple_ = simple_ || any_deep;
            return true;
        }
    }

    constexpr bool read_place(std::string_view pattern, std::size_t& at, Place& out) {
        if (pattern[at] == '?') {
            ++at;
            out.kind = Kind::any;
            return true;
        }
        if (pattern[at] == '[') return read_ranges(pattern, ++at, out);
        if (pattern[at] == '\\' && ++at == pattern.size()) return false;
        const detail::Character literal = detail::character_at(pattern, at);
        at += literal.size;
        out.kind = Kind::literal;
        out.literal = literal.code;
        return true;
    }

    constexpr bool read_ranges(std::string_view pattern, std::size_t& at, Place& out) {
        out.kind = Kind::one_of;
        out.first_range = static_cast<std::uint32_t>(ranges_.size());
        if (pattern.substr(at).starts_with('^')) {
            out.kind = Kind::none_of;
            ++at;
        }
        while (ranges_.size() == out.first_range || !pattern.substr(at).starts_with(']')) {
            Range range{};
            if (!read_bound(pattern, at, range.low)) return false;
            range.high = range.low;
            if (pattern[at] == '-' && !read_bound(pattern, ++at, range.high)) return false;
            ranges_.push_back(range);
        }
        ++at;
        out.end_of_ranges = static_cast<std::uint32_t>(ranges_.size());
        return true;
    }

    /// Reads a bound of a range. If it returns true, more of the pattern follows: at least a "]" is missing.
    static constexpr bool read_bound(std::string_view pattern, std::size_t& at, char32_t& out) {
        if (at == pattern.size() || pattern[at] == '-' || pattern[at] == ']') return false;
        if (pattern[at] == '\\' && ++at == pattern.size()) return false;
        const detail::Character bound = detail::character_at(pattern, at);
        at += bound.size;
        out = bound.code;
        return bound.well_formed && at != pattern.size();
    }

    /// Enters the places from this one on into the bit masks.
    constexpr void mark(std::size_t first) {
        for (std::size_t i = first; i < places_.size(); ++i) {
            Word& word = words_[i / bits];
            const std::uint64_t bit = std::uint64_t{1} << i % bits;
            if (i == 0 || places_[i - 1].kind == Kind::end) word.begins |= bit;
            if (places_[i].kind == Kind::end) word.ends |= bit;
            if (places_[i].star) word.stars |= bit;
            if (places_[i].deep) word.deep |= bit;
            for (char32_t c = 0; c < ascii; ++c)
                if (accepts(places_[i], c)) accepting_[c * words_.size() + i / bits] |= bit;
        }
    }

    bool simple_ = true;
    detail::String pattern_;
    detail::Vector<Place> places_;
    detail::Vector<Range> ranges_;
    detail::Vector<Word> words_;
    detail::Vector<std::uint64_t> accepting_;  // by ASCII character and word: the places that match it
};

namespace detail {

/// Holds patterns of which any may match. Joins short ones, so that they are matched together.
class Globs {
public:
    constexpr void add(const Glob& glob) {
        Vector<Glob>& globs = glob.simple() ? simple_ : others_;
        if (globs.empty() || !globs.back().join(glob)) globs.push_back(glob);
    }
    constexpr bool empty() const noexcept { return simple_.empty() && others_.empty(); }

    /// Tells whether `match` returns true for one of the patterns.
    template <class Match>
    constexpr bool any(Match match) const {
        for (const Vector<Glob>* globs : {&simple_, &others_})
            for (const Glob& glob : *globs)
                if (match(glob)) return true;
        return false;
    }

private:
    Vector<Glob> simple_, others_;
};

}  // namespace detail

}  // namespace pruneplan

#endif

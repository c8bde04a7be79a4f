#ifndef PRUNEPLAN_SYNTAX_GLOB_HPP
#define PRUNEPLAN_SYNTAX_GLOB_HPP

// Shell patterns, as Docker's `reference` filter takes them:
//
//   pattern  = *( "*" | item )
//   item     = "?" | "[" [ "^" ] 1*range "]" | "\" character | character
//   range    = bound [ "-" bound ]           bound = "\" character | character, but not "-" or "]", and in UTF-8
//
// "*" stands for any characters but "/", "?" for one, "[a-c]" for one of these. The whole text has to match.

#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/utf8.hpp>
#include <pruneplan/syntax/result.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace pruneplan {

/// A pattern, ready to be held against many texts; or several, of which any may match.
///
/// Places in the pattern are numbered, from before its first character to behind its last. All places that a text can
/// have come to are followed at once, a bit each (the Shift-And method of Baeza-Yates and Gonnet).
class Glob {
    static constexpr std::size_t bits = 64, ascii = 128;

public:
    static constexpr std::size_t longest_pattern = 1024;

    constexpr Glob() = default;
    constexpr Glob(const Glob&) = default;
    constexpr Glob(Glob&&) noexcept = default;
    /// Copies whole or not at all: an allocation can fail half-way.
    constexpr Glob& operator=(const Glob& other) { return *this = Glob(other); }
    constexpr Glob& operator=(Glob&&) noexcept = default;
    constexpr ~Glob() = default;

    /// Owns what it needs of `pattern`: some 2 KiB for each 64 characters. Refuses with `bad_pattern` one that is
    /// malformed, or over 1,024 bytes.
    static constexpr Result<Glob> compile(std::string_view pattern) {
        if (pattern.size() > longest_pattern)
            return Error{ErrorCode::bad_pattern,
                         detail::joined({"pattern ", detail::quoted(pattern),
                                         " is too long: use at most 1,024 bytes"})};
        Glob glob;
        detail::append(glob.pattern_, pattern);
        glob.places_.reserve(pattern.size() + 1);
        if (!glob.read(pattern))
            return Error{ErrorCode::bad_pattern,
                         detail::joined({"invalid pattern ", detail::quoted(pattern),
                                         ": close each [, put a range such as a-z into it, and put a character after "
                                         "each \\"})};
        glob.words_ = detail::List<Word>((glob.places_.size() + bits - 1) / bits, {});
        glob.takers_ = detail::List<std::uint64_t>(ascii * glob.words_.size(), 0);
        glob.mark(0);
        return glob;
    }

    /// The pattern that it was compiled from.
    constexpr std::string_view pattern() const noexcept PRUNEPLAN_LIFETIMEBOUND {
        return {pattern_.data(), pattern_.size()};
    }

    /// Whether the whole text matches. Cost: one pass over the text, with one step for each 64 characters of the
    /// pattern, and for a character beyond ASCII one for each place that the text can have come to, and each range there;
    /// no allocation. Bytes that are not UTF-8 count as a character each.
    constexpr bool matches(std::string_view text) const noexcept {
        Run run(*this);
        run.begin();
        run.take(text);
        return run.matches();
    }

    /// Whether no class of it takes "/". Then what stands between two stars can be found in any place where it fits; else
    /// only the first place counts, and a match can begin in one place only.
    constexpr bool simple() const noexcept { return simple_; }

    /// Lets what `other` matches match, too, if both are simple or neither is, and take no longer than this one alone to
    /// match ASCII. Else false.
    constexpr bool join(const Glob& other) {
        const std::size_t first = places_.size(), places = other.places_.size();
        const std::size_t first_range = ranges_.size(), ranges = other.ranges_.size();
        if (words_.empty() || first + places > bits || simple_ != other.simple_) return false;
        // First, so that this pattern stays as it is where there is no memory. `other` can be this one.
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

    /// A match under way. Of a simple pattern, for texts that have pieces in common: it can begin in several places, and
    /// end in several. It lives no longer than the pattern.
    class Run {
    public:
        constexpr explicit Run(const Glob& glob) noexcept : glob_(glob), words_(glob.words_.size()) {
            for (std::size_t word = 0; word < words_; ++word) reached_[word] = 0;
        }
        explicit Run(const Glob&& a_pattern_that_goes) = delete;
        Run(const Run&) = delete;
        Run& operator=(const Run&) = delete;

        /// A match may begin with what is taken next.
        constexpr void begin() noexcept {
            for (std::size_t word = 0; word < words_; ++word) reached_[word] |= glob_.words_[word].begins;
        }

        /// Goes on by a piece of the text, which must not end within a character.
        constexpr void take(std::string_view piece) noexcept {
            std::size_t at = words_ == 1 ? take_quickly(piece) : 0;
            while (at < piece.size()) {
                const detail::Character next = detail::character_at(piece, at);
                at += next.size;
                // A "*" stands for all but "/".
                const std::uint64_t starred = std::uint64_t{next.code == '/'} - 1;
                std::uint64_t carry = 0, any = 0;
                for (std::size_t word = 0; word < words_; ++word) {
                    const std::uint64_t goes_on = glob_.takers(next.code, word, reached_[word]);
                    const std::uint64_t now = goes_on << 1 | carry;
                    any |= reached_[word] = (reached_[word] & glob_.words_[word].stars & starred) | now;
                    carry = goes_on >> (bits - 1);
                    if (!glob_.simple_) go_past_stars(word, now);
                }
                if (any == 0) return;
            }
        }

        /// Whether one that began ends here.
        constexpr bool matches() const noexcept {
            std::uint64_t ended = 0;
            for (std::size_t word = 0; word < words_; ++word) ended |= reached_[word] & glob_.words_[word].ends;
            return ended != 0;
        }

    private:
        /// Where a "*" is among the places that were reached `now`, gives up all places of its pattern before it, as the
        /// original never goes back there.
        constexpr void go_past_stars(std::size_t word, std::uint64_t now) noexcept {
            const std::uint64_t stars = now & glob_.words_[word].stars;
            if (stars == 0) return;
            reached_[word] &= ~places_before(stars, glob_.words_[word].begins);
            // A pattern that does not lie in one word alone is the only one.
            while (word > 0) reached_[--word] = 0;
        }

        /// The places of a word that lie between a star and where its pattern begins. A match comes to each star once: over
        /// a whole text, this takes one step for each of them.
        static constexpr std::uint64_t places_before(std::uint64_t stars, std::uint64_t begins) noexcept {
            std::uint64_t places = 0;
            for (; stars != 0; stars &= stars - 1) {
                const std::uint64_t star = stars & (0 - stars);
                const std::uint64_t begin = std::bit_floor(begins & (star | (star - 1)));
                places |= star - (begin == 0 ? 1 : begin);
            }
            return places;
        }

        /// As `take`, of the ASCII characters at the piece's front, where one word holds all places.
        constexpr std::size_t take_quickly(std::string_view piece) noexcept {
            const std::uint64_t stars = glob_.words_[0].stars, one_way = glob_.simple_ ? 0 : stars;
            std::uint64_t reached = reached_[0];
            std::size_t at = 0;
            for (; at < piece.size() && reached != 0; ++at) {
                const auto byte = static_cast<unsigned char>(piece[at]);
                if (byte >= ascii) break;
                const std::uint64_t starred = std::uint64_t{byte == '/'} - 1;
                const std::uint64_t now = (reached & glob_.takers_[byte]) << 1;
                reached = (reached & stars & starred) | now;
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
    /// What can stand at a place: `end` is nothing, behind a pattern's last character.
    enum class Kind : unsigned char { literal, any, one_of, none_of, end };

    struct Range {
        char32_t low, high;
    };

    struct Place {
        Kind kind = Kind::end;
        bool star = false;  ///< there is a "*" before it
        char32_t literal = 0;
        std::uint32_t first_range = 0, end_of_ranges = 0;
    };

    /// Of 64 places: where patterns begin, where a "*" stands, where patterns end.
    struct Word {
        std::uint64_t begins = 0, stars = 0, ends = 0;
    };

    constexpr bool takes(const Place& place, char32_t c) const noexcept {
        if (place.kind == Kind::end) return false;
        if (place.kind == Kind::literal) return c == place.literal;
        if (place.kind == Kind::any) return c != '/';
        for (std::size_t i = place.first_range; i < place.end_of_ranges; ++i)
            if (ranges_[i].low <= c && c <= ranges_[i].high) return place.kind == Kind::one_of;
        return place.kind == Kind::none_of;
    }

    /// Of these places of a word, those that take a character.
    constexpr std::uint64_t takers(char32_t c, std::size_t word, std::uint64_t places) const noexcept {
        if (c < ascii) return takers_[c * words_.size() + word] & places;
        std::uint64_t out = places;
        for (std::uint64_t left = places; left != 0; left &= left - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(left));
            if (!takes(places_[word * bits + place], c)) out ^= std::uint64_t{1} << place;
        }
        return out;
    }

    constexpr bool read(std::string_view pattern) {
        for (std::size_t at = 0;;) {
            Place place;
            for (; at < pattern.size() && pattern[at] == '*'; ++at) place.star = true;
            if (at < pattern.size() && !read_place(pattern, at, place)) return false;
            places_.push_back(place);
            if (place.kind == Kind::end) return true;
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

    /// A bound. Where it gives true, there is more of the pattern: at the least a "]" has to follow.
    static constexpr bool read_bound(std::string_view pattern, std::size_t& at, char32_t& out) {
        if (at == pattern.size() || pattern[at] == '-' || pattern[at] == ']') return false;
        if (pattern[at] == '\\' && ++at == pattern.size()) return false;
        const detail::Character bound = detail::character_at(pattern, at);
        at += bound.size;
        out = bound.code;
        return bound.well_formed && at != pattern.size();
    }

    /// Turns the places from this one on into bits.
    constexpr void mark(std::size_t first) {
        for (std::size_t i = first; i < places_.size(); ++i) {
            Word& word = words_[i / bits];
            const std::uint64_t bit = std::uint64_t{1} << i % bits;
            if (i == 0 || places_[i - 1].kind == Kind::end) word.begins |= bit;
            if (places_[i].kind == Kind::end) word.ends |= bit;
            if (places_[i].star) word.stars |= bit;
            if (places_[i].kind != Kind::literal && takes(places_[i], '/')) simple_ = false;
            for (char32_t c = 0; c < ascii; ++c)
                if (takes(places_[i], c)) takers_[c * words_.size() + i / bits] |= bit;
        }
    }

    bool simple_ = true;
    detail::Text pattern_;
    detail::List<Place> places_;
    detail::List<Range> ranges_;
    detail::List<Word> words_;
    detail::List<std::uint64_t> takers_;  // by ASCII character, all words of one together: the places that take it
};

namespace detail {

/// Patterns of which any may match. Short ones are matched together.
class Globs {
public:
    constexpr void add(const Glob& glob) {
        List<Glob>& globs = glob.simple() ? simple_ : others_;
        if (globs.empty() || !globs.back().join(glob)) globs.push_back(glob);
    }
    constexpr bool empty() const noexcept { return simple_.empty() && others_.empty(); }

    /// Whether `match` holds for one of them.
    template <class Match>
    constexpr bool any(Match match) const {
        for (const List<Glob>* globs : {&simple_, &others_})
            for (const Glob& glob : *globs)
                if (match(glob)) return true;
        return false;
    }

private:
    List<Glob> simple_, others_;
};

}  // namespace detail

/// Whether `text` as a whole matches `pattern`. To hold one pattern against many texts, `Glob::compile` it once.
/// Refuses a malformed pattern with `bad_pattern`, whatever the text. Rule: Go, path.Match; vectors/reference_globs.tsv;
/// but here a "*" never ends within a character, and a byte that is not UTF-8 is no U+FFFD.
constexpr Result<bool> match_glob(std::string_view pattern, std::string_view text) {
    auto glob = Glob::compile(pattern);
    if (!glob) return std::move(glob).error();
    return glob->matches(text);
}

}  // namespace pruneplan

#endif

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

/// A pattern, ready to be held against many texts; or several, of which any may match.
///
/// Places in the pattern are numbered, from before its first character to behind its last. All places that a text can
/// have come to are followed at once, a bit each (the Shift-And method of Baeza-Yates and Gonnet).
class Glob {
public:
    static constexpr std::size_t longest_pattern = 1024;

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
        glob.words_ = detail::List<Word>((glob.places_.size() + bits - 1) / bits, {});
        glob.takers_ = detail::List<std::uint64_t>(ascii * glob.words_.size(), 0);
        glob.mark(0);
        return glob;
    }

    /// Whether the whole text matches. Cost: one pass over the text, with one step for each 64 characters of the
    /// pattern; no allocation. Bytes that are not UTF-8 count as a character each.
    constexpr bool matches(std::string_view text) const noexcept {
        return with_run([text](auto run) {
            run.begin();
            run.take(text);
            return run.matches();
        });
    }

    /// Lets what `other` matches match, too, if both together take no longer to match than this one alone; else false.
    constexpr bool join(const Glob& other) {
        const std::size_t first = places_.size();
        if (first + other.places_.size() > bits) return false;
        for (Place place : other.places_) {
            place.first_range += ranges_.size();
            place.end_of_ranges += ranges_.size();
            places_.push_back(place);
        }
        ranges_.append(other.ranges_.data(), other.ranges_.size());
        mark(first);
        return true;
    }

    /// A match under way, for texts that have pieces in common: it can begin in several places, and end in several.
    template <std::size_t Words>
    class Run {
    public:
        constexpr explicit Run(const Glob& glob) noexcept : glob_(glob) {}

        /// A match may begin with what is taken next.
        constexpr void begin() noexcept {
            for (std::size_t word = 0; word < words(); ++word) reached_[word] |= glob_.words_[word].begins;
        }

        /// Goes on by a piece of the text, which must not end within a character.
        constexpr void take(std::string_view piece) noexcept {
            for (std::size_t at = take_ascii(piece); at < piece.size(); at += take_ascii(piece.substr(at))) {
                const detail::Character next = detail::character_at(piece, at);
                std::array<std::uint64_t, Words> takers{};
                for (std::size_t word = 0; word < words(); ++word) takers[word] = glob_.takers(next.code, word);
                step(takers.data(), ~std::uint64_t{0}, reached_);
                at += next.size;
            }
        }

        /// The same, up to the first byte that is not ASCII. Gives how many bytes that is.
        constexpr std::size_t take_ascii(std::string_view piece) noexcept {
            std::array<std::uint64_t, Words> reached = reached_;
            std::size_t at = 0;
            for (; at < piece.size(); ++at) {
                const auto byte = static_cast<unsigned char>(piece[at]);
                if (byte >= ascii) break;
                // A "*" stands for all but "/".
                if (!step(glob_.takers_.data() + byte * words(), std::uint64_t{byte == '/'} - 1, reached)) {
                    at = piece.size();
                    break;
                }
            }
            reached_ = reached;
            return at;
        }

        /// Whether one that began ends here.
        constexpr bool matches() const noexcept {
            std::uint64_t ended = 0;
            for (std::size_t word = 0; word < words(); ++word) ended |= reached_[word] & glob_.words_[word].ends;
            return ended != 0;
        }

    private:
        /// Goes on by a character, which these places take, and these stars. False, if no match is left.
        constexpr bool step(const std::uint64_t* takers, std::uint64_t starred,
                            std::array<std::uint64_t, Words>& reached) const noexcept {
            std::uint64_t carry = 0, any = 0;
            for (std::size_t word = 0; word < words(); ++word) {
                const std::uint64_t stays = reached[word] & glob_.words_[word].stars & starred;
                const std::uint64_t goes_on = reached[word] & takers[word];
                any |= reached[word] = stays | goes_on << 1 | carry;
                carry = goes_on >> (bits - 1);
            }
            return any != 0;
        }

        constexpr std::size_t words() const noexcept { return Words == 1 ? 1 : glob_.words_.size(); }

        const Glob& glob_;
        std::array<std::uint64_t, Words> reached_{};
    };

    /// What `ask` answers when it is given a fresh run.
    template <class Ask>
    constexpr bool with_run(Ask ask) const noexcept {
        return words_.size() == 1 ? ask(Run<1>(*this)) : ask(Run<most_words>(*this));
    }

private:
    static constexpr std::size_t bits = 64, most_words = longest_pattern / bits + 1, ascii = 128;

    /// What can stand at a place: `end` is nothing, behind a pattern's last character.
    enum class Kind : unsigned char { literal, any, one_of, none_of, end };

    struct Range {
        char32_t low, high;
    };

    struct Place {
        Kind kind = Kind::end;
        bool star = false;  ///< there is a "*" before it
        char32_t literal = 0;
        std::size_t first_range = 0, end_of_ranges = 0;
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

    /// The places of a word that take a character.
    constexpr std::uint64_t takers(char32_t c, std::size_t word) const noexcept {
        std::uint64_t out = 0;
        for (std::size_t i = word * bits; i < places_.size() && i < (word + 1) * bits; ++i)
            if (takes(places_[i], c)) out |= std::uint64_t{1} << i % bits;
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
        out.first_range = ranges_.size();
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
        out.end_of_ranges = ranges_.size();
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

    /// Turns the places from this one on into bits.
    constexpr void mark(std::size_t first) {
        for (std::size_t i = first; i < places_.size(); ++i) {
            Word& word = words_[i / bits];
            const std::uint64_t bit = std::uint64_t{1} << i % bits;
            if (i == 0 || places_[i - 1].kind == Kind::end) word.begins |= bit;
            if (places_[i].kind == Kind::end) word.ends |= bit;
            if (places_[i].star) word.stars |= bit;
            for (char32_t c = 0; c < ascii; ++c)
                if (takes(places_[i], c)) takers_[c * words_.size() + i / bits] |= bit;
        }
    }

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
        if (globs_.empty() || !globs_.back().join(glob)) globs_.push_back(glob);
    }
    constexpr bool empty() const noexcept { return globs_.empty(); }

    /// Whether `match` holds for one of them.
    template <class Match>
    constexpr bool any(Match match) const {
        for (const Glob& glob : globs_)
            if (match(glob)) return true;
        return false;
    }

private:
    List<Glob> globs_;
};

}  // namespace detail

/// Whether `text` as a whole matches `pattern`. To hold one pattern against many texts, `Glob::compile` it once.
/// Refuses a malformed pattern with `bad_pattern`, whatever the text. Rule: Go, path.Match; vectors/reference_globs.tsv.
constexpr Result<bool> match_glob(std::string_view pattern, std::string_view text) {
    auto glob = Glob::compile(pattern);
    if (!glob) return std::move(glob).error();
    return glob->matches(text);
}

}  // namespace pruneplan

#endif

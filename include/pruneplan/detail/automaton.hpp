#ifndef PRUNEPLAN_DETAIL_AUTOMATON_HPP
#define PRUNEPLAN_DETAIL_AUTOMATON_HPP

// Regular grammars as data.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace pruneplan::detail {

/// A deterministic finite automaton of at most ten states, 0 to 9. State 0 takes nothing and is never left; a run
/// begins in state 1. A byte's row holds for each state the one that follows, six bits each, and a state is kept as the
/// place of its bits: a step is one shift, and no branch hangs on what a text is made of.
class Automaton {
public:
    struct Rule {
        unsigned from;
        std::string_view characters;
        unsigned to;
    };

    constexpr Automaton(std::initializer_list<Rule> rules) {
        for (const Rule& rule : rules)
            for (const char c : rule.characters)
                rows_[static_cast<unsigned char>(c)] |= std::uint64_t{rule.to * bits} << rule.from * bits;
    }

    /// A run over a text, character by character.
    class Run {
    public:
        constexpr explicit Run(const Automaton& automaton) : rows_(automaton.rows_.data()) {}

        constexpr void take(char c) noexcept { place_ = rows_[static_cast<unsigned char>(c)] >> (place_ & 63); }

        /// Four at a time: a step takes less time than to ask whether there is another.
        constexpr void take(std::string_view text) noexcept {
            const char* at = text.data();
            std::size_t left = text.size();
            for (; left >= 4; at += 4, left -= 4) {
                take(at[0]);
                take(at[1]);
                take(at[2]);
                take(at[3]);
            }
            for (; left > 0; ++at, --left) take(*at);
        }

        constexpr unsigned state() const noexcept { return static_cast<unsigned>(place_ & 63) / bits; }

    private:
        const std::uint64_t* rows_;
        std::uint64_t place_ = bits;
    };

    /// The state in which a run over the whole text ends.
    constexpr unsigned run(std::string_view text) const noexcept {
        Run run(*this);
        run.take(text);
        return run.state();
    }

private:
    static constexpr unsigned bits = 6;

    std::array<std::uint64_t, 256> rows_{};
};

}  // namespace pruneplan::detail

#endif

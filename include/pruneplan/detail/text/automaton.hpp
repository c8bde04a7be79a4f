#ifndef PRUNEPLAN_DETAIL_TEXT_AUTOMATON_HPP
#define PRUNEPLAN_DETAIL_TEXT_AUTOMATON_HPP

// SPDX-License-Identifier: BSL-1.0

// Regular grammars as tables, which the compiler builds. It cannot evaluate std::regex.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace pruneplan::detail {

/// Implements a deterministic finite automaton of up to ten states, 0 to 9. A run begins in state 1. A byte without a
/// rule leads to state 0, which rejects everything and is never left. The row of a byte holds the next state for each
/// state, six bits each. A state is stored as the bit offset of its entry, so a step is one shift without a branch.
class Automaton {
public:
    /// Leads from a state to another by each of these characters. @pre No two rules have a state and a character in
    /// common.
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

    /// Runs over a text, character by character.
    class Run {
    public:
        constexpr explicit Run(const Automaton& automaton) : rows_(automaton.rows_.data()) {}

        constexpr void consume(char c) noexcept { place_ = rows_[static_cast<unsigned char>(c)] >> (place_ & 63); }

        /// Unrolled by four: a step takes less time than a loop test.
        constexpr void consume(std::string_view text) noexcept {
            const char* at = text.data();
            std::size_t left = text.size();
            for (; left >= 4; at += 4, left -= 4) {
                consume(at[0]);
                consume(at[1]);
                consume(at[2]);
                consume(at[3]);
            }
            for (; left > 0; ++at, --left) consume(*at);
        }

        constexpr unsigned state() const noexcept { return static_cast<unsigned>(place_ & 63) / bits; }

    private:
        const std::uint64_t* rows_;
        std::uint64_t place_ = bits;
    };

    /// Returns the state in which a run over the whole text ends.
    constexpr unsigned run(std::string_view text) const noexcept {
        Run run(*this);
        run.consume(text);
        return run.state();
    }

private:
    static constexpr unsigned bits = 6;

    std::array<std::uint64_t, 256> rows_{};
};

}  // namespace pruneplan::detail

#endif

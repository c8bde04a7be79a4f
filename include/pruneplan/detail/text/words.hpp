#ifndef PRUNEPLAN_DETAIL_TEXT_WORDS_HPP
#define PRUNEPLAN_DETAIL_TEXT_WORDS_HPP

// SPDX-License-Identifier: BSL-1.0

// Loads and compares text by machine words, several bytes at a time.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace pruneplan::detail {

/// Loads the bytes at `at` as a little-endian number, on any machine.
template <class Word>
constexpr Word load(const char* at) noexcept {
    Word word = 0;
    if (!std::is_constant_evaluated() && std::endian::native == std::endian::little) {
        std::memcpy(&word, at, sizeof word);
        return word;
    }
    for (std::size_t i = 0; i < sizeof word; ++i)
        word |= static_cast<Word>(static_cast<Word>(static_cast<unsigned char>(at[i])) << (8 * i));
    return word;
}

constexpr std::uint64_t load_4(const char* at) noexcept { return load<std::uint32_t>(at); }
constexpr std::uint64_t load_8(const char* at) noexcept { return load<std::uint64_t>(at); }

/// Loads four bytes so that numbers are in the order of texts.
constexpr std::uint64_t load_big_endian_4(const char* at) noexcept {
    const std::uint64_t word = load_4(at);
    return (word & 0xff) << 24 | (word & 0xff00) << 8 | (word >> 8 & 0xff00) | word >> 24;
}

/// Copies a text, and returns the end of the copy. @pre They do not overlap.
constexpr char* copy_text(std::string_view text, char* to) noexcept {
    if (std::is_constant_evaluated()) {
        for (std::size_t i = 0; i < text.size(); ++i) to[i] = text[i];
    } else if (!text.empty()) {
        std::memcpy(to, text.data(), text.size());
    }
    return to + text.size();
}

/// Tells whether the bytes at `at` equal a text of 4 to 16 bytes. Compares two words, which can overlap.
template <std::size_t SizeWithZero>
constexpr bool stands_at(const char* at, const char (&text)[SizeWithZero]) noexcept {
    constexpr std::size_t size = SizeWithZero - 1;
    static_assert(size >= 4 && size <= 16);
    if constexpr (size >= 8)
        return ((load_8(at) ^ load_8(text)) | (load_8(at + size - 8) ^ load_8(text + size - 8))) == 0;
    else
        return ((load_4(at) ^ load_4(text)) | (load_4(at + size - 4) ^ load_4(text + size - 4))) == 0;
}

/// Like std::string_view's ==, starts_with and ends_with, which make further calls, and check a position.
constexpr bool stands_at(const char* at, std::string_view text) noexcept {
    return std::char_traits<char>::compare(at, text.data(), text.size()) == 0;
}
constexpr bool same(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && stands_at(a.data(), b);
}
constexpr bool begins(std::string_view text, std::string_view with) noexcept {
    return text.size() >= with.size() && stands_at(text.data(), with);
}
constexpr bool ends(std::string_view text, std::string_view with) noexcept {
    return text.size() >= with.size() && stands_at(text.data() + text.size() - with.size(), with);
}
/// The same for texts that are known when it is compiled, without a call.
template <std::size_t SizeWithZero>
constexpr bool begins(std::string_view text, const char (&with)[SizeWithZero]) noexcept {
    return text.size() >= SizeWithZero - 1 && stands_at(text.data(), with);
}
template <std::size_t SizeWithZero>
constexpr bool ends(std::string_view text, const char (&with)[SizeWithZero]) noexcept {
    return text.size() >= SizeWithZero - 1 && stands_at(text.data() + text.size() - (SizeWithZero - 1), with);
}

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_DETAIL_PLATFORM_HPP
#define PRUNEPLAN_DETAIL_PLATFORM_HPP

// SPDX-License-Identifier: BSL-1.0

// The parts that depend on the compiler. Everything else in the library is standard C++20.

#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) < 202002L
#error "pruneplan needs C++20: compile with -std=c++20 or newer"
#endif

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

/// Marks a parameter, or `this`, that the result refers to. Compilers that know the attribute warn if a temporary is
/// passed and the result outlives it.
#define PRUNEPLAN_LIFETIMEBOUND
#if defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::lifetimebound)
#undef PRUNEPLAN_LIFETIMEBOUND
#define PRUNEPLAN_LIFETIMEBOUND [[clang::lifetimebound]]
#elif __has_cpp_attribute(msvc::lifetimebound)
#undef PRUNEPLAN_LIFETIMEBOUND
#define PRUNEPLAN_LIFETIMEBOUND [[msvc::lifetimebound]]
#endif
#endif

namespace pruneplan::detail {

/// Returns the word of an enumerator from the words of all, or "unknown" for what is no enumerator.
template <std::size_t count>
constexpr std::string_view word_at(const std::string_view (&words)[count], std::size_t number) noexcept {
    return number < count ? words[number] : std::string_view("unknown");
}

/// Prefetches an address that will be read soon. Changes no result; no effect in constant evaluation.
constexpr void prefetch(const void* address) noexcept {
#if defined(__GNUC__)
    if (!std::is_constant_evaluated()) {
        // g++ removes calls of a function that only prefetches. This statement counts as an effect.
        __asm__ volatile("" : : "r"(address));
        __builtin_prefetch(address);
    }
#else
    static_cast<void>(address);
#endif
}

/// Prefetches the first and last bytes of a range, which is most often all of it.
constexpr void prefetch(const void* address, std::size_t size) noexcept {
    if (std::is_constant_evaluated()) return;
    prefetch(address);
    prefetch(static_cast<const char*>(address) + size);
}

/// Like std::addressof, whose header <memory> is expensive to compile.
template <class T>
constexpr const T* address_of(const T& object) noexcept {
    return __builtin_addressof(object);
}

/// Prefetches all of an object.
template <class T>
constexpr void prefetch_object(const T& object) noexcept {
    if (std::is_constant_evaluated()) return;
    constexpr std::size_t line = 64;
    const char* const at = static_cast<const char*>(static_cast<const void*>(address_of(object)));
    for (std::size_t offset = 0; offset < sizeof object; offset += line) prefetch(at + offset);
    prefetch(at + sizeof object - 1);
}

/// Returns the upper and lower half of the 128-bit product, XORed: every bit of the result depends on every bit of both
/// factors.
constexpr std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) noexcept {
#if defined(__SIZEOF_INT128__)
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#else
    const std::uint64_t a_low = a & 0xffffffffu, a_high = a >> 32, b_low = b & 0xffffffffu, b_high = b >> 32;
    const std::uint64_t low = a_low * b_low, cross = a_high * b_low + (low >> 32);
    const std::uint64_t middle = a_low * b_high + (cross & 0xffffffffu);
    return (a * b) ^ (a_high * b_high + (cross >> 32) + (middle >> 32));
#endif
}

}  // namespace pruneplan::detail

#endif

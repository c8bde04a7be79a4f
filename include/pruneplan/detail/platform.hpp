#ifndef PRUNEPLAN_DETAIL_PLATFORM_HPP
#define PRUNEPLAN_DETAIL_PLATFORM_HPP

// What the compiler has, asked in one place. Everything else in the library is plain C++20.

#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) < 202002L
#error "pruneplan needs C++20: compile with -std=c++20 or newer"
#endif

#include <cstddef>
#include <cstdint>
#include <type_traits>

/// Marks a parameter, or `this`, whose lifetime the result depends on. Compilers that know it warn where a temporary
/// is passed and the result is kept.
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

/// Says that `address` will be read soon. A hint: it changes no result, and does nothing in constant evaluation.
constexpr void prefetch(const void* address) noexcept {
#if defined(__GNUC__)
    if (!std::is_constant_evaluated()) {
        // g++ takes a function that only prefetches for one without effect, and drops its calls. This is an effect.
        __asm__ volatile("" : : "r"(address));
        __builtin_prefetch(address);
    }
#else
    static_cast<void>(address);
#endif
}

/// Of `size` bytes: where they begin and where they end, which nearly always is all of them.
constexpr void prefetch(const void* address, std::size_t size) noexcept {
    if (std::is_constant_evaluated()) return;
    prefetch(address);
    prefetch(static_cast<const char*>(address) + size);
}

/// As std::addressof, without the rest of <memory>, which costs every file that includes it.
template <class T>
constexpr const T* address_of(const T& object) noexcept {
    return __builtin_addressof(object);
}

/// All of an object of the host's.
template <class T>
constexpr void prefetch_object(const T& object) noexcept {
    if (std::is_constant_evaluated()) return;
    constexpr std::size_t line = 64;
    const char* const at = static_cast<const char*>(static_cast<const void*>(address_of(object)));
    for (std::size_t offset = 0; offset < sizeof object; offset += line) prefetch(at + offset);
    prefetch(at + sizeof object - 1);
}

/// The upper and lower half of the 128-bit product, folded into one word: every bit of the result depends on every
/// bit of both factors.
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

#ifndef PRUNEPLAN_DETAIL_HASH_HPP
#define PRUNEPLAN_DETAIL_HASH_HPP

// SPDX-License-Identifier: BSL-1.0

// A keyed hash of text. Without a key, as with std::hash, an attacker could choose names that collide.

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/text/words.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace pruneplan::detail {

struct HashKey {
    std::uint64_t first = 0x9e3779b97f4a7c15, second = 0xd1b54a32d192ed03;
};

/// Returns a key from the addresses of `object` and of the stack, which differ between processes if the system
/// randomizes them. No plan depends on it: the order of a table is not visible. In constant evaluation, it is the
/// default key.
constexpr HashKey key_from_addresses(const void* object) noexcept {
    HashKey key;
    if (!std::is_constant_evaluated()) {
        const std::uint64_t heap = reinterpret_cast<std::uintptr_t>(object);
        const std::uint64_t stack = reinterpret_cast<std::uintptr_t>(&key);
        key.first = folded_product(key.first ^ heap, 0xa0761d6478bd642f ^ stack);
        key.second = folded_product(key.second ^ stack, 0xe7037ed1a0b428db ^ heap);
    }
    return key;
}

/// Returns a hash of 64 bits, whose lower and upper 32 bits are used separately. **Complexity:** O(n) for n bytes, one
/// multiplication for each 16.
constexpr std::uint64_t hash(std::string_view text, HashKey key) noexcept {
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t state = key.first ^ left;
    for (; left > 16; at += 16, left -= 16) state = folded_product(load_8(at) ^ key.second, load_8(at + 8) ^ state);
    // The last 16 bytes, or all if there are fewer. Those that were hashed above can be among them.
    std::uint64_t low = 0, high = 0;
    if (text.size() > 16) {
        low = load_8(at + left - 16);
        high = load_8(at + left - 8);
    } else if (left >= 8) {
        low = load_8(at);
        high = load_8(at + left - 8);
    } else if (left >= 4) {
        low = load_4(at);
        high = load_4(at + left - 4);
    } else if (left > 0) {
        const auto byte = [at](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(at[i])}; };
        low = byte(0) | byte(left / 2) << 8 | byte(left - 1) << 16;
    }
    state = folded_product(low ^ key.second, high ^ state);
    return folded_product(state ^ key.second, key.first);
}

}  // namespace pruneplan::detail

#endif

// SPDX-License-Identifier: BSL-1.0

// Tests what depends on the compiler.

#include "../../support/check.hpp"

#include <pruneplan/detail/platform.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>

namespace {

using namespace pruneplan::detail;

/// Multiplies digit by digit, in base 2^16, as on paper.
constexpr std::uint64_t folded_on_paper(std::uint64_t a, std::uint64_t b) {
    std::uint64_t digits[8] = {};
    for (unsigned i = 0; i < 4; ++i) {
        std::uint64_t carry = 0;
        for (unsigned j = 0; j < 4; ++j) {
            const std::uint64_t sum = digits[i + j] + (a >> 16 * i & 0xffff) * (b >> 16 * j & 0xffff) + carry;
            digits[i + j] = sum & 0xffff;
            carry = sum >> 16;
        }
        digits[i + 4] = carry;
    }
    std::uint64_t folded = 0;
    for (unsigned i = 0; i < 4; ++i) folded |= (digits[i] ^ digits[i + 4]) << 16 * i;
    return folded;
}

struct Addressed {
    int value = 0;
    constexpr const Addressed* operator&() const { return nullptr; }  // NOLINT: what address_of is for
};

constexpr bool finds_address() {
    const Addressed object{7};
    return address_of(object)->value == 7;
}

constexpr bool prefetches() {
    const int objects[2] = {1, 2};
    prefetch(objects);
    prefetch(objects, sizeof objects);
    prefetch_object(objects);
    return objects[0] + objects[1] == 3;
}

}  // namespace

TEST_CASE("a word of no enumerator is unknown") {
    constexpr std::string_view words[] = {"one", "two"};
    CHECK_TWICE(word_at(words, 0) == "one");
    CHECK_TWICE(word_at(words, 1) == "two");
    CHECK_TWICE(word_at(words, 2) == "unknown");
    CHECK_TWICE(word_at(words, ~std::size_t{0}) == "unknown");
}

TEST_CASE("a folded product is the upper half of a product and its lower half by XOR") {
    CHECK_TWICE(folded_product(0, 5) == 0);
    CHECK_TWICE(folded_product(3, 5) == 15);
    CHECK_TWICE(folded_product(std::uint64_t{1} << 63, 2) == 1);
    CHECK_TWICE(folded_product(~std::uint64_t{0}, ~std::uint64_t{0}) == ~std::uint64_t{0});
    CHECK_TWICE(folded_product(0x123456789abcdef0, 0xfedcba9876543210) ==
                folded_on_paper(0x123456789abcdef0, 0xfedcba9876543210));
    const unsigned seed = 27;
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 10'000; ++i) {
        const std::uint64_t a = random() >> random() % 64, b = random() >> random() % 64;
        REQUIRE(folded_product(a, b) == folded_on_paper(a, b));
    }
}

TEST_CASE("an object has an address even if its operator says otherwise") { CHECK_TWICE(finds_address()); }

TEST_CASE("prefetching changes nothing at compile time and at run time") { CHECK_TWICE(prefetches()); }

// SPDX-License-Identifier: BSL-1.0

// Tests the keyed hash.

#include "../../support/check.hpp"

#include <pruneplan/detail/hash.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace {

using pruneplan::detail::hash;
using pruneplan::detail::HashKey;

/// Tells whether each byte of a text of this size changes the hash.
bool every_byte_counts(std::size_t size) {
    std::string text(size, 'a');
    const std::uint64_t of_text = hash(text, {});
    for (char& byte : text) {
        byte = 'b';
        if (hash(text, {}) == of_text) return false;
        byte = 'a';
    }
    return true;
}

}  // namespace

TEST_CASE("a hash depends on each bit of the text and on its length and on each bit of the key") {
    const std::string text = "docker.io/library/alpine:latest@sha256:82d1e9d7ed48a7523bdebc18cf6290bd";
    std::set<std::uint64_t> hashes;
    for (std::size_t size = 0; size <= text.size(); ++size)
        hashes.insert(hash(std::string_view(text).substr(0, size), {}));
    for (std::size_t at = 0; at < text.size(); ++at)
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string other = text;
            other[at] = static_cast<char>(static_cast<unsigned char>(other[at]) ^ (1u << bit));
            hashes.insert(hash(other, {}));
        }
    for (unsigned bit = 0; bit < 64; ++bit) {
        hashes.insert(hash(text, {HashKey().first ^ 1ull << bit, HashKey().second}));
        hashes.insert(hash(text, {HashKey().first, HashKey().second ^ 1ull << bit}));
    }
    CHECK(hashes.size() == text.size() + 1 + 8 * text.size() + 128);
}

TEST_CASE("texts of one to three bytes have different hashes") {
    std::set<std::uint64_t> hashes;
    std::size_t texts = 0;
    const std::string_view letters = "abc\x80\xff";
    for (const char a : letters) {
        ++texts, hashes.insert(hash(std::string{a}, HashKey()));
        for (const char b : letters) {
            ++texts, hashes.insert(hash(std::string{a, b}, HashKey()));
            for (const char c : letters) ++texts, hashes.insert(hash(std::string{a, b, c}, HashKey()));
        }
    }
    CHECK(hashes.size() == texts);
}

TEST_CASE("a hash is the same at compile time and at run time") {
    constexpr auto evaluated = hash("docker.io/library/alpine:latest", {1, 2});
    std::string text = "docker.io/library/alpine:latest";
    CHECK(hash(text, {1, 2}) == evaluated);
}

TEST_CASE("every byte of a text of up to 40 bytes changes its hash") {
    for (std::size_t size = 0; size <= 40; ++size) CHECK(every_byte_counts(size));
}

TEST_CASE("both halves of a key depend on the object that it is made for") {
    const int objects[2] = {};
    const HashKey first = pruneplan::detail::key_from_addresses(&objects[0]),
                  second = pruneplan::detail::key_from_addresses(&objects[1]);
    CHECK(first.first != second.first);
    CHECK(first.second != second.second);
}

// SPDX-License-Identifier: BSL-1.0
// Replaces the global operator new and delete: counts allocations, and fails the requested one. This is a separate
// unit, because some compilers warn of a mismatch if they see these functions and their use together.

#include "allocations.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

Allocations allocations;

namespace {

void* allocate(std::size_t size) {
    if (allocations.until_failure != 0 && --allocations.until_failure == 0) {
        allocations.failed = true;
        return nullptr;
    }
    void* const block = std::malloc(std::max<std::size_t>(size, 1));
    allocations.alive += block != nullptr;
    return block;
}

void* allocate_or_throw(std::size_t size) {
    if (void* const block = allocate(size)) return block;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate_or_throw(size); }
void* operator new[](std::size_t size) { return allocate_or_throw(size); }
// Replaced, too, because AddressSanitizer would otherwise use its own.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* block) noexcept {
    if (!block) return;
    --allocations.alive;
    std::free(block);
}
void operator delete[](void* block) noexcept { operator delete(block); }
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
void operator delete[](void* block, std::size_t) noexcept { operator delete(block); }

// SPDX-License-Identifier: BSL-1.0
// Replaces the global operators new and delete by ones that count.

#include "allocations.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

#if defined(__APPLE__)
#include <malloc/malloc.h>
#elif defined(_WIN32)
#include <malloc.h>
#else
#include <malloc.h>
#endif

namespace benchmark {

Allocations allocations;

namespace {

std::size_t size_of(void* block) {
#if defined(__APPLE__)
    return malloc_size(block);
#elif defined(_WIN32)
    return _msize(block);
#else
    return malloc_usable_size(block);
#endif
}

void* allocate(std::size_t size) {
    void* block = std::malloc(std::max<std::size_t>(size, 1));
    if (!block) std::abort();
    ++allocations.count;
    allocations.live_bytes += size_of(block);
    allocations.peak_bytes = std::max(allocations.peak_bytes, allocations.live_bytes);
    return block;
}

void release(void* block) {
    if (!block) return;
    allocations.live_bytes -= size_of(block);
    std::free(block);
}

}  // namespace
}  // namespace benchmark

void* operator new(std::size_t size) { return benchmark::allocate(size); }
void* operator new[](std::size_t size) { return benchmark::allocate(size); }
void operator delete(void* block) noexcept { benchmark::release(block); }
void operator delete[](void* block) noexcept { benchmark::release(block); }
void operator delete(void* block, std::size_t) noexcept { benchmark::release(block); }
void operator delete[](void* block, std::size_t) noexcept { benchmark::release(block); }

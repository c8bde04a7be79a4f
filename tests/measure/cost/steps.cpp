// SPDX-License-Identifier: BSL-1.0
// Counts steps and allocations. This unit is not compiled with the flag that counts.

#include "steps.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

cost::Work work;

}  // namespace

cost::Work cost::total_work() { return work; }

extern "C" {

// The compiler inserts a call of this at each basic block.
void __sanitizer_cov_trace_pc();
void __sanitizer_cov_trace_pc() { ++work.steps; }

// The linker replaces the functions of the C library by these: --wrap.
int __real_memcmp(const void*, const void*, std::size_t);
void* __real_memcpy(void*, const void*, std::size_t);
void* __real_memmove(void*, const void*, std::size_t);
void* __real_memset(void*, int, std::size_t);
void* __real_memchr(const void*, int, std::size_t);
int __wrap_memcmp(const void*, const void*, std::size_t);
void* __wrap_memcpy(void*, const void*, std::size_t);
void* __wrap_memmove(void*, const void*, std::size_t);
void* __wrap_memset(void*, int, std::size_t);
void* __wrap_memchr(const void*, int, std::size_t);

int __wrap_memcmp(const void* a, const void* b, std::size_t size) {
    // memcmp ends at the first difference.
    const auto* const left = static_cast<const unsigned char*>(a);
    const auto* const right = static_cast<const unsigned char*>(b);
    std::size_t same = 0;
    while (same < size && left[same] == right[same]) ++same;
    work.steps += same / 16 + 1;
    return __real_memcmp(a, b, size);
}
void* __wrap_memcpy(void* to, const void* from, std::size_t size) {
    work.steps += size / 16 + 1;
    return __real_memcpy(to, from, size);
}
void* __wrap_memmove(void* to, const void* from, std::size_t size) {
    work.steps += size / 16 + 1;
    return __real_memmove(to, from, size);
}
void* __wrap_memset(void* at, int value, std::size_t size) {
    work.steps += size / 16 + 1;
    return __real_memset(at, value, size);
}
void* __wrap_memchr(const void* at, int value, std::size_t size) {
    void* const found = __real_memchr(at, value, size);
    work.steps +=
        (found ? static_cast<std::size_t>(static_cast<char*>(found) - static_cast<const char*>(at)) : size) / 16 + 1;
    return found;
}

}  // extern "C"

namespace {

void* allocate(std::size_t size) {
    void* const block = std::malloc(std::max<std::size_t>(size, 1));
    if (!block) std::abort();
    ++work.allocations;
    work.bytes += size;
    return block;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
// Replaced too, since AddressSanitizer has its own.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }

// The global operator new and delete, counted, and failing where it is wanted. A unit of its own: where compilers see
// these and a use of them at once, some warn of a mismatch.

#include "allocations.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

Allocations allocations;

void* operator new(std::size_t size) {
    if (allocations.until_failure != 0 && --allocations.until_failure == 0) {
        allocations.failed = true;
        throw std::bad_alloc();
    }
    void* const block = std::malloc(std::max<std::size_t>(size, 1));
    if (!block) throw std::bad_alloc();
    ++allocations.alive;
    return block;
}
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete(void* block) noexcept {
    if (!block) return;
    --allocations.alive;
    std::free(block);
}
void operator delete[](void* block) noexcept { operator delete(block); }
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
void operator delete[](void* block, std::size_t) noexcept { operator delete(block); }

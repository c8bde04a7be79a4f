#ifndef PRUNEPLAN_DETAIL_PRECONDITION_HPP
#define PRUNEPLAN_DETAIL_PRECONDITION_HPP

// SPDX-License-Identifier: BSL-1.0

// Checks preconditions in every build type, unlike assert, and ends the program if a caller breaks one.

#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace pruneplan::detail {

/// Ends the program: writes `message` to standard error and aborts, as hardened standard libraries do. To end it
/// differently, define the macro PRUNEPLAN_PRECONDITION_FAILED(message), where `message` is a `const char*`, in every
/// translation unit that includes the library. The program aborts if the macro returns.
[[noreturn]] inline void precondition_failed(const char* message) noexcept {
#if defined(PRUNEPLAN_PRECONDITION_FAILED)
    PRUNEPLAN_PRECONDITION_FAILED(message);
#else
    std::fputs("pruneplan: ", stderr);
    std::fputs(message, stderr);
    std::fputs("\n", stderr);
#endif
    std::abort();
}

/// Checks a precondition. In constant evaluation, a failure is a compile error.
constexpr void require(bool holds, const char* message) noexcept {
    if (!holds) precondition_failed(message);
}

/// Checks the number of a record.
constexpr void require_record(std::size_t record, std::size_t size) noexcept {
    require(record < size, "record number out of range: it must be less than size()");
}

}  // namespace pruneplan::detail

#endif

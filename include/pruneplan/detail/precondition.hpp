#ifndef PRUNEPLAN_DETAIL_PRECONDITION_HPP
#define PRUNEPLAN_DETAIL_PRECONDITION_HPP

// What happens when a caller breaks a precondition: the one place that decides it, in every build type.

#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace pruneplan::detail {

/// Ends the program: writes `message` to standard error and aborts, as hardened standard libraries do. A host that wants
/// another end defines the macro PRUNEPLAN_PRECONDITION_FAILED(message), a `const char*`, in every unit that includes the
/// library; the program aborts where that returns.
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

/// Checks a precondition. In constant evaluation, a broken one is a compile error.
constexpr void require(bool holds, const char* message) noexcept {
    if (!holds) precondition_failed(message);
}

/// Checks a record's number.
constexpr void require_record(std::size_t record, std::size_t size) noexcept {
    require(record < size, "record number out of range: it must be less than size()");
}

}  // namespace pruneplan::detail

#endif

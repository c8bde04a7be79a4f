// SPDX-License-Identifier: BSL-1.0
// A host replaces how a broken precondition ends its program: it defines PRUNEPLAN_PRECONDITION_FAILED(message).

#include <cstdlib>
#include <string_view>

[[noreturn]] inline void end_of_the_host(const char* message) {
    std::exit(std::string_view(message).starts_with("invalid reference \"A\"") ? 0 : 1);
}
#define PRUNEPLAN_PRECONDITION_FAILED(message) end_of_the_host(message)

#include <pruneplan/pruneplan.hpp>

int main() {
    static_cast<void>(pruneplan::parse_reference("A").value());
    return 2;
}

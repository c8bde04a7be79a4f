// SPDX-License-Identifier: BSL-1.0
// A host replaces how a broken precondition ends its program: it defines PRUNEPLAN_PRECONDITION_FAILED(message).

#include <cstdio>
#include <cstdlib>
#include <cstring>

[[noreturn]] inline void end_of_the_host(const char* message) {
    const bool good = std::strcmp(message, "a Result was read that holds an error and no value: check has_value() before") == 0;
    std::exit(good ? 0 : 1);
}
#define PRUNEPLAN_PRECONDITION_FAILED(message) end_of_the_host(message)

#include <pruneplan/pruneplan.hpp>

int main() {
    static_cast<void>(pruneplan::parse_reference("A").value());
    return 2;
}

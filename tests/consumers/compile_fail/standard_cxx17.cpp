// expect: pruneplan needs C++20: compile with -std=c++20 or newer
// flags: -std=c++17
#include <pruneplan/pruneplan.hpp>

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: a clock's tick must be whole seconds, or 1/d of a second
#include "parts.hpp"

#include <chrono>

using Tick = std::chrono::duration<long, std::ratio<2, 3>>;

auto time() { return pruneplan::Timestamp::from(std::chrono::time_point<std::chrono::system_clock, Tick>()); }

// SPDX-License-Identifier: BSL-1.0

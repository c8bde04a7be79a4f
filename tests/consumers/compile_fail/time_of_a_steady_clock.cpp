// expect: pruneplan: a time must be of the system's clock or of a file: no other clock counts from 1970
#include "parts.hpp"

#include <chrono>

auto time() { return pruneplan::Timestamp::from(std::chrono::steady_clock::now()); }

// SPDX-License-Identifier: BSL-1.0

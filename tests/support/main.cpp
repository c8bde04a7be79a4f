// SPDX-License-Identifier: BSL-1.0
// The entry point that Catch2 2.13 wants from exactly one source; version 3 brings its own.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

// SPDX-License-Identifier: BSL-1.0
// The entry point of test programs with Catch2 2.13; version 3 has its own.
#define CATCH_CONFIG_MAIN
#include "catch.hpp"

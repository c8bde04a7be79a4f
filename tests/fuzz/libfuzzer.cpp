// SPDX-License-Identifier: BSL-1.0
// The entry point of a fuzzer: libFuzzer calls it with each input, for the target that PRUNEPLAN_FUZZ_TARGET names.

#include "targets.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::PRUNEPLAN_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
    return 0;
}

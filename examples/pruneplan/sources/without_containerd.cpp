// SPDX-License-Identifier: BSL-1.0
// Stands for containerd.cpp in a program that is built without gRPC.

#include "source.hpp"

namespace cli {

std::unique_ptr<Source> containerd_source(const Request&) {
    throw Failure(
        "containerd: this program was built without gRPC; on Debian, apt install libgrpc++-dev libprotobuf-dev "
        "protobuf-compiler-grpc, and build it again");
}

}  // namespace cli

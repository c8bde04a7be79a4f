# SPDX-License-Identifier: BSL-1.0
# Adds the source "containerd" to the program, if there are gRPC and protobuf for this compiler and its C++ library.
# Then there is a target pruneplan_containerd_api.
find_package(Protobuf QUIET)
find_package(gRPC CONFIG QUIET)
find_package(OpenSSL QUIET COMPONENTS Crypto)
if(Protobuf_FOUND AND gRPC_FOUND AND OPENSSL_FOUND)
    include(CheckCXXSourceCompiles)
    set(CMAKE_REQUIRED_LIBRARIES gRPC::grpc++)
    check_cxx_source_compiles("#include <grpcpp/grpcpp.h>
        int main() { return grpc::CreateChannel(\"unix:///x\", nullptr) == nullptr; }" PRUNEPLAN_GRPC_LINKS)
    unset(CMAKE_REQUIRED_LIBRARIES)
endif()
if(NOT PRUNEPLAN_GRPC_LINKS)
    message(STATUS "The program pruneplan is built without containerd: missing gRPC for ${CMAKE_CXX_COMPILER} and its "
        "C++ library. On Debian, for g++: apt install libgrpc++-dev libprotobuf-dev protobuf-compiler-grpc")
    target_sources(pruneplan_cli PRIVATE sources/without_containerd.cpp)
    return()
endif()

set(made ${CMAKE_CURRENT_BINARY_DIR}/containerd)
set(proto ${CMAKE_CURRENT_SOURCE_DIR}/sources/containerd/api.proto)
file(MAKE_DIRECTORY ${made})
add_custom_command(OUTPUT ${made}/api.pb.cc ${made}/api.pb.h DEPENDS ${proto}
    COMMAND protobuf::protoc -I ${CMAKE_CURRENT_SOURCE_DIR}/sources/containerd --cpp_out=${made} ${proto})
# Apart from the program, since its warnings are not ours.
add_library(pruneplan_containerd_api STATIC ${made}/api.pb.cc ${made}/api.pb.h)
target_include_directories(pruneplan_containerd_api SYSTEM PUBLIC ${made})
target_link_libraries(pruneplan_containerd_api PUBLIC gRPC::grpc++ protobuf::libprotobuf)
target_sources(pruneplan_cli PRIVATE sources/containerd.cpp)
target_link_libraries(pruneplan_cli PRIVATE pruneplan_containerd_api OpenSSL::Crypto)

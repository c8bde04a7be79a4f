# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # the cases of containerd source it
# Finds the Python that has gRPC: `python`.

. "$here/../../support/python.sh"
python=$(python_with 'google.protobuf, grpc') || no_engine "python3-grpcio and python3-protobuf are not installed"
command -v protoc >/dev/null || no_engine "protoc is not installed"

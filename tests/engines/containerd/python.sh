# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # the cases of containerd source it
# Finds the Python that has gRPC, which need not be the first one: `python`.

python=
for candidate in python3 /usr/bin/python3; do
    [ -n "$python" ] || ! $candidate -c 'import google.protobuf, grpc' 2>"$folder/chatter" || python=$candidate
done
[ -n "$python" ] || no_engine "python3-grpcio and python3-protobuf are not installed"
command -v protoc >/dev/null || no_engine "protoc is not installed"

#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh snippet.sh README: prints the C++ code of README.md, verbatim.
set -eu
awk '/^```/ { inside = $0 == "```cpp"; next } inside' "$1" | grep .

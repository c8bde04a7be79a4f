#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh snippet.sh README: prints the C++ code of README's section "Your own store, in five minutes", verbatim.
set -eu
awk '/^## / { wanted = $0 ~ /^## Your own store/ }
    /^```/ { inside = wanted && $0 == "```cpp"; next }
    inside' "$1" | grep .

#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh .ci/doxygen.sh [OUTPUT]: documents all public names, in OUTPUT/html. Without an argument, OUTPUT is build/doxygen.
# Fails on any warning. Ends with 77 if doxygen is not installed.
set -eu

cd "$(dirname "$0")/.."
output=${1:-build/doxygen}
if ! command -v doxygen >/dev/null; then
    echo "skipped: doxygen is not installed" >&2
    exit 77
fi
mkdir -p "$output"
(cat .ci/Doxyfile && printf 'OUTPUT_DIRECTORY = "%s"\n' "$output") | doxygen -
echo "documented in $output/html, without a warning"

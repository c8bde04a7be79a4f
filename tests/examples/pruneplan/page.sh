#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Opens the page of --format html in headless Chromium, with page.py: sh tests/examples/pruneplan/page.sh PRUNEPLAN
# Skips (77) without Chromium (Debian: chromium), unless PRUNEPLAN_REQUIRE_TOOLS is set.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

for browser in chromium chromium-browser google-chrome; do
    if command -v $browser >/dev/null; then
        exec python3 "$here/page.py" "$1" $browser
    fi
done
echo "page: skipped, since Chromium (Debian: chromium) is missing"
[ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
exit 77

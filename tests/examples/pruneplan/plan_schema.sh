#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Tests JSON, listings and pictures with plan_schema.py: sh tests/examples/pruneplan/plan_schema.sh PRUNEPLAN
# Skips (77) without Python's jsonschema (Debian: python3-jsonschema), unless PRUNEPLAN_REQUIRE_TOOLS is set.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

for python in python3 /usr/bin/python3; do
    if "$python" -c 'import jsonschema' 2>/dev/null; then
        exec "$python" "$here/plan_schema.py" "$1"
    fi
done
echo "plan_schema: skipped, since Python's jsonschema (Debian: python3-jsonschema) is missing"
[ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
exit 77

#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Tests JSON, listings and pictures with plan_schema.py: sh tests/examples/pruneplan/plan_schema.sh PRUNEPLAN
# Skips (77) without Python's jsonschema (Debian: python3-jsonschema), unless PRUNEPLAN_REQUIRE_TOOLS is set.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC1091
. "$here/../../support/python.sh"

if python=$(python_with jsonschema); then
    exec "$python" "$here/plan_schema.py" "$1"
fi
echo "plan_schema: skipped, since Python's jsonschema (Debian: python3-jsonschema) is missing"
[ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
exit 77

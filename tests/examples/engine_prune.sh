#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Tests engine_prune without an engine: sh tests/examples/engine_prune.sh ENGINE_PRUNE
# Its parts are in the folder of the same name.
set -eu
export LC_ALL=C
unset COLUMNS NO_COLOR

engine_prune=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2034 # the parts use it
recorded=$here/../../examples/data
folder=$(mktemp -d "${TMPDIR:-/tmp}/engine_prune.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

. "$here/engine_prune/support.sh"
# shellcheck disable=SC1090 # the parts have no constant names
for part in command_line listings engine apply plans table json explain terminal picture readme; do
    . "$here/engine_prune/$part.sh"
done

[ "$failed" = 0 ] && echo "engine_prune: all tests passed"
exit "$failed"

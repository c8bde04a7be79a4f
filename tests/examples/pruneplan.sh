#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Tests the program pruneplan without an engine: sh tests/examples/pruneplan.sh PRUNEPLAN
# Its parts are in the folder of the same name.
set -eu
export LC_ALL=C
unset COLUMNS NO_COLOR

if [ $# = 0 ]; then
    echo "skipped: the program is not built, since a library is missing that it needs"
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
fi
pruneplan=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2034 # the parts use it
recorded=$here/../../examples/data
folder=$(mktemp -d "${TMPDIR:-/tmp}/pruneplan.XXXXXX")
# shellcheck disable=SC2317 # the trap calls it
stop_engine() { :; } # apply.sh replaces it
trap 'stop_engine; rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

. "$here/pruneplan/support.sh"
# shellcheck disable=SC1090 # the parts have no constant names
for part in command_line listings apply answers plans uses table json explain terminal picture readme containerd; do
    . "$here/pruneplan/$part.sh"
done

[ "$failed" = 0 ] && echo "pruneplan: all tests passed"
exit "$failed"

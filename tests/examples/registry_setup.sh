# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2034,SC2154 # registry.sh and field_registry.sh source it, and set `tools`
# Reads WORK_DIR [PRUNEPLAN], checks that the tools are there, and goes to an empty WORK_DIR, with a home of its own.
export LC_ALL=C

mkdir -p "$1"
work=$(cd "$1" && pwd)
program=${2:-}
here=$(cd "$(dirname "$0")" && pwd)

skip() {
    echo "skipped: $*"
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
}
[ -n "$program" ] || skip "pruneplan is not built: a library was not found"
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
for tool in $tools; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done

rm -rf "${work:?}"
mkdir -p "$work/home"
cd "$work"
export HOME="$work/home" NO_PROXY='*'
unset DOCKER_CONFIG REGISTRY_AUTH_FILE XDG_RUNTIME_DIR XDG_CONFIG_HOME

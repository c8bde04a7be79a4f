#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh fresh_machine.sh FOLDER: runs the two commands that README.md gives for a fresh machine in a new, minimal Debian of
# this machine's release, which has neither compiler nor CMake: the quick start must print its plan, and the tests must
# pass. FOLDER is made anew. Needs root and mmdebstrap: else exits with 77, or with 1 if PRUNEPLAN_REQUIRE_TOOLS is set.
set -eu

folder=$1
root=$(cd "$(dirname "$0")/../../.." && pwd)
. "$root/tests/support/mirror.sh"

[ "$(id -u)" = 0 ] && command -v mmdebstrap >/dev/null || {
    echo 'skipped: this needs root and mmdebstrap'
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
}

# Commands in the chroot, and what they start, end with this script: they are alone in a namespace of processes.
inside() { unshare --mount --pid --fork --kill-child --mount-proc="$folder/proc" chroot "$folder" "$@"; }

rm -rf "$folder"
mkdir -p "$folder"
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mmdebstrap --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' "$suite" "$folder" "$(mirror)" >"$folder.log" 2>&1 ||
    { cat "$folder.log" && exit 1; }
mkdir "$folder/pruneplan"
(cd "$root" && tar -cf - --exclude=./build --exclude=./.git .) | tar -xf - -C "$folder/pruneplan"
cp /etc/resolv.conf "$folder/etc/resolv.conf"

for command in 'sh examples/quickstart.sh' 'sh tests/run.sh'; do
    grep -qx "    $command" "$root/README.md" || { echo "FAILED: README.md does not say \"$command\"" && exit 1; }
    begin=$(date +%s)
    inside env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C sh -euc "cd /pruneplan && $command" \
        >"$folder.log" 2>&1 || { tail -n 100 "$folder.log" && echo "FAILED: $command" && exit 1; }
    echo "ok: $command ($(($(date +%s) - begin)) s)"
    case $command in
    *quickstart*) wanted='^docker.io/library/alpine:latest   kept: container 0 runs sha256:82d1e9d7' ;;
    *) wanted='^100% tests passed' ;;
    esac
    grep "$wanted" "$folder.log" || { echo "FAILED: \"$wanted\" is not printed" && exit 1; }
done
rm -rf "$folder"

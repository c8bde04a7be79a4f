#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Makes a root folder with packages of a newer Debian suite, unless it exists: sh newer_root.sh FOLDER [PACKAGE,...]
#
# Without PACKAGE, installs the engines. Several processes can do this for the same folder at once: one makes it, the
# others wait. A folder that an interrupted run left incomplete is made anew. If the folder cannot be made, the last
# line on standard error says why.
set -eu

root=$1
suite=forky
. "$(dirname "$0")/../../support/mirror.sh"
packages=${2:-docker.io,docker-cli,containerd,runc,podman,ca-certificates}
made_of="$suite $packages"

fail() {
    echo "$1" >&2
    exit 1
}

mkdir -p "$(dirname "$root")"
exec 9>"$root.lock"
flock 9
[ "$(cat "$root.made_of" 2>/dev/null)" != "$made_of" ] || exit 0
command -v mmdebstrap >/dev/null || fail "mmdebstrap is not installed"
rm -rf "$root" "$root.made_of"
mmdebstrap --variant=apt --include="$packages" \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$suite" "$root" "$(mirror)" >"$root.log" 2>&1 9>&- || fail "mmdebstrap: $(grep '^E:' "$root.log" | head -n 1)"
echo "$made_of" >"$root.made_of"

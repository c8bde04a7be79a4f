#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Compares pruneplan with a real engine:
#
#   sh tests/oracle/engines/engines.sh ENGINE PRUNEPLAN [CASE [ARGUMENT]...]
#
# ENGINE     docker_containerd, docker_vfs, podman_new or containerd: packages of a newer Debian suite, in a root folder
#            that newer_root.sh makes; or docker or podman, which are installed on the machine and run with vfs
# PRUNEPLAN  the program; skips if it is not a program
# CASE       a script in this folder: populations (the default), table, strict, transcript, scale, digest_only,
#            platforms, layers, contexts, podman_shapes, podman_service, record or hold; of containerd, containerd_ctr,
#            containerd_cri, transcript or hold
#
# The engine runs in its own namespaces for processes, mounts and the network, and all its files are in memory. However
# this script ends, the kernel then ends all processes there, and removes the mounts after the last process.
#
# If the engine cannot be run, ends with exit code 77, or with 1 if PRUNEPLAN_REQUIRE_ENGINES=1. ENGINES_ROOT is the
# root folder of the newer engines; the default is build/engines/forky.
set -eu
export LC_ALL=C

engine=$1
program=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
root=${ENGINES_ROOT:-$here/../../../build/engines/forky}
folder=
inside=

no_engine() {
    if [ "${PRUNEPLAN_REQUIRE_ENGINES:-}" = 1 ]; then
        echo "failed: $engine is required, but $1" >&2
        exit 1
    fi
    echo "skipped: $1"
    exit 77
}

# Removes what the containers of a test ran in: inside.sh calls it $cgroup.
remove_cgroups() {
    [ "$engine" = containerd ] || return 0
    find /sys/fs/cgroup -depth -type d -path "*/${folder##*/}*" -exec rmdir {} + 2>/dev/null || :
}

# Every process in the namespaces holds the lock, so it is free when the last of them has ended.
clean_up() {
    result=$?
    trap - EXIT
    if [ -n "$folder" ]; then
        [ -z "$inside" ] || kill -KILL "$inside" 2>/dev/null || :
        flock "$folder/alive" rm -rf "$folder"
        remove_cgroups
    fi
    exit "$result"
}

# Runs a command in namespaces that end with this script, even if the script is killed.
in_namespaces() { # [OPTION of unshare]... COMMAND [ARGUMENT]...
    (
        flock 8
        exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc "$@"
    ) 8>"$folder/alive" </dev/null &
    inside=$!
    wait "$inside"
}

case $engine in
docker_containerd | docker_vfs | podman_new | containerd | docker | podman) ;;
*)
    echo "unknown engine \"$engine\": use docker_containerd, docker_vfs, podman_new, containerd, docker or podman" >&2
    exit 2
    ;;
esac
[ -x "$program" ] || no_engine "the program pruneplan is not built, or without this engine"
if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || no_engine "engines need root, or sudo without a password"
    exec sudo -n env PATH="$PATH" SEED="${SEED:-}" POPULATIONS="${POPULATIONS:-}" FILTERED="${FILTERED:-}" \
        APPLIED="${APPLIED:-}" PRUNEPLAN_REQUIRE_ENGINES="${PRUNEPLAN_REQUIRE_ENGINES:-}" ENGINES_ROOT="$root" \
        TMPDIR="${TMPDIR:-/tmp}" sh "$here/engines.sh" "$@"
fi
for tool in flock setpriv unshare; do
    command -v "$tool" >/dev/null || no_engine "$tool is not installed"
done
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM
folder=$(mktemp -d "${TMPDIR:-/tmp}/engines.XXXXXX")
in_namespaces --net true 2>"$folder/why" || no_engine "namespaces cannot be made: $(tail -n 1 "$folder/why")"

case $engine in
docker_containerd | docker_vfs | podman_new | containerd)
    in_namespaces env TMPDIR="$folder" sh "$here/newer_root.sh" "$root" 2>"$folder/why" ||
        no_engine "the newer engines' root folder cannot be made: $(tail -n 1 "$folder/why")"
    ;;
esac
export folder root
in_namespaces --net sh "$here/inside.sh" "$@"

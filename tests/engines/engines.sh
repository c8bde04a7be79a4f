#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Holds engine_prune against a real engine:
#
#   sh tests/engines/engines.sh ENGINE ENGINE_PRUNE [CASE [ARGUMENT]...]
#
# ENGINE       docker_containerd, docker_vfs, podman_new (of a newer Debian suite, in a root folder of their own: see
#              newer_root.sh), docker or podman (the machine's own, with vfs)
# ENGINE_PRUNE the program
# CASE         a script in this folder: populations (the default), table, strict, moved_tag, record, hold
#
# The engine runs in namespaces of its own for processes, mounts and the network, with all of its files in memory. When
# this script ends, however it ends, the kernel ends all processes there, and with the last of them the mounts go.
#
# Ends with 77 where the engine cannot be had; with PRUNEPLAN_REQUIRE_ENGINES=1 that is a failure. ENGINES_ROOT is the
# root folder of the newer engines; without it, build/engines/forky.
set -eu
export LC_ALL=C

engine=$1
here=$(cd "$(dirname "$0")" && pwd)
root=${ENGINES_ROOT:-$here/../../build/engines/forky}
folder=
inside=

no_engine() {
    if [ "${PRUNEPLAN_REQUIRE_ENGINES:-}" = 1 ]; then
        echo "failed: $engine is required, and $1" >&2
        exit 1
    fi
    echo "skipped: $1"
    exit 77
}

# The lock is held by every process inside, and so free once the last of them is gone.
clean_up() {
    result=$?
    trap - EXIT
    if [ -n "$folder" ]; then
        [ -z "$inside" ] || kill -KILL "$inside" 2>/dev/null || :
        flock "$folder/alive" rm -rf "$folder"
    fi
    exit "$result"
}

# Runs a command in namespaces of its own, which end with this script even where it is killed.
in_namespaces() { # [OPTION of unshare]... COMMAND [ARGUMENT]...
    (
        flock 8
        exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc "$@"
    ) 8>"$folder/alive" </dev/null &
    inside=$!
    wait "$inside"
}

case $engine in
docker_containerd | docker_vfs | podman_new | docker | podman) ;;
*) echo "which engine? docker_containerd, docker_vfs, podman_new, docker or podman" >&2 && exit 2 ;;
esac
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
docker_containerd | docker_vfs | podman_new)
    in_namespaces env TMPDIR="$folder" sh "$here/newer_root.sh" "$root" 2>"$folder/why" ||
        no_engine "the newer engines' root folder cannot be made: $(tail -n 1 "$folder/why")"
    ;;
esac
export folder root
in_namespaces --net sh "$here/inside.sh" "$@"

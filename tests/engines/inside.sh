# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2034,SC2154 # engines.sh exports folder and root; the cases use the rest
# Run by engines.sh, in namespaces of their own: starts the engine, and runs the case with what is defined here. All
# that is written lies in $folder, which is memory, and all that is mounted and started goes with the namespaces.
set -eu

engine=$1
engine_prune=$(realpath "$2")
case=${3:-populations}
shift "$(($# < 3 ? $# : 3))"
here=$(cd "$(dirname "$0")" && pwd)
mount -t tmpfs tmpfs "$folder"
daemon=

no_engine() {
    if [ "${PRUNEPLAN_REQUIRE_ENGINES:-}" = 1 ]; then
        echo "failed: $engine is required, and $1" >&2
        exit 1
    fi
    echo "skipped: $1"
    exit 77
}

show_log() {
    result=$?
    if [ "$result" != 0 ] && [ "$result" != 77 ] && [ -s "$folder/log" ]; then
        echo "the end of the engine's log:" >&2
        tail -n 20 "$folder/log" >&2
    fi
}
trap show_log EXIT

# The engines' root folder as it is, with what they write in memory.
mount_root() {
    place=$folder/root
    mkdir "$place" "$folder/shared"
    mount --bind "$root" "$place"
    mount -o remount,bind,ro "$place"
    mount -t proc proc "$place/proc"
    mount --rbind /sys "$place/sys"
    mount --rbind /dev "$place/dev"
    for written in run tmp var; do
        mount -t tmpfs tmpfs "$place/$written"
    done
    mkdir "$place/var/cache" "$place/var/lib" "$place/var/tmp"
    mount --bind "$folder/shared" "$place/mnt"
}

# Makes $folder/engine, the engine's command line.
command_is() {
    printf '#!/bin/sh\nexec' >"$folder/engine"
    printf " '%s'" "$@" >>"$folder/engine"
    printf ' "$@"\n' >>"$folder/engine"
    chmod +x "$folder/engine"
}

ask() { "$folder/engine" "$@" </dev/null; }

plan() { "$engine_prune" --engine "$kind" "$@" -- "$folder/engine"; }

# A command that says what it does where it fails, and not where it works.
quietly() { "$@" >"$folder/chatter" 2>&1 || { cat "$folder/chatter" >&2; return 1; }; }

await_daemon() { # COMMAND that works once it runs
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        if [ "$tries" = 300 ] || ! kill -0 "$daemon" 2>/dev/null; then
            no_engine "dockerd does not start: $(tail -n 1 "$folder/log")"
        fi
        sleep 0.2
    done
}

start_newer_docker() { # STORAGE_DRIVER CONTAINERD_IMAGE_STORE
    mount_root
    echo "{\"features\": {\"containerd-snapshotter\": $2}}" >"$folder/shared/daemon.json"
    chroot "$place" dockerd --config-file /mnt/daemon.json --storage-driver="$1" \
        --iptables=false --ip6tables=false --bridge=none \
        --data-root /mnt/data --exec-root /run/docker --pidfile /run/docker.pid --host unix:///run/docker.sock \
        >"$folder/log" 2>&1 &
    daemon=$!
    command_is chroot "$place" docker -H unix:///run/docker.sock
    await_daemon quiet_version
}

quiet_version() { ask version >/dev/null 2>&1; }

start_own_docker() {
    command -v dockerd >/dev/null || no_engine "dockerd is not installed"
    # Else it would speak with the machine's own containerd.
    mount -t tmpfs tmpfs /run
    dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs --host "unix://$folder/socket" \
        --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" >"$folder/log" 2>&1 &
    daemon=$!
    await_daemon find_client
}

# More than one client can be installed, and not each of them speaks with this daemon.
find_client() {
    [ -S "$folder/socket" ] || return 1
    old_ifs=$IFS
    IFS=:
    for directory in $PATH; do
        [ -x "$directory/docker" ] || continue
        command_is "$directory/docker" -H "unix://$folder/socket"
        quiet_version && break
    done
    IFS=$old_ifs
    quiet_version
}

# Locks in files, since those in shared memory are one set for all of a user's Podmans.
write_containers_conf() { # AS_WRITTEN AS_SEEN
    printf '[engine]\nlock_type = "file"\nevents_logger = "none"\ncgroup_manager = "cgroupfs"\ntmp_dir = "%s/tmp"\n' \
        "$2" >"$1/containers.conf"
    export CONTAINERS_CONF="$2/containers.conf"
}

start_podman() {
    ask images >"$folder/log" 2>&1 || no_engine "podman does not start: $(tail -n 1 "$folder/log")"
}

unset DOCKER_HOST DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION
unset CONTAINER_HOST CONTAINER_CONNECTION STORAGE_DRIVER STORAGE_OPTS
export DOCKER_CONFIG="$folder/config" PODMAN_IGNORE_CGROUPSV1_WARNING=1

# What the engine knows, for populations: its kind of store; whether a container can be made by an image's digest
# without a registry; whether a digest can be a name; whether a container can mount an image.
case $engine in
docker_containerd)
    kind=docker store=containerd digests=1 records=1 mounts=1
    start_newer_docker native true
    ;;
docker_vfs)
    kind=docker store=graph digests=0 records=0 mounts=1
    start_newer_docker vfs false
    ;;
docker)
    kind=docker store=graph digests=0 records=0 mounts=0
    start_own_docker
    ;;
podman_new)
    kind=podman store=podman digests=1 records=0 mounts=1
    mount_root
    write_containers_conf "$folder/shared" /mnt
    storage=$folder/shared/storage
    command_is chroot "$place" podman --root /mnt/storage --runroot /mnt/storage/run --storage-driver vfs
    start_podman
    ;;
podman)
    kind=podman store=podman digests=1 records=0 mounts=1
    command -v podman >/dev/null || no_engine "podman is not installed"
    write_containers_conf "$folder" "$folder"
    storage=$folder/storage
    command_is podman --root "$storage" --runroot "$storage/run" --storage-driver vfs
    start_podman
    ;;
esac

version() {
    case $kind in
    docker) ask version --format '{{.Server.Version}}' ;;
    podman) ask version --format '{{.Client.Version}}' ;;
    esac
}

# shellcheck source=/dev/null
. "$here/$case.sh"

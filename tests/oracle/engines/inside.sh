# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2034,SC2154 # engines.sh exports folder and root; the cases use the rest
# Run by engines.sh, in namespaces: starts the engine, and sources the case, which uses the functions and variables that
# are defined here. Everything is written to $folder, which is in memory. Mounts and processes end with the namespaces.
set -eu

engine=$1
program=$(realpath "$2")
case=${3:-populations}
shift "$(($# < 3 ? $# : 3))"
here=$(cd "$(dirname "$0")" && pwd)
mount -t tmpfs tmpfs "$folder"
daemon=

no_engine() {
    if [ "${PRUNEPLAN_REQUIRE_ENGINES:-}" = 1 ]; then
        echo "failed: $engine is required, but $1" >&2
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

# Mounts the engines' root folder read-only, with folders in memory that they can write to.
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

# Makes the script $folder/engine, which runs the engine's client with these arguments.
command_is() {
    printf '#!/bin/sh\nexec' >"$folder/engine"
    printf " '%s'" "$@" >>"$folder/engine"
    printf ' "$@"\n' >>"$folder/engine"
    chmod +x "$folder/engine"
}

# Runs a command of the engine's client.
ask() { CONTAINERD_NAMESPACE=${namespace:-k8s.io} "$folder/engine" "$@" </dev/null; }

# Runs pruneplan for the engine.
plan() {
    case $kind in
    docker) "$program" docker --host "unix://$socket" "$@" ;;
    podman) TMPDIR=$shared PATH=$folder/bin:$PATH "$program" podman "$@" ;;
    containerd) "$program" containerd --address "unix://$socket" --namespace "${namespace:-k8s.io}" "$@" ;;
    esac
}

# Runs a command, and shows its output only if it fails.
quietly() { "$@" >"$folder/chatter" 2>&1 || { cat "$folder/chatter" >&2; return 1; }; }

await_daemon() { # COMMAND, which succeeds once the daemon runs
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        if [ "$tries" = 300 ] || ! kill -0 "$daemon" 2>/dev/null; then
            no_engine "$engine does not start: $(tail -n 1 "$folder/log")"
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
    socket=$place/run/docker.sock
    command_is chroot "$place" docker -H unix:///run/docker.sock
    await_daemon quiet_version
}

quiet_version() { ask version >/dev/null 2>&1; }

start_own_docker() {
    command -v dockerd >/dev/null || no_engine "dockerd is not installed"
    # Otherwise it would use the containerd of the machine.
    mount -t tmpfs tmpfs /run
    socket=$folder/socket
    dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs --host "unix://$socket" \
        --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" >"$folder/log" 2>&1 &
    daemon=$!
    await_daemon find_client
}

# Finds a client that can talk to the daemon: several can be installed, and not all of them can.
find_client() {
    [ -S "$socket" ] || return 1
    old_ifs=$IFS
    IFS=:
    for directory in $PATH; do
        [ -x "$directory/docker" ] || continue
        command_is "$directory/docker" -H "unix://$socket"
        quiet_version && break
    done
    IFS=$old_ifs
    quiet_version
}

# Uses locks in files, since all Podmans of a user share those in shared memory.
write_containers_conf() { # AS_WRITTEN AS_SEEN
    printf '[engine]\nlock_type = "file"\nevents_logger = "none"\ncgroup_manager = "cgroupfs"\ntmp_dir = "%s/tmp"\n' \
        "$2" >"$1/containers.conf"
    export CONTAINERS_CONF="$2/containers.conf"
}

# Makes pruneplan start its own service of this Podman, which sees the folder AS_WRITTEN as AS_SEEN.
start_podman() { # AS_WRITTEN AS_SEEN
    shared=$1
    seen=$2
    mkdir "$folder/bin"
    cat >"$folder/bin/podman" <<END
#!/bin/sh
unset TMPDIR
address=\$(echo "\$4" | sed 's|$1|$2|')
exec "$folder/engine" "\$1" "\$2" "\$3" "\$address"
END
    chmod +x "$folder/bin/podman"
    # Otherwise pruneplan would use a service of the machine.
    [ ! -d /run/podman ] || mount -t tmpfs tmpfs /run/podman
    ask images >"$folder/log" 2>&1 || no_engine "podman does not start: $(tail -n 1 "$folder/log")"
}

# Starts containerd, whose content store is /srv/containerd inside and outside of the root folder: the program measures
# that file system. `sandbox` is the name of the image that pods are made with; its program sleeps, or ends if it has
# arguments. `cgroup` is the parent of the cgroups of containers, which engines.sh removes: the cgroup_parent of pods,
# and the first part of the --cgroup of `ctr run`.
start_containerd() {
    sandbox=localhost/pause:1
    cgroup=/${folder##*/}
    mount_root
    mount --bind "$folder/shared" /srv
    mount --bind "$folder/shared" "$place/srv"
    ip link set lo up 2>"$folder/log" || no_engine "there is no loopback: $(tail -n 1 "$folder/log")"
    cat >"$folder/shared/config.toml" <<END
version = 3
root = "/srv/containerd"
state = "/run/containerd"
[plugins."io.containerd.cri.v1.images"]
snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "$sandbox"
[plugins."io.containerd.cri.v1.runtime"]
restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".cni]
conf_dir = "/run/cni"
[plugins."io.containerd.internal.v1.opt"]
path = "/run/opt"
END
    printf '#include <unistd.h>\nint main(int count, char** all) { while (all && count == 1) pause(); }\n' |
        cc -x c -Os -static -s -o "$folder/command" - 2>"$folder/log" ||
        no_engine "a static program cannot be made: $(tail -n 1 "$folder/log")"
    chroot "$place" containerd --config /srv/config.toml >"$folder/log" 2>&1 &
    daemon=$!
    socket=$place/run/containerd/containerd.sock
    command_is chroot "$place" ctr
    await_daemon quiet_version
    [ "$(ask plugins ls | grep -cE ' (cri|overlayfs) .* ok ')" = 2 ] ||
        no_engine "its plugin for Kubernetes or for overlayfs does not start"
    python3 -B "$here/containerd/images.py" "$folder/command" "$sandbox" >"$folder/shared/pause.tar"
    quietly ask images import /srv/pause.tar
}

unset DOCKER_HOST DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION
unset CONTAINER_HOST CONTAINER_CONNECTION STORAGE_DRIVER STORAGE_OPTS CONTAINERD_ADDRESS CONTAINERD_NAMESPACE
export DOCKER_CONFIG="$folder/config" PODMAN_IGNORE_CGROUPSV1_WARNING=1

# Starts the engine, and says what populations it supports. store: the kind of store. digests: a container can be
# created by an image's digest without a registry. records: a digest can be a name. mounts: a container can mount an
# image.
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
    start_podman "$folder/shared" /mnt
    ;;
podman)
    kind=podman store=podman digests=1 records=0 mounts=1
    command -v podman >/dev/null || no_engine "podman is not installed"
    write_containers_conf "$folder" "$folder"
    storage=$folder/storage
    command_is "$(command -v podman)" --root "$storage" --runroot "$storage/run" --storage-driver vfs
    start_podman "$folder" "$folder"
    ;;
containerd)
    kind=containerd store=containerd
    start_containerd
    ;;
esac

version() {
    case $kind in
    docker) ask version --format '{{.Server.Version}}' ;;
    podman) ask version --format '{{.Client.Version}}' ;;
    containerd) ask version | awk '/^Server/ { of = 1 } of && $1 == "Version:" { print $2 }' ;;
    esac
}

# shellcheck source=/dev/null
. "$here/$case.sh"

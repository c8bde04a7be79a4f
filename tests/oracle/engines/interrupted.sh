#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Tests that an interrupted run of engines.sh leaves no mount, no process and no file behind:
#
#     sh interrupted.sh ENGINE PRUNEPLAN
#
# Sends signals to a run whose engine has started, and to one that makes the root folder of the newer engines. After
# SIGKILL, which cannot be caught, a temporary folder with two empty files remains.
set -eu
export LC_ALL=C

engine=$1
program=$2
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/interrupted.XXXXXX")
run=
clean_up() {
    result=$?
    trap - EXIT
    [ -z "$run" ] || kill -KILL "$run" 2>/dev/null || :
    rm -rf "$folder"
    exit "$result"
}
trap clean_up EXIT
trap 'exit 1' HUP INT PIPE TERM

# The processes and mounts of a run. Its processes have its temporary folder in their environment.
processes() { grep -alF "TMPDIR=$folder/" /proc/[0-9]*/environ 2>/dev/null || :; }
mounts() { cat /proc/[0-9]*/mountinfo 2>/dev/null | grep -F "$folder/" || :; }

engine_has_started() { grep -q '^started' "$folder/out"; }
root_is_made() { [ -e "$folder/root.log" ]; }

# Runs engines.sh until the condition holds, sends the signal, and checks that nothing remains.
interrupt() { # SIGNAL CONDITION [VARIABLE=VALUE]...
    signal=$1
    condition=$2
    shift 2
    : >"$folder/out"
    mkdir -p "$folder/tmp"
    # A shell starts background processes with SIGINT ignored.
    env --default-signal=INT TMPDIR="$folder/tmp" "$@" \
        sh "$here/engines.sh" "$engine" "$program" hold >"$folder/out" 2>&1 &
    run=$!
    until "$condition"; do
        if ! kill -0 "$run" 2>/dev/null; then
            code=0
            wait "$run" || code=$?
            run=
            cat "$folder/out"
            [ "$code" != 77 ] || exit 77
            echo "FAILED: the run ended with $code before it was interrupted" >&2
            exit 1
        fi
        sleep 0.1
    done
    tries=0
    while [ -z "$(processes)" ] || [ -z "$(mounts)" ]; do
        tries=$((tries + 1))
        if [ "$tries" = 300 ]; then
            echo "FAILED: no process or no mount of the running engine was found" >&2
            exit 1
        fi
        sleep 0.5
    done
    kill -"$signal" "$run"
    code=0
    wait "$run" || code=$?
    run=
    # After SIGKILL, no script waits until the kernel has ended the processes in the namespaces.
    if [ "$signal" = KILL ]; then
        tries=0
        while [ -n "$(processes)$(mounts)" ] && [ "$tries" -lt 50 ]; do
            tries=$((tries + 1))
            sleep 0.1
        done
        rm -f "$folder/tmp"/engines.*/alive "$folder/tmp"/engines.*/why
        rmdir "$folder/tmp"/engines.*
    fi
    if [ -n "$(processes)$(mounts)$(ls -A "$folder/tmp")" ]; then
        echo "FAILED: after SIG$signal these remain:" >&2
        { processes && mounts && ls -lR "$folder/tmp"; } >&2
        exit 1
    fi
    echo "SIG$signal, $condition: exit code $code, no process, no mount and no file remains"
}

case $engine in
docker_containerd | docker_vfs | podman_new)
    interrupt TERM root_is_made ENGINES_ROOT="$folder/root"
    ;;
esac
for name in TERM INT HUP KILL; do
    interrupt "$name" engine_has_started
done

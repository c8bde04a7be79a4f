# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests how pruneplan reaches Podman: by a service that runs, or by one that it starts and ends.

. "$here/steps.sh"

# Replaces the program podman by a script that first writes its process ID.
podman_is() { # LINE...
    rm -f "$folder/started"
    printf '#!/bin/sh\necho $$ >"%s"\n' "$folder/started" >"$folder/bin/podman"
    printf '%s\n' "$@" >>"$folder/bin/podman"
    chmod +x "$folder/bin/podman"
}

has_ended() { ! kill -0 "$(cat "$folder/started")" 2>/dev/null; }

nothing_is_left() { [ -z "$(find "$shared" -maxdepth 1 -name 'pruneplan.*')" ]; }

rejects() { # WORDS [OPTION]...
    words=$1
    shift
    code=0
    plan "$@" >"$folder/out" 2>&1 || code=$?
    [ "$code" = 2 ] || fail "pruneplan podman $*: exit code $code: $(cat "$folder/out")"
    grep -qF "$words" "$folder/out" || fail "pruneplan podman $*: $(cat "$folder/out")"
}

import one app:1 >/dev/null
sed 1d "$folder/bin/podman" >"$folder/starts"
podman_is "$(cat "$folder/starts")"
[ "$(plan --all --format names)" = localhost/app:1 ] || fail "the own service does not list the image"
has_ended || fail "the own service still runs"
nothing_is_left || fail "the own service's folder is left"
echo "the own service ends with the program"

podman_is 'exec sleep 600'
TMPDIR=$shared PATH=$folder/bin:$PATH "$program" podman >"$folder/out" 2>&1 &
killed=$!
tries=0
until [ -s "$folder/started" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || fail "the program starts no service: $(cat "$folder/out")"
    sleep 0.1
done
kill -KILL "$killed"
tries=0
until has_ended; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || fail "the own service outlives the program"
    sleep 0.1
done
rm -rf "$shared"/pruneplan.*
echo "the own service ends when the program is killed"

podman_is 'echo "configuring storage: no space" >&2' 'exit 125'
rejects "podman system service does not start: configuring storage: no space"
nothing_is_left || fail "the folder of a service that did not start is left"
rejects '"ssh://host/run/podman.sock": give unix://PATH or tcp://HOST:PORT' --host ssh://host/run/podman.sock
rejects "$folder/nowhere" --host "unix://$folder/nowhere"
rm "$folder/bin/podman"
code=0
TMPDIR=$shared PATH=$folder/bin "$program" podman >"$folder/out" 2>&1 || code=$?
[ "$code" = 2 ] || fail "without podman: exit code $code"
grep -q 'does not start: podman: No such file or directory; --host' "$folder/out" || fail "$(cat "$folder/out")"
echo "a service that does not start is reported"

podman_is 'exit 1'
ask system service --time=0 "unix://$seen/service" >"$folder/log" 2>&1 &
tries=0
until plan --host "unix://$shared/service" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || fail "no service listens: $(cat "$folder/log")"
    sleep 0.1
done
[ "$(plan --host "unix://$shared/service" --all --format names)" = localhost/app:1 ] || fail "--host"
[ "$(CONTAINER_HOST=unix://$shared/service plan --all --format names)" = localhost/app:1 ] || fail "CONTAINER_HOST"
[ ! -e "$folder/started" ] || fail "an own service was started although one was given"
echo "a service that runs is used"

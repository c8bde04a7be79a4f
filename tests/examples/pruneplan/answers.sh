# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2034,SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests answers of Docker and Podman that are invalid: an error deletes nothing. apply.sh defines what it uses.

no_list='the answer is not a list of objects with an "Id"'

# Docker: the lists of containers, images and dangling images.
api=http://docker/v1.51
dangling=$api'/images/json?filters=%7B%22dangling%22:%5B%22true%22%5D%7D'
for answer in '{}' null '"text"' '{"message": "x"}' '[{}]' '[null]' '["c1"]' '[{"Id": ""}]' '[{"Id": 1}]'; do
    start_engine ", \"answers\": {\"/containers/json\": $answer}"
    rejects "$api/containers/json?all=true: $no_list" docker --host "$host" --all --apply --yes
    [ -z "$(removals)" ] || fail "removes $(removals) after the answer $answer for containers"
done
for answer in '{}' '[{}]'; do
    start_engine ", \"answers\": {\"/images/json\": $answer}"
    rejects "$api/images/json?manifests=true: $no_list" docker --host "$host" --all
    start_engine ", \"answers\": {\"/images/json?dangling\": $answer}"
    rejects "$dangling: $no_list" docker --host "$host" --all
done
for answer in '{}' null '[]'; do
    start_engine ", \"answers\": {\"/info\": $answer}"
    rejects "\"$host\" does not say how it stores images" docker --host "$host" --all
done
# A container's own answer must be about it.
containers=', "containers": [{"id": "c1", "name": "web", "image": "'$(id_of 1)'", "ref": "name:1"}]'
for answer in '{}' null '[]' '{"Id": "c2"}'; do
    start_engine "$containers, \"answers\": {\"/containers/c1/json\": $answer}"
    rejects "$api/containers/c1/json: the answer is not an object with the Id \"c1\"" docker --host "$host" --all --apply --yes
    [ -z "$(removals)" ] || fail "removes $(removals) after the answer $answer for a container"
done
# An answer to a removal that is not a list of steps is a failure, not a removal.
for answer in '{}' null '"text"' '{"message": "the disk is full"}'; do
    start_engine ", \"answers\": {\"/images/docker.io/library/name:2\": $answer}"
    applies 2 --format json
    says err '1 of 5 names could not be deleted'
    says out 'the answer is not a list of steps'
    case $answer in *full*) says out 'status 200, the disk is full' ;; esac
done

# Starts a fake Podman with two unused images, name:1 and name:2, and what MEMBERS say; sets `host`.
start_podman() { # MEMBERS
    {
        printf '{"version": {"Version": "5.0.0"}, "containers/json": [], "images/json": [%s, %s]%s}' \
            "{\"Id\": \"$(bare 1)\", \"Names\": [\"docker.io/library/name:1\"], \"IsManifestList\": false}" \
            "{\"Id\": \"$(bare 2)\", \"Names\": [\"docker.io/library/name:2\"], \"IsManifestList\": false}" "$1"
    } >"$folder/state"
    serve fake_podman
}
bare() { printf '%064d' "$1"; }
deletes() { grep -c '^DELETE ' "$folder/requests" || :; }
podman_applies() { # EXIT_CODE ARGUMENT...
    wanted=$1
    shift
    code=0
    "$pruneplan" podman --host "$host" --all --apply --yes "$@" >"$folder/out" 2>"$folder/err" || code=$?
    [ "$code" = "$wanted" ] || fail "podman --apply $*: exit code $code and not $wanted: $(cat "$folder/err")"
}

# Podman: its lists. An empty store gives "[]".
api=http://podman/v4.0.0/libpod
for answer in '{}' null '{"cause": "x", "message": "boom", "response": 500}' '[{"Names": ["web"]}]' '[null]'; do
    for list in containers images; do
        [ $list = containers ] && query='?all=true&external=true' || query='?all=true'
        start_podman ", \"$list/json\": $answer"
        rejects "$api/$list/json$query: $no_list" podman --host "$host" --all --apply --yes
        [ "$(deletes)" = 0 ] || fail "deletes after the answer $answer for $list"
    done
done
# A container with the name of its image, but without its ID, protects it. Those that were made
# from a folder, or from scratch, have no image.
removed='{"ExitCode": 0, "Errors": null}'
start_podman ', "containers/json": [
    {"Id": "c1", "Names": ["web"], "Image": "docker.io/library/name:1", "ImageID": "", "State": "created"},
    {"Id": "c2", "Names": ["folder"], "Image": "", "ImageID": "", "State": "created"},
    {"Id": "c3", "Names": ["build"], "Image": "scratch", "ImageID": "", "State": "storage"}],
    "containers/c1/json": {"Id": "c1", "Mounts": []}, "containers/c2/json": {"Id": "c2", "Mounts": []}'
prints "a container without ImageID protects its image" "$pruneplan" podman --host "$host" --all --format names <<END
docker.io/library/name:2
END
[ ! -s "$folder/err" ] || fail "a container that has no image is doubted: $(cat "$folder/err")"
# What a manifest list needs must be known.
for answer in '{}' null '[]'; do
    start_podman ", \"images/json\": [{\"Id\": \"$(bare 1)\", \"Names\": [\"list:1\"], \"IsManifestList\": true}],
        \"manifests/$(bare 1)/json\": $answer"
    rejects "Podman does not show the manifest list \"sha256:$(bare 1)\"" podman --host "$host" --all --apply --yes
done
# What a container mounts must be known.
for answer in '{}' null '[]' '{"Id": "c2"}'; do
    start_podman ', "containers/json": [{"Id": "c1", "Names": ["web"], "Image": "docker.io/library/name:1", "ImageID": ""}],
        "containers/c1/json": '"$answer"
    rejects "$api/containers/c1/json: the answer is not an object with the Id \"c1\"" podman --host "$host" --all --apply --yes
    [ "$(deletes)" = 0 ] || fail "deletes after the answer $answer for a container"
done
# A removal succeeds with the number 0 as exit code, and without errors.
start_podman ", \"images/remove\": $removed"
podman_applies 0
[ "$(deletes)" = 2 ] || fail "not two requests: $(cat "$folder/requests")"
for answer in '{"ExitCode": 0}' '{"ExitCode": 0, "Errors": []}'; do
    start_podman ", \"images/remove\": $answer"
    podman_applies 0
done
for answer in '{"Errors": ["cannot delete"]}' '{"ExitCode": 0, "Errors": ["cannot delete"]}' \
    '{"ExitCode": 125, "Errors": ["cannot delete"]}' '{"ExitCode": -1, "Errors": ["cannot delete"]}' \
    '{"ExitCode": "125"}' '{"ExitCode": "0"}' '{"ExitCode": -1}' '{"ExitCode": null}' '{"ExitCode": false}' \
    '{"ExitCode": 0, "Errors": "cannot delete"}' '{"ExitCode": 125}' '{}' null '[]' '"text"'; do
    start_podman ", \"images/remove\": $answer"
    podman_applies 2 --format json
    says err '2 of 2 names could not be deleted'
    case $answer in
    *'cannot delete'*) says out '"cannot delete"' ;;
    *) says out 'the answer does not confirm the removal' ;;
    esac
done
start_podman ', "images/remove": {"ExitCode": 2, "Errors": ["image is in use by a container"]}'
podman_applies 0 --format json
says out '"reason":"in_use"'
stop_engine

# Where engines listen.
rm -f "$folder/socket"
for engine in docker podman; do
    rejects "cannot connect to the socket \"$folder/socket\": No such file or directory" \
        $engine --host "unix://$folder/socket"
    : >"$folder/file"
    refused "cannot connect to the socket \"$folder/file\": " $engine --host "unix://$folder/file"
    for address in unix:// tcp:// ssh://host /run/docker.sock; do
        [ $engine = docker ] && name=Docker || name=Podman
        rejects "$name's host \"$address\": give unix://PATH or tcp://HOST:PORT; for ssh and TLS, forward the socket" \
            $engine --host "$address"
    done
done
export DOCKER_TLS_VERIFY=1
rejects 'DOCKER_TLS_VERIFY asks for TLS with "tcp://localhost:1": forward the socket, and give unix://PATH' \
    docker --host tcp://localhost:1
unset DOCKER_TLS_VERIFY

# A Podman of its own that neither listens nor ends at SIGTERM is killed. The root user's Podman would be used instead.
if [ "$(id -u)" != 0 ] || [ ! -S /run/podman/podman.sock ]; then
    mkdir -p "$folder/bin" "$folder/tmp"
    cat >"$folder/bin/podman" <<END
#!/bin/sh
trap '' TERM
echo \$\$ >"$folder/podman.pid"
while :; do sleep 1; done
END
    chmod +x "$folder/bin/podman"
    (
        unset CONTAINER_HOST
        export PATH="$folder/bin:$PATH" XDG_RUNTIME_DIR="$folder" TMPDIR="$folder/tmp"
        code=0
        timeout -k 1 60 "$pruneplan" podman >"$folder/out" 2>"$folder/err" || code=$?
        [ "$code" = 2 ]
    ) || fail "a Podman that does not listen: $(cat "$folder/err")"
    says err 'pruneplan: podman system service does not start: it does not listen; --host names a running one'
    [ -s "$folder/podman.pid" ] || fail "the podman of PATH was not started"
    if kill -0 "$(cat "$folder/podman.pid")" 2>/dev/null; then
        fail "a Podman that does not end at SIGTERM is left"
        kill -9 "$(cat "$folder/podman.pid")"
    fi
    [ -z "$(ls "$folder/tmp")" ] || fail "the folder of a Podman that does not listen is left"
fi

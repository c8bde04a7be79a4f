# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2034,SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests the source containerd, against a fake one (fake_containerd.py). In worlds, "@12" is the digest sha256:0…012.

# Starts a fake containerd; its process is added to those that stop_engine ends.
start_containerd() { # SOCKET STATE LOG
    "$grpc_python" -B "$here/pruneplan/fake_containerd.py" "$1" "$2" "$3" \
        "$here/pruneplan/containerd_api" 2>"$1.log" &
    containerd_processes="$containerd_processes $!"
    await_socket "$1" "$1.log" "the fake containerd"
}
# shellcheck disable=SC2218 # that of apply.sh
stop_engine
containerd_processes=
stop_engine() {
    for process in $containerd_processes; do
        kill "$process" 2>/dev/null || :
        wait "$process" 2>/dev/null || :
    done
    containerd_processes=
}

image() { # NAME TARGET [FACTS]
    printf '["docker.io/library/%s", "%s"%s]' "$1" "$2" "${3:+, $3}"
}
pod() { # IMAGE_ID TYPED [MOUNTS]: a container of Kubernetes
    printf '{"id": "c1", "created_at": 1000, "metadata": {"Name": "web", "ImageRef": "%s", "Config": {"image":
        {"image": "%s", "user_specified_image": "%s"}, "mounts": [%s]}}}' "$1" "$1" "$2" "${3:-}"
}

# Two images, app:1 and other:1, which share the snapshot @16, and what MEMBERS say; the last of several members with a
# name counts.
images="\"images\": [$(image app:1 @10), $(image other:1 @20)]"
blobs='"@10": {"size": 1, "refs": {"m.0": "@11"}}, "@11": {"size": 2, "refs": {"config": "@12", "l.0": "@13"}},
    "@12": {"size": 4, "chain": "@14"}, "@13": {"size": 8}, "@20": {"size": 100, "refs": {"m.0": "@21"}},
    "@21": {"size": 200, "refs": {"config": "@22"}}, "@22": {"size": 400, "chain": "@24"}'
layers='"@14": ["@16", 16], "@16": ["", 32], "@24": ["@16", 800]'
world() { # MEMBERS
    printf '{%s, "content": {%s}, "snapshots": {"overlayfs": {%s}}%s}' "$images" "$blobs" "$layers" "${1:+, $1}" \
        >"$folder/state.new"
    mv "$folder/state.new" "$folder/state"
    : >"$folder/requests"
}
containerd() { # ARGUMENT...
    "$pruneplan" containerd --address "unix://$folder/containerd" "$@"
}
short() { sed -E 's/sha256:0*([0-9]+)/@\1/g'; }

# Fails unless EXPRESSION of Python is true of the listing.
lists() { # WHAT EXPRESSION [MEMBERS]
    world "${3:-}"
    containerd --save-listing - 2>"$folder/err" | short >"$folder/got" || :
    if ! "$grpc_python" - "$folder/got" "$2" 2>"$folder/why" <<'END_OF_PYTHON'; then
import json, sys
listing = json.load(open(sys.argv[1]))
names = {record["name"].removeprefix("docker.io/library/"): record for record in listing["records"]}
containers = {container["id"]: container for container in listing["containers"]}
app = names.get("app:1")
def ids(name): return sorted(names[name]["ids"])
def sizes(name): return {blob["digest"]: blob["size"] for blob in names[name]["blobs"]}
if not eval("(" + sys.argv[2] + ")"): sys.exit("it is not true")
END_OF_PYTHON
        fail "$1: $2: $(tail -n 1 "$folder/why")$(cat "$folder/err"), of $(tr -d '\n' <"$folder/got" | head -c 1500)"
    fi
}
# Fails unless the plan deletes these names of docker.io/library.
plans() { # WHAT NAMES ARGUMENT...
    what=$1 wanted=$2
    shift 2
    got=$(containerd --all --format names "$@" 2>"$folder/err" | sed 's:^docker.io/library/::' | sort | tr '\n' ' ')
    [ "${got% }" = "$wanted" ] || fail "$what: deletes \"${got% }\" and not \"$wanted\": $(cat "$folder/err")"
}
in_world() { # WHAT NAMES MEMBERS [ARGUMENT...]
    what=$1 wanted=$2
    world "$3"
    shift 3
    plans "$what" "$wanted" "$@"
}
# Fails unless the source cannot be read: one line that has WORDS, and nothing is deleted.
unread() { # WORDS MEMBERS
    world "$2"
    refused "$1" containerd --address "unix://$folder/containerd" --all --apply --yes
    deleted_nothing "$2"
}
deletes() { grep -c '^Images/Delete' "$folder/requests" || :; }
deleted_nothing() { [ "$(deletes)" = 0 ] || fail "deletes: $(grep '^Images/Delete' "$folder/requests"), with $1"; }
removes() { # EXIT_CODE ARGUMENT...
    wanted=$1
    shift
    code=0
    containerd --all --apply --yes --format json "$@" >"$folder/report" 2>"$folder/err" || code=$?
    short <"$folder/report" >"$folder/out"
    [ "$code" = "$wanted" ] || fail "--apply $*: exit code $code and not $wanted: $(cat "$folder/err")"
}
# Fails unless EXPRESSION of Python is true of the report.
reports() { # WHAT EXPRESSION
    "$grpc_python" - "$folder/out" "$2" 2>"$folder/why" <<'END_OF_PYTHON' ||
import json, sys
report = json.load(open(sys.argv[1]))
def short(name): return name.removeprefix("docker.io/library/")
untagged = [short(name) for name in report["untagged"]]
skipped = {short(step["name"]): step["reason"] for step in report["skipped"]}
failures = {short(step["name"]): step["error"] for step in report["failures"]}
if not eval("(" + sys.argv[2] + ")"): sys.exit("it is not true")
END_OF_PYTHON
        fail "$1: $2: $(tail -n 1 "$folder/why"), of $(cat "$folder/out" "$folder/err")"
}
# Runs the program in the background, with a server that does not answer one call.
hangs() { # NAME ARGUMENT...
    name=$1
    shift
    (
        code=0
        timeout 60 "$pruneplan" containerd "$@" >"$folder/$name.out" 2>"$folder/$name.err" || code=$?
        echo $code >"$folder/$name.code"
    ) &
    hanging="$hanging $!"
}
# Waits for it. A call without an answer ends it with a line that names the socket and the call.
ended() { # NAME METHOD
    [ "$(cat "$folder/$1.code")" = 2 ] || fail "$1 hangs: exit code $(cat "$folder/$1.code")"
    [ "$(wc -l <"$folder/$1.err")" = 1 ] || fail "$1 hangs: not one line: $(cat "$folder/$1.err")"
    grep -q "containerd at \"unix://$folder/[a-z.]*\", $2: " "$folder/$1.err" || fail "$1 hangs: $(cat "$folder/$1.err")"
    grep -q 'no answer\|timed out' "$folder/$1.err" || fail "$1 hangs: $(cat "$folder/$1.err")"
}

# shellcheck source=tests/examples/pruneplan/containerd_images.sh
. "$here/pruneplan/containerd_images.sh"

test_containerd() {
    hanging=
    world ''
    printf '{%s, "content": {%s}, "snapshots": {"overlayfs": {%s}}, "hang": {"list": "Images/List",
        "containers": "Containers/ListStream"}, "collect": {"sync": 22}}' \
        "$images" "$blobs" "$layers" >"$folder/hang"
    start_containerd "$folder/containerd" "$folder/state" "$folder/requests"
    start_containerd "$folder/hanging" "$folder/hang" "$folder/hang_requests"

    # Servers that do not answer, during the other tests.
    hangs silent --address "unix://$folder/containerd.silent"
    hangs list --address "unix://$folder/hanging" --namespace list
    hangs containers --address "unix://$folder/hanging" --namespace containers
    hangs sync --address "unix://$folder/hanging" --namespace sync --all --apply --yes --keep other

    test_access
    test_mapping
    test_pins
    test_containers
    test_removals
    test_thresholds
    test_scale

    for process in $hanging; do
        wait "$process" || :
    done
    ended silent version.v1.Version/Version
    ended list images.v1.Images/List
    ended containers containers.v1.Containers/ListStream
    # The last deletion waits until the space is free, which can take longer than an answer.
    [ "$(cat "$folder/sync.code")" = 0 ] || fail "space is freed in 22 s: $(cat "$folder/sync.out" "$folder/sync.err")"
    says sync.out 'untagged: app:1'
    stop_engine
}

test_access() {
    # Every call is about the namespace.
    for name_space in k8s.io default; do
        world "\"leases\": {\"l\": {\"@99\": \"content\"}}, \"on_delete\": {\"docker.io/library/app:1\": {\"gone\":
            \"docker.io/library/app:1\"}}"
        removes 0 --namespace $name_space
        [ "$(cut -d ' ' -f 2 "$folder/requests" | sort -u)" = $name_space ] || fail "calls: $(cat "$folder/requests")"
        for call in Get Delete; do
            grep -q "^Images/$call" "$folder/requests" || fail "no Images/$call"
        done
        [ "$(deletes)" = 2 ] || fail "$name_space: $(deletes) deletions and not 2"
        grep -q ListResources "$folder/requests" || fail "$name_space: leases are not read"
    done
    # Where it listens, and the namespace, by the environment. An option counts more.
    world ''
    (
        export CONTAINERD_ADDRESS="$folder/containerd" CONTAINERD_NAMESPACE=other
        "$pruneplan" containerd >"$folder/out" 2>&1 || fail "CONTAINERD_ADDRESS: $(cat "$folder/out")"
        grep -q '^Images/List other' "$folder/requests" || fail "CONTAINERD_NAMESPACE: $(cat "$folder/requests")"
        "$pruneplan" containerd --namespace third >"$folder/out" 2>&1
        grep -q '^Images/List third' "$folder/requests" || fail "--namespace: $(cat "$folder/requests")"
        CONTAINERD_ADDRESS=/nowhere containerd >"$folder/out" 2>&1 || fail "--address: $(cat "$folder/out")"
        CONTAINERD_NAMESPACE=moby refused 'give "docker"' containerd
        [ "$failed" = 0 ]
    ) || failed=1
    lists "an own namespace has nerdctl's rule" 'listing["rule"] == "whole_image" and listing["source"] == "containerd"'
    containerd --namespace default --save-listing - | grep -q '"rule": "names_only"' || fail "the rule of default"

    # Servers that are not there, or are not containerd.
    for path in nowhere containerd.text; do
        refused "containerd at \"unix://$folder/$path\", version.v1.Version/Version: " containerd --address "unix://$folder/$path"
    done
    : >"$folder/file"
    refused "unix://$folder/file" containerd --address "unix://$folder/file"
    long=$(printf '%0120d' 0)
    refused "unix:///$long" containerd --address "/$long"
    if [ "$(id -u)" = 0 ] && setpriv --reuid=65534 --clear-groups "$pruneplan" --version >"$folder/out" 2>&1; then
        code=0
        setpriv --reuid=65534 --clear-groups "$pruneplan" containerd --address "unix://$folder/containerd" \
            >"$folder/out" 2>"$folder/err" || code=$?
        [ "$code" = 2 ] || fail "another user: exit code $code"
        [ "$(grep -c "unix://$folder/containerd" "$folder/err")" = 1 ] || fail "another user: $(cat "$folder/err")"
        says err 'ermission denied'
    fi

    fire=hex:6f6e200a66697265201b5b33316d20c328
    # A call that fails ends the run before anything is deleted, and the message is safe to print.
    for method in version.v1.Version/Version images.v1.Images/List content.v1.Content/List content.v1.Content/Read \
        snapshots.v1.Snapshots/List snapshots.v1.Snapshots/Usage leases.v1.Leases/List leases.v1.Leases/ListResources \
        namespaces.v1.Namespaces/List containers.v1.Containers/ListStream introspection.v1.Introspection/Plugins; do
        unread "containerd at \"unix://$folder/containerd\", $method: on %0Afire %1B[31m %C3(" \
            "\"leases\": {\"l\": {}}, \"faults\": {\"${method##*.}\": [\"INTERNAL\", \"$fire\"]}"
    done
    # Answers that are not what they should be: bytes of another kind, and texts that are not UTF-8.
    for call in Images/List Containers/ListStream Content/List; do
        unread '' "\"faults\": {\"$call\": \"ffffff\"}"
        unread '' "\"faults\": {\"$call\": \"0a030a01ff\"}"
    done
    # A stream that fails after its first message: what it had is not all.
    unread 'Containers/ListStream: gone' '"containers": [{"id": "c1"}, {"id": "c2"}],
        "faults": {"Containers/ListStream": ["UNAVAILABLE", "gone", "late"]}'
    unread 'Content/List: gone' '"batch": 1, "faults": {"Content/List": ["UNAVAILABLE", "gone", "late"]}'
    unread 'Snapshots/List: gone' '"batch": 1, "faults": {"Snapshots/List": ["UNAVAILABLE", "gone", "late"]}'
    # Large messages, and many.
    lists "a message of 10 MB" 'len(names) == 2' '"pad": 5000000'
    lists "a message for each blob" 'app["size"] == 63 and names["other:1"]["size"] == 1532' '"batch": 1'
}

test_removals() {
    # A server that does not compare the target is not given a deletion. Without --apply, it is planned for.
    for version in 1.6.8 1.7.24 v1.7.24~ds1 1.7.24+k3s1 v1.7.23-k3s2 1.99.0 '' dev 28ffa1 v '1.7\n2.1' v1.7.24-2.0.0; do
        unread '--apply needs containerd 2.0 or newer, and this is "' "\"version\": \"$version\""
        case $version in *n2*) version=1.7%0A2.1 ;; esac
        says err "\"$version\""
        plans "containerd $version" 'app:1 other:1'
    done
    for version in 2.0.0 v2.1.9 2.1.4~ds1 2.0.5+k3s1 v2.0.5-k3s1.32 2.2.0-rc.1 10.0; do
        world "\"version\": \"$version\""
        removes 0
        [ "$(deletes)" = 2 ] || fail "containerd $version: $(cat "$folder/err")"
    done

    # Each deletion has its target, and the last one waits until the space is free.
    world ''
    removes 0
    short <"$folder/requests" | sed -n 's/^Images.Delete k8s.io //p' >"$folder/got"
    cat >"$folder/wanted" <<END
name: "docker.io/library/app:1" target { digest: "@10" }
name: "docker.io/library/other:1" sync: true target { digest: "@20" }
END
    same "deletions" "$folder/wanted" "$folder/got"
    reports "two deletions" 'untagged == ["app:1", "other:1"] and not skipped and report["deleted"] == ["@10", "@20"] and
        report["space_reclaimed"] == 63 + 1500'

    # Names that are gone or have moved since. The last of three deletions waits, whatever became of the others.
    three="\"images\": [$(image a:1 @20), $(image b:1 @10), $(image c:1 @30)]"
    changes() { # WHAT EXIT_CODE EXPRESSION ACTION_OF_A [MEMBERS]
        world "$three, \"on_delete\": {\"docker.io/library/a:1\": $4}${5:+, $5}"
        removes "$2"
        reports "$1" "$3"
    }
    changes "a name is gone" 0 'untagged == ["a:1", "c:1"] and skipped == {"b:1": "not_found"}' \
        '{"gone": "docker.io/library/b:1"}'
    changes "a name has moved" 0 'untagged == ["a:1", "c:1"] and skipped == {"b:1": "changed"}' \
        '{"moved": ["docker.io/library/b:1", "@30"]}'
    grep -q '^Images/Delete.*c:1" sync: true' "$folder/requests" || fail "the last deletion does not wait"
    changes "the name itself has moved" 0 'untagged == ["b:1", "c:1"] and skipped == {"a:1": "changed"}' \
        '{"moved": ["docker.io/library/a:1", "@30"]}'

    # Containers that appear during the run keep their images.
    changes "a new container" 0 'untagged == ["a:1", "c:1"]' "{\"container\": $(pod @12 b:1)}"
    says err 'kept: docker.io/library/b:1: a container uses it now'
    grep -q '^Images/Delete.*c:1" sync: true' "$folder/requests" || fail "the last deletion does not wait"
    changes "a new container on a new snapshot" 0 'untagged == ["a:1", "c:1"]' '{"container": {"id": "c9", "image": "x",
        "snapshotter": "overlayfs", "snapshot_key": "k"}, "snapshots": {"overlayfs": {'"$layers"', "k": ["@14", 1]}}}'
    changes "a container with the ID of one that ended" 0 'untagged == ["a:1"]' "{\"container\": $(pod @12 b:1)}" \
        "\"containers\": [$(pod @30 c:1)]"
    for fault in '["INTERNAL", "the list is lost"]' '["UNAVAILABLE", "the list is lost", "late"]'; do
        changes "containers cannot be read any more" 2 'untagged == ["a:1"]' \
            "{\"faults\": {\"Containers/ListStream\": $fault}}"
        says err 'containers.v1.Containers/ListStream: the list is lost'
        [ "$(deletes)" = 1 ] || fail "deletes without containers: $(cat "$folder/requests")"
    done
    changes "a new container cannot be read" 2 'untagged == ["a:1"]' '{"container": {"id": "c9", "metadata": "{"}}'

    # Errors of the server: the run goes on, and their messages are safe to print.
    changes "an error" 2 'untagged == ["b:1", "c:1"] and "on %0Afire %1B[31m %C3(" in failures["a:1"]' "[\"INTERNAL\", \"$fire\"]"
    says err '1 of 3 names could not be deleted'
    changes "an error of the second look" 2 'untagged == ["a:1", "c:1"] and "slow" in failures["b:1"]' \
        '{"gone": "docker.io/library/b:1", "faults": {"Images/Get": ["UNAVAILABLE", "slow"]}}'

    # A name that an image in use keeps must still be its name when another is deleted.
    for change in '"gone": "docker.io/library/b:1"' '"moved": ["docker.io/library/b:1", "@20"]'; do
        world "\"images\": [$(image a:1 @20), $(image b:1 @10), $(image c:1 @10)], \"containers\": [$(pod @12 b:1)],
            \"on_delete\": {\"docker.io/library/a:1\": {$change}}"
        removes 0
        reports "the survivor: $change" 'untagged == ["a:1"] and skipped == {"c:1": "survivor_gone"}'
        [ "$(deletes)" = 1 ] || fail "deletes the last name of an image in use: $(cat "$folder/requests")"
    done
}

test_thresholds() {
    ages="\"images\": [$(image app:1 @10 '{"updated_at": 1000}'), $(image other:1 @20 '{"updated_at": 2000}'),
        $(image new:1 @30 '{"updated_at": 4000000000}')]"
    terabytes='"content": {'$blobs', "@10": {"size": 1000000000000000}, "@20": {"size": 1000000000000000}}'
    world "\"root\": \"$folder\""
    containerd --save-listing - >"$folder/out"
    used=$("$grpc_python" -c 'import json, os, sys
found, listing = os.statvfs(sys.argv[2]), json.load(open(sys.argv[1]))
assert listing["capacity"] == found.f_blocks * found.f_frsize, listing["capacity"]
assert abs(listing["available"] - found.f_bavail * found.f_frsize) < listing["capacity"] / 100, listing["available"]
print(100 - listing["available"] * 100 // listing["capacity"])' "$folder/out" "$folder") || fail "the file system is not measured"
    if [ "$used" -ge 3 ] && [ "$used" -le 97 ]; then
        # Deletes the image that was used first, and no more than is needed.
        in_world "full" 'app:1' "\"root\": \"$folder\", $ages, $terabytes" --high $((used - 1)) --low $((used - 2))
        in_world "not full" '' "\"root\": \"$folder\", $ages, $terabytes" --high $((used + 2)) --low $((used - 2))
        in_world "not full, and one is too old" 'app:1 other:1' "\"root\": \"$folder\", $ages, $terabytes" \
            --high $((used + 2)) --low 0 --delete-unused 720h
        in_world "full, and all are young" 'app:1 other:1' "\"root\": \"$folder\", $ages" --high 1 --low 0 --keep-younger 24h
    else
        echo "pruneplan: --high is not tested on a file system of which $used % are used" >&2
    fi
    # Where the content is must be seen, if it counts.
    for root in '"root": "/nowhere/a\nb"' '"root": ""' '"leases": {}' '"root": "/proc"'; do
        world "$root"
        refused '--high: ' containerd --address "unix://$folder/containerd" --high 85 --low 80 --all --apply --yes
        deleted_nothing "$root"
        lists "without a root" '"capacity" not in listing' "$root"
    done
    world '"root": "/nowhere/a\nb"'
    refused '"/nowhere/a%0Ab"' containerd --address "unix://$folder/containerd" --high 85 --low 80
}

test_scale() {
    world '"many": 10000, "batch": 100'
    before=$(date +%s)
    count=$(containerd --all --format names | wc -l)
    [ "$count" = 10002 ] || fail "10,002 images: $count names"
    taken=$(($(date +%s) - before))
    [ $taken -lt 60 ] || fail "10,000 images take $taken s"
}

# shellcheck disable=SC1091
. "$here/../support/python.sh"
if "$pruneplan" containerd --address unix:///nowhere 2>&1 | grep -q 'built without gRPC'; then
    echo "pruneplan: containerd is not tested, since the program is built without it" >&2
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || failed=1
elif ! grpc_python=$(python_with 'google.protobuf, grpc') || ! command -v protoc >"$folder/why"; then
    echo "pruneplan: containerd is not tested: apt install python3-grpcio python3-protobuf protobuf-compiler" >&2
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || failed=1
else
    test_containerd
fi

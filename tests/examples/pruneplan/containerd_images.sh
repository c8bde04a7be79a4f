# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2034,SC2154 # containerd.sh sources it, and defines what it uses
# Tests what the source containerd makes of images, pins and containers.

test_mapping() {
    lists "a target leads to manifests, configurations, layers and snapshots" 'ids("app:1") == ["@11", "@12", "@14"] and
        sizes("app:1") == {"@10": 1, "@11": 2, "@12": 4, "@13": 8, "overlayfs/@14": 16, "overlayfs/@16": 32} and
        app["target"] == "@10" and app["size"] == 63 and listing["sizes_exact"]'
    lists "sizes of shared content are upper limits" 'not listing["sizes_exact"]' '"shared": {"a": [], "b": ["@77", "@13"]}'
    lists "sizes of content that is not shared are exact" 'listing["sizes_exact"]' '"shared": {"a": ["@77"], "b": []}'
    lists "a layer of two platforms counts once" 'app["size"] == 15 and ids("app:1") == ["@11", "@12", "@17"]' \
        '"content": {"@10": {"size": 1, "refs": {"m.0": "@11", "m.1": "@17"}}, "@11": {"size": 2, "refs": {"config":
        "@12", "l.0": "@13"}}, "@12": {"size": 4}, "@13": {"size": 8}, "@17": {"refs": {"config": "@12", "l.0": "@13"}}}'
    # Content that is not there has no size, and is no error.
    lists "layers that were discarded" 'app["size"] == 55 and "@13" not in ids("app:1")' "\"content\": {$blobs, \"@11\":
        {\"size\": 2, \"refs\": {\"config\": \"@12\", \"l.0\": \"@18\"}}}"
    lists "a target that is not there" 'app["target"] == "@10" and app["size"] == 0' '"content": {}'
    # Names of labels are as containerd's garbage collector reads them.
    lists "labels with other ends" 'ids("app:1") == ["@11", "@12", "@14"] and app["size"] == 55' '"content": {"@10": {"size": 1,
        "labels": {"containerd.io/gc.ref.content": "@11", "containerd.io/gc.ref.contents.m": "@20"}}, "@11": {"size": 2,
        "labels": {"containerd.io/gc.ref.content/config": "@12"}}, "@12": {"size": 4, "labels":
        {"containerd.io/gc.ref.snapshot.overlayfs/x": "@14"}}}'
    lists "labels that are not digests" 'app["size"] == 63' "\"content\": {$blobs, \"@10\": {\"size\": 1, \"refs\": {\"m.0\":
        \"@11\", \"m.1\": \"\", \"m.2\": \"x y\", \"m.3\": \"../..\", \"l.0\": \"sha256:\", \"config\": \"\\u0007\"}}}"

    # Circles, depth and width.
    lists "a circle of labels" 'app["size"] == 11 and ids("app:1") == ["@11", "@12"]' '"content": {"@10": {"size": 1, "refs":
        {"m.0": "@11", "m.1": "@10"}}, "@11": {"size": 2, "refs": {"config": "@12", "m.0": "@10"}}, "@12": {"size": 8,
        "refs": {"m.0": "@11"}}}'
    lists "a circle of snapshots" 'sizes("app:1")["overlayfs/@16"] == 2 and containers["c1"]["image_id"]' '"snapshots":
        {"overlayfs": {"@14": ["@16", 1], "@16": ["@14", 2], "@24": ["", 1], "a": ["b", 1], "b": ["a", 1]}}, "containers":
        [{"id": "c1", "image": "x", "snapshotter": "overlayfs", "snapshot_key": "a"}]'
    lists "a snapshot that is its own parent" 'sizes("app:1")["overlayfs/@14"] == 1' \
        '"snapshots": {"overlayfs": {"@14": ["@14", 1]}}'
    deep=$(awk 'BEGIN { for (i = 1000; i < 21000; ++i) printf "%s\"@%d\": {\"size\": 1, \"refs\": {\"m.0\": \"@%d\"}}",
        (i > 1000 ? ", " : ""), i, i + 1 }')
    lists "20,000 manifests, one in the other" 'app["size"] == 20000' \
        "\"images\": [$(image app:1 @1000)], \"content\": {$deep}"
    wide=$(awk 'BEGIN { for (i = 1000; i < 11000; ++i) printf "%s\"m.%d\": \"@%d\"", (i > 1000 ? ", " : ""), i, i }')
    lists "an index of 10,000 manifests" 'len(ids("app:1")) == 10000' "\"content\": {\"@10\": {\"refs\": {$wide}}}"

    # Subjects: what a manifest names, else cosign's tags.
    subject() { lists "subject of $2" "app.get('subject', '') == '$1'" "\"content\": {$blobs, \"@10\": $2}"; }
    subject @20 '{"data": "{\"subject\": {\"digest\": \"@20\"}}"}'
    subject '' '{"data": "{\"subject\": {\"digest\": 5}}"}'
    subject '' '{"data": "{\"subject\": \"@20\"}"}'
    subject '' '{"data": "[\"subject\"]"}'
    subject '' '{"data": "{\"subject\""}'
    subject '' '{"data": "\u0000\u001f\u008b"}'
    subject '' '{"data": ""}'
    brackets=$(printf '%0100000d' 0 | tr 0 '[')
    subject '' "{\"size\": 100000, \"data\": \"$brackets\"}"
    hex=$(printf '%064d' 20)
    for ending in sig att sbom; do
        lists "cosign's tag .$ending" "next(iter(names.values()))['subject'] == '@20'" \
            "\"images\": [$(image "app:sha256-$hex.$ending" @10)]"
    done
    in_world "a signature stays with its image" 'app:1' "\"images\": [$(image app:1 @12), $(image sig:1 @10),
        $(image other:1 @20)], \"content\": {$blobs,
        \"@10\": {\"data\": \"{\\\"subject\\\": {\\\"digest\\\": \\\"@20\\\"}}\"}}" --keep other:1
    world "\"content\": {$blobs, \"@10\": {\"size\": 9000000, \"refs\": {\"m.0\": \"@11\"}}}"
    plans "a target of 9 MB" 'app:1 other:1'
    ! short <"$folder/requests" | grep -q '^Content/Read .*"@10"' || fail "a target of 9 MB is read"

    # Times. A time that is missing, or is not one, is unknown.
    moments() { # WANTED CREATED UPDATED
        lists "times $2 and $3" "(app.get('created'), app.get('last_used')) == $1" "\"images\": [$(image app:1 @10 \
            "{\"created_at\": $2, \"updated_at\": $3}")]"
    }
    moments '("1970-01-01T00:16:40.000000005Z", "2026-01-01T00:00:00.000000000Z")' '[1000, 5]' 1767225600
    moments '("9999-12-31T23:59:59.000000000Z", None)' 253402300799 253402300800
    moments '(None, None)' -62135596800 -62135596801
    moments '(None, None)' 9223372036854775807 -9223372036854775808
    moments '(None, None)' '[1000, 1000000000]' '[1000, -1]'
    lists "no times" '"created" not in app and "last_used" not in app'
    # Sizes.
    lists "negative sizes" 'app["size"] == 63 - 8 - 16' "\"content\": {$blobs, \"@13\": {\"size\": -8}},
        \"snapshots\": {\"overlayfs\": {$layers, \"@14\": [\"@16\", -16]}}"
    huge=9223372036854775807
    world "\"content\": {$blobs, \"@11\": {\"size\": $huge, \"refs\": {\"config\": \"@12\", \"l.0\": \"@13\"}},
        \"@12\": {\"size\": 100}, \"@13\": {\"size\": 100}}"
    plans "sizes near 2^63" 'app:1 other:1'
    containerd --all --format json | "$grpc_python" -c '
import json, sys
plan = json.load(sys.stdin)
assert all(image["size"] > 2**62 for image in plan["images"] if image["id"].endswith("10")), plan["images"]
assert plan["space"]["freed"] > 2**62, plan["space"]' 2>"$folder/why" || fail "sizes near 2^63: $(tail -n 1 "$folder/why")"

    # Images that containerd itself does not make. Without a target, containerd deletes what a name points at.
    for image in '["", "@10"]' '["docker.io/library/app:1", ""]'; do
        world "\"images\": [$(image other:1 @20), $image]"
        containerd --all --apply --yes >"$folder/out" 2>"$folder/err" || :
        ! grep '^Images/Delete' "$folder/requests" | grep -v 'name: ".*target { digest' || fail "deletes without a target: $image"
        if containerd --save-listing - >"$folder/listing" 2>"$folder/err"; then
            "$pruneplan" listing "$folder/listing" >"$folder/out" 2>&1 || fail "a listing with $image: $(cat "$folder/out")"
        fi
    done
    unread 'docker.io/library/app:1' "\"images\": [$(image app:1 @10), $(image app:1 @20)]"
    world "\"images\": [[\"a\\u001b[31m\\nb\", \"@10\"], $(image other:1 @20)]"
    containerd --all >"$folder/out" 2>&1 || fail "a name with control characters: $(cat "$folder/out")"
    says out 'a%1B[31m%0Ab'
    ! grep -q "$(printf '\033')\[31m" "$folder/out" || fail "a name with control characters is printed"
    removes 0
    reports "a name with control characters" 'len(untagged) == 2'
    grep -qF 'name: "a\033[31m\nb"' "$folder/requests" || fail "another name is deleted: $(cat "$folder/requests")"
    # An image without a name that a user gave is dangling.
    lists "names of Kubernetes" 'not names["app:1"].get("dangling") and not names["@12"].get("dangling") and
        names["@22"].get("dangling") is True and names["overlayfs@@30"].get("dangling") is True' "\"images\":
        [$(image app:1 @10), [\"@12\", \"@10\"], [\"@22\", \"@20\"], [\"overlayfs@@30\", \"@30\"]]"
    # Kubernetes' part of containerd needs the ID of an image as a name: it is deleted with the last other one.
    ids="\"images\": [$(image app:1 @10), [\"@12\", \"@10\"], [\"@20\", \"@20\"], $(image other:1 @20)]"
    in_world "the ID of a kept image" "other:1 sha256:$(printf '%064d' 20)" "$ids" --keep app
    world "$ids"
    removes 0
    [ "$(deletes)" = 4 ] || fail "an ID goes with its image: $(deletes) deletions and not 4"
    short <"$folder/requests" | grep -q 'name: "@12" .*target { digest: "@10" }' || fail "an ID is deleted by another target"
    in_world "the ID of two targets, of which the other one is kept" other:1 "\"images\": [$(image app:1 @10),
        $(image other:1 @50), [\"@12\", \"@50\"]], \"content\": {$blobs, \"@50\": {\"refs\": {\"config\": \"@12\"}}}" \
        --keep app
    refused "containerd does not show the labels of images" containerd --address "unix://$folder/containerd" \
        --filter 'label!=keep'
    world '"namespaces": ["k8s.io", "default"]'
    refused 'containerd has no namespace "typo", but ' containerd --address "unix://$folder/containerd" --namespace typo
    # Snapshotters that do not run any more.
    lists "a snapshotter that is not loaded" 'app["size"] == 15' '"snapshots": {}'
}

# A pinned image keeps all its names.
test_pins() {
    pin='{"labels": {"io.cri-containerd.pinned": "pinned"}}'
    names="$(image app:1 @10), $(image other:1 @20)"
    in_world "nothing is pinned" 'app:1 other:1' ''
    in_world "pinned by a label of its only name" 'other:1' \
        "\"images\": [$(image app:1 @10 "$pin"), $(image other:1 @20)]"
    in_world "pinned by a label of another name" 'other:1' "\"images\": [$names, [\"@12\", \"@10\", $pin]]"
    in_world "pinned by a label of another target with its configuration" 'other:1' "\"images\": [$names,
        $(image two:1 @17 "$pin")], \"content\": {$blobs, \"@17\": {\"refs\": {\"config\": \"@12\"}}}"
    in_world "another value of the label" 'app:1 other:1' "\"images\": [$(image app:1 @10 \
        '{"labels": {"io.cri-containerd.pinned": ""}}'), $(image other:1 @20)]"
    # Leases.
    while IFS='|' read -r what wanted leases; do
        in_world "pinned: $what" "$wanted" "\"leases\": {$leases}"
    done <<END
a lease on the target|other:1|"l": {"@10": "content"}
a lease on a layer|other:1|"l": {"@13": "content"}
a lease on a configuration, in the second lease|app:1|"l": {}, "m": {"@77": "content", "@22": "content"}
a lease on a snapshot|other:1|"l": {"@14": "snapshots/overlayfs"}
a lease on a shared snapshot||"l": {"@16": "snapshots/overlayfs"}
a lease on a snapshot of another snapshotter|app:1 other:1|"l": {"@14": "snapshots/native"}
a lease on a name|other:1|"l": {"docker.io/library/app:1": "images"}
a lease on an upload|app:1 other:1|"l": {"upload": "ingests"}
a lease that has ended since|other:1|"l": null, "m": {"@10": "content"}
END
}

test_containers() {
    # What a container says of its images: (IMAGE_ID, IMAGE_REF, MOUNTS) for each name by which it uses one.
    while IFS='|' read -r uses container; do
        lists "container $container" "[(one['image_id'], one['image_ref'], one.get('mounts', []))
            for one in listing['containers']] == [$uses]" "\"snapshots\": {\"overlayfs\": {$layers,
            \"c1\": [\"@14\", 1], \"top\": [\"middle\", 1], \"middle\": [\"low\", 1], \"low\": [\"@24\", 1]}},
            \"containers\": [{\"id\": \"c1\", $container}]"
    done <<END
("@12", "app:1", []), ("@12", "@12", [])|"metadata": {"ImageRef": "@12", "Config": {"image": {"image": "@12", "user_specified_image": "app:1"}}}
("@12", "app:2", []), ("@12", "@12", [])|"metadata": {"ImageRef": "@12", "Config": {"image": {"image": "app:2"}, "mounts": null}}
("@12", "app:2", []), ("@12", "@12", [])|"image": "x", "metadata": {"ImageRef": "@12", "Config": {"image": {"image": "app:2"}, "mounts": [{"container_path": "/x"}]}}
("@12", "app:2", []), ("@12", "@12", []), ("", "data:1", ["data:1"]), ("", "@22", ["@22"])|"metadata": {"ImageRef": "@12", "Config": {"image": {"image": "app:2"}, "mounts": [{"image": {"image": "data:1"}}, {}, {"image": {"image": "@22"}, "container_path": "/x"}]}}
("@12", "app:2", []), ("@12", "@12", []), ("", "data:1", ["@22"]), ("", "@22", ["@22"])|"metadata": {"ImageRef": "@12", "Config": {"image": {"image": "app:2"}, "mounts": [{"image": {"image": "@22", "user_specified_image": "data:1"}}]}}
("@14", "docker.io/library/app:1", [])|"image": "docker.io/library/app:1", "snapshotter": "overlayfs", "snapshot_key": "c1"
("@24", "x", [])|"image": "x", "snapshotter": "overlayfs", "snapshot_key": "top"
|"labels": {"a": "b"}
END
    # What is in use, by the containers of others, whose tags have moved, and by those of Kubernetes.
    moved="\"images\": [$(image app:1 @20), $(image app:old @10), $(image free:1 @30)]"
    for key in c1 top; do
        in_world "the tag of a container of ctr has moved" 'free:1' "$moved, \"snapshots\": {\"overlayfs\": {$layers,
            \"c1\": [\"@14\", 1], \"top\": [\"c1\", 1]}}, \"containers\": [{\"id\": \"c1\", \"image\":
            \"docker.io/library/app:1\", \"snapshotter\": \"overlayfs\", \"snapshot_key\": \"$key\"}]"
    done
    # base:1 is the lowest layer of the others, and same:1 has the layers of app:1.
    based="\"images\": [$(image app:1 @10), $(image other:1 @20), $(image base:1 @40), $(image same:1 @50)],
        \"content\": {$blobs, \"@40\": {\"chain\": \"@16\"}, \"@50\": {\"chain\": \"@14\"}}"
    while IFS='|' read -r wanted parent; do
        in_world "a container of ctr on $parent" "$wanted" "$based, \"snapshots\": {\"overlayfs\": {$layers,
            \"c1\": [\"$parent\", 1]}}, \"containers\": [{\"id\": \"c1\", \"snapshotter\": \"overlayfs\",
            \"snapshot_key\": \"c1\"}]"
        [ ! -s "$folder/err" ] || fail "a container of ctr on $parent is doubted: $(cat "$folder/err")"
    done <<END
base:1 other:1|@14
app:1 other:1 same:1|@16
app:1 base:1 same:1|@24
END
    # A configuration without the label of its snapshot: its layers say the snapshot's name.
    layer=$(printf 'sha256:%064d' 61) chain=$(printf 'sha256:%064d sha256:%064d' 61 62 | sha256sum | cut -d ' ' -f 1)
    layers_of='{\"rootfs\": {\"diff_ids\": [\"'"$layer"'\", \"sha256:'$(printf '%064d' 62)'\"]}}'
    unlabelled="\"content\": {$blobs, \"@12\": {\"size\": 4, \"data\": \"$layers_of\"}}"
    for parent in "sha256:$chain" "$layer"; do
        case $parent in "$layer") wanted='app:1 other:1' ;; *) wanted=other:1 ;; esac
        in_world "a container on $parent" "$wanted" "$unlabelled, \"snapshots\": {\"overlayfs\": {$layers, \"c1\":
            [\"$parent\", 1]}}, \"containers\": [{\"id\": \"c1\", \"snapshotter\": \"overlayfs\",
            \"snapshot_key\": \"c1\"}]"
    done
    in_world "the tag of a pod has moved" 'free:1' "$moved, \"containers\": [$(pod @12 app:1)]"
    in_world "two targets with one configuration" 'other:1' "\"images\": [$(image app:1 @10), $(image app:2 @11),
        $(image other:1 @20)], \"containers\": [$(pod @12 app:3)]"
    # A pod runs what app:1 was. All names of that image stay, and app:1 is unused, as kubelet has it.
    in_world "kubelet's rule" 'app:1' "\"images\": [$(image app:1 @20), $(image app@@10 @10), [\"@12\", \"@10\"]],
        \"containers\": [$(pod @12 app:1)]" --rule engine
    # Image volumes: the folder on the host has the name of the target. Without it, every image could be meant.
    volume() { printf '{"image": {"image": "docker.io/library/%s"}, "host_path": "/x/image-volumes/sandbox/%064d%s"}' "$1" "$2" "${3:-}"; }
    unknown='{"image": {"image": "docker.io/library/app:1"}}'
    while IFS='|' read -r what wanted mounts; do
        in_world "$what" "$wanted" "$moved, \"containers\": [$(pod @12 app:old "$mounts")]"
    done <<END
an image volume|free:1|$(volume app:1 20)
a folder of an image volume|free:1|$(volume app:1 20 /data)
an image volume whose tag has moved||$(volume app:1 30)
two image volumes||$(volume app:1 20), $(volume free:1 30)
an image volume that is not known||$unknown
two image volumes, one of them not known||$(volume app:1 20), $unknown
a folder|app:1 free:1|{"container_path": "/x"}
END

    # What cannot be read of a container's image is an error or a doubt: nothing is deleted.
    head='{"Metadata": {"ImageRef": "sha256:'$(printf '%064d' 12)'", "Config":'
    while IFS= read -r metadata; do
        text=$(printf '%s' "$metadata" | sed 's/"/\\"/g')
        world "\"containers\": [{\"id\": \"c1\", \"image\": \"docker.io/library/app:1\", \"metadata\": \"$text\"}]"
        code=0
        containerd --all --apply --yes >"$folder/out" 2>"$folder/err" || code=$?
        case $code in 2 | 3) ;; *) fail "exit code $code for a container with $metadata" ;; esac
        deleted_nothing "$metadata"
    done <<END

{
null
5
[]
{}
{"Metadata": null}
{"Metadata": []}
{"Metadata": {"ImageRef": 5, "Config": {"image": {"image": "app:1"}}}}
$head null}}
$head []}}
$head {"image": null}}}
$head {"image": "app:1"}}}
$head {"image": {"image": 5}}}}
$head {"image": {"image": "app:1"}, "mounts": "other:1"}}}
$head {"image": {"image": "app:1"}, "mounts": {"image": {"image": "other:1"}}}}}
$head {"image": {"image": "app:1"}, "mounts": ["other:1"]}}}
$head {"image": {"image": "app:1"}, "mounts": [{"image": "other:1"}]}}}
$head {"image": {"image": "app:1"}, "mounts": [{"image": {"image": 5}}]}}}
$head {"image": {"image": "\u00ff"}}}}
$head {"image": {"image": "app:1"}}}} and more
END
    # So is a container whose snapshot is lost, or whose snapshotter does not run any more: its tag can have moved.
    for lost in '"snapshotter": "overlayfs", "snapshot_key": "c1"' '"snapshotter": "native", "snapshot_key": "c1"' \
        '"snapshotter": "overlayfs"' '"labels": {}'; do
        world "\"containers\": [{\"id\": \"c1\", \"image\": \"docker.io/library/app:1\", $lost}]"
        removes 3
        says err 'doubt: unmatched_container: container c1'
        deleted_nothing "$lost"
    done
}

#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh registry.sh WORK_DIR [PRUNEPLAN]: tests `pruneplan registry` with a real registry, which it starts on a loopback
# port and fills, and replays the transcript in examples/README.md; WORK_DIR/transcript is what it should show. Without
# PRUNEPLAN or a tool that it needs, it ends with 77, or with 1 if PRUNEPLAN_REQUIRE_TOOLS is set.
set -eu
tools="docker-registry curl python3 sha256sum"
. "$(dirname "$0")/registry_setup.sh"
readme=$here/../../examples/README.md

registry_process=
stop_registry() {
    [ -z "$registry_process" ] || kill "$registry_process" 2>/dev/null || :
    [ -z "$registry_process" ] || wait "$registry_process" 2>/dev/null || :
    registry_process=
}
trap stop_registry EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "FAILED: $*"
    [ ! -f out ] || cat out
    exit 1
}

configure() { # DELETE_ENABLED PORT
    cat >config.yml <<END
version: 0.1
log:
  level: error
storage:
  filesystem:
    rootdirectory: $work/registry
  delete:
    enabled: $1
http:
  addr: 127.0.0.1:$2
END
}

# If the port is in use, the registry ends at once, and the next port is tried.
start_registry() { # DELETE_ENABLED
    port=$((20000 + $$ % 20000))
    for attempt in 1 2 3 4 5 6 7 8 9; do
        port=$((port + attempt))
        configure "$1" "$port"
        OTEL_TRACES_EXPORTER=none docker-registry serve config.yml >registry.log 2>&1 &
        registry_process=$!
        for moment in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            kill -0 "$registry_process" 2>/dev/null || break
            if curl --silent --fail --output /dev/null "http://127.0.0.1:$port/v2/"; then
                url=http://127.0.0.1:$port
                return 0
            fi
            sleep "0.$((moment / 4))5"
        done
        stop_registry
    done
    cat registry.log
    fail "the registry does not start"
}

digest_of() { printf 'sha256:%s' "$(sha256sum "$1" | cut -d ' ' -f 1)"; }
size_of() { wc -c <"$1" | tr -d ' '; }

push_blob() { # REPOSITORY FILE
    place=$(curl --silent --fail --request POST --dump-header - --output /dev/null "$url/v2/$1/blobs/uploads/" |
        tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
    curl --silent --fail --output /dev/null --request PUT --header 'Content-Type: application/octet-stream' \
        --data-binary "@$2" "$place&digest=$(digest_of "$2")"
}

push_manifest() { # REPOSITORY TAG FILE MEDIA_TYPE
    curl --silent --fail --output /dev/null --request PUT --header "Content-Type: $4" --data-binary "@$3" \
        "$url/v2/$1/manifests/$2"
}

docker=application/vnd.docker
oci=application/vnd.oci.image
docker_manifest=$docker.distribution.manifest.v2+json
oci_manifest=$oci.manifest.v1+json
oci_index=$oci.index.v1+json

descriptor() { # MEDIA_TYPE FILE
    printf '"mediaType":"%s","size":%s,"digest":"%s"' "$1" "$(size_of "$2")" "$(digest_of "$2")"
}

# Makes the manifest of an image with one layer, created on this day.
manifest() { # REPOSITORY DAY CONTENT MEDIA_TYPE CONFIG_TYPE LAYER_TYPE
    printf '%s' "$3" >layer
    printf '{"architecture":"amd64","os":"linux","created":"2024-01-%sT00:00:00.5Z",' "$2" >config
    printf '"rootfs":{"type":"layers","diff_ids":["%s"]}}' "$(digest_of layer)" >>config
    push_blob "$1" layer
    push_blob "$1" config
    printf '{"schemaVersion":2,"mediaType":"%s","config":{%s},"layers":[{%s}]}' "$4" \
        "$(descriptor "$5" config)" "$(descriptor "$6" layer)" >manifest
}

# Pushes an image with any number of tags.
image() { # REPOSITORY DAY CONTENT TAG...
    repository=$1
    manifest "$1" "$2" "$3" "$docker_manifest" "$docker.container.image.v1+json" "$docker.image.rootfs.diff.tar.gzip"
    shift 3
    for tag; do
        push_manifest "$repository" "$tag" manifest "$docker_manifest"
    done
}

# Pushes an index of one image, whose manifest has no tag of its own.
index() { # REPOSITORY DAY CONTENT TAG
    manifest "$1" "$2" "$3" "$oci_manifest" "$oci.config.v1+json" "$oci.layer.v1.tar"
    push_manifest "$1" "$(digest_of manifest)" manifest "$oci_manifest"
    printf '{"schemaVersion":2,"mediaType":"%s","manifests":[{%s,"platform":{"architecture":"amd64","os":"linux"}}]}' \
        "$oci_index" "$(descriptor "$oci_manifest" manifest)" >index
    push_manifest "$1" "$4" index "$oci_index"
}

tag_digest() { # REPOSITORY TAG: nothing, if there is no such tag
    curl --silent --head --header "Accept: $docker_manifest, $oci_index" "$url/v2/$1/manifests/$2" | tr -d '\r' |
        sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: //p'
}

tags() { # REPOSITORY: its tags on one line
    curl --silent "$url/v2/$1/tags/list" | sed 's/.*"tags"://; s/[]"}[]//g' | tr ',' '\n' | sort | tr '\n' ' ' |
        sed 's/ $//'
}

prune() { # WANTED_EXIT_CODE ARGUMENT...
    wanted=$1
    shift
    code=0
    "$program" registry "$url" --name registry.example.com "$@" >out 2>err </dev/null || code=$?
    [ "$code" = "$wanted" ] || fail "exit code $code and not $wanted: $* ($(cat err))"
}

deletes() { # NAMES ARGUMENT...: plans to delete these names, such as "app:1 app:2", and no others
    wanted_names=$(for name in $1; do echo "$name"; done | sort)
    shift
    prune 0 --format names "$@"
    [ "$(sed 's|^registry.example.com/team/||' out | sort)" = "$wanted_names" ] ||
        fail "not to be deleted: $wanted_names"
}

says() { grep -qF -- "$1" out || fail "the output does not hold \"$1\""; }
complains() { grep -qF -- "$1" err || fail "standard error does not hold \"$1\", but: $(cat err)"; }
has_tags() { [ "$(tags "$1")" = "$2" ] || fail "$1 has the tags \"$(tags "$1")\" and not \"$2\""; }

fill() {
    rm -rf registry
    start_registry true
    image team/app 01 'app, the first' 1
    image team/app 02 'app, the second' 2 stable
    image team/app 03 'app, the third' 3
    image team/app 04 'app, the fourth' 4 latest
    image team/tools 01 'tools, the first' 1 release-1
    image team/tools 02 'tools, the second' 2 nightly
    image team/tools 03 'tools, the third' 3
    image team/copy 01 'app, the first' 1
    index team/web 01 'web, the first' 1
    index team/web 02 'web, the second' 2
}

# A dry run changes nothing. A digest that several tags share is deleted only with all of them.
fill
keep_some() { # deletes app:1, app:3, tools:1 with release-1, tools:2 with nightly, and web:1
    "$@" --keep 'registry.example.com/team/app:stable' --keep-newest 1
}
keep_some deletes 'app:1 app:3 tools:1 tools:2 tools:nightly tools:release-1 web:1'
configurations=$(grep -c '"GET /v2/[^ ]*/blobs/.*"pruneplan/' registry.log || :)
[ "$configurations" = 9 ] || fail "9 configurations are read by $configurations requests"
keep_some prune 0
says 'Nothing was deleted yet.'
grep -q '^keep .*team/app:2 .*keeps another name' out || fail "the tag that shares a kept digest is not explained"
has_tags team/app '1 2 3 4 latest stable'
echo "ok: a dry run"

keep_some prune 0 --apply --yes
says 'untagged: registry.example.com/team/app:1'
has_tags team/app '2 4 latest stable'
has_tags team/tools '3'
has_tags team/copy '1'
has_tags team/web '2'
[ "$(grep -c '^deleted: team/tools@' out)" = 2 ] || fail "the two images of team/tools are not deleted once each"
grep -q '^skipped: ' out && fail "a tag of a deleted digest is skipped"
[ -n "$(tag_digest team/app 2)" ] || fail "a kept tag is gone"
# A second run has nothing to delete.
keep_some deletes ''
echo "ok: shared digests, and the newest of each repository"

# The space is what the registry's own garbage collection frees. Indexes are left out: the registry frees the manifests
# of an index only with --delete-untagged.
prune 0 --keep 'registry.example.com/team/web:*' --keep 'registry.example.com/team/copy:*' --apply --yes
bytes() { find registry/docker/registry/v2/blobs -name data -exec cat {} + | wc -c | tr -d ' '; }
before=$(bytes)
stop_registry
docker-registry garbage-collect config.yml >gc.log 2>&1 || fail "garbage-collect: $(cat gc.log)"
after=$(bytes)
[ "$before" -gt "$after" ] || fail "the garbage collection frees nothing"
start_registry true
echo "ok: applied, then garbage-collected: $before bytes of blobs, then $after"
deletes '' --keep 'registry.example.com/**'
stop_registry

# A signature, an attestation and an SBOM by cosign's tags are kept and deleted with their image. One whose image is not
# in the registry is a tag like any other.
rm -rf registry
start_registry true
for number in 1 2; do
    image team/app "0$number" "app $number" "$number"
    signed=$(tag_digest team/app "$number" | tr : -)
    for ending in sig att sbom; do image team/app 20 "$ending of $number" "$signed.$ending"; done
done
image team/app 21 'signature of nothing' "sha256-$(printf '%064d' 0).sig"
deletes "app:2 app:$signed.sig app:$signed.att app:$signed.sbom app:sha256-$(printf '%064d' 0).sig" \
    --keep 'registry.example.com/team/app:1'
prune 0 --keep 'registry.example.com/team/app:1' --apply --yes
[ "$(tags team/app | wc -w)" = 4 ] || fail "team/app has the tags $(tags team/app)"
grep -c '^deleted: ' out | grep -qx 5 || fail "an attachment was not deleted"
stop_registry

# An OCI artifact without a tag of its own, which a client lists under the fallback tag of its subject, too.
rm -rf registry
start_registry true
for number in 1 2; do
    image team/app "0$number" "app $number" "$number"
    signed=$(tag_digest team/app "$number")
    printf '{}' >empty
    push_blob team/app empty
    printf '{"schemaVersion":2,"mediaType":"%s","artifactType":"application/x.sbom","config":{%s},"layers":[{%s}],' \
        "$oci_manifest" "$(descriptor application/vnd.oci.empty.v1+json empty)" \
        "$(descriptor application/vnd.oci.empty.v1+json empty)" >artifact
    printf '"subject":{"mediaType":"%s","digest":"%s","size":1}}' "$docker_manifest" "$signed" >>artifact
    push_manifest team/app "$(digest_of artifact)" artifact "$oci_manifest"
    printf '{"schemaVersion":2,"mediaType":"%s","manifests":[{%s}]}' "$oci_index" \
        "$(descriptor "$oci_manifest" artifact)" >referrers
    push_manifest team/app "$(printf '%s' "$signed" | tr : -)" referrers "$oci_index"
done
deletes "app:2 app:$(printf '%s' "$signed" | tr : -) app@$(digest_of artifact)" --keep 'registry.example.com/team/app:1'
prune 0 --keep 'registry.example.com/team/app:1' --apply --yes
[ "$(tags team/app | wc -w)" = 2 ] || fail "team/app has the tags $(tags team/app)"
[ -z "$(tag_digest team/app "$(digest_of artifact)")" ] || fail "the artifact is left over"
echo "ok: signatures"

# Without a terminal, --apply needs --yes.
prune 2 --apply
complains '--yes'
[ "$(tags team/app | wc -w)" = 2 ] || fail "something was deleted without a question"
stop_registry
echo "ok: no terminal"

# The estimate is exact for images without shared blobs.
rm -rf registry
start_registry true
image team/app 01 "$(printf '%0700d' 1)" 1
image team/app 02 "$(printf '%0900d' 2)" 2
before=$(bytes)
prune 0 --keep-newest 1 --apply --yes
stop_registry
docker-registry garbage-collect config.yml >gc.log 2>&1
freed=$((before - $(bytes)))
says "Total reclaimed space: at most $(awk -v bytes="$freed" 'BEGIN { printf "%.4gkB", bytes / 1000 }')"
echo "ok: the estimate is what garbage-collect frees: $freed bytes"

# Images in use are kept: by tag, by digest, by both, and by a listing of an engine.
fill
first=$(tag_digest team/app 1)
second=$(tag_digest team/app 2)
tools=$(tag_digest team/tools 1)
{
    echo '# in use'
    echo "$first"
    echo "registry.example.com/team/web:1"
} >used.txt
engine_listing() { # CONTAINER...: each is the members of an object
    printf '{"format":1,"source":"docker","rule":"graph_driver","records":['
    printf '{"name":"registry.example.com/team/app@%s","target":"sha256:%064d"}],"containers":[' "$second" 7
    separator=
    for container; do
        printf '%s{%s}' "$separator" "$container"
        separator=,
    done
    printf ']}'
}
engine_listing "$(printf '"image_id":"sha256:%064d","image_ref":"anything"' 7)" \
    "$(printf '"image_id":"sha256:%064d","image_ref":"registry.example.com/team/tools:9@%s"' 8 "$tools")" \
    "$(printf '"image_id":"sha256:%064d","image_ref":"alpine:3"' 9)" >engine.json
prune 0 --used used.txt --used-by engine.json
grep -q '^doubt:' err && fail "there are doubts: $(cat err)"
prune 0 --used used.txt --used-by engine.json --apply --yes
has_tags team/app '1 2 stable'
has_tags team/copy '1'
has_tags team/tools '1 release-1'
has_tags team/web '1'
echo "ok: what is in use"
stop_registry

# A use that means no image of the registry is a doubt, and with a doubt --apply deletes nothing.
fill
doubtful() { # WORDS...
    prune 0 --used used.txt --used-by engine.json
    for words; do
        grep '^doubt: unmatched_container: ' err | grep -qF -- "$words" || fail "no doubt has \"$words\": $(cat err)"
    done
    prune 3 --used used.txt --used-by engine.json --apply --yes
    complains '--accept unmatched_container'
    has_tags team/app '1 2 3 4 latest stable'
    has_tags team/web '1 2'
}
engine_listing >engine.json
for use in rgeistry.example.com/team/app:1 registry.example.com/team/app:01 registry.example.com/team/web \
    registry.example.com/team/ap:1 "sha256:$(printf '%064d' 1)" \
    "registry.example.com/team/app@sha256:$(printf '%064d' 1)"; do
    printf '# in use\n%s\n' "$use" >used.txt
    doubtful 'line 2 of used.txt' "$(printf '%.60s' "$use")"
done
echo registry.example.com/team/app:1 >used.txt
engine_listing "$(printf '"image_id":"sha256:%064d","image_ref":"registry.example.com/team/app:gone","name":"web"' 6)" \
    >engine.json
doubtful 'web of engine.json' registry.example.com/team/app:gone
prune 0 --used used.txt --used-by engine.json --accept unmatched_container --apply --yes
has_tags team/app '1'
prune 0 --keep nothing
complains 'doubt: unmatched_pattern: '
echo "ok: doubts"
stop_registry

# A kept index keeps the manifests that it lists, and a manifest in use keeps the indexes that list it.
rm -rf registry
start_registry true
image team/multi 01 'multi, the first' 1.0
for platform in arm64 amd64; do
    manifest team/multi 02 "multi for $platform" "$oci_manifest" "$oci.config.v1+json" "$oci.layer.v1.tar"
    push_manifest team/multi "1.1-$platform" manifest "$oci_manifest"
    mv manifest "manifest.$platform"
done
printf '{"schemaVersion":2,"mediaType":"%s","manifests":[{%s},{%s}]}' "$oci_index" \
    "$(descriptor "$oci_manifest" manifest.amd64)" "$(descriptor "$oci_manifest" manifest.arm64)" >index
push_manifest team/multi 1.1 index "$oci_index"
part=$(digest_of manifest.amd64)
for use in registry.example.com/team/multi:1.1 "registry.example.com/team/multi@$part" "$part"; do
    echo "$use" >used.txt
    deletes 'multi:1.0' --used used.txt
done
deletes 'multi:1.0' --keep '**:1.1'
prune 0 --used used.txt --apply --yes
has_tags team/multi '1.1 1.1-amd64 1.1-arm64'
prune 0 --apply --yes
has_tags team/multi 'null'
echo "ok: indexes"
stop_registry

# Tags that change between the plan and the deletion. A journal that nobody reads yet holds the deletion back.
fill
rm -f saved journal
mkfifo journal
"$program" registry "$url" --name registry.example.com --keep '**/app:*' --keep '**/tools:*' --save-listing saved \
    --journal journal --apply --yes >out 2>err </dev/null &
pruning=$!
for moment in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -s saved ] && break
    sleep 0.5
done
kept=$(tag_digest team/copy 1)
curl --silent --output late --header "Accept: $docker_manifest" "$url/v2/team/copy/manifests/1"
push_manifest team/copy late late "$docker_manifest"
image team/web 09 'web, the third' 2
moved=$(curl --silent --head --header "Accept: $docker_manifest" "$url/v2/team/web/manifests/2")
cat journal >journal.read
wait "$pruning" || fail "exit code $?: $(cat err)"
says 'skipped: registry.example.com/team/copy:1: in_use'
says 'skipped: registry.example.com/team/web:2: changed'
says 'untagged: registry.example.com/team/web:1'
has_tags team/copy '1 late'
[ "$(tag_digest team/copy late)" = "$kept" ] || fail "the late tag points elsewhere"
has_tags team/web 2
printf '%s' "$moved" | grep -q "$(tag_digest team/web 2)" || fail "the moved tag points elsewhere"
complains 'note: apply: a registry cannot compare and delete in one step'
echo "ok: tags that change after the plan"
stop_registry

# 120 tags, 100 of them deleted, in at most 10 seconds and 201 requests: two for each deletion, and a list of tags.
rm -rf registry
start_registry true
python3 - "$url" <<'END'
import hashlib, http.client, json, sys

connection = http.client.HTTPConnection(sys.argv[1].partition("//")[2])


def send(method, path, body=b"", kind="application/octet-stream"):
    connection.request(method, path, body, {"Content-Type": kind})
    answer = connection.getresponse()
    answer.read()
    assert answer.status < 300, (method, path, answer.status)
    return answer.headers.get("Location", "")


def push(content, kind):
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    place = send("POST", "/v2/team/many/blobs/uploads/")
    send("PUT", place[place.index("/v2/"):] + "&digest=" + digest, content)
    return {"mediaType": kind, "digest": digest, "size": len(content)}


oci = "application/vnd.oci.image."
for number in range(120):
    layer = push(f"layer {number}".encode(), oci + "layer.v1.tar")
    created = f"2024-{number // 28 + 1:02}-{number % 28 + 1:02}T00:00:00Z"
    config = push(json.dumps({"created": created}).encode(), oci + "config.v1+json")
    manifest = {"schemaVersion": 2, "mediaType": oci + "manifest.v1+json", "config": config, "layers": [layer]}
    send("PUT", f"/v2/team/many/manifests/{number}", json.dumps(manifest).encode(), oci + "manifest.v1+json")
END
asked() { grep -c '"[A-Z]* /v2/[^"]*" [0-9]* .*"pruneplan/' registry.log || :; }
prune 0 --keep-newest 20 --format names
planned=$(asked)
{ [ "$planned" -gt 240 ] && [ "$planned" -le 245 ]; } || fail "$planned requests for a plan of 120 tags"
began=$(date +%s)
prune 0 --keep-newest 20 --apply --yes
seconds=$(($(date +%s) - began))
[ "$(grep -c '^untagged: ' out)" = 100 ] || fail "100 tags are not deleted"
[ "$(tags team/many | wc -w)" = 20 ] || fail "20 tags are not left"
applied=$(($(asked) - 2 * planned))
[ "$applied" -le 201 ] || fail "$applied requests for 100 deletions"
[ "$seconds" -le 10 ] || fail "planning for 120 tags and deleting 100 took $seconds s"
echo "ok: 120 tags: $planned requests for the plan, $applied for 100 deletions, at most $((seconds + 1)) s"
stop_registry

# A registry that forbids deletions, one that cannot be reached, and invalid arguments.
fill
stop_registry
start_registry false
prune 2 --apply --yes
says 'failed: registry.example.com/team/app:1: deletion is disabled: '
complains 'names could not be deleted'
has_tags team/app '1 2 3 4 latest stable'
prune 2 --used no-such-file
complains 'cannot read "no-such-file"'
echo 'Not A Reference' >used.txt
prune 2 --used used.txt
complains 'line 1 of used.txt'
prune 2 --repository team/none
complains '--repository "team/none" holds no image'
deletes 'copy:1' --repository team/copy
deletes 'copy:1' --repository registry.example.com/team/copy
stop_registry
prune 2
complains 'pruneplan: '
[ "$(wc -l <err)" -eq 1 ] || fail "not one line on standard error"
echo "ok: failures"

# The transcript in examples/README.md. How long ago an image was created depends on the clock.
fill
echo "registry.example.com/team/app:1" >used.txt
plan="pruneplan registry http://127.0.0.1:5000 --name registry.example.com --keep-newest 1 --keep '**:release-*'"
plan="$plan --used used.txt"
for command in 'cat used.txt' "$plan" "$plan --apply --yes --quiet"; do
    printf '$ %s\n' "$command"
    real=$(printf '%s' "$command" | sed "s|http://127.0.0.1:5000|$url|; s|^pruneplan|'$program'|")
    sh -c "$real" 2>&1 </dev/null
done >transcript
awk '/^```/ { shows = 0 } shows { print } /^```console$/ { shows = 1 }' "$readme" |
    awk '/^\$ / { registry = /pruneplan registry/ || /used.txt/ } registry' >shown
timeless() { sed 's/[0-9]* \(months\|years\) ago/long ago/; s/   */  /g' "$1"; }
timeless shown >shown.timeless
timeless transcript >transcript.timeless
if ! cmp -s shown.timeless transcript.timeless; then
    diff shown transcript || :
    fail "examples/README.md does not show what pruneplan prints, which is in $work/transcript"
fi
echo "ok: the transcript"

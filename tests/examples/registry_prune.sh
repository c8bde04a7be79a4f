#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh registry_prune.sh WORK_DIR [REGISTRY_PRUNE]: tests registry_prune with a real registry, which it starts on a
# loopback port and fills, and replays the transcript in examples/README.md. Without REGISTRY_PRUNE (nlohmann_json was not found)
# or a tool that it needs, it ends with 77, or with 1 if PRUNEPLAN_REQUIRE_TOOLS is set.
set -eu
export LC_ALL=C

mkdir -p "$1"
work=$(cd "$1" && pwd)
program=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
readme=$here/../../examples/README.md

skip() {
    echo "skipped: $*"
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
}
[ -n "$program" ] || skip "registry_prune is not built: nlohmann_json was not found"
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
for tool in docker-registry curl sha256sum; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done

rm -rf "${work:?}"
mkdir -p "$work"
cd "$work"

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
    "$program" --registry "$url" --name registry.example.com "$@" >out 2>err || code=$?
    [ "$code" = "$wanted" ] || fail "exit code $code and not $wanted: $* ($(cat err))"
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

# The transcript in examples/README.md.
fill
echo "registry.example.com/team/app:1" >used.txt
awk '/^```/ { shows = 0 } shows { print } /^```console$/ { held = 1; shows = 1 }' "$readme" |
    awk '/^\$ / { registry = /registry/ || /used.txt/ } registry' >transcript
grep -q '^\$ registry_prune ' transcript || fail "examples/README.md shows no registry_prune"
sed -n 's/^\$ //p' transcript | while IFS= read -r command; do
    printf '$ %s\n' "$command"
    real=$(printf '%s' "$command" | sed "s|http://127.0.0.1:5000|$url|; s|^registry_prune|'$program'|")
    sh -c "$real" 2>&1
done >replayed
if ! cmp -s transcript replayed; then
    diff transcript replayed || :
    fail "examples/README.md does not show what registry_prune prints"
fi
echo "ok: the transcript"
stop_registry

# A dry run changes nothing.
fill
prune 0 --keep 'registry.example.com/team/app:stable' --keep-newest 1
says '7 of 14 tags are to be deleted'
grep -q '^keep .*team/app:2 .*image_stays' out || fail "the tag that shares a kept digest is not image_stays"
has_tags team/app '1 2 3 4 latest stable'
says 'This was a dry run'
echo "ok: a dry run"

# A digest that several tags share is deleted only with all of them, by one request.
prune 0 --keep 'registry.example.com/team/app:stable' --keep-newest 1 --apply --yes
says 'untagged: registry.example.com/team/app:1'
has_tags team/app '2 4 latest stable'
has_tags team/tools '3'
has_tags team/copy '1'
has_tags team/web '2'
[ "$(grep -c '^deleted: team/tools@' out)" = 2 ] || fail "the two images of team/tools are not deleted once each"
[ -n "$(tag_digest team/app 2)" ] || fail "a kept tag is gone"
echo "ok: shared digests, and the newest of each repository"

# A second run has nothing to delete.
prune 0 --keep 'registry.example.com/team/app:stable' --keep-newest 1 --apply --yes
says '0 of 7 tags are to be deleted'

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
prune 0 --keep 'registry.example.com/**' --keep 'registry.example.com/team/*'
says '0 of 2 tags'
stop_registry

# A signature, an attestation and an SBOM by cosign's tags are kept and deleted with their image. One whose image is not in
# the registry is a tag like any other.
rm -rf registry
start_registry true
for number in 1 2; do
    image team/app "0$number" "app $number" "$number"
    signed=$(tag_digest team/app "$number" | tr : -)
    for ending in sig att sbom; do image team/app 20 "$ending of $number" "$signed.$ending"; done
done
image team/app 21 'signature of nothing' "sha256-$(printf '%064d' 0).sig"
prune 0 --keep 'registry.example.com/team/app:1'
says '5 of 9 tags are to be deleted'
grep -c '^keep .* attached$' out | grep -qx 3 || fail "the attachments of a kept image are not kept"
grep -c '^delete .* attached_to_deleted$' out | grep -qx 3 || fail "the attachments of a deleted image are not deleted"
prune 0 --keep 'registry.example.com/team/app:1' --apply --yes
[ "$(tags team/app | wc -w)" = 4 ] || fail "team/app has the tags $(tags team/app)"
says 'untagged: registry.example.com/team/app:2'
grep -c '^deleted: ' out | grep -qx 5 || fail "an attachment was not deleted"
echo "ok: signatures"

# Without a terminal, --apply needs --yes.
prune 2 --apply </dev/null
complains '--apply asks before it removes, and there is no terminal to ask on: give --yes'
echo "ok: no terminal"

# Pages are followed as the registry names them. A page that is missing, is elsewhere, or was read is an error.
cat >paging_curl <<'END'
#!/bin/sh
for word; do last=$word; done
case $last in
*/v2/_catalog\?n=100)
    printf 'HTTP/1.1 200 OK\r\nLink: <%s>; rel="next"\r\n\r\n{"repositories":[]}' "$NEXT_PAGE"
    ;;
*/v2/_catalog\?cursor=ab%2Fc) printf 'HTTP/1.1 200 OK\r\n\r\n{"repositories":["team/app"]}' ;;
*/v2/_catalog*) printf 'HTTP/1.1 404 Not Found\r\n\r\n{}' ;;
*) exec curl "$@" ;;
esac
END
chmod +x paging_curl
page() { # WANTED_EXIT_CODE LINK
    NEXT_PAGE=$2
    export NEXT_PAGE
    prune "$1" -- ./paging_curl
}
page 0 '/v2/_catalog?cursor=ab%2Fc'
says ' of 4 tags'
page 0 "$url/v2/_catalog?cursor=ab%2Fc"
says ' of 4 tags'
page 2 '/v2/_catalog?n=100'
complains "_catalog: the registry's pages lead back to one that was read"
page 2 '/v2/_catalog?missing'
complains '_catalog?missing: status 404'
page 2 'https://elsewhere.example.com/v2/_catalog'
complains 'is not one of'
stop_registry
echo "ok: pages"

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
says "frees at most $(awk -v bytes="$freed" 'BEGIN { printf "%.3gkB", bytes / 1000 }')"
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
{
    printf 'engine\tdocker\tgraph_driver\n'
    printf 'image\tregistry.example.com/team/app@%s\tsha256:%064d\n' "$second" 7
    printf 'container\tsha256:%064d\tanything\n' 7
    printf 'container\tsha256:%064d\tregistry.example.com/team/tools:9@%s\n' 8 "$tools"
    printf 'container\tsha256:%064d\talpine:3\n' 9
} >engine.listing
prune 0 --used used.txt --listing engine.listing
[ ! -s err ] || fail "there are doubts: $(cat err)"
grep -q 'team/app:stable .*image_in_use (registry.example.com/team/app@' out || fail "the use of an image is not shown"
prune 0 --used used.txt --listing engine.listing --apply --yes
has_tags team/app '1 2 stable'
has_tags team/copy '1'
has_tags team/tools '1 release-1'
has_tags team/web '1'
echo "ok: what is in use"
stop_registry

# A use that means no image of the registry is a doubt, and with a doubt --apply deletes nothing.
fill
doubtful() { # SENTENCE
    prune 0 --used used.txt --listing engine.listing
    complains "doubt: unmatched_container: container $1"
    prune 3 --used used.txt --listing engine.listing --apply --yes
    complains 'nothing was removed, since the plan is doubtful: to remove despite the doubts, give --accept unmatched_container'
    has_tags team/app '1 2 3 4 latest stable'
    has_tags team/web '1 2'
}
printf 'engine\tdocker\tgraph_driver\n' >engine.listing
for use in rgeistry.example.com/team/app:1 registry.example.com/team/app:01 registry.example.com/team/web \
    registry.example.com/team/ap:1 "sha256:$(printf '%064d' 1)" "registry.example.com/team/app@sha256:$(printf '%064d' 1)"; do
    printf '# in use\n%s\n' "$use" >used.txt
    doubtful "\"line 2 of used.txt\" uses \"$(printf '%.77s' "$use")"
done
echo registry.example.com/team/app:1 >used.txt
printf 'container\tsha256:%064d\tregistry.example.com/team/app:gone\tname=web\n' 7 >>engine.listing
doubtful '"web of engine.listing" uses "registry.example.com/team/app:gone"'
prune 0 --used used.txt --listing engine.listing --accept unmatched_container --apply --yes
has_tags team/app '1'
prune 2 --accept unmatched
complains 'unknown doubt "unmatched" for --accept'
prune 0 --keep nothing
complains 'doubt: unmatched_pattern: the pattern "nothing" of names to keep matches no record'
echo "ok: doubts"
stop_registry

# A kept index keeps the manifests that it lists, and a manifest in use keeps the indexes that list it.
rm -rf registry
start_registry true
image team/multi 01 'multi, the first' 1.0
index team/multi 02 'multi, the second' 1.1
push_manifest team/multi 1.1-amd64 manifest "$oci_manifest"
part=$(digest_of manifest)
for use in registry.example.com/team/multi:1.1 "registry.example.com/team/multi@$part" "$part"; do
    echo "$use" >used.txt
    prune 0 --used used.txt
    says '1 of 3 tags are to be deleted'
    grep -q '^delete .*team/multi:1.0 .*unused' out || fail "$use does not delete 1.0 alone"
done
echo registry.example.com/team/multi:1.1 >used.txt
prune 0 --used used.txt
grep -q '^keep .*team/multi:1.1-amd64 .*needed' out || fail "the manifest of an index is not needed"
prune 0 --used used.txt --apply --yes
has_tags team/multi '1.1 1.1-amd64'
echo "ok: indexes"
stop_registry

# A tag that appears between the plan and the deletion keeps the digest; so does one that is moved.
fill
moved=$(tag_digest team/app 1)
cat >racing_curl <<'END'
#!/bin/sh
# Runs curl; before the second listing of the tags of team/copy, it tags the only image there again.
for last; do :; done
case $last in
*/team/copy/tags/list*)
    if [ -f listed ] && [ ! -f raced ]; then
        : >raced
        curl --silent --output manifest.raced --header "Accept: $docker_manifest" "$url/v2/team/copy/manifests/1"
        curl --silent --fail --output /dev/null --request PUT --header "Content-Type: $docker_manifest" \
            --data-binary @manifest.raced "$url/v2/team/copy/manifests/late"
    fi
    : >listed
    ;;
esac
exec curl "$@"
END
chmod +x racing_curl
export url docker_manifest
prune 0 --keep 'registry.example.com/team/app' --keep 'registry.example.com/team/tools' \
    --keep 'registry.example.com/team/web' --apply --yes -- ./racing_curl
says 'skipped: registry.example.com/team/copy:1: in_use'
has_tags team/copy '1 late'
[ "$(tag_digest team/copy late)" = "$moved" ] || fail "the late tag points elsewhere"
echo "ok: a tag that appears after the plan"
stop_registry

# A registry that forbids deletions or sends no digests or cannot be reached, and invalid arguments.
start_registry false
cat >digestless_curl <<'END'
#!/bin/sh
curl "$@" | sed '/^docker-content-digest:/Id'
END
chmod +x digestless_curl
prune 2 -- ./digestless_curl
complains 'the registry sends no digest'
prune 2 --apply --yes
says 'failed: registry.example.com/team/app:1: '
complains 'tags could not be deleted'
has_tags team/app '1 2 3 4 latest stable'
prune 2 --used no-such-file
complains 'cannot read "no-such-file"'
echo 'Not A Reference' >used.txt
prune 2 --used used.txt
complains 'used.txt'
prune 2 --keep '['
prune 2 --keep-newest two
complains 'invalid number "two"'
prune 2 --frobnicate
complains 'unknown option'
stop_registry
prune 2
complains 'registry_prune: '
[ "$(wc -l <err)" -eq 1 ] || fail "not one line on standard error"
echo "ok: failures"

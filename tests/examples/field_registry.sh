#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh field_registry.sh WORK_DIR [PRUNEPLAN]: tests `pruneplan registry` with a small registry that answers like those in
# the field (field_registry.py), and counts the requests. Without PRUNEPLAN or a tool that it needs, it ends with 77, or
# with 1 if PRUNEPLAN_REQUIRE_TOOLS is set.
set -eu
tools="python3 openssl"
. "$(dirname "$0")/registry_setup.sh"
mkdir "$work/bin"
export PATH="$work/bin:$PATH"

processes=
stop() {
    for process in $processes; do
        kill "$process" 2>/dev/null || :
        wait "$process" 2>/dev/null || :
    done
    processes=
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "FAILED: $*"
    [ ! -f out ] || tail -n 20 out err
    exit 1
}

start() { # LOG OPTION...: sets `url`
    rm -f url "$1"
    mkfifo url
    python3 "$here/field_registry.py" "$@" >url &
    processes="$processes $!"
    read -r url <url || fail "the registry does not start"
    authority=${url#*://}
}

prune() { # WANTED_EXIT_CODE ARGUMENT...
    wanted=$1
    shift
    code=0
    "$program" registry "$url" --name registry.example.com "$@" >out 2>err </dev/null || code=$?
    [ "$code" = "$wanted" ] || fail "exit code $code and not $wanted: $*"
}

complains() {
    grep -qF -- "$1" err || fail "standard error does not hold \"$1\""
    [ "$(grep -c '^pruneplan: ' err)" = 1 ] || fail "not one line of error"
}
deletes() { # TAG...
    wanted=$(for tag; do echo "registry.example.com/team/app$tag"; done | sort)
    [ "$(sort out)" = "$wanted" ] || fail "not deleted: $*"
}
requests() { wc -l <log | tr -d ' '; }
sent() { grep -c -- "$1" log || :; }
all_four() { # ARGUMENT...: plans for all tags
    prune 0 --format names "$@"
    deletes :1 :2 :3 :4
}

# Requests: one for each tag and each configuration, and at most two for each deletion.
start log --tags 1000
prune 0 --keep-newest 900 --format names
[ "$(wc -l <out)" = 100 ] || fail "100 tags are not to be deleted"
planned=$(requests)
[ "$planned" -le 2200 ] || fail "$planned requests for a plan of 1,000 tags"
[ "$(sent /referrers/)" = 1 ] || fail "the API for referrers is asked for again"
prune 0 --keep-newest 900 --apply --yes
[ "$(grep -c '^untagged: ' out)" = 100 ] || fail "100 tags are not deleted"
applied=$(($(requests) - 2 * planned))
[ "$applied" -le 201 ] || fail "$applied requests for 100 deletions"
[ "$(sent '^DELETE')" = 100 ] || fail "not 100 deletions"
stop
echo "ok: requests: $planned for a plan of 1,000 tags, $applied for 100 deletions and a list of tags"

# What several indexes share is read once. A manifest that is not mirrored is no error. A signature of a manifest without
# a tag is attached to the indexes that list it.
start log --index
prune 0 --format names --keep '**:again'
deletes :1 :2 :3 :4 :multi
[ "$(sent '^GET /v2/team/app/manifests/sha256:')" -le 4 ] || fail "the manifests of indexes are read again"
[ "$(sent '^GET /v2/team/app/blobs/')" = 7 ] || fail "a configuration is not read once"
prune 0 --format names --filter label=text='image 2'
deletes :2
stop
echo "ok: shared manifests"

# Signatures without a tag, which the registry lists, are kept and deleted with their image.
start log --referrers
prune 0 --format names --keep '**:4'
[ "$(grep -c 'team/app@sha256:' out)" = 1 ] ||
    fail "the signature of a deleted image is kept, or that of a kept one is not"
grep -v @ out >tags
mv tags out
deletes :1 :2 :3
prune 0 --keep '**:4' --apply --yes
[ "$(sent '^DELETE')" = 4 ] || fail "the signature is not deleted"
prune 0 --format names
[ "$(wc -l <out)" = 2 ] || fail "one image and its signature are not left"
stop
echo "ok: referrers"

# Pages are followed as the registry names them.
for links in plain absolute relative query several lines; do
    start log --links "$links"
    all_four
    [ "$(sent '/tags/list?cursor=a%2Fb%3D ')" = 1 ] || fail "$links: the second page is not read as it is named"
    stop
done
# A list is whole, or there is no plan.
for links in 'missing no such page' 'loop lead back to one that was read' 'endless lead back to one that was read' \
    'elsewhere is not on' 'malformed is malformed'; do
    start log --links "${links%% *}"
    prune 2 --format names
    complains "${links#* }"
    [ ! -s out ] || fail "$links: a partial plan"
    prune 2 --apply --yes
    [ "$(sent '^DELETE')" = 0 ] || fail "$links: a deletion"
    stop
done
echo "ok: pages"

# A registry that is busy is asked again.
for status in 429 503; do
    start log --busy "$status" --tags 1
    prune 0 --format names
    deletes :1
    prune 0 --apply --yes
    [ "$(sent '^DELETE')" = 2 ] || fail "the deletion is not repeated"
    stop
done
echo "ok: a busy registry"

# Without a catalog, repositories are named.
start log --catalog 0
prune 2
complains 'no catalog; if the registry lists no repositories, give each with --repository'
all_four --repository team/app
all_four --repository registry.example.com/team/app
[ "$(sent _catalog)" = 1 ] || fail "the catalog is asked for although repositories are named"
prune 2 --repository team/ap
complains 'holds no image'
stop
echo "ok: no catalog"

# Credentials for the basic scheme.
login() { printf '{"auths":{"%s":{"auth":"%s"}}}' "$authority" "$(printf 'robot:%s' "$1" | openssl base64)"; }
start log --auth basic
prune 2
complains "authentication required: log in first, with docker login or podman login $authority"
mkdir -p home/.docker home/.config/containers run/containers docker
for file in home/.docker/config.json home/.config/containers/auth.json; do
    login secret >"$file"
    all_four
    login wrong >"$file"
    prune 2
    complains 'status 401, authentication required: log in first'
    rm "$file"
done
login secret >docker/config.json
(export DOCKER_CONFIG="$work/docker" && all_four)
login secret >run/containers/auth.json
(export XDG_RUNTIME_DIR="$work/run" && all_four)
printf '{"auths":{"%s/team":{"username":"robot","password":"secret"}}}' "$authority" >auth.json
(export REGISTRY_AUTH_FILE="$work/auth.json" && all_four --repository team/app)
printf '{' >auth.json
(export REGISTRY_AUTH_FILE="$work/auth.json" && prune 2)
complains 'auth.json" is not JSON'
printf '#!/bin/sh\n[ "$1 $(cat)" = "get %s" ] || exit 1\n' "$authority" >bin/docker-credential-test
printf "echo '{\"Username\":\"robot\",\"Secret\":\"secret\"}'\n" >>bin/docker-credential-test
chmod +x bin/docker-credential-test
for key in '"credsStore":"test"' "\"credHelpers\":{\"$authority\":\"test\"}"; do
    printf '{%s}' "$key" >home/.docker/config.json
    all_four
done
rm home/.docker/config.json
echo "machine 127.0.0.1 login robot password secret" >home/.netrc
all_four
rm home/.netrc
plain=$url
url=http://robot:secret@$authority
all_four
prune 0 --save-listing saved
! grep -q secret saved || fail "the listing holds the password"
url=$plain
stop
echo "ok: basic authentication"

# Tokens, one for each scope, and a new one when one has expired.
start log --auth token --tags 12
login secret >home/.docker/config.json
prune 0 --keep '**:12' --apply --yes
[ "$(sent '^DELETE .* Bearer')" = 11 ] || fail "11 tags are not deleted with a token"
[ "$(sent '^GET /token')" -le 7 ] || fail "a token is asked for too often: $(sent '^GET /token')"
[ "$(sent '/v2/.* Basic')" = 0 ] || fail "the registry gets the password"
login wrong >home/.docker/config.json
prune 2
complains 'incorrect username or password: log in first'
rm home/.docker/config.json
stop
echo "ok: tokens"

# Blobs at another host, which does not get the credentials.
start store
elsewhere=$(echo "$url" | sed 's/127.0.0.1/localhost/')
for auth in token basic; do
    start log --auth "$auth" --store "$elsewhere"
    login secret >home/.docker/config.json
    prune 0 --format names --keep-newest 1
    deletes :1 :2 :3
    [ "$(grep -c '^GET /store/.* -$' store)" = 4 ] ||
        fail "the blobs are not read, or the other host gets the credentials"
    : >store
done
start store.log --auth basic
start log --auth basic --store "$(echo "$url" | sed 's/127.0.0.1/localhost/')"
login secret >home/.docker/config.json
prune 2
complains 'status 401, who asks?'
[ "$(wc -l <store.log)" = 1 ] || fail "the other host chooses how the credentials are sent"
rm home/.docker/config.json
stop
echo "ok: redirected blobs"

# TLS with a certificate that only --ca makes known.
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out ca.pem -subj /CN=field -days 2 \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null
start log --tls ca.pem key.pem
prune 2
complains 'certificate'
[ "$(requests)" = 0 ] || fail "a request to a registry that is not known"
all_four --ca ca.pem
stop
echo "ok: TLS"

# A registry that sends no digests, and one that forbids deletions.
start log --no-digest
prune 2
complains 'the registry sends no digest'
stop
start log --read-only
prune 2 --apply --yes
complains '4 of 4 names could not be deleted'
grep -q '^failed: .*:1: deletion is disabled: .* status 405, The operation is unsupported' out || fail "no reason is given"
stop
prune 2
complains "$url"
echo "ok: failures"

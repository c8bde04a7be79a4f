# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests an image that has a digest and no tag, as `docker pull app@sha256:…` leaves it: newer clients of Docker do not
# list it, but prune it.

. "$here/steps.sh"

set_up() {
    remember 1 "$(import "only a digest" passing:1)"
    record 1 app
    quietly ask rmi passing:1
    name=docker.io/library/app@$(id_of 1)
}

there() { ask image inspect "$name" >/dev/null 2>&1; }

set_up
there || fail "the image has no digest"
[ -z "$(plan --format names)" ] || fail "without --all, the plan deletes $(plan --format names)"
planned=$(plan --all --format names)
[ "$planned" = "$name" ] || fail "the plan deletes \"$planned\", not \"$name\""
quietly ask image prune --all --force
! there || fail "the engine's own prune keeps $name"

set_up
quietly ask create --name user "app@$(id_of 1)" /command
[ -z "$(plan --all --format names)" ] || fail "the plan deletes the image of a container"
quietly ask rm user
plan --all --apply --yes --quiet >"$folder/report" || fail "--apply: $(cat "$folder/report")"
! there || fail "--apply keeps $name"

# With the last tag of an image, the engine would delete its digests, too.
remember 2 "$(import "a tag and a digest" app:1)"
record 2 app
name=docker.io/library/app@$(id_of 2)
code=0
plan --all --keep 'app@*' --apply --yes --quiet >"$folder/report" 2>&1 || code=$?
[ "$code" = 2 ] || fail "exit code $code and not 2: $(cat "$folder/report")"
grep -qF "app:1: with its last tag, Docker would delete \"$name\", too" "$folder/report" || fail "$(cat "$folder/report")"
there || fail "--apply deleted $name, which the plan keeps"
echo "images that have only digests are planned and removed on $engine $(version)"

# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests that pruneplan, by its own rule, keeps two images that the engine's own prune deletes while a container uses
# them: one whose tag has moved, and one that a container mounts.

. "$here/steps.sh"

# The container web runs an image whose tag app:latest has moved, so that only app:old still points at it. The container
# reader mounts data:1. No container uses spare:1.
set_up() {
    old=$(import "version 1" app:latest)
    quietly ask create --name web app:latest /serve
    quietly ask tag app:latest app:old
    import "version 2" app:latest >/dev/null
    data=$(import "data" data:1)
    quietly ask create --name reader --mount type=image,source=data:1,target=/data app:latest /read
    import "spare" spare:1 >/dev/null
}

there() { ask image inspect "$1" >/dev/null 2>&1; }

set_up
quietly ask image prune --all --force
! there "$old" || fail "the engine keeps the image of a container whose tag has moved"
if ask commit web saved:1 >"$folder/chatter" 2>&1; then
    fail "the container can be committed without its image"
fi
grep -q "content digest $old: not found" "$folder/chatter" || fail "docker commit: $(cat "$folder/chatter")"
echo "image prune --all deletes the image of a container if its tag has moved; then docker commit web prints:"
grep 'not found' "$folder/chatter"
! there "$data" || fail "the engine keeps an image that a container mounts"
if ask create --name again --mount type=image,source=data:1,target=/data app:latest /read >/dev/null 2>&1; then
    fail "a deleted image can be mounted again"
fi
echo "image prune --all deletes the image that a container mounts"
empty

# A plan by the engine's own rule is doubtful, and not applied. The engine refuses to remove either image by name, so
# check that the plan of strict itself keeps both.
set_up
code=0
plan --rule engine --all --apply --yes >"$folder/report" 2>&1 || code=$?
[ "$code" = 3 ] || fail "a doubtful plan: exit code $code and not 3: $(cat "$folder/report")"
grep -q '^doubt: unprotected_image: container web runs ' "$folder/report" || fail "no doubt: $(cat "$folder/report")"
there spare:1 || fail "a doubtful plan is applied"
planned=$(plan --all --format names)
[ "$planned" = docker.io/library/spare:1 ] || fail "strict deletes: $planned"
plan --all --apply --yes >"$folder/report" 2>&1 || fail "$(cat "$folder/report")"
grep -q 'spare:1' "$folder/report" || fail "strict deletes no unused image: $(cat "$folder/report")"
! there spare:1 || fail "spare:1 is still there"
there "$old" || fail "strict deleted the image of a container whose tag has moved"
there app:latest || fail "strict deleted the name that a container was created from"
there data:1 || fail "strict deleted an image that a container mounts"
quietly ask commit web saved:1
quietly ask create --name again --mount type=image,source=data:1,target=/data app:latest /read
echo "pruneplan --apply keeps both and deletes spare:1; docker commit web works"

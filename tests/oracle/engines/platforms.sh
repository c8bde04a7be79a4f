# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests an image of two platforms, whose layers have 1 MB each: the plan counts both, and knows the containers of both.

. "$here/steps.sh"

python3 "$here/archive.py" platforms >"$folder/platforms.tar"
quietly "$folder/engine" load <"$folder/platforms.tar"
for platform in amd64 arm64; do
    quietly ask create --name user --platform "linux/$platform" several:1 /command
    plan --all --format names >"$folder/plan" 2>"$folder/doubts"
    [ ! -s "$folder/plan" ] || fail "the plan deletes the image of a container of $platform: $(cat "$folder/plan")"
    [ ! -s "$folder/doubts" ] || fail "$(cat "$folder/doubts")"
    quietly ask rm user
done
[ "$(plan --all --format names)" = docker.io/library/several:1 ] || fail "the plan keeps the image"
says=$(plan --all --format json | number_of freed)
freed=$(get /images/prune --request POST --get --data-urlencode 'filters={"dangling":["false"]}' |
    number_of SpaceReclaimed)
echo "the plan frees at most $says bytes; Docker freed $freed bytes of archives"
[ "$freed" -gt 2000000 ] || fail "Docker freed $freed bytes, not those of both platforms"
[ "$says" -ge "$freed" ] || fail "the plan says less than Docker freed"
# What Docker unpacked of its own platform is counted, too.
[ "$says" -lt $((freed + 2500000)) ] || fail "the plan counts too much"

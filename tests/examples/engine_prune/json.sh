# SPDX-License-Identifier: BSL-1.0
# Sourced by ../engine_prune.sh. Tests --format json and --format names. ../plan_schema.sh validates the JSON.

{
    printf 'engine\tdocker\tstrict\tversion=1.0\tnow=1700000000.5\n'
    printf 'image\tdocker.io/library/a:1\tsha256:a1\tcreated=951782400\tsize=7\n'
    printf 'image\tdocker.io/library/a:2\tsha256:a1\tcreated=951782400\tsize=7\n'
    printf 'image\tmoby-dangling@sha256:b1\tsha256:b1\tdangling=1\tsize=5\n'
    printf 'image\t"q"\\\377%%09\tsha256:c1\tcreated=253402300800\n'
    printf 'container\tsha256:a1\ta:1\tname=we"b\n'
} >"$folder/json_listing"
"$engine_prune" --listing "$folder/json_listing" -a --format json >"$folder/plan" 2>/dev/null
prints "a plan as JSON, here with a line for each member" sed 's/{/{\n/g; s/,"/,\n"/g' "$folder/plan" <<'END'
{
"format":1,
"engine":"docker",
"engine_version":"1.0",
"rule":"strict",
"mounted_images_kept":"none",
"now":"2023-11-14T22:13:20Z",
"images":[{
"id":"sha256:c1",
"size":0,
"created":null,
"action":"delete",
"names":[{
"name":"\"q\"\\�\u0009",
"familiar_name":"\"q\"\\�\u0009",
"action":"delete",
"reason":"unused",
"explanation":"no container uses it",
"container":null}]},{
"id":"sha256:b1",
"size":5,
"created":null,
"action":"delete",
"names":[{
"name":null,
"familiar_name":null,
"action":"delete",
"reason":"dangling",
"explanation":"it is dangling, and no container uses it",
"container":null}]},{
"id":"sha256:a1",
"size":7,
"created":"2000-02-29T00:00:00Z",
"action":"keep",
"names":[{
"name":"docker.io/library/a:2",
"familiar_name":"a:2",
"action":"delete",
"reason":"spare_name",
"explanation":"container we\"b runs a1, which keeps another name",
"container":"we\"b"},{
"name":"docker.io/library/a:1",
"familiar_name":"a:1",
"action":"keep",
"reason":"name_in_use",
"explanation":"container we\"b was created from a:1",
"container":"we\"b"}]}],
"delete":{
"names":3,
"images":2,
"reasons":[{
"reason":"unused",
"names":1},{
"reason":"dangling",
"names":1},{
"reason":"spare_name",
"names":1}]},
"keep":{
"names":1,
"images":1,
"reasons":[{
"reason":"name_in_use",
"names":1}]},
"space":{
"freed_at_most":5,
"kept":7}}
END
"$engine_prune" --listing "$folder/json_listing" -a --json >"$folder/json" 2>/dev/null
same "--json is --format json" "$folder/plan" "$folder/json"

prints "a plan as names: canonical ones, and IDs" "$engine_prune" --listing "$shop" -a --format names <<'END'
docker.io/library/node:20
docker.io/library/postgres:16.4
docker.io/shop/prices:2026-11
docker.io/shop/web:1.4
sha256:44575cf5b28512d75644bf54a517dcef304ff809fd511747621b4d64f19aac66
END
for words in -aq -qa '-a -q' '-a --quiet'; do
    # shellcheck disable=SC2086 # several options
    "$engine_prune" --listing "$shop" $words >"$folder/names" 2>/dev/null
    same "$words is --all --format names" "$folder/got" "$folder/names"
done
# shellcheck disable=SC2016 # the inner shell expands the words
prints "a listing on standard input" sh -c '"$1" --listing - -aq <"$2"' sh "$engine_prune" "$shop" <<'END'
docker.io/library/node:20
docker.io/library/postgres:16.4
docker.io/shop/prices:2026-11
docker.io/shop/web:1.4
sha256:44575cf5b28512d75644bf54a517dcef304ff809fd511747621b4d64f19aac66
END

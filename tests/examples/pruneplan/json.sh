# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests --format json and --format names. plan_schema.sh validates the JSON.

{
    printf 'docker\tcontainerd_snapshotter\tversion=1.0\tnow=1700000000.5\twhere=unix:///run/docker.sock\n'
    printf 'image\tdocker.io/library/a:1\tsha256:a1\tcreated=951782400\tsize=7\tneed=sha256:b1\n'
    printf 'image\tdocker.io/library/a:2\tsha256:a1\tcreated=951782400\tsize=7\tneed=sha256:b1\n'
    printf 'image\tmoby-dangling@sha256:b1\tsha256:b1\tdangling=1\tsize=5\n'
    printf 'image\t"q"\\%%09%%252F\tsha256:c1\tsize=3\n'
    printf 'image\tdocker.io/library/a:sig\tsha256:d1\tsize=1\tsubject=sha256:a1\n'
    printf 'container\tsha256:a1\ta:1\tname=we"b\n'
    printf 'container\tsha256:e1\tgone:1\tname=job\n'
} | to_listing >"$folder/json_listing"
"$pruneplan" listing "$folder/json_listing" -a --keep 'x*' --format json >"$folder/plan" 2>/dev/null
prints "a plan as JSON, here with a line for each member" sed 's/{/{\n/g; s/,"/,\n"/g' "$folder/plan" <<'END'
{
"format":2,
"source":"docker",
"where":"unix:///run/docker.sock",
"version":"1.0",
"rule":"strict",
"mounted_images_kept":"all",
"now":"2023-11-14T22:13:20Z",
"doubts":[{
"kind":"unmatched_container",
"blocks":true,
"sentence":"container job uses \"sha256:e1\", which no record has: show the planner all records, and the digests that the runtime reports",
"container":"job",
"pattern":null,
"name":null},{
"kind":"unmatched_pattern",
"blocks":false,
"sentence":"the pattern \"x*\" of names to keep matches no record",
"container":null,
"pattern":"x*",
"name":null},{
"kind":"invalid_name",
"blocks":false,
"sentence":"the name \"%22q%22\\%09%252F\" of record 3 is neither a reference nor an ID",
"container":null,
"pattern":null,
"name":"\"q\"\\\t%2F"}],
"notes":[],
"images":[{
"id":"sha256:c1",
"size":3,
"created":null,
"action":"delete",
"needs":[],
"attached_to":null,
"names":[{
"name":"\"q\"\\\t%2F",
"familiar_name":"\"q\"\\\t%2F",
"action":"delete",
"reason":"unused",
"explanation":"no container uses it",
"container":null}]},{
"id":"sha256:a1",
"size":7,
"created":"2000-02-29T00:00:00Z",
"action":"keep",
"needs":["sha256:b1"],
"attached_to":null,
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
"container":"we\"b"}]},{
"id":"sha256:d1",
"size":1,
"created":null,
"action":"keep",
"needs":[],
"attached_to":"sha256:a1",
"names":[{
"name":"docker.io/library/a:sig",
"familiar_name":"a:sig",
"action":"keep",
"reason":"attached",
"explanation":"it is attached to a:1, which is kept",
"container":null}]},{
"id":"sha256:b1",
"size":5,
"created":null,
"action":"keep",
"needs":[],
"attached_to":null,
"names":[{
"name":null,
"familiar_name":null,
"action":"keep",
"reason":"needed",
"explanation":"a:1, which is kept, needs it",
"container":null}]}],
"delete":{
"names":2,
"images":1,
"reasons":[{
"reason":"unused",
"names":1},{
"reason":"spare_name",
"names":1}]},
"keep":{
"names":3,
"images":3,
"reasons":[{
"reason":"name_in_use",
"names":1},{
"reason":"needed",
"names":1},{
"reason":"attached",
"names":1}]},
"space":{
"freed":3,
"exact":false,
"kept":13}}
END
prints "a plan as names: canonical ones, and IDs" "$pruneplan" listing "$shop" -a --rule engine --format names <<'END'
docker.io/library/node:20
docker.io/library/postgres:16.4
docker.io/shop/prices:2026-11
docker.io/shop/web:1.4
sha256:44575cf5b28512d75644bf54a517dcef304ff809fd511747621b4d64f19aac66
END
# shellcheck disable=SC2016 # the inner shell expands the words
prints "a listing on standard input" sh -c '"$1" listing - -a --rule engine --format names <"$2"' sh "$pruneplan" "$shop" <<'END'
docker.io/library/node:20
docker.io/library/postgres:16.4
docker.io/shop/prices:2026-11
docker.io/shop/web:1.4
sha256:44575cf5b28512d75644bf54a517dcef304ff809fd511747621b4d64f19aac66
END

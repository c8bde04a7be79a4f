# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests reading and writing listings.

# Files that cannot be read or written.
refused 'no-such-file' listing "$folder/no-such-file"
refused 'no-such-folder' listing "$recorded/docker.json" --save-listing "$folder/no-such-folder/listing"

head='{"format": 1, "source": "docker", "rule": "strict"'
# A listing with one fault. The message says where it is.
refused_at() { # WORDS TEXT
    printf '%s' "$2" >"$folder/broken"
    refused "$1" listing "$folder/broken" --all --rule engine
}
refused_at "\"$folder/broken\" is not JSON: byte 1" ''
refused_at 'is not JSON: byte 9' '{"format'
refused_at 'the listing is not an object' '[]'
refused_at 'format is missing' '{}'
refused_at 'format is another one: this program reads 1' '{"format": 2}'
refused_at 'format is another one: this program reads 1' "{\"format\": $(printf '[%.0s' $(seq 30000))$(printf ']%.0s' $(seq 30000))}"
refused_at 'records is missing' "$head, \"containers\": []}"
refused_at 'containers is missing' "$head, \"records\": []}"
refused_at 'source is missing' '{"format": 1}'
refused_at 'rule is missing' '{"format": 1, "source": "docker"}'
refused_at 'now is not a time' "$head, \"now\": \"today\"}"
refused_at 'records is not a list' "$head, \"records\": {}, \"containers\": []}"
refused_at 'records[0] is not an object' "$head, \"records\": [3], \"containers\": []}"
refused_at 'unknown rule "lax" in the listing' '{"format": 1, "source": "docker", "rule": "lax", "records": [], "containers": []}'
good='{"name": "a", "target": "sha256:1"}'
while IFS='|' read -r words members; do
    refused_at "records[1]$words" "$head, \"records\": [$good, {$members}], \"containers\": []}"
done <<'END'
.name is missing|"target": "sha256:1"
.name is not a text|"name": 1, "target": "sha256:1"
 needs a name and a target|"name": "", "target": "sha256:1"
 needs a name and a target|"name": "b", "target": ""
.target is missing|"name": "b"
.size is not a number of bytes|"name": "b", "target": "sha256:1", "size": "1k"
.size is not a number of bytes|"name": "b", "target": "sha256:1", "size": -1
.created is not a time|"name": "b", "target": "sha256:1", "created": "today"
.tagged is not a time|"name": "b", "target": "sha256:1", "tagged": true
.dangling is not true or false|"name": "b", "target": "sha256:1", "dangling": "yes"
.ids is not a list|"name": "b", "target": "sha256:1", "ids": "sha256:2"
.needs[1] is not a text|"name": "b", "target": "sha256:1", "needs": ["sha256:2", null]
.labels is neither an object nor null|"name": "b", "target": "sha256:1", "labels": []
.labels has a value that is not a text: "k"|"name": "b", "target": "sha256:1", "labels": {"k": 1}
.blobs[0].digest is missing|"name": "b", "target": "sha256:1", "blobs": [{"size": 1}]
END
refused_at 'containers[0].image_id is not a text' "$head, \"records\": [], \"containers\": [{\"image_id\": 1}]}"
refused_at '"a"' "$head, \"records\": [$good, {\"name\": \"a\", \"target\": \"sha256:2\"}], \"containers\": []}"

# All that a listing holds is written as it was read, and read as it was written; unknown members have no effect.
cat >"$folder/whole" <<'END'
{
 "containers": [
  {
   "created": "1969-12-31T23:59:58.750000000Z",
   "id": "0123",
   "image_id": "sha256:1",
   "image_ref": "app:1",
   "mounted": [
    "sha256:2"
   ],
   "mounts": [
    "data:1"
   ],
   "name": "web"
  }
 ],
 "format": 1,
 "now": "2026-11-28T01:02:03.000000004Z",
 "records": [
  {
   "blobs": [
    {
     "digest": "sha256:b",
     "size": 18446744073709551615
    }
   ],
   "created": "2026-01-01T00:00:00.000000000Z",
   "dangling": true,
   "ids": [
    "sha256:i"
   ],
   "labels": {
    "": "",
    "k%": "v\n\u0001"
   },
   "last_used": "2026-01-02T00:00:00.000000000Z",
   "name": "a\tb\n%",
   "needs": [
    "sha256:n"
   ],
   "past_names": [
    "old:1"
   ],
   "pinned": true,
   "size": 7,
   "subject": "sha256:s",
   "tagged": "2026-01-03T00:00:00.000000000Z",
   "target": "sha256:1"
  },
  {
   "labels": null,
   "name": "b:1",
   "size": 0,
   "target": "sha256:2"
  }
 ],
 "rule": "whole_image",
 "sizes_exact": true,
 "source": "podman",
 "version": "1%",
 "where": "unix:///run/podman.sock"
}
END
"$pruneplan" listing "$folder/whole" --save-listing - >"$folder/again"
same "a listing is written as it was read" "$folder/whole" "$folder/again"
"$pruneplan" listing - --save-listing - <"$folder/whole" >"$folder/again"
same "a listing is read from standard input" "$folder/whole" "$folder/again"
sed 's/"rule"/"new": {"key": [1]}, "rule"/; s/"name": "b:1"/"new": 1, "name": "b:1"/' "$folder/whole" >"$folder/newer"
"$pruneplan" listing "$folder/newer" --save-listing - >"$folder/again"
same "unknown members have no effect" "$folder/whole" "$folder/again"
"$pruneplan" listing "$folder/whole" --all >"$folder/table" 2>"$folder/err" || fail "an odd listing: $(cat "$folder/err")"
grep -qF 'a%09b%0A%' "$folder/table" || fail "control characters are shown escaped: $(cat "$folder/table")"
# Docker's zero date means an unknown time.
printf '%s, "records": [{"name": "a", "target": "sha256:1", "created": "0001-01-01T00:00:00Z"}], "containers": []}' "$head" >"$folder/zero"
"$pruneplan" listing "$folder/zero" --save-listing - >"$folder/again" || fail "the year 1 is rejected"
if grep -q created "$folder/again"; then fail "the year 1 is a time: $(cat "$folder/again")"; fi
for listing in "$recorded"/*.json; do
    "$pruneplan" listing "$listing" --save-listing - | cmp -s - "$listing" || fail "$listing is not written as it was read"
done

# Control characters of C1, directions and bytes that are not UTF-8 are shown escaped, and known characters are not.
printf '%s, "records": [{"name": "\302\233 \342\200\256 \342\200\250 \357\277\277 \303\244 \342\202\254", "target": "sha256:1"}],
    "containers": []}' "$head" >"$folder/characters"
for format in table svg html; do
    "$pruneplan" listing "$folder/characters" --all --format $format >"$folder/got" 2>"$folder/err"
    for shown in %C2%9B %E2%80%AE %E2%80%A8 %EF%BF%BF ä €; do
        grep -qF "$shown" "$folder/got" || fail "$format does not show $shown: $(cat "$folder/got")"
    done
    for raw in '\302\233' '\342\200\256' '\357\277\277'; do
        ! grep -qF "$(printf "$raw")" "$folder/got" || fail "$format shows $raw raw"
    done
done
rejects 'unexpected "a%9B%FF": --help lists the options' listing x "$(printf 'a\233\377')"

# A saved file is written whole or not at all. Devices and pipes stay what they are, and a link stays a link.
ln -s real "$folder/link"
"$pruneplan" listing "$folder/whole" --save-listing "$folder/link" >/dev/null 2>&1
{ [ -L "$folder/link" ] && cmp -s "$folder/whole" "$folder/real"; } || fail "a link is replaced"
mkfifo "$folder/pipe"
cat "$folder/pipe" >"$folder/piped" &
"$pruneplan" listing "$folder/whole" --save-listing "$folder/pipe" >/dev/null 2>&1
wait
same "--save-listing PIPE" "$folder/whole" "$folder/piped"
mkdir "$folder/full"
(cd "$folder/full" && trap '' XFSZ && ulimit -f 0 &&
    "$pruneplan" listing "$folder/whole" --save-listing saved >/dev/null 2>"$folder/err") && fail "a full disk is no error"
[ -z "$(ls "$folder/full")" ] || fail "on a full disk, a file is left: $(ls "$folder/full")"
"$pruneplan" listing "$folder/whole" --save-listing "$folder/saved" >/dev/null 2>&1
same "--save-listing FILE" "$folder/whole" "$folder/saved"
[ -z "$(find "$folder" -name '*.new')" ] || fail "a file beside the listing is left"
refused "\"$folder\"" listing "$folder"

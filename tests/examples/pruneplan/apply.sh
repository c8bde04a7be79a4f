# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests --apply, --journal, --metrics and signals, against a fake Docker (fake_engine.py).

id_of() { printf "sha256:%064d" "$1"; }

# Starts a fake engine with five unused images name:1 to name:5, each of 10 bytes, and what MEMBERS say; sets `host`.
start_engine() { # MEMBERS [FACTS_OF_IMAGE_2]
    {
        printf '{"images": ['
        for number in 1 2 3 4 5; do
            [ $number = 1 ] || printf ', '
            printf '{"id": "%s", "tags": ["docker.io/library/name:%s"]' "$(id_of $number)" $number
            [ $number != 2 ] || printf '%s' "${2:-}"
            printf '}'
        done
        printf ']%s}' "$1"
    } >"$folder/state"
    rm -f "$folder/journal"
    serve fake_engine
}
# Starts a fake engine with the state in $folder/state; sets `host`.
serve() { # PROGRAM
    stop_engine
    : >"$folder/requests"
    rm -f "$folder/socket"
    python3 -B "$here/pruneplan/$1.py" "$folder/socket" "$folder/state" "$folder/requests" 2>"$folder/engine.log" &
    engine_process=$!
    await_socket "$folder/socket" "$folder/engine.log" "$1" || return 1
    host=unix://$folder/socket
}
stop_engine() {
    [ -z "${engine_process:-}" ] || kill "$engine_process" 2>/dev/null || :
    [ -z "${engine_process:-}" ] || wait "$engine_process" 2>/dev/null || :
    engine_process=
}

applies() { # EXIT_CODE ARGUMENT...
    wanted=$1
    shift
    code=0
    "$pruneplan" docker --host "$host" --all --apply --yes "$@" >"$folder/out" 2>"$folder/err" || code=$?
    [ "$code" = "$wanted" ] || fail "--apply $*: exit code $code and not $wanted: $(cat "$folder/err")"
}
removals() { sed -n 's:^DELETE .*/images/::p' "$folder/requests" | tr '\n' ' '; }
says() { grep -qF -- "$2" "$folder/$1" || fail "no \"$2\" in: $(cat "$folder/$1")"; }

# Each name is compared and removed on its own, and the report lists every result.
facts=', "moved": true'
start_engine ', "on_delete": {"name:3": "conflict", "name:4": "fire"}' "$facts"
applies 2 --format json --journal "$folder/journal"
says err 'pruneplan: 1 of 5 names could not be deleted'
python3 - "$folder/out" <<'END' || fail "the report as JSON: $(cat "$folder/out")"
import json, sys
report = json.load(open(sys.argv[1]))
name = "docker.io/library/name:%d"
assert report["untagged"] == [name % 1, name % 5], report
assert report["deleted"] == ["sha256:%064d" % 1, "sha256:%064d" % 5], report
assert [(one["name"], one["reason"]) for one in report["skipped"]] == [(name % 2, "changed"), (name % 3, "in_use")]
assert [one["name"] for one in report["failures"]] == [name % 4], report
assert 'the "disk" is on fire' in report["failures"][0]["error"], report
assert report["space_reclaimed"] == 20 and report["cancelled"] is False, report
END
case $(removals) in *name:2*) fail "a name that has moved is removed: $(removals)" ;; esac
# The journal has a line before and after each removal.
python3 - "$folder/journal" <<'END' || fail "the journal: $(cat "$folder/journal")"
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
events = [(line["name"][-1], line["event"]) for line in lines]
wanted = []
for name, status in zip("12345", ["removed", "changed", "in_use", "failed", "removed"]):
    wanted += [(name, "removing"), (name, status)]
assert events == wanted, events
assert all(line["target"].startswith("sha256:") and line["time"].endswith("Z") for line in lines)
END
# A second run goes on with what is left, and the journal with it.
applies 2 --journal "$folder/journal"
[ "$(wc -l <"$folder/journal")" = 16 ] || fail "the journal does not go on: $(cat "$folder/journal")"
[ "$(grep -c 'name:1"' "$folder/journal")" = 2 ] || fail "a second run removes again what was removed"

# As text and as names.
start_engine ''
applies 0 --keep name:5
says out 'untagged: name:1'
says out "deleted: $(id_of 4)"
grep -q '^Total reclaimed space: .*40B$' "$folder/out" || fail "no reclaimed space: $(cat "$folder/out")"
[ "$(removals)" = "$(printf 'docker.io/library/name:%s ' 1 2 3 4)" ] || fail "removes $(removals)"
start_engine ''
applies 0 --format names --keep name:5
printf 'docker.io/library/name:%s\n' 1 2 3 4 >"$folder/wanted"
same "--format names prints what was removed" "$folder/wanted" "$folder/out"

# Containers are asked for again before each removal: one that is new protects its image.
start_engine ', "on_delete": {"name:1": "run name:3"}'
applies 0
says err 'kept: docker.io/library/name:3: a container uses it now'
[ "$(removals)" = "$(printf 'docker.io/library/name:%s ' 1 2 4 5)" ] || fail "removes $(removals) beside a new container"
# The name that a new container was created from can be gone by then. The image keeps its other names nevertheless.
start_engine ', "on_delete": {"name:1": "run name:1"}'
sed -i 's|"docker.io/library/name:1"]|"docker.io/library/name:1", "docker.io/library/other:1"]|' "$folder/state"
serve fake_engine
applies 0
says err 'kept: docker.io/library/other:1: a container uses it now'
case $(removals) in *other:1*) fail "removes the last name of a new container's image: $(removals)" ;; esac
# If they cannot be read, nothing more is removed, and the report has what was.
start_engine ', "on_delete": {"name:2": "blind"}'
applies 2
says err 'the list of containers is lost'
says out 'untagged: name:2'
[ "$(removals)" = "$(printf 'docker.io/library/name:%s ' 1 2)" ] || fail "removes $(removals) without containers"

# A signal ends the run after the removal in hand.
for action in terminate interrupt; do
    start_engine ", \"on_delete\": {\"name:2\": \"$action\"}"
    [ $action = terminate ] && code=143 || code=130
    applies $code --journal "$folder/journal" --metrics "$folder/metrics"
    says out 'untagged: name:2'
    says err 'pruneplan: ended by a signal, after 2 steps of 5'
    [ "$(removals)" = "$(printf 'docker.io/library/name:%s ' 1 2)" ] || fail "after a signal: removes $(removals)"
    grep -q '"removed".*name:2\|name:2.*"removed"' "$folder/journal" || fail "after a signal: $(cat "$folder/journal")"
    grep -qx 'pruneplan_steps{status="removed"} 2' "$folder/metrics" || fail "after a signal: $(cat "$folder/metrics")"
done

# A doubtful plan is not applied, unless each kind is accepted.
containers=', "containers": [{"id": "c1", "name": "web", "image": "'$(id_of 9)'", "ref": "docker://app"}]'
start_engine "$containers"
applies 3
says err 'doubt: invalid_image_ref: container web was created from "docker://app"'
says err 'nothing was deleted, since the plan is doubtful: to delete despite the doubts, give --accept unmatched_container'
[ -z "$(removals)" ] || fail "a doubtful plan is applied: $(removals)"
applies 3 --accept invalid_image_ref
[ -z "$(removals)" ] || fail "a plan is applied with a doubt that is not accepted: $(removals)"
applies 0 --accept unmatched_container --accept invalid_image_ref
[ "$(removals | wc -w)" = 5 ] || fail "a plan with accepted doubts is not applied"

# --used: a line that means no image is a doubt; others protect.
start_engine ''
printf '# in production\nname:2\n  %s # by ID\nnmae:3\n' "$(id_of 4)" >"$folder/used"
applies 3 --used "$folder/used"
says err "line 4 of $folder/used"
sed -i '$d' "$folder/used"
applies 0 --used "$folder/used" --format names
printf 'docker.io/library/name:%s\n' 1 3 5 >"$folder/wanted"
same "--used keeps what it names" "$folder/wanted" "$folder/out"

# A journal that cannot be written ends the run before the first removal; so does one that becomes full.
start_engine ''
applies 2 --journal "$folder"
[ -z "$(removals)" ] || fail "removes without its journal: $(removals)"
if [ -c /dev/full ]; then
    applies 2 --journal /dev/full
    [ -z "$(removals)" ] || fail "removes without its journal: $(removals)"
fi

# One that becomes full after a removal ends the run with an error, and the next one begins a new line.
start_engine ''
(
    trap '' XFSZ
    head -c 800 /dev/zero | tr '\0' x >"$folder/journal"
    ulimit -f 2 # blocks of 512 bytes
    applies 2 --journal "$folder/journal"
)
says err 'cannot be written'
left=$(removals | wc -w)
[ "$left" -lt 5 ] || fail "removes all without its journal"
start_engine ''
printf '{"half": ' >"$folder/journal"
applies 0 --journal "$folder/journal"
[ "$(sed -n 2p "$folder/journal" | cut -c 1-9)" = '{"event":' ] || fail "a journal goes on in a half line"

# Metrics say that a run failed, with and without a plan.
start_engine ''
echo 'nmae:3' >"$folder/used"
applies 3 --used "$folder/used" --metrics "$folder/metrics"
grep -qx 'pruneplan_doubts{kind="unmatched_container"} 1' "$folder/metrics" || fail "metrics: $(cat "$folder/metrics")"
grep -qx 'pruneplan_last_run_failed 1' "$folder/metrics" || fail "metrics of a doubtful plan: $(cat "$folder/metrics")"
rm "$folder/metrics"
code=0
"$pruneplan" docker --host "unix://$folder/nowhere" --metrics "$folder/metrics" >"$folder/out" 2>"$folder/err" || code=$?
[ "$code" = 2 ] || fail "without an engine: $code"
grep -qx 'pruneplan_last_run_failed 1' "$folder/metrics" || fail "metrics without an engine: $(cat "$folder/metrics")"

# Metrics are one file, whole, in Prometheus' format.
applies 0 --metrics "$folder/metrics" --keep name:1
grep -qx 'pruneplan_kept_names{reason="kept_pattern"} 1' "$folder/metrics" || fail "metrics: $(cat "$folder/metrics")"
grep -qx 'pruneplan_steps{status="removed"} 4' "$folder/metrics" || fail "metrics: $(cat "$folder/metrics")"
grep -qx 'pruneplan_last_run_failed 0' "$folder/metrics" || fail "metrics: $(cat "$folder/metrics")"
[ "$(grep -vcE '^(# (HELP|TYPE) pruneplan_[a-z_]+ .+|pruneplan_[a-z_]+(\{[a-z]+="[a-z_]+"\})? [0-9]+)$' \
    "$folder/metrics")" = 0 ] || fail "metrics: $(cat "$folder/metrics")"
[ -z "$(find "$folder" -name '*.new')" ] || fail "a file beside the metrics is left"

# --exit-code.
start_engine ''
for options in "--all 1" "--all 0 --keep name" " 0"; do
    # shellcheck disable=SC2086 # several
    set -- ${options% [01]*}
    wanted=$(echo "$options" | tr -dc 01)
    case $options in *--keep*) set -- --all --keep name ;; esac
    code=0
    "$pruneplan" docker --host "$host" --exit-code "$@" >"$folder/out" 2>"$folder/err" || code=$?
    [ "$code" = "$wanted" ] || fail "--exit-code $*: $code and not $wanted"
done

# An engine that is not there.
stop_engine
rm -f "$folder/socket"
refused "$folder/socket" docker --host "$host"
refused "$folder/socket" docker --host "$host" --all --apply --yes

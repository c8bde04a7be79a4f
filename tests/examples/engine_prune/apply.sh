# SPDX-License-Identifier: BSL-1.0
# Sourced by ../engine_prune.sh. Tests --apply.

# Each name is compared and removed on its own, without a shell, and the report lists every result.
cat >"$folder/store" <<'END'
#!/bin/sh
for last; do :; done
case $1$2 in
version*) echo 1.0 ;;
images--filter) ;;
images*) printf '1\n2\n3\n4\n5\n' ;;
imageinspect)
    case $last in
    5) for k in 1 2 3 4 5; do printf '%s\t""\t10\ttag=docker.io/library/name:%s;$(exit)"\n' $k $k; done ;;
    *:1*) echo sha256:1 ;;
    *:2*) echo sha256:other ;;
    *:3*) echo "Error: No such image: $last" >&2 && exit 1 ;;
    *:4*) echo sha256:4 ;;
    *:5*) echo sha256:5 ;;
    esac
    ;;
rmi*)
    echo "$last" >>"$removals"
    case $last in
    *:4*) echo "conflict: unable to remove" >&2 && exit 1 ;;
    *:5*) echo 'the "disk" is on fire' >&2 && exit 1 ;;
    esac
    ;;
esac
END
chmod +x "$folder/store"
removals=$folder/removals
export removals
code=0
"$engine_prune" --engine podman --all --apply --yes --json -- "$folder/store" \
    >"$folder/report" 2>"$folder/err" || code=$?
[ "$code" = 2 ] || fail "exit code $code and not 2, where a removal failed"
grep -q '1 of 5 names could not be removed' "$folder/err" || fail "the message does not say that a removal failed"
# shellcheck disable=SC2016 # these are the very words
printf 'docker.io/library/name:%s;$(exit)"\n' 1 4 5 >"$folder/wanted"
same "names reach the engine as they are" "$folder/wanted" "$removals"
# shellcheck disable=SC2016 # these are the very words
name='docker.io/library/name:%s;$(exit)\\"'
# shellcheck disable=SC2059 # a format of our own
{
    printf "{\"untagged\":[\"$name\"],\"deleted\":[\"sha256:1\"],\"space_reclaimed\":10," 1
    printf "\"failures\":[{\"name\":\"$name\",\"target\":\"sha256:5\",\"error\":\"%s: the \\\\\"disk\\\\\" is on fire\"}]," 5 "$folder/store"
    printf "\"skipped\":[{\"name\":\"$name\",\"target\":\"sha256:2\",\"reason\":\"changed\"}," 2
    printf "{\"name\":\"$name\",\"target\":\"sha256:3\",\"reason\":\"not_found\"}," 3
    printf "{\"name\":\"$name\",\"target\":\"sha256:4\",\"reason\":\"in_use\"}],\"cancelled\":false}\n" 4
} >"$folder/wanted"
same "the report as JSON" "$folder/wanted" "$folder/report"

# A plan with a doubt that blocks is not applied, unless its kind is accepted. Other doubts are printed.
cat >"$folder/doubtful" <<'END'
#!/bin/sh
for last; do :; done
case $1$2 in
version*) echo 1.0 ;;
images--filter) ;;
images*) printf '1\n' ;;
imageinspect) printf 'sha256:1\t""\t10\ttag=docker.io/library/app:1\n' ;;
rmi*) echo "$last" >>"$removals" ;;
ps*)
    case $* in *--external*) printf '2\tapp:2\twe%%b\n3\tdocker://app\tdb\n' ;; esac
    ;;
esac
END
chmod +x "$folder/doubtful"
doubtful() { # EXIT_CODE ARGUMENT...
    wanted=$1
    shift
    : >"$removals"
    code=0
    "$engine_prune" --engine podman --all --keep nothing "$@" -- "$folder/doubtful" >"$folder/out" 2>"$folder/err" || code=$?
    [ "$code" = "$wanted" ] || fail "a doubtful plan, $*: exit code $code and not $wanted"
    grep -v '^engine_prune: ' "$folder/err" | sort >"$folder/got"
    same "the doubts of a doubtful plan, $*" "$folder/doubts" "$folder/got"
}
unmatched='which no record has: show the planner all records, and the digests that the runtime reports'
sort >"$folder/doubts" <<END
doubt: unmatched_container: container we%b uses "sha256:2", $unmatched
doubt: unmatched_container: container db uses "sha256:3", $unmatched
doubt: invalid_image_ref: container db was created from "docker://app", which is neither a reference nor an ID: give what its user typed
doubt: unmatched_pattern: the pattern "nothing" of names to keep matches no record
END
doubtful 0
grep -q '^delete  app:1 ' "$folder/out" || fail "a doubtful plan is not printed: $(cat "$folder/out")"
doubtful 3 --apply --yes
[ ! -s "$removals" ] || fail "a doubtful plan is applied"
[ "$(grep '^engine_prune: ' "$folder/err")" = "engine_prune: nothing was removed, since the plan is doubtful: to remove despite \
the doubts, give --accept unmatched_container --accept invalid_image_ref" ] || fail "a doubtful plan: $(cat "$folder/err")"
doubtful 3 --apply --yes --accept unmatched_container
[ ! -s "$removals" ] || fail "a plan is applied with one doubt that is not accepted"
doubtful 0 --apply --yes --accept unmatched_container --accept=invalid_image_ref
[ "$(cat "$removals")" = docker.io/library/app:1 ] || fail "a plan with accepted doubts is not applied"

# As names, with the short form of --force; and as text.
"$engine_prune" --engine podman -af --apply --format names -- "$folder/store" >"$folder/got" 2>"$folder/err" || :
# shellcheck disable=SC2016 # these are the very words
echo 'docker.io/library/name:1;$(exit)"' >"$folder/wanted"
same "--format names prints what was removed" "$folder/wanted" "$folder/got"
"$engine_prune" --engine podman -a --apply --force -- "$folder/store" >"$folder/got" 2>"$folder/err" || :
grep -qx 'Total reclaimed space: at most 10B' "$folder/got" || fail "the report does not show the reclaimed space"

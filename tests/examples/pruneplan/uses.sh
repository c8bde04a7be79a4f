# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests --used and --used-by, on the listing of a registry: a repository t/multi with the manifests m1 (tag 1.1-amd64)
# and m2 (1.1-arm64), an index 1.1 that lists both, and an older image 1.0.

m1=sha256:$(printf '%064d' 1) m2=sha256:$(printf '%064d' 2) index=sha256:$(printf '%064d' 3) old=sha256:$(printf '%064d' 4)
config=sha256:$(printf '%064d' 5)
{
    printf 'registry\twhole_image\tnow=1000\n'
    printf 'image\tr.test/t/multi:1.0\tt/multi@%s\tid=%s\tcreated=100\n' "$old" "$old"
    printf 'image\tr.test/t/multi:1.1\tt/multi@%s\tid=%s\tid=%s\tid=%s\tneed=t/multi@%s\tneed=t/multi@%s\tcreated=200\n' \
        "$index" "$index" "$m1" "$m2" "$m1" "$m2"
    printf 'image\tr.test/t/multi:1.1-amd64\tt/multi@%s\tid=%s\tid=%s\tcreated=200\n' "$m1" "$m1" "$config"
    printf 'image\tr.test/t/multi:1.1-arm64\tt/multi@%s\tid=%s\tcreated=200\n' "$m2" "$m2"
} | to_listing >"$folder/registry"

# Fails unless the plan deletes these tags and has these kinds of doubts.
uses() { # TAGS DOUBTS ARGUMENT...
    wanted=$1
    doubts=$2
    shift 2
    for rule in strict engine; do
        got=$("$pruneplan" listing "$folder/registry" --rule $rule --format names "$@" 2>"$folder/err" |
            sed 's/.*://' | sort | tr '\n' ' ')
        [ "$got" = "$wanted" ] || fail "$rule, $*, $(cat "$folder/used" 2>&1): deletes $got and not $wanted"
        got=$(sed -n 's/^doubt: \([a-z_]*\):.*/\1/p' "$folder/err" | tr '\n' ' ')
        [ "$got" = "$doubts" ] || fail "$rule, $*, $(cat "$folder/used" 2>&1): doubts $got and not $doubts"
    done
}
while IFS='|' read -r tags doubts line; do
    printf '%b\n' "$line" >"$folder/used"
    uses "$tags" "$doubts" --used "$folder/used"
done <<END
1.0 ||r.test/t/multi:1.1
1.0 ||r.test/t/multi@$m1
1.0 ||r.test/t/multi:1.1@$m1
1.0 ||$m1
1.0 ||r.test/t/multi:1.1-amd64\nr.test/t/multi:1.1-arm64\nr.test/t/multi:1.1
1.0 1.1 1.1-arm64 |unmatched_container |r.test/t/multi:1.1-amd64\nr.test/t/multi:1.2
1.1 1.1-amd64 1.1-arm64 ||r.test/t/multi:1.0 # the old one
1.0 1.1 1.1-amd64 1.1-arm64 |unmatched_container |r.tset/t/multi:1.1
1.0 1.1 1.1-amd64 1.1-arm64 |unmatched_container |r.test/t/multi:01
1.0 1.1 1.1-amd64 1.1-arm64 |unmatched_container |r.test/t/multi
1.0 1.1 1.1-amd64 1.1-arm64 |unmatched_container |sha256:$(printf '%064d' 9)
END
printf '# nothing\n\n  \t\n' >"$folder/used"
rejects "\"$folder/used\" names nothing: leave --used off if nothing is in use" listing "$folder/registry" --used "$folder/used"
printf 'r.test/t/multi:1.1\nr.test/T\n' >"$folder/used"
refused "line 2 of $folder/used: invalid reference" listing "$folder/registry" --used "$folder/used"
refused 'no-such-file' listing "$folder/registry" --used "$folder/no-such-file"
printf 'r.tset/t/multi:1.1\n' >"$folder/used"
"$pruneplan" listing "$folder/registry" --used "$folder/used" >"$folder/out" 2>"$folder/err"
grep -qF "line 1 of $folder/used" "$folder/err" || fail "a doubt does not name its line: $(cat "$folder/err")"

# A container elsewhere means an image by what it was created from, or by a name, a digest or an ID of its image there.
# One that was created from an image of this registry, which the registry lacks, is a doubt; others have no effect.
id=sha256:$(printf '%064d' 7)
while IFS='|' read -r tags doubts image_id image_ref name digest; do
    {
        printf 'docker\tgraph_driver\n'
        [ -z "$name" ] || printf 'image\t%s\t%s\tid=%s\n' "$name" "$id" "$digest"
        printf 'container\t%s\t%s\tname=web\n' "$image_id" "$image_ref"
    } | to_listing >"$folder/elsewhere"
    uses "$tags" "$doubts" --used-by "$folder/elsewhere"
done <<END
1.0 ||$id|r.test/t/multi:1.1||
1.0 ||$id|app|r.test/t/multi:1.1|x
1.0 ||$id|app|app:1|$m2
1.0 1.1 1.1-arm64 ||$config|app||
1.0 1.1 1.1-amd64 1.1-arm64 |unmatched_container |$id|r.test/t/multi:2||
1.0 1.1 1.1-amd64 1.1-arm64 |unmatched_container |$id|app|r.test/t/other:1|x
1.0 1.1 1.1-amd64 1.1-arm64 ||$id|app|app:1|x
1.0 1.1 1.1-amd64 1.1-arm64 |||docker://app||
END
rejects "\"$folder/used\" is not JSON: byte 1" listing "$folder/registry" --used-by "$folder/used"

# A registry deletes an image with all its tags, or not at all. Repositories can be given without the registry's name.
for options in "--keep r.test/t/multi:1.0" "--keep-newest 1" "--repository t/multi --keep **:1.1"; do
    case $options in
    *:1.0) wanted='1.1 1.1-amd64 1.1-arm64 ' ;;
    *) wanted='1.0 ' ;;
    esac
    # shellcheck disable=SC2086 # several options
    set -f && set -- $options && set +f
    uses "$wanted" '' "$@"
done
rejects '--repository "t/other" holds no image: give one that is listed' listing "$folder/registry" --repository t/other
{
    printf 'registry\twhole_image\n'
    printf 'image\tr.test/a:1\ta@%s\tid=%s\nimage\tr.test/a:latest\ta@%s\tid=%s\n' "$m1" "$m1" "$m1" "$m1"
    printf 'image\tr.test/b:1\tb@%s\tid=%s\n' "$m2" "$m2"
} | to_listing >"$folder/registry"
for typed in r.test/a:1 r.test/a:latest r.test/a "$m1"; do
    echo "$typed" >"$folder/used"
    uses '1 ' '' --used "$folder/used"
done

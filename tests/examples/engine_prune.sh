#!/bin/sh
# The command line of engine_prune, as far as it needs no engine: sh tests/examples/engine_prune.sh ENGINE_PRUNE
set -eu
export LC_ALL=C

engine_prune=$1
here=$(cd "$(dirname "$0")" && pwd)
recorded=$here/../../examples/data
folder=$(mktemp -d "${TMPDIR:-/tmp}/engine_prune.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

fail() {
    echo "FAILED: $*" >&2
    failed=1
}

same() { # WHAT WANTED GOT, two files
    cmp -s "$2" "$3" && return 0
    fail "$1"
    diff "$2" "$3" >&2 || :
}

# Exit code 2, one line on standard error that says WORDS, and nothing on standard output.
refused() { # WORDS ARGUMENT...
    words=$1
    shift
    code=0
    "$engine_prune" "$@" >"$folder/out" 2>"$folder/err" || code=$?
    [ "$code" = 2 ] || fail "exit code $code and not 2: $*"
    [ ! -s "$folder/out" ] || fail "something on standard output: $*"
    [ "$(wc -l <"$folder/err")" -eq 1 ] || fail "not one line on standard error: $*"
    grep -qF -- "$words" "$folder/err" || fail "\"$words\" is not said, but: $(cat "$folder/err")"
}

# A listing of the given lines ("|" for a tab) is refused at line NUMBER.
refused_at() { # NUMBER LINE...
    number=$1
    shift
    printf '%s\n' "$@" | tr '|' '\t' >"$folder/broken"
    refused "line $number: " --listing "$folder/broken" --all
}

# What is wrong on the command line.
refused 'unknown option "--al"' --engine docker --al
refused 'unknown option "everything"' --engine docker everything
refused 'unknown engine "rkt"' --engine rkt
refused '--engine needs a value' --all --engine
refused '--all takes no value' --all=yes --engine docker
refused 'either --engine or --listing'
refused 'either --engine or --listing' --engine docker --listing "$recorded/docker.listing"
refused 'after --' --engine docker --
refused 'needs --engine' --listing "$recorded/docker.listing" -- docker

refused 'unknown rule "lax"' --listing "$recorded/docker.listing" --rule lax
refused '"color" is no filter' --listing "$recorded/docker.listing" --filter color=red
refused '"until" is no filter' --listing "$recorded/docker.listing" --filter until
refused '"soon" is no time' --listing "$recorded/docker.listing" --filter until=soon
refused '"nobody" is no image here' --listing "$recorded/docker.listing" --filter before=nobody
refused '"dangling=false" contradicts' --listing "$recorded/docker.listing" --all --filter dangling=true
refused '"a[" is no pattern' --listing "$recorded/docker.listing" --keep 'a['
refused '"-1" is no number' --listing "$recorded/docker.listing" --keep-newest -1
refused '"2gb" is no number' --listing "$recorded/docker.listing" --free 2gb
refused '"" is no number' --listing "$recorded/docker.listing" --free M
# What the engine would read in another way, and spare more.
for engine in docker podman; do
    refused 'that ends in "!"' --listing "$recorded/$engine.listing" --filter 'label=env!'
    refused 'that ends in "!"' --listing "$recorded/$engine.listing" --filter 'LABEL!=env!=dev'
done
refused 'for a pattern' --listing "$recorded/podman.listing" --filter 'label!=en*'
refused 'any value' --listing "$recorded/podman.listing" --filter 'label!=env='
refused 'more names' --listing "$recorded/podman.listing" --filter 'reference!=app'
refused 'too large' --listing "$recorded/docker.listing" --free 99999999999T

refused '--apply needs --engine' --listing "$recorded/docker.listing" --apply --yes
refused '--yes and --json go with --apply' --engine docker --yes
refused 'say --yes' --engine docker --apply </dev/null

# An engine that is not there, or fails.
refused 'cannot run' --engine docker -- "$folder/no-such-engine"
refused 'says %1B[31mtwo lines' --engine podman -- sh -c 'printf "says \033[31mtwo\nlines\n" >&2; exit 1'
refused 'exit code 3' --engine podman -- sh -c 'exit 3'
refused 'signal 9' --engine docker -- sh -c 'kill -9 $$'
refused 'not understood' --engine podman -- sh -c 'echo sha256:1'

# Files that cannot be read or written.
refused 'no-such-file' --listing "$folder/no-such-file"
refused "\"$folder\"" --listing "$folder"
refused 'no-such-folder' --listing "$recorded/docker.listing" --save-listing "$folder/no-such-folder/listing"

# Broken listings. That the good one is read says that it is the broken line which is refused.
good='engine|docker|graph_driver'
refused_at 1 'image|a|sha256:1'
refused_at 1 'engine|docker|whatever'
refused_at 1 'engine|docker'
refused_at 2 "$good" "$good"
refused_at 2 "$good" ''
refused_at 2 "$good" 'volume|a|b'
refused_at 3 "$good" 'image|a|sha256:1' 'image|b'
refused_at 3 "$good" 'image|a|sha256:1' 'image||sha256:1'
refused_at 3 "$good" 'image|a|sha256:1' 'image|b|'
refused_at 2 "$good" 'image|a|sha256:1|dangling'
refused_at 2 "$good" 'image|a|sha256:1|dangling=yes'
refused_at 2 "$good" 'image|a|sha256:1|size=1k'
refused_at 2 "$good" 'image|a|sha256:1|size='
refused_at 2 "$good" 'image|a|sha256:1|created=today'
refused_at 2 "$good" 'image|a|sha256:1|label=a'
refused_at 1 "$good|now=then"
refused_at 2 "$good" 'image|a%2|sha256:1'
refused_at 2 "$good" 'image|a%|sha256:1'
refused_at 2 "$good" 'image|a%0x|sha256:1'
refused_at 2 "$good" "image|a$(printf '\015')|sha256:1"
refused_at 3 "$good" 'image|a|sha256:1' 'container|sha256:1'
: >"$folder/broken"
refused 'line 1: ' --listing "$folder/broken"
printf 'engine\tdocker\tstrict\nimage\ta\tsha256:1\nimage\ta\tsha256:2\n' >"$folder/broken"
refused '"a"' --listing "$folder/broken"

# Reading and writing again changes nothing, whatever bytes the names hold; unknown keys are no harm.
{
    printf 'engine\tdocker\tstrict\tversion=1%%25\tnew=key\n'
    printf 'image\ta%%09b%%0A%%25\tsha256:1\tsize=7\tnew=key\n'
    printf 'container\t\t\n'
} >"$folder/odd"
sed 's/.new=key$//' "$folder/odd" >"$folder/wanted"
"$engine_prune" --listing "$folder/odd" --save-listing "$folder/again" --all >"$folder/table"
same "an odd listing is written as it was read" "$folder/wanted" "$folder/again"
grep -q '^delete  a%09b%0A%25  1 ' "$folder/table" || fail "odd bytes are shown escaped: $(cat "$folder/table")"

# The engine's words reach it as they are, and never through a shell.
cat >"$folder/engine" <<'END'
#!/bin/sh
[ "$1" = '$(exit 1); "a b" *' ] || exit 9
case $2 in
version) echo 1.0 ;;
images) [ "$3" = --filter ] || printf 'sha256:1\nsha256:1\n' ;;
image)
    printf '1\t"2024-01-01T00:00:00Z"\t5\ttag=a:1\ttag=b:1'
    printf '\tdigest=%s' "a@$d" "c@$d" "c@$e"
    printf '\tlabel=a%%09b+c=d%%3De\tlabel=x%%3Dy=z\n'
    ;;
ps) printf '1\ta:1\tweb\n' ;;
esac
END
d=sha256:$(printf '%064d' 1)
e=sha256:$(printf '%064d' 2)
export d e
chmod +x "$folder/engine"
# shellcheck disable=SC2016 # that the shell would do something with these words is the point
"$engine_prune" --engine podman --save-listing "$folder/asked" -- "$folder/engine" '$(exit 1); "a b" *' >/dev/null
{
    printf 'engine\tpodman\twhole_image\tversion=1.0\tnow=NOW\n'
    for name in docker.io/library/a:1 docker.io/library/b:1 "docker.io/library/c@$d"; do
        printf 'image\t%s\tsha256:1\tcreated=1704067200.000000000\tsize=5\tlabel=a%%09b c=d=e\n' "$name"
    done
    printf 'container\tsha256:1\ta:1\tname=web\n'
} >"$folder/wanted"
sed 's/now=[0-9.]*$/now=NOW/' "$folder/asked" >"$folder/got"
same "what an engine says becomes a listing" "$folder/wanted" "$folder/got"

# Applying: each name is looked at and removed by itself, in words that no shell reads, and the report tells it all.
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
"$engine_prune" --engine podman --all --apply --yes --json -- "$folder/store" >"$folder/report" 2>"$folder/err" || code=$?
[ "$code" = 2 ] || fail "exit code $code and not 2, where a removal failed"
grep -q '1 of 5 names could not be removed' "$folder/err" || fail "not said: a removal failed"
# shellcheck disable=SC2016 # these are the very words
printf 'docker.io/library/name:%s;$(exit)"\n' 1 4 5 >"$folder/wanted"
same "names reach the engine as they are" "$folder/wanted" "$removals"
name='docker.io/library/name:%s;$(exit)\"'
# shellcheck disable=SC2059 # a format of our own
{
    printf "{\"untagged\":[\"$name\"],\"deleted\":[\"sha256:1\"],\"space_reclaimed\":10," 1
    printf "\"failures\":[{\"name\":\"$name\",\"target\":\"sha256:5\",\"error\":\"%s: the \\\\\"disk\\\\\" is on fire\"}]," 5 "$folder/store"
    printf "\"skipped\":[{\"name\":\"$name\",\"target\":\"sha256:2\",\"reason\":\"changed\"}," 2
    printf "{\"name\":\"$name\",\"target\":\"sha256:3\",\"reason\":\"not_found\"}," 3
    printf "{\"name\":\"$name\",\"target\":\"sha256:4\",\"reason\":\"in_use\"}],\"cancelled\":false}\n" 4
} >"$folder/wanted"
same "the report as JSON" "$folder/wanted" "$folder/report"

for engine in docker podman; do
    listing=$recorded/$engine.listing
    "$engine_prune" --listing "$listing" --all --quiet | sort >"$folder/plan"
    same "$engine: the plan is what the engine removed" "$recorded/$engine.pruned" "$folder/plan"

    "$engine_prune" --listing="$listing" -a --save-listing="$folder/again" >"$folder/table"
    same "$engine: the listing is written as it was read" "$listing" "$folder/again"
    awk '$0 == "" { exit } { print $1, $2, $3 }' "$folder/table" >"$folder/columns"
    same "$engine: action, name and image" "$here/engine_prune.$engine.txt" "$folder/columns"

    # Every row's columns begin where the heading's do, after two blanks.
    awk 'NR == 1 { n = split("NAME IMAGE CONTAINER REASON", heads) }
        NR == 1 { for (i = 1; i <= n; ++i) at[i] = index($0, heads[i]) }
        $0 == "" { exit }
        { for (i = 1; i <= n; ++i) if (substr($0, at[i] - 2, 2) != "  ") print "row " NR ", " heads[i] }
        { if (substr($0, at[n], 1) == " ") print "row " NR " has no reason" }
        / $/ { print "row " NR " ends in a blank" }' "$folder/table" >"$folder/crooked"
    [ ! -s "$folder/crooked" ] || fail "$engine: $(cat "$folder/crooked")"
done

for listing in "$recorded"/*.listing; do
    recording=${listing%.listing}
    "$engine_prune" --listing "$listing" --all --quiet --save-listing "$folder/again" | sort >"$folder/plan"
    same "$recording: the listing is written as it was read" "$listing" "$folder/again"
    [ ! -f "$recording.pruned" ] || same "$recording: the plan is what the engine removed" "$recording.pruned" "$folder/plan"
done

# The story of the moved tag, as far as it needs no engine.
story=$here/../engines/moved_tag.txt
sed -n 's/^\$ engine_prune --engine docker //p' "$story" | while read -r options; do
    echo "\$ engine_prune --engine docker $options"
    # shellcheck disable=SC2086 # several options
    "$engine_prune" --listing "$recorded/moved-tag.listing" $options
done >"$folder/got"
sed -n '/^\$ engine_prune/,/^\$ docker/p' "$story" | grep -v '^\$ docker' >"$folder/wanted"
same "the story of the moved tag" "$folder/wanted" "$folder/got"
sed -E 's/([0-9a-f]{12})[0-9a-f]{52}/\1/; s/^./    &/' "$story" >"$folder/wanted"
sed -n '/^    \$ docker import/,/not found$/p' "$here/../../README.md" >"$folder/got"
same "README tells the story of the moved tag" "$folder/wanted" "$folder/got"

# Every option reaches the plan. Each line: what goes, of three images that nobody uses, then the options.
{
    printf 'engine\tdocker\tgraph_driver\tnow=1000\n'
    printf 'image\tdocker.io/library/a:1\tsha256:a1\tcreated=100\tsize=3000\tlabel=env=dev\n'
    printf 'image\tdocker.io/library/a:2\tsha256:a2\tcreated=200\tsize=1048576\tlabel=env=prod\n'
    printf 'image\tdocker.io/library/b:1\tsha256:b1\tcreated=300\tsize=10\n'
} >"$folder/three"
while read -r goes options; do
    # shellcheck disable=SC2086 # several options
    "$engine_prune" --listing "$folder/three" --all --quiet $options >"$folder/plan"
    got=$(sed 's:docker.io/library/::' "$folder/plan" | tr '\n' ,)
    [ "$got" = "${goes#-}" ] || fail "$options: $got goes, and not $goes"
done <<'END'
a:1,a:2,b:1,
a:1, --filter until=800s
a:1,a:2, --filter until=11m40s
a:1, --filter label=env=dev
a:2,b:1, --filter label!=env=dev
b:1, --filter reference=b
a:1,b:1, --filter reference!=a:2
a:2,b:1, --filter since=a:1
a:1, --filter before=a2
a:1, --keep *:2 --keep b
a:1, --keep-newest 1
- --keep-newest 2
a:1, --free 3k
a:1,a:2, --free 1MiB
a:1, --free=2KiB
- --free 0
END
# Engines count durations back from a whole second; where Docker has the containerd image store, "!" turns a label round.
{
    printf 'engine\tdocker\tcontainerd_snapshotter\tnow=1000.900000000\n'
    printf 'image\ta:1\tsha256:a1\tcreated=1000.500000000\ttagged=1000.5\tlabel=env=dev\n'
    printf 'image\ta:2\tsha256:a2\tcreated=999.900000000\ttagged=999.9\n'
} >"$folder/two"
[ "$("$engine_prune" --listing "$folder/two" -a -q --filter until=0s)" = a:2 ] || fail "0s is not the second's beginning"
[ "$("$engine_prune" --listing "$folder/two" -a -q --filter 'label=env!')" = a:2 ] || fail "label=env! is not understood"
# With the containerd image store, `until` asks when a name was stored, which the engine does not tell: an image that was
# tagged since is kept, and so is one without the key of label!=KEY=VALUE. What has no configuration matches no label.
{
    printf 'engine\tdocker\tcontainerd_snapshotter\tversion=28.5.2\tnow=1000\n'
    printf 'image\ta:1\tsha256:a1\tcreated=100\ttagged=500\tlabel=env=dev\n'
    printf 'image\ta:2\tsha256:a2\tcreated=900\ttagged=200\n'
    printf 'image\ta:3\tsha256:a3\tcreated=100\tlabel=env=prod\n'
    printf 'image\ta:4\tsha256:a4\tcreated=100\ttagged=200\tlabels=unknown\n'
} >"$folder/four"
while read -r goes note options; do
    for version in 28.5.2 29.0.0 ''; do
        sed "s/version=28.5.2/version=$version/" "$folder/four" >"$folder/newer"
        # shellcheck disable=SC2086 # several options
        "$engine_prune" --listing "$folder/newer" --all --quiet $options >"$folder/plan" 2>"$folder/err"
        got=$(tr '\n' , <"$folder/plan")
        [ "$got" = "$goes" ] || fail "$version, $options: deletes $got and not $goes"
        causes=$(sed -n 's/^note: \([^:]*\):.*/\1/p' "$folder/err" | tr '\n' ,)
        wanted=${note#-}
        [ "$version" != 28.5.2 ] || [ "$note" != label!, ] || wanted=
        [ "$causes" = "$wanted" ] || fail "$version, $options: notes on $causes and not on $wanted"
    done
done <<'END'
a:2,a:4, until, --filter until=300
a:1,a:2,a:4, until, --filter until=501
a:1, - --filter label=env=dev
a:3, label!, --filter label=env!=dev --filter label!=x
a:3, label!, --filter label!=env=dev
a:2, - --filter label!=env
END
# To other engines, one of several filters of a kind can be enough.
while read -r goes note engine rule version options; do
    {
        printf 'engine\t%s\t%s\tversion=%s\n' "$engine" "$rule" "$version"
        printf 'image\ta:1\tsha256:a1\tlabel=x=1\tlabel=y=1\tcreated=100\n'
        printf 'image\ta:2\tsha256:a2\tlabel=x=1\tcreated=200\n'
        printf 'image\ta:3\tsha256:a3\tlabel=z=1\tcreated=300\tlabel=%%0Aone label matches=\tlabel=%%0Aone label! matches=\n'
    } >"$folder/several"
    # shellcheck disable=SC2086 # several options
    "$engine_prune" --listing "$folder/several" --all --quiet $options >"$folder/plan" 2>"$folder/err"
    got=$(tr '\n' , <"$folder/plan")
    [ "$got" = "${goes#-}" ] || fail "$engine $rule $version, $options: deletes $got and not $goes"
    causes=$(sed -n 's/^note: \([^:]*\):.*/\1/p' "$folder/err" | tr '\n' ,)
    [ "$causes" = "${note#-}" ] || fail "$engine $rule $version, $options: notes on $causes and not on $note"
done <<'END'
a:2,a:3, - docker graph_driver 20.10.24 --filter label!=x --filter label!=y
a:1, - docker graph_driver 20.10.24 --filter label=x --filter label=y
a:1,a:2, - podman whole_image 4.3.1 --filter label=x --filter label=y=1
a:2,a:3, - podman whole_image 4.3.1 --filter label!=x --filter label!=y
a:1,a:2, - podman whole_image 4.3.1 --filter label!=z --filter label!=y --filter label=x --filter label=y=2 --filter until=250 --filter label=y=3
a:1, several, podman whole_image 4.3.1 --filter until=150 --filter until=250
a:2, reference, podman whole_image 5.8.6 --filter reference=a:2
a:1, several, podman whole_image 4.4.0 --filter label=x --filter label=y
a:3, several, podman whole_image 5.7 --filter label!=x --filter label!=y
a:3, several, podman whole_image - --filter label!=x --filter label!=y
a:1, - podman whole_image 5.8.6 --filter label=x --filter label=y
a:1, - podman whole_image 5.10.0 --filter label=x --filter label=y
- - podman whole_image 4.4.0 --filter label=x --filter label!=x
END
"$engine_prune" --listing "$folder/three" --all | grep -q 'frees at most 1.05MB' || fail "the space to be freed is not said"

# Rules, on a tag that was moved after a container was made from it, and on images that are mounted.
{
    printf 'engine\tdocker\tcontainerd_snapshotter\n'
    printf 'image\tdocker.io/library/app:latest\tsha256:b1\ttagged=300\n'
    printf 'image\tdocker.io/library/app:old\tsha256:a1\ttagged=200\n'
    printf 'image\tdocker.io/library/data:1\tsha256:c1\ttagged=100\n'
    printf 'image\tdocker.io/library/other:1\tsha256:d1\ttagged=100\n'
    printf 'container\tsha256:a1\tapp:latest\tname=web\tcreated=250\tmount=data:1\n'
} >"$folder/moved"
while read -r rule goes; do
    "$engine_prune" --listing "$folder/moved" --all --quiet --rule "$rule" >"$folder/plan" 2>"$folder/err"
    got=$(sed 's:docker.io/library/::' "$folder/plan" | tr '\n' ,)
    [ "$got" = "$goes" ] || fail "--rule $rule deletes $got and not $goes"
    [ ! -s "$folder/err" ] || fail "--rule $rule: $(cat "$folder/err")"
done <<'END'
engine app:old,data:1,other:1,
containerd_snapshotter app:old,other:1,
graph_driver app:latest,other:1,
whole_image app:latest,other:1,
strict other:1,
END
# A mounted image is found by every form of its name. A name that moved since can have meant any image.
while read -r goes mount; do
    sed "s|mount=data:1|mount=$mount|" "$folder/moved" >"$folder/mounts"
    "$engine_prune" --listing "$folder/mounts" --all --quiet --rule strict >"$folder/plan" 2>"$folder/err"
    got=$(sed 's:docker.io/library/::' "$folder/plan" | tr '\n' ,)
    [ "$got" = "${goes#-}" ] || fail "mounted as $mount: deletes $got and not $goes"
    [ "$goes" != - ] || grep -q '"web" mounts an image by a name that was moved' "$folder/err" || fail "not said: $mount moved"
done <<END
other:1, docker.io/library/data:1
other:1, data:1
other:1, sha256:c1
other:1, c1
- app:latest
- gone:1
- gone@sha256:$(printf '%064d' 1)
END
# Podman tells the names that an image had, so that few images can have been meant.
{
    printf 'engine\tpodman\twhole_image\n'
    printf 'image\tlocalhost/data:1\tsha256:b1\tsize=0\tpast=localhost/data:1\n'
    printf 'image\tmoby-dangling@sha256:a1\tsha256:a1\tdangling=1\tsize=0\tpast=localhost/data:1\n'
    printf 'image\tlocalhost/mydata:1\tsha256:c1\tsize=0\tpast=localhost/mydata:1\n'
    printf 'container\tsha256:f1\tapp:1\tname=web\tcreated=250.000000000\tmount=data:1\n'
} >"$folder/past"
[ "$("$engine_prune" --listing "$folder/past" -a -q --rule strict 2>&1)" = localhost/mydata:1 ] || fail "past names have no effect"
"$engine_prune" --listing "$folder/past" --save-listing "$folder/again" >/dev/null
same "past names and mounts are written as they were read" "$folder/past" "$folder/again"

"$engine_prune" --help >"$folder/help" || fail "--help fails"
for option in --engine --listing --save-listing --rule --all --filter --keep --keep-newest --free --quiet --apply --yes --json --help; do
    grep -q -- " $option" "$folder/help" || fail "--help does not tell of $option"
done

# Output that does not arrive is a failure.
if [ -c /dev/full ]; then
    code=0
    "$engine_prune" --listing "$recorded/docker.listing" >/dev/full 2>"$folder/err" || code=$?
    [ "$code" = 2 ] || fail "exit code $code and not 2 where the output is full"
fi

[ "$failed" = 0 ] && echo "engine_prune: all as it should be"
exit "$failed"

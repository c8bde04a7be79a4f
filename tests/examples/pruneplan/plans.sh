# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests what a plan deletes: what engines deleted, and what each option changes.

# With the engine's own rule, a plan is what the engine removed.
for listing in "$recorded"/*.json; do
    recording=${listing%.json}
    [ -f "$recording.pruned" ] || continue
    "$pruneplan" listing "$listing" --all --rule engine --format names 2>/dev/null | sort >"$folder/plan"
    same "$recording: the plan is what the engine removed" "$recording.pruned" "$folder/plan"
done

# The transcript of the moved tag in examples/README.md, as far as it needs no engine.
story=$here/../oracle/engines/moved_tag.txt
sed -n 's/^\$ pruneplan docker //p' "$story" | while read -r options; do
    echo "\$ pruneplan docker $options"
    # shellcheck disable=SC2086 # several options
    "$pruneplan" listing "$recorded/moved-tag.json" $options 2>&1
done >"$folder/got"
sed -n '/^\$ pruneplan/,/^\$ docker/p' "$story" | grep -v '^\$ docker' >"$folder/wanted"
same "the story of the moved tag" "$folder/wanted" "$folder/got"
in_readme() { # TRANSCRIPT FIRST_LINE LAST_LINE
    sed -E 's/([0-9a-f]{12})[0-9a-f]{52}/\1/g; s/^./    &/' "$here/../oracle/engines/$1.txt" >"$folder/wanted"
    sed -n "/$2/,/$3/p" "$here/../../examples/README.md" >"$folder/got"
    same "examples/README.md shows $1.txt" "$folder/wanted" "$folder/got"
}
in_readme moved_tag '^    \$ docker import' 'not found$'
in_readme crictl_prune '^    \$ ctr -n' '^    crictl: '
in_readme nerdctl_prune '^    \$ ctr images import - <app-1' '^    doubt: unmatched_container: container web uses'
in_readme podman_tag '^    \$ podman import' ' is gone$'

# Every option affects the plan. Each line has what is deleted of three unused images, then the options.
{
    printf 'docker\tgraph_driver\tnow=1000\n'
    printf 'image\tdocker.io/library/a:1\tsha256:a1\tcreated=100\tsize=3000\tlabel=env=dev\n'
    printf 'image\tdocker.io/library/a:2\tsha256:a2\tcreated=200\tsize=1048576\tlabel=env=prod\n'
    printf 'image\tdocker.io/library/b:1\tsha256:b1\tcreated=300\tsize=10\n'
} | to_listing >"$folder/three"
while read -r deleted options; do
    # shellcheck disable=SC2086 # several options
    "$pruneplan" listing "$folder/three" --all --format names $options >"$folder/plan"
    got=$(sed 's:docker.io/library/::' "$folder/plan" | tr '\n' ,)
    [ "$got" = "${deleted#-}" ] || fail "$options: deletes $got and not $deleted"
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
a:1, --free 3kB
a:1,a:2, --free 0.00105GB
a:1,a:2, --free 1MiB
a:1, --free=2KiB
- --free 0
END

# Thresholds: of 10,000,000 bytes, so many are free; the images are a:1 with 3,000 and b:1 with 10 bytes, and a:2.
while read -r available deleted options; do
    sed "s/\"source\":/\"capacity\": 10000000, \"available\": $available, &/; s/created/last_used/" \
        "$folder/three" >"$folder/filled"
    # shellcheck disable=SC2086 # several options
    "$pruneplan" listing "$folder/filled" --all --format names $options >"$folder/plan"
    got=$(sed 's:docker.io/library/::' "$folder/plan" | tr '\n' ,)
    [ "$got" = "${deleted#-}" ] || fail "$available bytes are free, $options: deletes $got and not $deleted"
done <<'END'
1600000 - --high 85 --low 80
1500000 a:1,a:2, --high 85 --low 80
1498000 a:1, --high 85 --low 85
1999999 a:1, --high 80 --low 80
0 a:1,a:2,b:1, --high 100 --low 10
1600000 a:1, --high 85 --low 80 --delete-unused 850s
END
# Engines count durations back from a whole second. Docker with the containerd image store negates a label with "!".
{
    printf 'docker\tcontainerd_snapshotter\tnow=1000.900000000\n'
    printf 'image\ta:1\tsha256:a1\tcreated=1000.500000000\ttagged=1000.5\tlabel=env=dev\n'
    printf 'image\ta:2\tsha256:a2\tcreated=999.900000000\ttagged=999.9\n'
} | to_listing >"$folder/two"
[ "$("$pruneplan" listing "$folder/two" -a --format names --filter until=0s)" = a:2 ] || fail "0s is not the second's beginning"
[ "$("$pruneplan" listing "$folder/two" -a --format names --filter 'label=env!')" = a:2 ] || fail "label=env! is not understood"
# With the containerd image store, `until` compares when a name was stored, which the engine does not show: an image
# that was tagged since is kept. An image without the key of label!=KEY=VALUE is kept, too. An image without a
# configuration matches no filter on labels.
{
    printf 'docker\tcontainerd_snapshotter\tversion=28.5.2\tnow=1000\n'
    printf 'image\ta:1\tsha256:a1\tcreated=100\ttagged=500\tlabel=env=dev\n'
    printf 'image\ta:2\tsha256:a2\tcreated=900\ttagged=200\n'
    printf 'image\ta:3\tsha256:a3\tcreated=100\tlabel=env=prod\n'
    printf 'image\ta:4\tsha256:a4\tcreated=100\ttagged=200\tlabels=unknown\n'
} | to_listing >"$folder/four"
while read -r deleted note options; do
    for version in 28.5.2 29.0.0 ''; do
        sed "s/28\.5\.2/$version/" "$folder/four" >"$folder/newer"
        # shellcheck disable=SC2086 # several options
        "$pruneplan" listing "$folder/newer" --all --format names $options >"$folder/plan" 2>"$folder/err"
        got=$(tr '\n' , <"$folder/plan")
        [ "$got" = "$deleted" ] || fail "$version, $options: deletes $got and not $deleted"
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
# A reason names what was typed, whatever it means to the engine.
while read -r engine rule version typed options; do
    printf '%s\t%s\tversion=%s\nimage\ta:1\tsha256:a1\tcreated=100\ttagged=500\tlabel=x=1\n' \
        "$engine" "$rule" "$version" | to_listing >"$folder/one"
    # shellcheck disable=SC2086 # several options
    "$pruneplan" listing "$folder/one" --all $options >"$folder/got" 2>/dev/null
    grep -qF "it does not match the filter \"$(echo "$typed" | tr _ ' ')\"" "$folder/got" ||
        fail "$options: the reason is not $typed: $(cat "$folder/got")"
done <<'END'
docker containerd_snapshotter 28.5.2 until=300 --filter until=400 --filter until=300
docker containerd_snapshotter 28.5.2 label!=y=1 --filter label!=y=1
docker graph_driver 28.5.2 label!=x_or_label!=x=1 --filter label!=x --filter label!=x=1
podman whole_image 4.3.1 label=y_or_label=z --filter label=y --filter label=z
END
# For other engines, one match of several filters of a kind can be enough.
while read -r deleted note engine rule version options; do
    {
        printf '%s\t%s\tversion=%s\n' "$engine" "$rule" "$version"
        printf 'image\ta:1\tsha256:a1\tlabel=x=1\tlabel=y=1\tcreated=100\n'
        printf 'image\ta:2\tsha256:a2\tlabel=x=1\tcreated=200\n'
        printf 'image\ta:3\tsha256:a3\tlabel=z=1\tcreated=300\n'
    } | to_listing >"$folder/several"
    # shellcheck disable=SC2086 # several options
    "$pruneplan" listing "$folder/several" --all --format names $options >"$folder/plan" 2>"$folder/err"
    got=$(tr '\n' , <"$folder/plan")
    [ "$got" = "${deleted#-}" ] || fail "$engine $rule $version, $options: deletes $got and not $deleted"
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
"$pruneplan" listing "$folder/three" --save-listing - >"$folder/wanted"
"$pruneplan" listing "$folder/three" -a --filter label!=x --filter label!=y --save-listing "$folder/again" >/dev/null
same "filters do not change a saved listing" "$folder/wanted" "$folder/again"

# --free rounds to the nearest byte: exactly this many bytes are enough, and one less is not.
while read -r size bytes; do
    for first in "$bytes" "$((bytes - 1))"; do
        {
            printf 'docker\tgraph_driver\nimage\ta\tsha256:1\tcreated=1\tsize=%s\n' "$first"
            printf 'image\tb\tsha256:2\tcreated=2\tsize=1\n'
        } | to_listing >"$folder/sizes"
        got=$("$pruneplan" listing "$folder/sizes" -a --format names --free "$(echo "$size" | tr _ ' ')" | tr '\n' ,)
        wanted=a,
        [ "$first" = "$bytes" ] || wanted=a,b,
        [ "$got" = "$wanted" ] || fail "--free $size: of $first bytes and 1, deletes $got and not $wanted"
    done
done <<'END'
1 1
1.5 2
17B 17
1k 1000
1kB 1000
1KB 1000
1_kb 1000
1.0005kB 1001
1.0004999kB 1000
1.005kB 1005
500M 500000000
500MB 500000000
1.5GB 1500000000
0.1GB 100000000
2GiB 2147483648
1.5gib 1610612736
3T 3000000000000
1.123456789012345678PB 1123456789012346
1PiB 1125899906842624
END

# Each rule, with a tag that was moved after a container was created from it, and with mounted images.
{
    printf 'docker\tcontainerd_snapshotter\n'
    printf 'image\tdocker.io/library/app:latest\tsha256:b1\ttagged=300\n'
    printf 'image\tdocker.io/library/app:old\tsha256:a1\ttagged=200\n'
    printf 'image\tdocker.io/library/data:1\tsha256:c1\ttagged=100\n'
    printf 'image\tdocker.io/library/other:1\tsha256:d1\ttagged=100\n'
    printf 'container\tsha256:a1\tapp:latest\tname=web\tcreated=250\tmount=data:1\n'
} | to_listing >"$folder/moved"
while read -r rule deleted doubts; do
    "$pruneplan" listing "$folder/moved" --all --format names --rule "$rule" >"$folder/plan" 2>"$folder/err"
    got=$(sed 's:docker.io/library/::' "$folder/plan" | tr '\n' ,)
    [ "$got" = "$deleted" ] || fail "--rule $rule deletes $got and not $deleted"
    got=$(sed 's/ "sha256:a1".*//' "$folder/err")
    [ "$got" = "$doubts" ] || fail "--rule $rule: \"$(cat "$folder/err")\" and not \"$doubts\""
done <<'END'
engine app:old,data:1,other:1, doubt: unprotected_image: container web runs
containerd_snapshotter app:old,other:1, doubt: unprotected_image: container web runs
graph_driver app:latest,other:1,
whole_image app:latest,other:1,
strict other:1,
END
# A mounted image is found by every form of its name. If the name has moved since, every image is kept.
while read -r deleted mount; do
    sed "s|\"mounts\": \[\"data:1\"\]|\"mounts\": [\"$mount\"]|" "$folder/moved" >"$folder/mounts"
    "$pruneplan" listing "$folder/mounts" --all --format names --rule strict >"$folder/plan" 2>"$folder/err"
    got=$(sed 's:docker.io/library/::' "$folder/plan" | tr '\n' ,)
    [ "$got" = "${deleted#-}" ] || fail "mounted as $mount: deletes $got and not $deleted"
    [ "$deleted" != - ] || grep -q '"web" mounts an image by a name that was moved' "$folder/err" ||
        fail "no note that $mount moved"
done <<END
other:1, docker.io/library/data:1
other:1, data:1
other:1, sha256:c1
other:1, c1
- app:latest
- gone:1
- gone@sha256:$(printf '%064d' 1)
END
# Podman lists the names that an image had, so that only images that had the name are kept.
{
    printf 'podman\twhole_image\n'
    printf 'image\tlocalhost/data:1\tsha256:b1\tsize=0\tpast=localhost/data:1\n'
    printf 'image\tmoby-dangling@sha256:a1\tsha256:a1\tdangling=1\tsize=0\tpast=localhost/data:1\n'
    printf 'image\tlocalhost/mydata:1\tsha256:c1\tsize=0\tpast=localhost/mydata:1\n'
    printf 'container\tsha256:f1\tapp:1\tname=web\tcreated=250.000000000\tmount=data:1\n'
} | to_listing >"$folder/past"
[ "$("$pruneplan" listing "$folder/past" -a --format names --rule strict 2>"$folder/err")" = localhost/mydata:1 ] || fail "past names have no effect"

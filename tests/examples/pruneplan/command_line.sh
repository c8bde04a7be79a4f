# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests invalid command lines and policy files, --help and --version.

listing=$recorded/docker.json
podman=$recorded/podman.json

# Sources.
rejects 'no source: give docker, podman, containerd, registry or listing; --help says more'
rejects 'no source: give docker, podman, containerd, registry or listing; --help says more' --all
rejects 'unknown source "rkt": give docker, podman, containerd, registry or listing' rkt
rejects 'unexpected "everything": --host names the engine'\''s socket' docker everything
rejects 'unexpected "more": --help lists the options' listing "$listing" more
rejects 'registry "": give its URL, such as https://registry.example.com' registry
rejects 'registry "r.example.com": give its URL, such as https://registry.example.com' registry r.example.com
rejects 'listing: give its file, or - for standard input' listing
rejects "--host names an engine's socket, and listing has none" listing "$listing" --host unix:///run/docker.sock
rejects '--namespace is for containerd' docker --namespace k8s.io
rejects 'containerd "tcp://host:1": give its socket, such as unix:///run/containerd/containerd.sock' \
    containerd --address tcp://host:1
rejects 'containerd'\''s namespace "moby" is Docker'\''s, whose containers are not all there: give "docker" in place of '\
'"containerd"' containerd --namespace moby
rejects '--ca is for a registry' docker --ca certificates
rejects '--name is for a registry' listing "$listing" --name registry.example.com

# Options.
rejects 'unknown option "--al": did you mean --all?' docker --al
rejects 'unknown option "--frmat": did you mean --format?' docker --frmat=json
rejects 'unknown option "--keep-yonger": did you mean --keep-younger?' docker --keep-yonger 1h
rejects 'unknown option "--verbose": --help lists the options' docker --verbose
rejects 'unknown option "-z": --help lists the options' docker -z
rejects '--all takes no value' docker --all=yes
rejects '--exit-code takes no value' docker --exit-code=1
rejects 'unknown format "xml": give table, json, names, svg or html' listing "$listing" --format xml
rejects 'unknown rule "lax": give one of engine, strict, containerd_snapshotter, graph_driver, whole_image, names_only' \
    listing "$listing" --rule lax
for option in --yes --accept=same_name --journal=file; do
    rejects "${option%=*} needs --apply: without it, nothing is deleted" docker $option
done
rejects '--accept "unmatched": give one of unmatched_container, unprotected_image, invalid_image_ref, unmatched_pattern, '\
'invalid_name, same_name' docker --apply --yes --accept unmatched
rejects '--apply: a listing is a file; give the engine or the registry' listing "$listing" --apply --yes
rejects '--apply asks before it deletes, and there is no terminal to ask on: give --yes' docker --apply </dev/null
for format in svg html; do
    rejects '--apply prints no picture: give --format table, json or names' docker --apply --yes --format $format
done
rejects '--exit-code tells what would be deleted; --apply deletes it' docker --apply --yes --exit-code
rejects '--explain prints about one image; --apply deletes what the plan deletes' docker --apply --yes --explain a
rejects '--save-listing - prints the listing alone: give a file with --apply' docker --apply --yes --save-listing -
for twice in "listing - --used -" "listing - --used-by -" "listing $listing --used - --used -"; do
    # shellcheck disable=SC2086 # several words
    rejects '"-" is given twice: standard input can be read once' $twice
done
rejects '--delete-unused needs --free or --high: without a budget, all unused images are deleted' docker --delete-unused 1h

for one in "--high 85" "--low 80"; do
    # shellcheck disable=SC2086 # an option and its value
    rejects '--high and --low belong together, such as --high 85 --low 80' listing "$listing" $one
done
rejects '--free and --high both say how much is freed: give one of them' listing "$listing" --free 1GB --high 85 --low 80
for percent in 101 -1 85% 8.5 x 99999999999999999999; do
    rejects "--low \"$percent\": give a percentage, such as 85" listing "$listing" --high 85 --low="$percent"
done
for low in 86 100; do
    rejects "--low \"$low\" must not be more than --high \"85\"" listing "$listing" --high 85 --low $low
done
rejects '--high: docker does not say how full its file system is; containerd does' listing "$listing" --high 85 --low 80

# An empty value is rejected: it would silently drop a protection.
for option in --host --name --namespace --high --low --repository --ca --used --used-by --save-listing --rule --filter --keep --keep-newest \
    --keep-younger --free --delete-unused --format --explain --accept --journal --metrics; do
    rejects "$option needs a value, and not \"\"" listing "$listing" "$option" ''
    refused "$option" listing "$listing" "$option"
    rejects "$option needs a value, and not \"--all\"" listing "$listing" "$option" --all
done

for size in 2gigs GB 1e3 -1 .5GB '1  GB' 1.5.2GB 0x10 1ZB 1iB 2KIBI kB; do
    rejects "invalid size \"$size\": give bytes, or a size such as 1.5GB, 500MB or 2GiB" listing "$listing" --free "$size"
done
for size in 99999999999TB 18446744073709551616 9223372036854775808 8192PiB; do
    rejects "invalid size \"$size\": give less than 9.2EB" listing "$listing" --free "$size"
done
for newest in -1 0 two 1.0 99999999999999999999 :version; do
    rejects "--keep-newest \"$newest\": give a number from 1 on, such as 5, 5:version or 5:created:team/*" \
        listing "$listing" --keep-newest "$newest"
done
rejects '--keep-newest "1:version:": leave the last ":" off, or give a pattern after it' docker --keep-newest 1:version:
rejects '--keep-newest "1:age": images are ordered by created, last_used, version or name' docker --keep-newest 1:age
refused '"a["' docker --keep 'a['
refused '"a["' docker --keep-newest '1:name:a['
refused '"1y"' docker --keep-younger 1y
refused 'it is after now' docker --keep-younger -1h
refused '"color"' docker --filter color=red
refused '"until"' docker --filter until
refused '"soon"' docker --filter until=soon
refused '"dangling=false"' listing "$listing" --all --filter dangling=true
refused '"nobody"' listing "$listing" --all --filter before=nobody
rejects '--repository "nobody" holds no image: give one that is listed' listing "$listing" --repository nobody

# Filters that mean something else to the engine, which would keep more.
for engine in docker podman; do
    for filter in 'label=env!' 'LABEL!=env!=dev'; do
        rejects "\"$filter\": this engine looks for a label that ends in \"!\"; write label!=KEY for images without KEY" \
            listing "$recorded/$engine.json" --filter "$filter"
    done
done
rejects '"label!=en*": Podman takes the key for a pattern; give whole keys' listing "$podman" --filter 'label!=en*'
rejects '"label!=env=": to Podman an empty value is any value; leave the last "=" off' \
    listing "$podman" --filter 'label!=env='
rejects '"reference!=app": Podman finds more names with this pattern; give --keep names as they are shown' \
    listing "$podman" --filter 'reference!=app'

# Policy files.
bad_policy() { # MESSAGE TEXT
    printf '%b\n' "$2" >"$folder/policy"
    rejects "$1" listing "$listing" --config "$folder/policy"
}
rejects 'cannot read the policy file: nowhere was not readable (missing?)' listing "$listing" --config nowhere
bad_policy 'unknown option "--keepp": did you mean --keep?' 'keepp = "x"'
bad_policy 'unknown format "xml": give table, json, names, svg or html' 'format = "xml"'
bad_policy '--config: a section of a repository has keep and keep-newest, and not "all"' '["team/app"]\nall = true'
bad_policy '--keep-newest "two:created:app:*": give a number from 1 on, such as 5, 5:version or 5:created:team/*' \
    '[app]\nkeep-newest = "two"'
for section in 'keep = "app:1"' 'keep = "team/*"' 'keep-newest = "1:version:1*"'; do
    value=${section#*\"}
    bad_policy "--config: \"${value%\"}\" in the section of \"app\": give a pattern of tags for keep, such as \"1.*\", and N or \
N:BY for keep-newest" "[app]\n$section"
done
printf 'all = true\n' >"$folder/policy"
refused '--config' listing "$listing" --config "$folder/policy" --config "$folder/policy"
bad_policy '--keep needs a value, and not ""' 'keep = ""'
# Each line has what is deleted of six unused images, and a policy; then the same with one more --keep.
{
    printf '{"format": 1, "source": "docker", "rule": "graph_driver", "now": "2026-01-09T00:00:00Z", "records": ['
    for name in app:1 app:2 app:10 team/app:1 team/app:2 other:1; do
        [ "$name" = app:1 ] || printf ','
        case $name in team*) canonical=docker.io/$name ;; *) canonical=docker.io/library/$name ;; esac
        day=$((day + 1))
        printf '{"name": "%s", "target": "sha256:%064d", "created": "2026-01-0%dT00:00:00Z"}' "$canonical" $day $day
    done
    printf '], "containers": []}'
} >"$folder/six"
while IFS='|' read -r deleted with_keep text; do
    printf '%b\n' "$text" >"$folder/policy"
    for wanted in "$deleted" "$with_keep"; do
        set -- listing "$folder/six" --config "$folder/policy" --format names
        [ "$wanted" = "$deleted" ] || set -- "$@" --keep other
        got=$("$pruneplan" "$@" 2>/dev/null | sed 's:docker.io/library/::; s:docker.io/::' | sort | tr '\n' ' ')
        [ "$got" = "$wanted" ] || fail "policy $text: deletes $got and not $wanted"
    done
done <<'END'
app:1 app:10 app:2 other:1 team/app:1 team/app:2 |app:1 app:10 app:2 team/app:1 team/app:2 |all = true
app:1 app:10 app:2 other:1 team/app:1 |app:1 app:10 app:2 team/app:1 |all = true\nkeep = "team/*:2"
app:1 app:10 other:1 |app:1 app:10 |all = true\nkeep = ["team/*", "app:2"]
app:1 app:2 other:1 team/app:1 team/app:2 |app:1 app:2 team/app:1 team/app:2 |all = true\n[app]\nkeep-newest = "1:version"
app:1 app:2 other:1 team/app:1 |app:1 app:2 team/app:1 |all = true\n[app]\nkeep = "10"\n["team/app"]\nkeep-newest = 1
END

# A pattern of --keep-newest that matches nothing protects nothing.
for newest in '1:created:team/ap:*' '2:name:nothing'; do
    "$pruneplan" listing "$folder/six" --all --keep-newest "$newest" >"$folder/out" 2>"$folder/err"
    grep -qF "note: keep-newest: the pattern \"${newest##*:created:}" "$folder/err" ||
        grep -qF "note: keep-newest: the pattern \"${newest##*:name:}" "$folder/err" ||
        fail "--keep-newest $newest: no note that it matches nothing: $(cat "$folder/err")"
done
"$pruneplan" listing "$folder/six" --all --keep-newest '1:created:team/app' --keep-newest 2 >"$folder/out" 2>"$folder/err"
[ ! -s "$folder/err" ] || fail "a note on a pattern that matches: $(cat "$folder/err")"

# --help and --version. The man page and the completion have every option that --help has.
"$pruneplan" --help >"$folder/help" || fail "--help fails"
man=$here/../../examples/pruneplan/pruneplan.1
grep -oE -- '^ +(-[a-zA-Z],)?--[a-z-]+' "$folder/help" | sed 's/.*--/--/' | sort >"$folder/options"
[ "$(wc -l <"$folder/options")" -ge 28 ] || fail "--help lists only: $(cat "$folder/options")"
while read -r option; do
    grep -q -- "^\.B.*$(echo "$option" | sed 's/-/\\\\-/g')" "$man" || fail "the man page lacks $option"
done <"$folder/options"
"$pruneplan" --version >"$folder/version" || fail "--version fails"
grep -qx 'pruneplan [0-9][0-9.]*' "$folder/version" || fail "--version prints: $(cat "$folder/version")"
if command -v bash >/dev/null; then
    PATH=$(dirname "$pruneplan"):$PATH bash -c '
        . "$0"
        COMP_WORDS=(pruneplan docker --)
        COMP_CWORD=2
        _pruneplan
        printf "%s\n" "${COMPREPLY[@]}"' "$here/../../examples/pruneplan/completion.bash" | sort >"$folder/completed"
    same "completion offers the options of --help" "$folder/options" "$folder/completed"
fi

# Output that cannot be written is a failure.
if [ -c /dev/full ]; then
    code=0
    "$pruneplan" listing "$listing" >/dev/full 2>"$folder/err" || code=$?
    [ "$code" = 2 ] || fail "exit code $code and not 2 where the output is full"
fi

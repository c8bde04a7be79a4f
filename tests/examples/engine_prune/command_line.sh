# SPDX-License-Identifier: BSL-1.0
# Sourced by ../engine_prune.sh. Tests invalid command lines, --help and --version.

docker=$recorded/docker.listing
podman=$recorded/podman.listing

rejects 'unknown option "--al": --help lists the options' --engine docker --al
rejects 'unknown option "-z": --help lists the options' --engine docker -z
rejects 'unknown option "-az": --help lists the options' --engine docker -az
rejects 'unknown option "--": --help lists the options' --engine docker --=
rejects 'unexpected "everything": give options; --help lists them' --engine docker everything
rejects 'unexpected "": give options; --help lists them' --engine docker ''
rejects 'unknown engine "rkt": give docker or podman' --engine rkt
rejects 'unknown format "xml": give table, json, names or svg' --listing "$docker" --format xml
rejects 'unknown rule "lax": give one of engine, containerd_snapshotter, graph_driver, whole_image, strict' \
    --listing "$docker" --rule lax
rejects '"--all=yes": --all takes no value; leave the = off' --all=yes --engine docker
rejects 'give either --engine or --listing'
rejects 'give either --engine or --listing' --engine docker --listing "$docker"
rejects "nothing after --: give the engine's command, or leave -- off" --engine docker --
rejects "\"\" after --: give the engine's command" --engine docker -- ''
rejects 'a command after -- needs --engine' --listing "$docker" -- docker
rejects '--apply needs --engine: from a listing, nothing can be removed' --listing "$docker" --apply --yes
for yes in --yes --force -y -f; do
    rejects '--yes and --force need --apply: without it, nothing is removed' --engine docker $yes
done
rejects '--accept needs --apply: without it, nothing is removed' --engine docker --accept unmatched_container
rejects "$(printf '%s' 'unknown doubt "unmatched" for --accept: give one of unmatched_container, unprotected_image, ' \
    'invalid_image_ref, unmatched_pattern, invalid_name, same_name')" --engine docker --apply --yes --accept unmatched
rejects '--apply asks before it removes, and there is no terminal to ask on: give --yes' \
    --engine docker --apply </dev/null
rejects '--apply prints no picture: give --format table, json or names' --engine docker --apply --yes --format svg
rejects '--explain prints text and removes nothing: leave --apply and --format off' \
    --listing "$docker" --explain a --json

# An empty value is rejected: it would silently drop a protection.
while read -r option value; do
    rejects "$option needs a value: give $option $value" --all "$option"
    rejects "\"\" after $option needs a value: give $option $value" --listing "$docker" "$option" ''
    rejects "\"\" after $option needs a value: give $option $value" --listing "$docker" "$option="
done <<'END'
--engine docker|podman
--listing FILE
--save-listing FILE
--rule RULE
--filter KEY=VALUE
--keep PATTERN
--keep-newest N
--free SIZE
--accept DOUBT
--format table|json|names|svg
--explain NAME
END

for size in 2gigs GB 1e3 -1 1. .5GB '1  GB' '1 ' 1.5.2GB 0x10 1ZB 1iB 2KIBI kB; do
    rejects "\"$size\" is not a size: give bytes, or a size such as 1.5GB, 500MB or 2GiB" \
        --listing "$docker" --free "$size"
done
for size in 99999999999TB 18446744073709551616 9223372036854775808 8192PiB; do
    rejects "\"$size\" is too large a size: give less than 9.2EB" --listing "$docker" --free "$size"
done
for count in -1 two 1.0 99999999999999999999; do
    rejects "\"$count\" is not a number for --keep-newest: give 1, 2, 3 and so on" \
        --listing "$docker" --keep-newest "$count"
done

# Errors of the library are printed.
refused '"color"' --listing "$docker" --filter color=red
refused '"until"' --listing "$docker" --filter until
refused '"soon"' --listing "$docker" --filter until=soon
refused '"nobody"' --listing "$docker" --filter before=nobody
refused '"dangling=false"' --listing "$docker" --all --filter dangling=true
refused '"a["' --listing "$docker" --keep 'a['

# Filters that mean something else to the engine, which would keep more.
for engine in docker podman; do
    for filter in 'label=env!' 'LABEL!=env!=dev'; do
        meant='this engine looks for a label that ends in "!"; write label!=KEY for images without KEY'
        rejects "\"$filter\": $meant" --listing "$recorded/$engine.listing" --filter "$filter"
    done
done
rejects '"label!=en*": Podman takes the key for a pattern; give whole keys' --listing "$podman" --filter 'label!=en*'
rejects '"label!=env=": to Podman an empty value is any value; leave the last "=" off' \
    --listing "$podman" --filter 'label!=env='
rejects '"reference!=app": Podman finds more names with this pattern; give --keep names as they are shown' \
    --listing "$podman" --filter 'reference!=app'

# --help and --version.
"$engine_prune" --help >"$folder/help" || fail "--help fails"
for option in --engine --listing --save-listing --rule --all --filter --keep --keep-newest --free --format --quiet \
    --json --explain --apply --accept --yes --force --version --help; do
    grep -q -- " $option" "$folder/help" || fail "--help does not list $option"
done
COLUMNS=60 "$engine_prune" -h | awk 'length > 60 && !/^ *engine_prune|^usage/' >"$folder/wide"
[ ! -s "$folder/wide" ] || fail "--help at 60 columns: $(cat "$folder/wide")"
"$engine_prune" --version >"$folder/version" || fail "--version fails"
grep -qx 'engine_prune [0-9][0-9.]*' "$folder/version" || fail "--version prints: $(cat "$folder/version")"

# Output that cannot be written is a failure.
if [ -c /dev/full ]; then
    code=0
    "$engine_prune" --listing "$docker" >/dev/full 2>"$folder/err" || code=$?
    [ "$code" = 2 ] || fail "exit code $code and not 2 where the output is full"
fi

# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests that the plan of pruneplan names what the engine's own prune then removes, on random populations
# (population.awk).
#
# SEED is the seed of the first population; it defaults to the time of the last commit. POPULATIONS is the number of
# populations for prunes without filters, FILTERED for prunes with filters. APPLIED is the number of populations that
# are made twice: the plan is applied to one twin, the engine's own prune to the other. A full run has 40, 20 and 20;
# the defaults are a tenth of that.
#
# The engine must remove every name in the plan. If it removes more, pruneplan must have said why, in a line
# "note: CAUSE: ...". Such names are counted by cause.

. "$here/steps.sh"
populations=${POPULATIONS:-4}
filtered=${FILTERED:-2}
applied=${APPLIED:-2}

# Prints the possible causes for which the engine removes more than the plan: those that pruneplan noted, and the
# time that passes between plan and prune.
causes() {
    {
        sed -n '/^note: apply:/d; s/^note: \([^:]*\):.*/\1/p' "$folder/notes"
        case $* in *until=*[smh]*) echo clock ;; esac
    } | sort -u | paste -s -d + -
}

# Plans, prunes, and compares.
compare() { # [--all] [--filter ...]
    shown "$@" >"$folder/before"
    plan --rule engine --format names "$@" >"$folder/unsorted" 2>"$folder/notes" ||
        { cat "$folder/notes" >&2; return 1; }
    sort "$folder/unsorted" >"$folder/plan"
    quietly ask image prune --force "$@"
    shown "$@" >"$folder/after"
    comm -23 "$folder/before" "$folder/after" >"$folder/removed"
    planned=$((planned + $(wc -l <"$folder/plan")))
    kept=$((kept + $(wc -l <"$folder/after")))
    prunes=$((prunes + 1))
    cmp -s "$folder/plan" "$folder/removed" && return 0
    more=$(comm -13 "$folder/plan" "$folder/removed" | wc -l)
    cause=$(causes "$@")
    if [ -z "$(comm -23 "$folder/plan" "$folder/removed")" ] && [ -n "$cause" ]; then
        echo "$cause $more" >>"$folder/differences"
        return 0
    fi
    {
        echo "MISMATCH: $engine, seed $seed, image prune $*"
        echo "the population:" && cat "$folder/steps"
        echo "in the plan only:" && comm -23 "$folder/plan" "$folder/removed"
        echo "removed only:" && comm -13 "$folder/plan" "$folder/removed"
        echo "the plan:" && cat "$folder/plan" "$folder/notes"
        echo "shown before:" && names "$@" && cat "$folder/before"
    } >&2
    return 1
}

# Prints the prunes with filters, one a line. HALF and DATE stand for the moment when half of the population was made,
# IMAGE for an image that the engine has.
filter_lines() {
    cat <<'END'
--filter until=HALF
--all --filter until=HALF
--all --filter until=DATE
--all --filter until=1h
--all --filter until=0s --filter label=note
--all --filter until=HALF --filter label=env=dev
--all --filter until=HALF --filter label!=env
--filter label=note
--all --filter label=env --filter label=env=dev
--all --filter label=env --filter label=tier
--all --filter label=nothing
--filter label!=env=prod
--all --filter label!=env=prod
--all --filter label!=env
--all --filter label!=env=dev --filter label!=note
--all --filter label=env --filter label!=tier=web
--filter dangling=true
END
    case $kind in
    docker)
        echo "--filter dangling=true --filter label!=note"
        echo "--all --filter dangling=false --filter label=env"
        ;;
    podman)
        echo "--all --filter reference=app"
        echo "--all --filter reference=team/*:1*"
        echo "--all --filter before=IMAGE"
        echo "--all --filter since=IMAGE"
        echo "--all --filter since=IMAGE --filter label=env=dev"
        ;;
    esac
    [ "$store" != containerd ] || cat <<'END'
--all --filter label=env!
--all --filter label=env!=dev
--all --filter label!=env!
--all --filter label!=tier!=web
END
}

# Prints the ID of image 3, or of another one if an earlier prune removed it; nothing if no image is left.
an_image() {
    ask images --quiet --no-trunc | sort -u >"$folder/ids"
    grep -F "$(id_of 3)" "$folder/ids" || head -n 1 "$folder/ids"
}

compare_filtered() {
    date=$(date -u -d "@$half_way" +%Y-%m-%dT%H:%M:%S.%NZ)
    total=$(filter_lines | wc -l)
    for turn in 0 1 2 3; do
        line=$(filter_lines | sed -n "$(((seed * 4 + turn) % total + 1))p")
        image=$(an_image)
        case $line in *IMAGE*) [ -n "$image" ] || continue ;; esac
        line=$(echo "$line" | sed "s/HALF/$half_way/; s/DATE/$date/; s/IMAGE/$image/")
        set -f
        # shellcheck disable=SC2086 # several options
        compare $line
        set +f
    done
}

# Prints what the engine has, with numbers for images: IDs depend on the time, so twins have different ones.
state() {
    names | sed 's/sha256://g' |
        awk 'NR == FNR { number[$1] = $2; next }
            { name = $2; for (id in number) sub(id, "image-" number[id], name); print number[$1], name }' \
            "$folder/numbers" - | sort
}

# Prints the names that the engine refused to remove, according to the report.
in_use() {
    tr '{' '\n' <"$folder/report" | sed -n 's/^"name":"\(.*\)","target":"\([^"]*\)","reason":"in_use".*/\1/p' |
        sed 's/^moby-dangling@//; s/sha256://g' |
        awk 'NR == FNR { number[$1] = $2; next } { for (id in number) sub(id, "image-" number[id]); print }' \
            "$folder/numbers" - | sort -u
}

# Makes a population twice: applies the plan to one twin, the engine's own prune to the other. Both must end alike, but
# for names that the engine's prune removes although the engine refuses to remove them one by one, since a container
# runs the image.
twins() { # IMAGES
    populate "$1"
    if ! plan --rule engine --all --apply --yes --accept unprotected_image --format json \
        >"$folder/report" 2>"$folder/notes"; then
        echo "FAILED: $engine, seed $seed, --apply:" >&2
        cat "$folder/report" "$folder/notes" >&2
        return 1
    fi
    state >"$folder/applied"
    in_use >"$folder/refused"
    untagged=$((untagged + $(sed 's/"deleted":.*//' "$folder/report" | tr ',' '\n' | wc -l)))
    empty
    populate "$1"
    quietly ask image prune --all --force
    state >"$folder/pruned"
    empty
    cmp -s "$folder/applied" "$folder/pruned" && return 0
    comm -23 "$folder/applied" "$folder/pruned" | sed 's/^[^ ]* //' | sort -u >"$folder/more"
    cause=$(causes)
    [ -n "$(comm -23 "$folder/more" "$folder/refused")" ] ||
        cause="rmi refuses to remove an image in use${cause:+ or $cause}"
    # When the engine refuses to remove a name, it has already removed the image's dangling record. And it does not show
    # an image without a name while a child of it exists.
    lost=$(comm -13 "$folder/applied" "$folder/pruned" >"$folder/fewer" &&
        awk 'FILENAME ~ /steps$/ { if ($1 == "child") of[$2] = $4; next }
            FILENAME ~ /applied$/ { there[$1] = 1; if ($1 in of) there[of[$1]] = 1; next }
            $2 != "image-" $1 || !($1 in there)' "$folder/steps" "$folder/applied" "$folder/fewer")
    if [ -z "$lost" ] && [ -n "$cause" ]; then
        echo "$cause $(wc -l <"$folder/more")" >>"$folder/differences"
        return 0
    fi
    {
        echo "MISMATCH: $engine, seed $seed: --apply and image prune --all leave different images"
        echo "the population:" && cat "$folder/steps"
        echo "the report:" && cat "$folder/report" "$folder/notes"
        diff "$folder/applied" "$folder/pruned"
    } >&2
    return 1
}

planned=0
kept=0
prunes=0
untagged=0
: >"$folder/differences"
echo "$engine, version $(version), seeds $seed to $((seed + populations + filtered + applied - 1))"
last=$((seed + populations))
while [ "$seed" -lt "$last" ]; do
    populate $((8 + seed % 4))
    # Half of the populations are pruned of dangling images first; the others still have them when all are pruned.
    [ $((seed % 2)) = 0 ] || compare
    compare --all
    empty
    seed=$((seed + 1))
done
last=$((seed + filtered))
while [ "$seed" -lt "$last" ]; do
    populate $((8 + seed % 4))
    compare_filtered
    compare --all
    empty
    seed=$((seed + 1))
done
last=$((seed + applied))
while [ "$seed" -lt "$last" ]; do
    twins $((8 + seed % 4))
    seed=$((seed + 1))
done
echo "$populations plain and $filtered filtered populations:" \
    "$prunes prunes, $planned names planned and removed, $kept kept"
echo "$applied twins: --apply removed $untagged names"
awk '{ count = $NF; $NF = ""; names[$0] += count; times[$0] += 1 }
    END {
        for (cause in names)
            print "the engine removed " names[cause] " more names in " times[cause] " prunes: " cause
    }' \
    "$folder/differences"

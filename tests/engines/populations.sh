# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Does the plan name exactly what the engine then removes? Random populations (population.awk) meet the program's plan
# and the engine's own prune.
#
# SEED is the first population's, without it the time of the last commit. POPULATIONS is how many meet a plain prune;
# FILTERED, how many more meet prunes with filters; APPLIED, to how many more the plan is applied, and held against a
# twin that met the engine's own prune. A full run has 40, 20 and 20 of them; what is not set is a tenth of that.
#
# No name in the plan may be one that the engine keeps. Where the engine removes more, the program has to have said why
# (a line "note: CAUSE: …"), and the names are counted by these causes.

. "$here/steps.sh"
populations=${POPULATIONS:-4}
filtered=${FILTERED:-2}
applied=${APPLIED:-2}

# A name that the engine removed and the plan did not: its cause is one that the program named, or that the clock went
# on between the plan and the prune.
causes() {
    {
        sed -n 's/^note: \([^:]*\):.*/\1/p' "$folder/notes"
        case $* in *until=*[smh]*) echo clock ;; esac
    } | sort -u | paste -s -d + -
}

compare() { # [--all] [--filter …]
    shown "$@" >"$folder/before"
    plan --quiet "$@" >"$folder/unsorted" 2>"$folder/notes" || { cat "$folder/notes" >&2; return 1; }
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

# The prunes with filters, one a line. HALF and DATE stand for a moment at which half of the population was there, IMAGE
# for an image.
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

compare_filtered() {
    date=$(date -u -d "@$half_way" +%Y-%m-%dT%H:%M:%S.%NZ)
    total=$(filter_lines | wc -l)
    for turn in 0 1 2 3; do
        line=$(filter_lines | sed -n "$(((seed * 4 + turn) % total + 1))p" |
            sed "s/HALF/$half_way/; s/DATE/$date/; s/IMAGE/$(id_of 3)/")
        set -f
        # shellcheck disable=SC2086 # several options
        compare $line
        set +f
    done
}

# What the engine has, with images by their numbers: IDs hold times, and are others in each twin.
state() {
    names | sed 's/sha256://g' |
        awk 'NR == FNR { number[$1] = $2; next }
            { name = $2; for (id in number) sub(id, "image-" number[id], name); print number[$1], name }' \
            "$folder/numbers" - | sort
}

# The names that the engine would not remove, as its report tells them.
in_use() {
    tr '{' '\n' <"$folder/report" | sed -n 's/^"name":"\(.*\)","target":"\([^"]*\)","reason":"in_use".*/\1/p' |
        sed 's/^moby-dangling@//; s/sha256://g' |
        awk 'NR == FNR { number[$1] = $2; next } { for (id in number) sub(id, "image-" number[id]); print }' \
            "$folder/numbers" - | sort -u
}

# Two populations of one seed: the plan applied to one, the engine's own prune to the other. They end as twins, but for
# names that the engine's prune removes and that it would not remove one by one, since a container runs the image.
twins() { # IMAGES
    populate "$1"
    if ! plan --all --apply --yes --json >"$folder/report" 2>"$folder/notes"; then
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
    [ -n "$(comm -23 "$folder/more" "$folder/refused")" ] || cause="rmi refuses an image in use${cause:+ or $cause}"
    # Where it refuses to remove a name, it has removed a dangling record beside it. An image without a name is not shown
    # while one that was made from it is there.
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
    # Every second one meets both prunes, the others that of all images with the dangling ones still there.
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
            print "the engine removed " names[cause] " names more in " times[cause] " prunes: " cause
    }' \
    "$folder/differences"

#!/bin/sh
# Does the plan name exactly what a real engine then removes?
#
#   sh tests/engines/engines.sh docker|podman ENGINE_PRUNE [record FOLDER]
#
# Starts an engine of its own in a temporary folder, fills it with random populations (population.awk), and compares
# the plan of the program ENGINE_PRUNE with what the engine's `image prune` takes away. SEED, POPULATIONS and
# FILTERED (how many more meet prunes with filters) can be set, and APPLIED: to how many more the plan is applied, and
# held against a twin that met the engine's own prune.
# Ends with 77 where no engine can be started; with PRUNEPLAN_REQUIRE_ENGINES=1 that is a failure.
# With `record`, writes one larger population's listing and what the engine removed of it to FOLDER instead.
set -eu
export LC_ALL=C

engine=$1
engine_prune=$2
record=${4:-}
here=$(cd "$(dirname "$0")" && pwd)
seed=${SEED:-1}
populations=${POPULATIONS:-20}
filtered=${FILTERED:-10}
applied=${APPLIED:-20}
folder=$(mktemp -d "${TMPDIR:-/tmp}/engines.XXXXXX")
daemon=

no_engine() {
    if [ "${PRUNEPLAN_REQUIRE_ENGINES:-}" = 1 ]; then
        echo "failed: $engine is required, and $1" >&2
        exit 1
    fi
    echo "skipped: $1"
    exit 77
}

clean_up() {
    result=$?
    trap - EXIT
    if [ "$result" != 0 ] && [ "$result" != 77 ] && [ -f "$folder/log" ]; then
        echo "the end of the daemon's log:" >&2
        tail -n 20 "$folder/log" >&2
    fi
    if [ -n "$daemon" ]; then
        kill "$daemon" 2>/dev/null || :
        wait "$daemon" 2>/dev/null || :
    fi
    rm -rf "$folder"
    exit "$result"
}
trap clean_up EXIT
trap 'exit 1' HUP INT PIPE TERM

start_docker() {
    command -v dockerd >/dev/null || no_engine "dockerd is not installed"
    unset DOCKER_HOST DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION
    export DOCKER_CONFIG="$folder/config"
    dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs \
        --host "unix://$folder/socket" --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" \
        --containerd-namespace "engines-$$" --containerd-plugins-namespace "engines-plugins-$$" \
        >"$folder/log" 2>&1 &
    daemon=$!
    tries=0
    until find_client; do
        tries=$((tries + 1))
        if [ "$tries" = 200 ] || ! kill -0 "$daemon" 2>/dev/null; then
            no_engine "dockerd does not start: $(tail -n 1 "$folder/log")"
        fi
        sleep 0.3
    done
}

# More than one client can be installed, and not each of them speaks with this daemon.
find_client() {
    [ -S "$folder/socket" ] || return 1
    old_ifs=$IFS
    IFS=:
    for place in $PATH; do
        client=$place/docker
        [ -x "$client" ] && ask version >/dev/null 2>&1 && break
        client=
    done
    IFS=$old_ifs
    [ -n "$client" ]
}

start_podman() {
    command -v podman >/dev/null || no_engine "podman is not installed"
    unset CONTAINER_HOST CONTAINER_CONNECTION STORAGE_DRIVER STORAGE_OPTS
    # Locks in files, since those in shared memory are one set for all of a user's Podmans.
    cat >"$folder/containers.conf" <<END
[engine]
lock_type = "file"
events_logger = "none"
cgroup_manager = "cgroupfs"
tmp_dir = "$folder/tmp"
END
    export CONTAINERS_CONF="$folder/containers.conf"
    ask images >"$folder/log" 2>&1 || no_engine "podman does not start: $(tail -n 1 "$folder/log")"
}

ask() {
    case $engine in
    docker) "$client" -H "unix://$folder/socket" "$@" ;;
    podman) podman --root "$folder/root" --runroot "$folder/run" --storage-driver vfs "$@" ;;
    esac </dev/null
}

plan() {
    case $engine in
    docker) "$engine_prune" --engine docker "$@" -- "$client" -H "unix://$folder/socket" ;;
    podman) "$engine_prune" --engine podman "$@" -- \
        podman --root "$folder/root" --runroot "$folder/run" --storage-driver vfs ;;
    esac
}

version() {
    case $engine in
    docker) ask version --format '{{.Server.Version}}' ;;
    podman) ask version --format '{{.Client.Version}}' ;;
    esac
}

# All that follows says what it does where it fails, and not where it works.
quietly() { "$@" >"$folder/chatter" 2>&1 || { cat "$folder/chatter" >&2; return 1; }; }

# The steps of a population; images are known by their numbers, and id_K is the ID of K.

id_of() { eval "echo \"\$id_$1\""; }

remember() { # K, and a command that prints the image's ID
    number=$1
    shift
    # shellcheck disable=SC2034 # eval uses it
    new_id=$("$@" 2>"$folder/chatter") || { cat "$folder/chatter" >&2; return 1; }
    eval "id_$number=\$new_id"
    echo "${new_id#sha256:} $number" >>"$folder/numbers"
}

image() { # K NAME
    name=${2#-}
    echo "seed $seed, image $1" >"$folder/content"
    tar -C "$folder" -cf "$folder/content.tar" content
    case $((($1 + seed) % 3)) in
    0) label=env=dev ;;
    1) label=env=prod ;;
    *) label="note=a%20b=c d" ;;
    esac
    remember "$1" ask import --change "LABEL \"${label%%=*}\"=\"${label#*=}\"" "$folder/content.tar" ${name:+"$name"}
}

child() { # K NAME OF KEEP
    name=${2#-}
    remember parent ask create --name "parent-of-$1" "$(id_of "$3")" /command
    remember "$1" ask commit "$(id_of parent)" ${name:+"$name"}
    [ "$4" = 1 ] || quietly ask rm "$(id_of parent)"
}

container() { # K FORM NAME
    full=$(id_of "$1")
    bare=${full#sha256:}
    case $2 in
    name) from=$3 ;;
    full) from=$full ;;
    bare) from=$bare ;;
    short) from=$(echo "$bare" | cut -c 1-12) ;;
    esac
    containers=$((containers + 1))
    quietly ask create --name "by-$2-$containers" "$from" /command
}

step() {
    case $1 in
    image) image "$2" "$3" ;;
    child) child "$2" "$3" "$4" "$5" ;;
    tag) quietly ask tag "$(id_of "$2")" "$3" ;;
    container) container "$2" "$3" "$4" ;;
    esac
}

populate() { # IMAGES
    containers=0
    : >"$folder/numbers"
    awk -v seed="$seed" -v images="$1" -v engine="$engine" -f "$here/population.awk" >"$folder/steps"
    half=$(($(wc -l <"$folder/steps") / 2))
    steps=0
    while read -r words; do
        # shellcheck disable=SC2086 # a step is several words
        step $words
        steps=$((steps + 1))
        [ "$steps" != "$half" ] || half_way=$(date +%s.%N)
    done <"$folder/steps"
}

empty() {
    ids=$(ask ps --all --quiet)
    # shellcheck disable=SC2086 # several
    [ -z "$ids" ] || quietly ask rm --force $ids
    quietly ask image prune --all --force
}

# What the engine shows: canonical names, and the IDs of untagged images. Neither engine shows an untagged image that
# others were made from, until Podman is asked for all.
shown() { # [--all] [--filter …]
    case $engine$* in
    podman*--all*) all=true ;;
    *) all=false ;;
    esac
    ask images --all=$all --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}' >"$folder/shown"
    awk '$2 == "<none>:<none>" { print $1; next }
        { slash = index($2, "/"); domain = substr($2, 1, slash - 1) }
        slash == 0 { print "docker.io/library/" $2; next }
        domain ~ /[.:]/ || domain == "localhost" { print $2; next }
        { print "docker.io/" $2 }' "$folder/shown" | sort -u
}

compare() { # [--all] [--filter …]
    shown "$@" >"$folder/before"
    plan --quiet "$@" >"$folder/unsorted"
    sort "$folder/unsorted" >"$folder/plan"
    quietly ask image prune --force "$@"
    shown "$@" >"$folder/after"
    comm -23 "$folder/before" "$folder/after" >"$folder/removed"
    planned=$((planned + $(wc -l <"$folder/plan")))
    kept=$((kept + $(wc -l <"$folder/before") - $(wc -l <"$folder/removed")))
    cmp -s "$folder/plan" "$folder/removed" && return 0
    [ "$spares" = 0 ] || [ -n "$(comm -23 "$folder/plan" "$folder/removed")" ] || return 0
    {
        echo "MISMATCH: $engine, seed $seed, image prune $*"
        echo "the population:" && cat "$folder/steps"
        echo "in the plan only:" && comm -23 "$folder/plan" "$folder/removed"
        echo "removed only:" && comm -13 "$folder/plan" "$folder/removed"
        echo "the plan:" && cat "$folder/plan"
        echo "shown before:" && cat "$folder/before"
    } >&2
    return 1
}

# Where an engine takes more than the library's filters say (several label! of which one holds, a creation time that is
# the very moment of until, a clock that went on): nothing is in the plan that the engine spares.
compare_sparing() { # [--all] --filter …
    spares=1
    compare "$@"
    spares=0
}

# What the engine has, with images by their numbers: IDs hold times, and are others in each twin.
state() {
    ask images --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}' |
        sed 's/^sha256://' |
        awk 'NR == FNR { number[$1] = $2; next } { print number[$1], $2 }' "$folder/numbers" - | sort
}

# Two populations of one seed: the plan applied to one, the engine's own prune to the other. They end as twins.
twins() { # IMAGES
    populate "$1"
    if ! plan --all --apply --yes >"$folder/report" 2>&1; then
        echo "FAILED: $engine, seed $seed, --apply:" >&2
        cat "$folder/report" >&2
        return 1
    fi
    state >"$folder/applied"
    untagged=$((untagged + $(grep -c '^untagged: ' "$folder/report" || :)))
    empty
    populate "$1"
    quietly ask image prune --all --force
    state >"$folder/pruned"
    empty
    cmp -s "$folder/applied" "$folder/pruned" && return 0
    {
        echo "MISMATCH: $engine, seed $seed: --apply and image prune --all leave different images"
        echo "the population:" && cat "$folder/steps"
        echo "the report:" && cat "$folder/report"
        diff "$folder/applied" "$folder/pruned"
    } >&2
    return 1
}

case $engine in
docker) start_docker ;;
podman) start_podman ;;
*) echo "which engine? docker or podman" >&2 && exit 2 ;;
esac

planned=0
kept=0
spares=0
if [ -n "$record" ]; then
    populate 24
    plan --all --quiet --save-listing "$record/$engine.listing" >/dev/null
    compare --all
    cp "$folder/removed" "$record/$engine.pruned"
    exit 0
fi

echo "$engine $(version), seeds $seed to $((seed + populations - 1))"
last=$((seed + populations))
while [ "$seed" -lt "$last" ]; do
    populate $((6 + seed % 4))
    # Every second one meets both prunes, the others that of all images with the dangling ones still there.
    [ $((seed % 2)) = 0 ] || compare
    compare --all
    empty
    seed=$((seed + 1))
done
[ "$filtered" = 0 ] || echo "$filtered populations with filters, seeds $seed to $((seed + filtered - 1))"
last=$((seed + filtered))
while [ "$seed" -lt "$last" ]; do
    populate $((6 + seed % 4))
    case $((seed % 3)) in
    0)
        compare --filter "until=$half_way"
        compare --all --filter "until=$half_way" --filter label=env=dev
        compare_sparing --all --filter label!=env=dev --filter label!=note
        ;;
    1)
        compare --filter label!=env=prod
        compare --all --filter "until=$half_way"
        compare_sparing --all --filter label=env --filter label=env=dev
        ;;
    *)
        compare --filter label=note
        compare --all --filter label!=env --filter "until=$half_way"
        compare_sparing --all --filter until=0s --filter label=note
        ;;
    esac
    compare --all --filter label=env=prod
    compare --all
    empty
    seed=$((seed + 1))
done
untagged=0
[ "$applied" = 0 ] || echo "$applied twins, seeds $seed to $((seed + applied - 1))"
last=$((seed + applied))
while [ "$seed" -lt "$last" ]; do
    twins $((6 + seed % 4))
    seed=$((seed + 1))
done
echo "$applied twins agree: --apply removed $untagged names"
echo "$((populations + filtered)) populations agree: $engine removed the $planned names and images that were planned, and kept $kept"

# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Functions for cases: makes images and containers, carries out the steps of a population (population.awk), and prints
# the names that the engine has. Images have numbers: the variable id_K is the ID of image K, and the file `numbers`
# lists both.

seed=${SEED:-}
seed=${seed:-$(git -c safe.directory='*' -C "$here" log -1 --format=%ct 2>/dev/null || echo 1)}

id_of() { eval "echo \"\$id_$1\""; }

remember() { # K ID
    # shellcheck disable=SC2034 # eval uses it
    new_id=$2
    eval "id_$1=\$new_id"
    echo "${new_id#sha256:} $1" >>"$folder/numbers"
}

# Prints the standard output of a command, and its standard error only if it fails.
answer_of() { "$@" 2>"$folder/chatter" || { cat "$folder/chatter" >&2; return 1; }; }

# Makes $folder/content.tar, the only layer of an image.
archive() { # CONTENT
    mkdir -p "$folder/content"
    echo "$1" >"$folder/content/file"
    tar -C "$folder/content" -cf "$folder/content.tar" file
}

import() { # CONTENT [NAME [LABEL=VALUE]...], prints the ID
    archive "$1"
    name=${2:-}
    shift "$(($# < 2 ? $# : 2))"
    for label; do
        set -- "$@" --change "LABEL \"${label%%=*}\"=\"${label#*=}\""
        shift
    done
    answer_of "$folder/engine" import "$@" - ${name:+"$name"} <"$folder/content.tar"
}

image() { # K NAME
    name=${2#-}
    case $((($1 + seed) % 6)) in
    0 | 1) set -- "$1" env=dev ;;
    2) set -- "$1" env=prod ;;
    3) set -- "$1" "note=a%20b=c d" ;;
    4) set -- "$1" env=dev tier=web ;;
    *) set -- "$1" ;;
    esac
    number=$1
    shift
    new_id=$(import "seed $seed, image $number" "$name" "$@")
    remember "$number" "$new_id"
}

child() { # K NAME OF KEEP
    name=${2#-}
    parent=$(answer_of ask create --name "parent-of-$1" "$(id_of "$3")" /command)
    new_id=$(answer_of ask commit "$parent" ${name:+"$name"})
    remember "$1" "$new_id"
    [ "$4" = 1 ] || quietly ask rm "$parent"
}

# Loads an OCI archive whose index says the name of the image.
record() { # K NAME
    id=$(id_of "$1")
    template='"mediaType":"{{.Descriptor.MediaType}}","size":{{.Descriptor.Size}}'
    described=$(answer_of ask image inspect --format "$template" "$id")
    rm -rf "$folder/content"
    mkdir "$folder/content"
    ask save "$id" | tar -C "$folder/content" -x
    rm -f "$folder/content/manifest.json"
    printf '{"schemaVersion":2,"manifests":[{%s,"digest":"%s","annotations":{"io.containerd.image.name":"%s"}}]}' \
        "$described" "$id" "docker.io/library/$2@$id" >"$folder/content/index.json"
    tar -C "$folder/content" -cf "$folder/content.tar" .
    quietly "$folder/engine" load <"$folder/content.tar"
}

digest_of() {
    case $kind in
    docker) id_of "$1" ;;
    podman) answer_of ask image inspect --format '{{.Digest}}' "$(id_of "$1")" ;;
    esac
}

container() { # K FORM NAME
    full=$(id_of "$1")
    bare=${full#sha256:}
    repository=${3%:*}
    case $2 in
    name) from=$3 ;;
    familiar) from=${3%:latest} ;;
    full) from=$full ;;
    bare) from=$bare ;;
    short) from=$(echo "$bare" | cut -c 1-12) ;;
    digest) from=$repository@$(digest_of "$1") ;;
    tagged_digest) from=$3@$(digest_of "$1") ;;
    moved_digest) from=$repository:nowhere@$(digest_of "$1") ;;
    esac
    containers=$((containers + 1))
    quietly ask create --name "by-$2-$containers" ${mounting:+--mount "type=image,source=$mounting,target=/mounted"} \
        "$from" /command
    mounting=
}

mount_image() { # K FORM NAME
    case $2 in
    name) mounting=$3 ;;
    full) mounting=$(id_of "$1") ;;
    esac
}

step() {
    case $1 in
    image) image "$2" "$3" ;;
    child) child "$2" "$3" "$4" "$5" ;;
    tag) quietly ask tag "$(id_of "$2")" "$3" ;;
    record) record "$2" "$3" ;;
    container) container "$2" "$3" "$4" ;;
    mount) mount_image "$2" "$3" "$4" ;;
    esac
}

populate() { # IMAGES
    containers=0
    mounting=
    : >"$folder/numbers"
    awk -v seed="$seed" -v images="$1" -v engine="$kind" -v digests="$digests" -v records="$records" \
        -v mounts="$mounts" -f "$here/population.awk" >"$folder/steps"
    half=$(($(wc -l <"$folder/steps") / 2))
    steps=0
    while read -r words; do
        # shellcheck disable=SC2086 # a step is several words
        step $words
        steps=$((steps + 1))
        # shellcheck disable=SC2034 # populations.sh uses it
        [ "$steps" != "$half" ] || half_way=$(date +%s.%N)
    done <"$folder/steps"
}

# Removes all containers and images. Podman cannot remove a container whose mounted image its prune has deleted.
empty() {
    if [ "$kind" = podman ]; then
        rm -rf "$storage"
        return 0
    fi
    ids=$(ask ps --all --quiet)
    # shellcheck disable=SC2086 # several
    [ -z "$ids" ] || quietly ask rm --force $ids
    quietly ask image prune --all --force
}

# Prints the images that the engine shows, as "ID NAME" with canonical names. The name of an untagged image is its ID.
# Docker does not show an untagged image that has children, and Podman does with --all. In the containerd image store,
# an image can have a dangling record in addition to names.
names() { # [--all] [--filter ...]
    all=false
    [ "$kind" = docker ] || all=true
    ids=$(ask images --all=$all --quiet --no-trunc | sort -u)
    [ -n "$ids" ] || return 0
    [ "$store" != containerd ] || ask images --filter dangling=true --quiet --no-trunc | sed 's/.*/& &/'
    # shellcheck disable=SC2016 # a Go template
    template='{{$id := .ID}}{{range .RepoTags}}{{$id}} {{.}}{{"\n"}}{{else}}{{$id}}{{"\n"}}{{end}}'
    # shellcheck disable=SC2086 # several
    ask image inspect --format "$template" $ids |
        awk 'NF == 0 { next }
            $1 !~ /:/ { $1 = "sha256:" $1 }
            NF == 1 { print $1, $1; next }
            { slash = index($2, "/"); domain = substr($2, 1, slash - 1) }
            slash == 0 { print $1, "docker.io/library/" $2; next }
            domain ~ /[.:]/ || domain == "localhost" { print; next }
            { print $1, "docker.io/" $2 }'
}

# Asks Docker's API.
get() { # PATH [OPTION of curl]...
    path=$1
    shift
    curl --silent --fail --unix-socket "$socket" "$@" "http://docker$path"
}

# Prints a number in a line of JSON.
number_of() { sed "s/.*\"$1\": *\([0-9]*\).*/\1/"; } # MEMBER

# Prints a message on standard error, and ends.
fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# Prints the names only.
shown() { names "$@" | sed 's/.* //' | sort -u; }

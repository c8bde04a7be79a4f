# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests images of Podman that are not one manifest with names: manifest lists, untagged builds of several layers, images
# of a read-only store, and names by digest only.

. "$here/steps.sh"

# Podman's inspection of a list shows an instance, so look in the list of images.
there() { ask images --all --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}' | grep -qF "$1"; }

planned() { plan --format names "$@" 2>"$folder/notes" || fail "$*: $(cat "$folder/notes")"; }

apply() {
    plan --apply --yes --format json "$@" >"$folder/report" 2>"$folder/notes" ||
        fail "--apply $*: $(cat "$folder/notes" "$folder/report")"
}

expect() { # WANTED [OPTION]...
    wanted=$1
    shift
    got=$(planned "$@" | tr '\n' ' ')
    [ "$got" = "$wanted" ] || fail "pruneplan $*: \"$got\" and not \"$wanted\""
}

make_list() { # NAME INSTANCE...
    name=$1
    shift
    quietly ask manifest create "$name"
    for instance; do
        quietly ask manifest add "$name" "containers-storage:localhost/$instance"
    done
}

manifest_lists() {
    import one app:1 >/dev/null
    import two app:2 >/dev/null
    make_list list:1 app:1 app:2
    quietly ask tag list:1 list:also
    expect "localhost/list:1 localhost/list:also localhost/app:1 localhost/app:2 " --all
    expect "" --all --keep 'localhost/list:1' --filter reference=localhost/app:1
    expect "localhost/list:also " --all --keep 'localhost/list:1'
    apply --all --keep 'localhost/app:*' --keep 'localhost/list:1'
    there localhost/list:1 || fail "the last name of a list is gone"
    ! there localhost/list:also || fail "a name of a list is not removed"
    apply --all --keep 'localhost/app:*'
    ! there localhost/list:1 || fail "a list is not deleted"
    { there localhost/app:1 && there localhost/app:2; } || fail "with a list, its instances were deleted"

    # A list that lost its name.
    make_list moved:1 app:1
    import three moved:1 >/dev/null
    apply
    grep -q '"deleted":\["sha256:[0-9a-f]*"\]' "$folder/report" || fail "an untagged list: $(cat "$folder/report")"
    { there localhost/app:1 && there localhost/moved:1; } || fail "with an untagged list, named images were deleted"
    [ "$(ask images --quiet --all | sort -u | wc -l)" = 3 ] || fail "an untagged list is not deleted"

    # The instance of this list was deleted, so Podman cannot inspect it.
    make_list list:2 app:2
    quietly ask rmi app:2
    expect "localhost/list:2 " --all --filter reference=localhost/list
    apply --all
    [ -z "$(ask images --quiet --all)" ] || fail "images are left: $(ask images --all)"
    echo "a manifest list needs its instances, and is deleted without them"
}

build_chain() { # [OPTION]...
    rm -rf "$shared/context"
    mkdir "$shared/context"
    for file in a b c; do
        echo "$file" >"$shared/context/$file"
    done
    printf 'FROM scratch\nCOPY a /\nCOPY b /\nCOPY c /\nLABEL top=1\n' >"$shared/context/Containerfile"
    quietly ask build --isolation chroot --layers "$@" "$seen/context"
}

# Prints the IDs of an untagged build, the last layer first.
chain() {
    id=$(ask images --quiet --no-trunc --filter dangling=true)
    while [ -n "$id" ]; do
        echo "sha256:${id#sha256:}"
        id=$(ask image inspect --format '{{.Parent}}' "$id")
    done
}

untagged_builds() {
    build_chain
    chain >"$folder/chain"
    [ "$(wc -l <"$folder/chain")" = 4 ] || fail "the build has other images: $(cat "$folder/chain")"
    all=$(tr '\n' ' ' <"$folder/chain")
    expect "$all" --rule engine
    expect "$all"
    expect "$all" --all
    quietly ask image prune --force
    [ -z "$(ask images --all --quiet)" ] || fail "the engine's prune leaves images: $(ask images --all)"
    build_chain
    apply
    [ -z "$(ask images --all --quiet)" ] || fail "--apply leaves images: $(ask images --all)"

    # Podman's rmi would also delete untagged images that the image was built on, although the plan keeps them.
    build_chain
    apply --filter label=top
    [ "$(ask images --all --quiet | wc -l)" = 3 ] || fail "of the build, $(ask images --all) are left"
    quietly ask image prune --force

    # The build's last image has a name.
    build_chain --tag top:1
    quietly ask image prune --force
    [ "$(ask images --all --quiet | wc -l)" = 4 ] || fail "the engine's prune deletes what a named image was built on"
    expect ""
    expect "" --rule engine
    expect "" --all --keep 'localhost/top:1'
    [ "$(planned --all | wc -l)" = 4 ] || fail "a build without containers is not planned"
    quietly ask create --name user top:1 /command
    expect "" --all

    # Podman's own prune of all images deletes what an image in use was built on.
    apply --all --rule engine
    ask images --all --quiet --no-trunc >"$folder/applied"
    quietly ask image prune --all --force
    ask images --all --quiet --no-trunc | diff "$folder/applied" - >&2 || fail "the engine's prune deletes more"
    [ "$(wc -l <"$folder/applied")" = 1 ] || fail "applied: $(cat "$folder/applied")"
    quietly ask rm user
    quietly ask image prune --all --force
    echo "an untagged build of several layers is deleted as a whole, the last layer first"
}

# The writable store gets an image with a name that the read-only store has, too.
read_only_stores() {
    mv "$folder/engine" "$folder/client"
    command_is "$folder/client" --root "$seen/other" --runroot "$seen/other-run"
    base=$(import base base:1)
    import base base:2 >/dev/null
    command_is "$folder/client" --storage-opt "vfs.imagestore=$seen/other"
    there "$base" || fail "podman does not list the images of the read-only store: $(ask images --all)"
    expect "" --all
    plan --all --format json | tr '{' '\n' >"$folder/plan"
    grep -q '"name":"localhost/base:1".*"reason":"pinned"' "$folder/plan" || fail "not pinned: $(cat "$folder/plan")"
    import other base:1 >/dev/null
    expect "localhost/base:1 " --all
    apply --all
    there "$base" || fail "the image of the read-only store is gone"
    expect "" --all
    quietly ask image prune --all --force
    there "$base" || fail "the engine's prune deletes from the read-only store"
    mv "$folder/client" "$folder/engine"
    echo "images of a read-only store are pinned"
}

# Containers of other tools use images, too. What Podman did not make of an image, uses none.
other_containers() {
    build_chain --rm=false
    quietly ask create --name folder --rootfs "$seen/context" /command
    used=$(ask ps --all --external --no-trunc --format '{{.ImageID}}' | grep . | sort -u)
    [ -n "$used" ] || fail "the build left no container: $(ask ps --all --external)"
    plan --all --format json >"$folder/plan" 2>"$folder/notes" || fail "$(cat "$folder/notes")"
    ! grep -q '^doubt' "$folder/notes" || fail "$(cat "$folder/notes")"
    planned --all >"$folder/plan"
    ! grep -qF "$used" "$folder/plan" || fail "the image of a build's container is planned: $(cat "$folder/plan")"
    echo "images of a build's containers are in use"
}

# Three images share a layer of 300 kB, and have 10 kB each of their own.
shared_layers() {
    mkdir "$shared/shared"
    head -c 300000 /dev/urandom >"$shared/shared/large"
    for number in 1 2 3; do
        head -c 10000 /dev/urandom >"$shared/shared/small$number"
        printf 'FROM scratch\nCOPY large /\nCOPY small%s /\n' "$number" >"$shared/shared/Containerfile"
        quietly ask build --isolation chroot --layers --tag "kid:$number" "$seen/shared"
    done
    [ "$(planned --all --free 10kB | grep -c kid)" = 1 ] || fail "--free 10kB: $(planned --all --free 10kB)"
    [ "$(planned --all --free 300kB | grep -c kid)" = 3 ] || fail "--free 300kB: $(planned --all --free 300kB)"
    plan --all --free 300kB --format json >"$folder/plan"
    freed=$(sed 's/.*"freed": *\([0-9]*\).*/\1/' "$folder/plan")
    { [ "$freed" -gt 330000 ] && [ "$freed" -lt 380000 ]; } || fail "the plan frees $freed bytes"
    quietly ask create --name user kid:2 /command
    [ "$(planned --all --free 300kB | grep -c kid)" = 2 ] || fail "in use: $(planned --all --free 300kB)"
    quietly ask rm user
    quietly ask image prune --all --force
    echo "a budget counts a layer with the last image that has it"
}

mkdir "$DOCKER_CONFIG"
echo '{}' >"$DOCKER_CONFIG/config.json"
manifest_lists
untagged_builds
shared_layers
read_only_stores
other_containers

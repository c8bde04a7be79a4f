# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests plans of images that share layers, for Docker with a graph driver: a budget counts a layer once, with the last
# image that has it, and Docker then frees what the plan says.

. "$here/steps.sh"

# Prints the bytes of all layers.
on_disk() { get /system/df | number_of LayersSize; }

# Checks that a plan deletes so many images, and that Docker then frees what the plan says.
check() { # IMAGES [OPTION]...
    images=$1
    shift
    planned=$(plan --all "$@" --format names | wc -l)
    [ "$planned" = "$images" ] || fail "$*: $planned images are planned, not $images"
    plan --all "$@" --format json >"$folder/plan"
    grep -q '"exact": *true' "$folder/plan" || fail "$*: the sizes are not exact"
    says=$(number_of freed <"$folder/plan")
    before=$(on_disk)
    plan --all "$@" --apply --yes --quiet --format json >"$folder/report" || fail "--apply"
    freed=$((before - $(on_disk)))
    echo "${*:-no budget}: $images images, $says bytes; Docker freed $freed bytes"
    [ "$says" = "$freed" ] || fail "the plan says something else"
    [ "$(number_of space_reclaimed <"$folder/report")" = "$freed" ] || fail "the report: $(cat "$folder/report")"
}

# Makes the images kid:1, kid:2 and kid:3, which share a layer of 3 MB. Each has a layer of 100 kB of its own.
three_kids() {
    mkdir -p "$folder/content"
    head -c 3000000 /dev/urandom >"$folder/content/file"
    tar -C "$folder/content" -cf "$folder/content.tar" file
    answer_of "$folder/engine" import - base:1 <"$folder/content.tar" >"$folder/base"
    for number in 1 2 3; do
        quietly ask create --name "maker-$number" base:1 /command
        head -c 100000 /dev/urandom >"$folder/content/own"
        tar -C "$folder/content" -cf "$folder/content.tar" own
        quietly "$folder/engine" cp - "maker-$number:/" <"$folder/content.tar"
        answer_of ask commit "maker-$number" "kid:$number" >>"$folder/base"
        quietly ask rm "maker-$number"
    done
    quietly ask rmi base:1
}

three_kids
check 1 --free 100kB
empty
three_kids
check 3 --free 3MB
three_kids
quietly ask create --name user kid:2 /command
check 2 --free 3MB
empty

# A history does not say which steps without content made a layer.
python3 "$here/archive.py" histories >"$folder/histories.tar"
quietly "$folder/engine" load <"$folder/histories.tar"
quietly ask create --name user steps:1 /command
check 1

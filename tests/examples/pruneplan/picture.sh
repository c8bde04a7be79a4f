# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests that the picture in README.md is what the program draws.

"$pruneplan" listing "$recorded/shop.json" --all --format svg >"$folder/picture"
same "examples/data/shop.svg is drawn by the program" "$recorded/shop.svg" "$folder/picture"
grep -q '(examples/data/shop.svg)' "$here/../../README.md" || fail "README does not show examples/data/shop.svg"

# Of more than 50 images, only those that lose a name are drawn, and the containers that use these.
{
    printf 'docker\tstrict\n'
    for number in $(seq 60); do
        printf 'image\tdocker.io/library/app:%s\tsha256:%064d\n' "$number" "$number"
        [ "$number" -le 5 ] || printf 'container\tsha256:%064d\t\tname=user-%s\n' "$number" "$number"
    done
    printf 'image\tdocker.io/library/app:spare\tsha256:%064d\n' 60
} | to_listing >"$folder/many"
"$pruneplan" listing "$folder/many" --all --format svg >"$folder/picture"
[ "$(grep -c 'class="image ' "$folder/picture")" = 6 ] || fail "not 6 of 60 images are drawn"
[ "$(sed -n 's/.*class="name".*>\(user.*\)<.*/\1/p' "$folder/picture")" = user-60 ] || fail "not only user-60 is drawn"
grep -qF 'deletes 6 of 61 names, which frees at most 0B. Not drawn: 54 images that keep all names.</text>' \
    "$folder/picture" || fail "the picture does not say what is not drawn: $(tail -2 "$folder/picture")"

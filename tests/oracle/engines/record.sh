# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Records test data: writes to FOLDER the listing of a larger population, and the names that the engine's prune of all
# images removes from it.
#
#     record FOLDER

. "$here/steps.sh"

to=$(realpath "$1")
path=$to/$(echo "$engine" | tr _ -)
populate 24
plan --rule engine --all --format names --save-listing "$path.json" >"$folder/unsorted"
shown --all >"$folder/before"
quietly ask image prune --all --force
shown --all >"$folder/after"
comm -23 "$folder/before" "$folder/after" >"$path.pruned"
sort "$folder/unsorted" | cmp - "$path.pruned" || {
    echo "FAILED: seed $seed: the plan differs from what the engine removes" >&2
    exit 1
}
members() { grep -o "\"$1\": *\"[^\"]*\"" "$path.json"; }
echo "$path.json, of seed $seed: $(members target | wc -l) names, $(members target | sort -u | wc -l) images," \
    "$(members image_id | wc -l) containers"

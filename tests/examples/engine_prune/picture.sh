# SPDX-License-Identifier: BSL-1.0
# Sourced by ../engine_prune.sh. Tests that the picture in README.md is what the program draws.

"$engine_prune" --listing "$recorded/shop.listing" --all --rule strict --format svg >"$folder/picture"
same "examples/data/shop.svg is drawn by the program" "$recorded/shop.svg" "$folder/picture"
grep -q '(examples/data/shop.svg)' "$here/../../README.md" || fail "README does not show examples/data/shop.svg"

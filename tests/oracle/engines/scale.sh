# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests that 500 images of Docker are planned in at most 3 seconds. With the containerd image store, nearly all of that
# is the engine's own list of images. Where the machine is so busy that this list alone takes longer, a plan may take a
# second more than the list.

. "$here/steps.sh"

now() { echo $(($(date +%s%N) / 1000000)); }

python3 "$here/archive.py" many 500 >"$folder/many.tar"
quietly "$folder/engine" load <"$folder/many.tar"
for number in 1 2 3; do
    quietly ask create --name "user-$number" "many:$number" /command
done

for attempt in 1 2 3 4 5; do
    started=$(now)
    get '/images/json?manifests=true' >/dev/null
    listed=$(($(now) - started))
    planned=$(plan --all --format names | wc -l)
    took=$(($(now) - started - listed))
    echo "$engine $(version): 500 images are listed in $listed ms, and planned in $took ms"
    [ "$planned" = 497 ] || fail "$planned names are planned, not 497"
    [ "$took" -gt 3000 ] || exit 0
    [ "$listed" -lt 3000 ] || [ "$took" -gt $((listed + 1000)) ] || exit 0
done
fail "$attempt plans took more than 3 seconds each"

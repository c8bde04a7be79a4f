# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests pruneplan on random populations of images and containers that ctr makes in a namespace of its own
# (containerd/ctr_population.py).
#
# SEED is the seed of the first population; it defaults to the time of the last commit. POPULATIONS is their number: 40
# in a full run, 4 by default. For each population:
#
# - The plan of --rule engine deletes what nerdctl's prune would delete, and that of --rule whole_image what the
#   kubelet's garbage collection would delete, except for names that pruneplan keeps for a known cause
#   (containerd/ctr_rules.py).
# - --apply deletes the names in the plan of strict and no others. Then each container has all images that it ran, and
#   the name that it was created from if that still pointed at one of them. Containers can be created from these names.
# - In a third of the populations, --apply --rule names_only then does the same, and there is a doubt about each image
#   that a container loses.

. "$here/steps.sh"
. "$here/containerd/python.sh"
export folder socket program cgroup
populations=${POPULATIONS:-4}
echo "$engine, version $(version), seeds $seed to $((seed + populations - 1))"
"$python" -B "$here/containerd/ctr_populations.py" "$seed" "$populations"

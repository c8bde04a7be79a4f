# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests pruneplan on random populations that are made as a kubelet makes them, through Kubernetes' container runtime
# interface: images that are pulled from a registry, pods and containers (containerd/cri_populations.py).
#
# SEED is the seed of the first population; it defaults to the time of the last commit. POPULATIONS is their number: 40
# in a full run, 4 by default. For each population:
#
# - The plan of --rule engine deletes the names of the images that the kubelet's garbage collection would delete.
# - The plan of --rule names_only keeps the names that users typed for containers, and a name of each mounted image.
# - --apply deletes the names in the plan and no others. In a third of the populations the rule is engine, else strict.
# - Then the images of all containers are there. After strict, each container can be created again in a new pod, without
#   a pull.
#
# In a third of the populations, `ctr images prune --all` then shows which names it keeps. nerdctl has the same rule.

. "$here/steps.sh"
. "$here/containerd/registry.sh"
populations=${POPULATIONS:-4}
echo "$engine, version $(version), seeds $seed to $((seed + populations - 1))"
"$python" -B "$here/containerd/cri_populations.py" "$seed" "$populations"

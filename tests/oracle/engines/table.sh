# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests the rule for an image that a container was created from by ID or digest: if it has one name, no name is removed;
# if it has two, exactly one is removed. The plan and the engine's own prune must agree.

. "$here/steps.sh"

cases=0
check() { # FORM NAMES
    id=$(import "busybox" busybox:latest)
    [ "$2" = 1 ] || quietly ask tag busybox:latest busybox:other
    case $1 in
    full_id) from=$id ;;
    bare_id) from=${id#sha256:} ;;
    short_id) from=$(echo "${id#sha256:}" | cut -c 1-8) ;;
    digest) from=busybox@$id ;;
    tag_and_digest) from=busybox:latest@$id ;;
    repository_digest) from=$(ask image inspect --format '{{index .RepoDigests 0}}' "$id") ;;
    esac
    quietly ask create --name user "$from" /command
    planned=$(plan --rule engine --all --format names | tr '\n' ' ')
    quietly ask image prune --all --force
    left=$(names | sed 's/.* //' | sort | tr '\n' ' ')
    latest=docker.io/library/busybox:latest
    other=docker.io/library/busybox:other
    case $2$1 in
    1*) wanted= ;;
    2tag_and_digest) wanted="$other " ;;
    *) wanted="$latest " ;;
    esac
    [ "$2" = 2 ] && both="$latest $other " || both="$latest "
    kept=$(echo "$both" | sed "s|${wanted:-none}||")
    echo "$1, $2 names: deletes ${planned:-nothing}"
    if [ "$planned" != "$wanted" ] || [ "$left" != "${kept# }" ]; then
        echo "FAILED: the plan is \"$planned\", not \"$wanted\"; the engine keeps \"$left\", not \"$kept\"" >&2
        exit 1
    fi
    cases=$((cases + 1))
    empty
}

for form in full_id bare_id short_id digest tag_and_digest repository_digest; do
    check "$form" 1
    check "$form" 2
done
echo "$cases of 12 hold on $engine $(version)"

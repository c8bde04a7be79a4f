# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Checks that the commands of a transcript still print the same, except for IDs and sizes. In a transcript, a line that
# begins with "$ " is a command, and the lines after it are its output.
#
#     transcript NAME                 checks NAME.txt in this folder
#     transcript NAME NEW LISTING     writes a new transcript, and a listing, without a check

. "$here/steps.sh"

transcript=$here/$1.txt
mkdir "$folder/wrappers" "$folder/story"

# Makes the script $folder/wrappers/NAME.
wrapper() { # NAME LINE
    printf '#!/bin/sh\n%s\n' "$2" >"$folder/wrappers/$1"
    chmod +x "$folder/wrappers/$1"
}

# Makes archives of images that run, pods and containers of Kubernetes, and commands that talk to containerd.
prepare_containerd() {
    . "$here/containerd/python.sh"
    export socket cgroup
    wrapper crictl "exec '$python' -B '$here/containerd/crictl.py' \"\$@\""
    # The cgroups of containers are made where engines.sh removes them.
    wrapper ctr "for word; do
    shift
    set -- \"\$@\" \"\$word\"
    [ \"\$word\" != run ] || set -- \"\$@\" --cgroup '$cgroup/ctr'
done
exec '$folder/engine' \"\$@\""
    for image in app:1 app:2 data:1 tool:1; do
        "$python" -B "$here/containerd/images.py" "$folder/command" "docker.io/library/${image%:*}:1" "$image" \
            >"$folder/story/$(echo "$image" | tr : -).tar"
    done
    for pod in web again; do
        echo '{"metadata": {"name": "'$pod'", "uid": "'$pod'", "namespace": "default"},
            "linux": {"security_context": {"namespace_options": {"network": 2}}}}' >"$folder/story/$pod-pod.json"
    done
    echo '{"metadata": {"name": "web"}, "image": {"image": "docker.io/library/app:1"},
        "mounts": [{"container_path": "/data", "readonly": true, "image": {"image": "docker.io/library/data:1"}}],
        "linux": {"security_context": {"namespace_options": {"network": 2}}}}' >"$folder/story/web.json"
}

# The program finds the engine as it does for a user.
case $kind in
docker) where="DOCKER_HOST='unix://$socket'" ;;
podman) where="TMPDIR='$shared' PATH='$folder/bin:$PATH'" ;;
containerd)
    where="CONTAINERD_ADDRESS='unix://$socket'"
    prepare_containerd
    ;;
esac
if [ "$kind" != containerd ]; then
    for version in 1 2; do
        archive "version $version"
        cp "$folder/content.tar" "$folder/story/version-$version.tar"
    done
    ln -s "$folder/engine" "$folder/wrappers/$kind"
fi
wrapper pruneplan "$where exec '$program' \"\$@\""

# Replaces what differs from run to run.
comparable() {
    sed -E 's/[0-9a-f]{64}/ID/g; s/[0-9a-f]{12}/ID/g; s/[0-9.]+[kM]?B([ ,.]|$)/SIZE\1/g; s/ +/ /g
        s/(Less than a|[0-9]+) seconds? ago/AGE/; s/time="[^"]*"/TIME/' "$1"
}

sed -n 's/^\$ //p' "$transcript" >"$folder/commands"
while read -r command; do
    case $#$command in 3pruneplan*) plan --save-listing "$folder/listing" >/dev/null ;; esac
    echo "\$ $command"
    (cd "$folder/story" && PATH=$folder/wrappers:$PATH sh -c "$command" </dev/null 2>&1) | grep -v '^WARNING: ' || :
done <"$folder/commands" >"$folder/replayed"
if [ $# = 3 ]; then
    cp "$folder/replayed" "$2"
    cp "$folder/listing" "$3"
    exit 0
fi
comparable "$transcript" >"$folder/wanted"
comparable "$folder/replayed" >"$folder/got"
diff "$folder/wanted" "$folder/got" >&2 || fail "the commands of $1.txt print something else"
echo "the $(wc -l <"$folder/commands") commands of $1.txt print the same on $engine $(version)"

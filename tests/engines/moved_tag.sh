# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Checks that the commands in the transcript moved_tag.txt still print the same, except for IDs and sizes. In the
# transcript, a line that begins with "$ " is a command, and the lines after it are its output.
#
#     moved_tag                       checks
#     moved_tag TRANSCRIPT LISTING    writes a new transcript, and the listing of engine_prune, without a check

. "$here/steps.sh"

mkdir "$folder/bin" "$folder/story"
for version in 1 2; do
    archive "version $version"
    cp "$folder/content.tar" "$folder/story/version-$version.tar"
done
printf '#!/bin/sh\nexec "%s" "$@"\n' "$folder/engine" >"$folder/bin/docker"
printf '#!/bin/sh\nexec "%s" "$@" -- "%s"\n' "$engine_prune" "$folder/engine" >"$folder/bin/engine_prune"
chmod +x "$folder/bin/docker" "$folder/bin/engine_prune"

comparable() { sed -E 's/[0-9a-f]{64}/ID/g; s/[0-9.]+k?B$/SIZE/' "$1"; }

sed -n 's/^\$ //p' "$here/moved_tag.txt" >"$folder/commands"
while read -r command; do
    case $#$command in 2engine_prune*) plan --save-listing "$folder/listing" >/dev/null ;; esac
    echo "\$ $command"
    (cd "$folder/story" && PATH=$folder/bin:$PATH sh -c "$command" </dev/null 2>&1) | grep -v '^WARNING: ' || :
done <"$folder/commands" >"$folder/replayed"
if [ $# = 2 ]; then
    cp "$folder/replayed" "$1"
    cp "$folder/listing" "$2"
    exit 0
fi
comparable "$here/moved_tag.txt" >"$folder/wanted"
comparable "$folder/replayed" >"$folder/got"
diff "$folder/wanted" "$folder/got" >&2 || {
    echo "FAILED: the commands of moved_tag.txt print something else" >&2
    exit 1
}
echo "the $(wc -l <"$folder/commands") commands of moved_tag.txt print the same on $engine $(version)"

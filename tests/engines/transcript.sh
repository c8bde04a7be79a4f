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
for version in 1 2; do
    archive "version $version"
    cp "$folder/content.tar" "$folder/story/version-$version.tar"
done
ln -s "$folder/engine" "$folder/wrappers/$kind"
# The program finds the engine as it does for a user.
case $kind in
docker) where="DOCKER_HOST='unix://$socket'" ;;
podman) where="TMPDIR='$shared' PATH='$folder/bin:$PATH'" ;;
esac
printf '#!/bin/sh\n%s exec "%s" "$@"\n' "$where" "$program" >"$folder/wrappers/pruneplan"
chmod +x "$folder/wrappers/pruneplan"

comparable() { sed -E 's/[0-9a-f]{64}/ID/g; s/[0-9.]+k?B$/SIZE/' "$1"; }

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

# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests that the transcripts in README.md and examples/README.md are what the program prints. A transcript is
# "$ pruneplan listing ..." and its output, indented by four blanks, at 96 columns, in the top folder.

mkdir "$folder/programs"
ln -s "$(cd "$(dirname "$pruneplan")" && pwd)/$(basename "$pruneplan")" "$folder/programs/pruneplan"
awk '/^    \$ pruneplan listing / { shows = 1 }
    !/^    / && !/^$/ || /^    \$ pruneplan (docker|podman|registry) / { shows = 0 }
    shows && /^    / { print substr($0, 5) }' "$here/../../README.md" "$here/../../examples/README.md" \
    >"$folder/transcript"
grep '^\$ ' "$folder/transcript" | cut -c 3- >"$folder/commands"
[ -s "$folder/commands" ] || fail "no README shows a transcript of a listing"
while read -r command; do
    printf '$ %s\n' "$command"
    (cd "$here/../.." && COLUMNS=96 PATH="$folder/programs:$PATH" sh -c "$command" 2>&1) | grep -v '^$'
done <"$folder/commands" >"$folder/replayed"
same "the READMEs' transcripts of listings" "$folder/transcript" "$folder/replayed"

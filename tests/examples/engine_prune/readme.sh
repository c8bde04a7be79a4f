# SPDX-License-Identifier: BSL-1.0
# Sourced by ../engine_prune.sh. Tests that the transcripts in README.md and examples/README.md are what the program
# prints. A transcript is "$ engine_prune --listing ..." and its output, indented by four blanks, at 96 columns, in the top
# folder.

mkdir "$folder/bin"
ln -s "$(cd "$(dirname "$engine_prune")" && pwd)/$(basename "$engine_prune")" "$folder/bin/engine_prune"
awk '/^    \$ engine_prune --listing / { shows = 1 }
    !/^    / && !/^$/ || /^    \$ engine_prune --engine / { shows = 0 }
    shows && /^    / { print substr($0, 5) }' "$here/../../README.md" "$here/../../examples/README.md" \
    >"$folder/transcript"
grep '^\$ ' "$folder/transcript" | cut -c 3- >"$folder/commands"
[ -s "$folder/commands" ] || fail "no README shows no transcript of engine_prune"
while read -r command; do
    printf '$ %s\n' "$command"
    (cd "$here/../.." && COLUMNS=96 PATH="$folder/bin:$PATH" sh -c "$command" 2>&1) | grep -v '^$'
done <"$folder/commands" >"$folder/replayed"
same "the READMEs' transcripts of engine_prune" "$folder/transcript" "$folder/replayed"

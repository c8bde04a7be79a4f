# SPDX-License-Identifier: BSL-1.0
# Sourced by ../engine_prune.sh. Tests reading and writing listings.

# Files that cannot be read or written.
refused 'no-such-file' --listing "$folder/no-such-file"
refused "\"$folder\"" --listing "$folder"
refused 'no-such-folder' --listing "$recorded/docker.listing" --save-listing "$folder/no-such-folder/listing"

# Invalid listings. Only the last line of each is invalid.
good='engine|docker|graph_driver'
refused_at 1 'image|a|sha256:1'
refused_at 1 'engine|docker|whatever'
refused_at 1 'engine|docker'
refused_at 2 "$good" "$good"
refused_at 2 "$good" ''
refused_at 2 "$good" 'volume|a|b'
refused_at 3 "$good" 'image|a|sha256:1' 'image|b'
refused_at 3 "$good" 'image|a|sha256:1' 'image||sha256:1'
refused_at 3 "$good" 'image|a|sha256:1' 'image|b|'
refused_at 2 "$good" 'image|a|sha256:1|dangling'
refused_at 2 "$good" 'image|a|sha256:1|dangling=yes'
refused_at 2 "$good" 'image|a|sha256:1|size=1k'
refused_at 2 "$good" 'image|a|sha256:1|size='
refused_at 2 "$good" 'image|a|sha256:1|created=today'
refused_at 2 "$good" 'image|a|sha256:1|created=24h'
refused_at 2 "$good" 'image|a|sha256:1|created=1.'
refused_at 2 "$good" 'image|a|sha256:1|created=1.0000000000'
refused_at 2 "$good" 'image|a|sha256:1|created=1.-5'
refused_at 2 "$good" 'image|a|sha256:1|label=a'
refused_at 1 "$good|now=then"
refused_at 2 "$good" 'image|a%2|sha256:1'
refused_at 2 "$good" 'image|a%|sha256:1'
refused_at 2 "$good" 'image|a%0x|sha256:1'
refused_at 2 "$good" "image|a$(printf '\015')|sha256:1"
refused_at 3 "$good" 'image|a|sha256:1' 'container|sha256:1'
: >"$folder/broken"
refused 'line 1: ' --listing "$folder/broken"
printf 'engine\tdocker\tstrict\nimage\ta\tsha256:1\nimage\ta\tsha256:2\n' >"$folder/broken"
refused '"a"' --listing "$folder/broken"

# Times before 1970, and Docker's zero date, are read as they were written.
printf 'engine\tdocker\tstrict\nimage\ta\tsha256:1\tcreated=0001-01-01T00:00:00Z\tsize=0\n' >"$folder/zero"
"$engine_prune" --listing "$folder/zero" --save-listing "$folder/saved" >/dev/null
{
    printf 'engine\tdocker\tstrict\nimage\ta\tsha256:1\tcreated=-62135596800.000000000\tsize=0\n'
    printf 'image\tb\tsha256:1\tcreated=-0.500000000\tsize=0\nimage\tc\tsha256:1\tcreated=-1.250000000\tsize=0\n'
} >"$folder/wanted"
{ cat "$folder/saved" && tail -n 2 "$folder/wanted"; } >"$folder/before_1970"
"$engine_prune" --listing "$folder/before_1970" --save-listing "$folder/again" >/dev/null
same "times before 1970 are written as they were read" "$folder/wanted" "$folder/again"

# Reading and writing again changes nothing, whatever bytes the names hold; unknown keys are ignored.
{
    printf 'engine\tdocker\tstrict\tversion=1%%25\tnew=key\n'
    printf 'image\ta%%09b%%0A%%25\tsha256:1\tsize=7\tnew=key\n'
    printf 'container\t\t\n'
} >"$folder/odd"
sed 's/.new=key$//' "$folder/odd" >"$folder/wanted"
"$engine_prune" --listing "$folder/odd" --save-listing "$folder/again" --all >"$folder/table" 2>"$folder/err"
same "an odd listing is written as it was read" "$folder/wanted" "$folder/again"
grep -q '^delete  a%09b%0A%25  1 ' "$folder/table" || fail "odd bytes are shown escaped: $(cat "$folder/table")"

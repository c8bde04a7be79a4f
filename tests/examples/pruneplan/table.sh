# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests the table: its columns, wrapping, sizes and times.

shop=$recorded/shop.json

prints "deletions come first, the names of an image stand together" "$pruneplan" listing "$shop" --all --rule engine <<'END'
ACTION  NAME                 IMAGE         SIZE    CREATED       REASON
delete  node:20              545ea5384610  1.1GB   4 months ago  no container uses it
delete  shop/prices:2026-11  fe81f9390ffe  1.52GB  12 days ago   no container uses it
delete  shop/web:1.4         336938813900  187MB   3 weeks ago   container web runs 336938813900, but the usage rule does not protect that image; the rule strict does
delete  <none>               44575cf5b285  187MB   9 days ago    it is dangling, and no container uses it
delete  postgres:16.4        a942b37ccfaf  431MB   2 months ago  container db runs a942b37ccfaf, which keeps another name
keep    postgres:16          a942b37ccfaf  431MB   2 months ago  container db was created from postgres:16
keep    shop/jobs:2.0        5d9a17cb70b9  96.3MB  2 weeks ago   container jobs was created from shop/jobs:2.0
keep    shop/web:latest      73c609b839fb  191MB   2 days ago    container web was created from shop/web:latest

Delete: 5 names (2 unused, 1 dangling, 1 spare_name, 1 unprotected) and with them 4 images, which frees at most 2.994GB.
Keep: 3 names (3 name_in_use), 718.5MB.
Nothing was deleted yet. Less is freed if images share layers.
END

prints "without --all, names are kept" "$pruneplan" listing "$shop" <<'END'
ACTION  NAME                 IMAGE         SIZE    CREATED       REASON
delete  <none>               44575cf5b285  187MB   9 days ago    it is dangling, and no container uses it
keep    node:20              545ea5384610  1.1GB   4 months ago  it is not dangling, and only dangling images are candidates
keep    postgres:16          a942b37ccfaf  431MB   2 months ago  it is not dangling, and only dangling images are candidates
keep    postgres:16.4        a942b37ccfaf  431MB   2 months ago  it is not dangling, and only dangling images are candidates
keep    shop/jobs:2.0        5d9a17cb70b9  96.3MB  2 weeks ago   it is not dangling, and only dangling images are candidates
keep    shop/prices:2026-11  fe81f9390ffe  1.52GB  12 days ago   it is not dangling, and only dangling images are candidates
keep    shop/web:1.4         336938813900  187MB   3 weeks ago   it is not dangling, and only dangling images are candidates
keep    shop/web:latest      73c609b839fb  191MB   2 days ago    it is not dangling, and only dangling images are candidates

Delete: 1 name (1 dangling) and with them 1 image, which frees at most 187.1MB.
Keep: 7 names (7 not_dangling), 3.526GB.
Nothing was deleted yet. Less is freed if images share layers.
END

prints "at 80 columns, no reason is cut off" env COLUMNS=80 "$pruneplan" listing "$shop" -a <<'END'
ACTION  NAME                 IMAGE         SIZE    CREATED
        REASON
delete  node:20              545ea5384610  1.1GB   4 months ago
        no container uses it
delete  <none>               44575cf5b285  187MB   9 days ago
        it is dangling, and no container uses it
delete  postgres:16.4        a942b37ccfaf  431MB   2 months ago
        container db runs a942b37ccfaf, which keeps another name
keep    postgres:16          a942b37ccfaf  431MB   2 months ago
        container db was created from postgres:16
keep    shop/jobs:2.0        5d9a17cb70b9  96.3MB  2 weeks ago
        container jobs was created from shop/jobs:2.0
keep    shop/prices:2026-11  fe81f9390ffe  1.52GB  12 days ago
        container jobs mounts fe81f9390ffe, and this is the last name of that
        image
keep    shop/web:1.4         336938813900  187MB   3 weeks ago
        container web runs 336938813900, and this is the last name of that image
keep    shop/web:latest      73c609b839fb  191MB   2 days ago
        container web was created from shop/web:latest

Delete: 3 names (1 unused, 1 dangling, 1 spare_name) and with them 2 images,
which frees at most 1.287GB.
Keep: 5 names (3 name_in_use, 2 last_name), 2.426GB.
Nothing was deleted yet. Less is freed if images share layers.
END

prints "at 110 columns, reasons wrap" env COLUMNS=110 "$pruneplan" listing "$shop" -a <<'END'
ACTION  NAME                 IMAGE         SIZE    CREATED       REASON
delete  node:20              545ea5384610  1.1GB   4 months ago  no container uses it
delete  <none>               44575cf5b285  187MB   9 days ago    it is dangling, and no container uses it
delete  postgres:16.4        a942b37ccfaf  431MB   2 months ago  container db runs a942b37ccfaf, which keeps
                                                                 another name
keep    postgres:16          a942b37ccfaf  431MB   2 months ago  container db was created from postgres:16
keep    shop/jobs:2.0        5d9a17cb70b9  96.3MB  2 weeks ago   container jobs was created from shop/jobs:2.0
keep    shop/prices:2026-11  fe81f9390ffe  1.52GB  12 days ago   container jobs mounts fe81f9390ffe, and this
                                                                 is the last name of that image
keep    shop/web:1.4         336938813900  187MB   3 weeks ago   container web runs 336938813900, and this is
                                                                 the last name of that image
keep    shop/web:latest      73c609b839fb  191MB   2 days ago    container web was created from
                                                                 shop/web:latest

Delete: 3 names (1 unused, 1 dangling, 1 spare_name) and with them 2 images, which frees at most 1.287GB.
Keep: 5 names (3 name_in_use, 2 last_name), 2.426GB.
Nothing was deleted yet. Less is freed if images share layers.
END

prints "at 40 columns, names wrap" env COLUMNS=40 "$pruneplan" listing "$shop" -a --keep '*/*' <<'END'
ACTION  NAME          IMAGE         SIZE    CREATED
        REASON
delete  node:20       545ea5384610  1.1GB   4 months ago
        no container uses it
delete  <none>        44575cf5b285  187MB   9 days ago
        it is dangling, and no container
        uses it
delete  postgres:16.  a942b37ccfaf  431MB   2 months ago
        4
        container db runs a942b37ccfaf,
        which keeps another name
keep    postgres:16   a942b37ccfaf  431MB   2 months ago
        container db was created from
        postgres:16
keep    shop/jobs:2.  5d9a17cb70b9  96.3MB  2 weeks ago
        0
        it matches the pattern "*/*" of
        names to keep
keep    shop/prices:  fe81f9390ffe  1.52GB  12 days ago
        2026-11
        it matches the pattern "*/*" of
        names to keep
keep    shop/web:1.4  336938813900  187MB   3 weeks ago
        it matches the pattern "*/*" of
        names to keep
keep    shop/web:lat  73c609b839fb  191MB   2 days ago
        est
        it matches the pattern "*/*" of
        names to keep

Delete: 3 names (1 unused, 1 dangling, 1
spare_name) and with them 2 images,
which frees at most 1.287GB.
Keep: 5 names (4 kept_pattern, 1
name_in_use), 2.426GB.
Nothing was deleted yet. Less is freed
if images share layers.
END

# At every width, every character is printed; if the columns fit, no line is wider than the screen.
characters() { # FILE
    tr -d ' \n' <"$1" | fold -w 1 | sort | uniq -c
}
"$pruneplan" listing "$recorded/docker.json" -a >"$folder/wide"
characters "$folder/wide" >"$folder/wanted"
for columns in 1 2 7 20 40 59 60 61 79 80 81 100 109 110 111 112 130 165 166 1000; do
    COLUMNS=$columns "$pruneplan" listing "$recorded/docker.json" -a >"$folder/narrow"
    characters "$folder/narrow" >"$folder/got"
    same "COLUMNS=$columns: no character is lost" "$folder/wanted" "$folder/got"
    [ "$columns" -lt 60 ] || awk -v limit="$columns" 'length > limit { exit 1 }' "$folder/narrow" ||
        fail "COLUMNS=$columns: a line is wider"
    if grep -q ' $' "$folder/narrow"; then fail "COLUMNS=$columns: a line ends in a blank"; fi
done

"$pruneplan" listing "$shop" >"$folder/wide"
for columns in 0 -1 80x ''; do
    COLUMNS=$columns "$pruneplan" listing "$shop" >"$folder/got"
    same "COLUMNS=$columns has no effect" "$folder/wide" "$folder/got"
done

printf 'docker\tgraph_driver\nimage\tname\tsha256:1\nimage\tzero\tsha256:1\ncontainer\tsha256:1\t\n' |
    to_listing >"$folder/unnamed"
prints "a container without a name has a number, an unknown time is N/A" "$pruneplan" listing "$folder/unnamed" -a <<'END'
ACTION  NAME  IMAGE  SIZE  CREATED  REASON
delete  name  1      0B    N/A      container 0 runs 1, which keeps another name
keep    zero  1      0B    N/A      container 0 runs 1, and this is the last name of that image

Delete: 1 name (1 spare_name) and with them 0 images, which frees at most 0B.
Keep: 1 name (1 last_name), 0B.
Nothing was deleted yet. Less is freed if images share layers.
END

# A source can tell what a deletion frees: then the sum is exact. Names have no control characters.
printf 'docker\tgraph_driver\nimage\ta%%1Bb%%252Fc\tsha256:1\tsize=2200000\nimage\thost/pinned\tsha256:2\tpinned=1\n' |
    to_listing | sed 's/"source"/"sizes_exact": true, "source"/' >"$folder/exact"
prints "exact sizes, a pinned image, and a name of odd bytes" "$pruneplan" listing "$folder/exact" -a <<'END'
ACTION  NAME         IMAGE  SIZE   CREATED  REASON
delete  a%1Bb%2Fc    1      2.2MB  N/A      no container uses it
keep    host/pinned  2      0B     N/A      it is pinned

Delete: 1 name (1 unused) and with them 1 image, which frees 2.2MB.
Keep: 1 name (1 pinned), 0B.
Nothing was deleted yet.
END
prints "the summary alone" "$pruneplan" listing "$folder/exact" -a --summary <<'END'
Delete: 1 name (1 unused) and with them 1 image, which frees 2.2MB.
Keep: 1 name (1 pinned), 0B.
Nothing was deleted yet.
END

# Notes and doubts stand on standard error. --quiet leaves notes out.
sed 's|"shop/prices:2026-11"|"gone:1"|' "$shop" >"$folder/moved_mount"
for quiet in '' --quiet; do
    # shellcheck disable=SC2086 # no option, or one
    "$pruneplan" listing "$folder/moved_mount" -a --keep 'none*' $quiet 2>"$folder/got" >/dev/null
    {
        echo 'doubt: unmatched_pattern: the pattern "none*" of names to keep matches no record'
        [ -n "$quiet" ] || echo 'note: mounts: container "jobs" mounts an image by a name that was moved or deleted' \
            'since; the plan keeps every image'
    } >"$folder/wanted"
    same "doubts and notes on standard error, with \"$quiet\"" "$folder/wanted" "$folder/got"
done

printf 'docker\tgraph_driver\n' | to_listing >"$folder/empty"
prints "an engine without images" "$pruneplan" listing "$folder/empty" -a <<'END'
ACTION  NAME  IMAGE  SIZE  CREATED  REASON

Delete: 0 names and with them 0 images, which frees at most 0B.
Keep: 0 names, 0B.
Nothing was deleted yet. Less is freed if images share layers.
END

# Sizes and times as Docker prints them. Each line: bytes, SIZE, seconds since the creation, CREATED.
cat >"$folder/facts" <<'END'
0|0B|-5|Less than a second ago
1|1B|0|Less than a second ago
999|999B|1|1 second ago
1000|1kB|2|2 seconds ago
1005|1kB|59|59 seconds ago
1050|1.05kB|60|About a minute ago
999400|999kB|119|About a minute ago
999499|999kB|120|2 minutes ago
999500|1MB|3599|59 minutes ago
999999|1MB|3600|About an hour ago
7530000|7.53MB|5399|About an hour ago
18446744073709551615|18.4EB|5400|2 hours ago
12345678|12.3MB|170999|47 hours ago
187400000|187MB|171000|2 days ago
999999999|1GB|172800|2 days ago
999499999999|999GB|1207799|13 days ago
1500000000000|1.5TB|1209600|2 weeks ago
1000000000000000|1PB|5182199|8 weeks ago
1000000000000000000|1EB|5184000|2 months ago
5|5B|63068400|24 months ago
5|5B|63072000|2 years ago
5|5B|1700000000|53 years ago
END
now=1700000000
{
    printf 'docker\tgraph_driver\tnow=%s.5\n' "$now"
    awk -F'|' -v now=$now '{
        printf "image\tn%02d:1\tsha256:%d\tcreated=%.0f\tsize=%s\n", NR, NR, now - $3, $1
    }' "$folder/facts"
} | to_listing >"$folder/sized"
awk -F'|' '{ print $2 "|" $4 }' "$folder/facts" >"$folder/wanted"
"$pruneplan" listing "$folder/sized" -a |
    sed -n 's/^delete  n...1  [0-9]*  *\([^ ]*\)  *\(.* ago\)  .*/\1|\2/p' >"$folder/got"
same "sizes and times are as Docker prints them" "$folder/wanted" "$folder/got"

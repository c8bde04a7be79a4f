# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests --explain.

explains() { # WHAT ARGUMENT..., the output is standard input
    explained=$1
    shift
    prints "$explained" env COLUMNS=100 "$pruneplan" "$@"
}

explains "a tag that has moved, and the image that it left" listing "$shop" -a --rule engine --explain shop/web:1.4 <<'END'
Image sha256:3369388139001154ac561305a17f456b0993ed2048c717c022bf52903c5ce10f, 187MB, created 3
weeks ago

Names:
  delete  shop/web:1.4  container web runs 336938813900, but the usage rule does not protect that
                        image; the rule strict does

Containers:
  container web  runs it, created from shop/web:latest, which is another image now

Rule:
  containerd_snapshotter keeps the names that containers were created from, and the last name of an
  image that a container was created from by ID or digest; it ignores mounts.

What would change this:
  without --all             keep  shop/web:1.4
  with --rule strict        keep  shop/web:1.4
  with --rule graph_driver  keep  shop/web:1.4
  with --rule whole_image   keep  shop/web:1.4
END

explains "the image that the tag points at now" listing "$shop" -a --rule engine --explain shop/web <<'END'
Image sha256:73c609b839fb5c8ff4488fcf8115d83ff467059ed19f54695cf8cf2f9ac9ef4d, 191MB, created 2 days
ago

Names:
  keep  shop/web:latest  container web was created from shop/web:latest

Containers:
  container web  runs 336938813900, created from shop/web:latest, which is this image now

Rule:
  containerd_snapshotter keeps the names that containers were created from, and the last name of an
  image that a container was created from by ID or digest; it ignores mounts.

What would change this:
  without container web     delete  shop/web:latest
  with --rule graph_driver  delete  shop/web:latest
  with --rule whole_image   delete  shop/web:latest
END

explains "an image with two names, by its ID, under strict" listing "$shop" -a --explain a942b37 <<'END'
Image sha256:a942b37ccfaf5a813b1432caa209a43b9d144e47ad0de1549c289c253e556cd5, 431MB, created 2
months ago

Names:
  delete  postgres:16.4  container db runs a942b37ccfaf, which keeps another name
  keep    postgres:16    container db was created from postgres:16

Containers:
  container db  runs it, created from postgres:16

Rule:
  strict keeps the names that containers were created from, and the last name of an image that a
  container runs, or mounts.

What would change this:
  without container db      delete  postgres:16
  without --all             keep    postgres:16.4
  with --rule graph_driver  keep    postgres:16.4
                            delete  postgres:16
  with --rule whole_image   keep    postgres:16.4
END

prints "a mounted image, at 80 columns" env COLUMNS=80 \
    "$pruneplan" listing "$shop" -a --rule engine --explain shop/prices:2026-11 <<'END'
Image sha256:fe81f9390ffe3dc8daa4888a7dc430ce4a41f164281d15449a24840a70b5f2c2,
1.52GB, created 12 days ago

Names:
  delete  shop/prices:2026-11  no container uses it

Containers:
  container jobs  mounts it

Rule:
  containerd_snapshotter keeps the names that containers were created from, and
  the last name of an image that a container was created from by ID or digest;
  it ignores mounts.

What would change this:
  without --all                       keep  shop/prices:2026-11
  with --rule strict                  keep  shop/prices:2026-11
  with --rule containerd_snapshotter  keep  shop/prices:2026-11
  with --rule graph_driver            keep  shop/prices:2026-11
  with --rule whole_image             keep  shop/prices:2026-11
  with --rule names_only              keep  shop/prices:2026-11
END

explains "each option that matters is named" listing "$shop" -a --rule engine --filter until=24h --keep node:20 \
    --keep-newest 1 --free 1GB --explain node:20 <<'END'
Image sha256:545ea538461003efdc8c81c244531b003f6f26cfccf6c0073b3239fdedf49446, 1.1GB, created 4
months ago

Names:
  keep  node:20  it matches the pattern "node:20" of names to keep

Containers:
  no container runs it, mounts it, or was created from one of its names

Rule:
  containerd_snapshotter keeps the names that containers were created from, and the last name of an
  image that a container was created from by ID or digest; it ignores mounts.

What would change this:
  without --filter, --keep, --keep-newest, --free  delete  node:20
END

explains "only an option matters" listing "$shop" --rule engine --filter label=a --explain postgres:16 <<'END'
Image sha256:a942b37ccfaf5a813b1432caa209a43b9d144e47ad0de1549c289c253e556cd5, 431MB, created 2
months ago

Names:
  keep  postgres:16    it is not dangling, and only dangling images are candidates
  keep  postgres:16.4  it is not dangling, and only dangling images are candidates

Containers:
  container db  runs it, created from postgres:16

Rule:
  containerd_snapshotter keeps the names that containers were created from, and the last name of an
  image that a container was created from by ID or digest; it ignores mounts.

What would change this:
  with --all, without --filter  delete  postgres:16.4
END

explains "what nothing would change" listing "$shop" --rule engine --explain 44575cf5b285 <<'END'
Image sha256:44575cf5b28512d75644bf54a517dcef304ff809fd511747621b4d64f19aac66, 187MB, created 9 days
ago

Names:
  delete  <none>  it is dangling, and no container uses it

Containers:
  no container runs it, mounts it, or was created from one of its names

Rule:
  containerd_snapshotter keeps the names that containers were created from, and the last name of an
  image that a container was created from by ID or digest; it ignores mounts.

What would change this:
  nothing: the plan is the same under every rule, without its containers, and without each option
END

# If the name that a container mounts has moved, the container can mount any image.
sed 's|"shop/prices:2026-11"|"gone:1"|' "$shop" >"$folder/moved_mount"
explains "a mount that has moved" listing "$folder/moved_mount" -a --rule engine --explain node:20 <<'END'
Image sha256:545ea538461003efdc8c81c244531b003f6f26cfccf6c0073b3239fdedf49446, 1.1GB, created 4
months ago

Names:
  delete  node:20  no container uses it

Containers:
  container jobs  may mount it

Rule:
  containerd_snapshotter keeps the names that containers were created from, and the last name of an
  image that a container was created from by ID or digest; it ignores mounts.

What would change this:
  without --all                       keep  node:20
  with --rule strict                  keep  node:20
  with --rule containerd_snapshotter  keep  node:20
  with --rule graph_driver            keep  node:20
  with --rule whole_image             keep  node:20
  with --rule names_only              keep  node:20
END

# Several containers, and names of odd bytes.
{
    printf 'docker\tgraph_driver\nimage\ta%%1Bb\tsha256:12\nimage\tb:1\tsha256:13\n'
    for name in one two; do printf 'container\tsha256:12\t\tname=%%1B%s\n' "$name"; done
} | to_listing >"$folder/odd_names"
explains "several containers" listing "$folder/odd_names" -a --rule engine --explain sha256:12 <<'END'
Image sha256:12, 0B, created N/A

Names:
  keep  a%1Bb  container "%1Bone" runs 12, and this is the last name of that image

Containers:
  container %1Bone  runs it
  container %1Btwo  runs it

Rule:
  graph_driver keeps the last name of an image that a container runs, or of a named image that a
  container mounts.

What would change this:
  without these 2 containers  delete  a%1Bb
  with --rule names_only      delete  a%1Bb
END

refused '"nobody"' listing "$shop" --explain nobody
refused '"1"' listing "$folder/odd_names" --explain 1

# A container that was created from a name with a tag and a digest keeps the tag.
digest=sha256:$(printf '%064d' 1)
{
    printf 'docker\tcontainerd_snapshotter\nimage\tdocker.io/library/a:1\tsha256:12\n'
    printf 'container\t%s\ta:1@%s\tname=web\n' "$digest" "$digest"
} | to_listing >"$folder/with_digest"
explains "a name with a tag and a digest" listing "$folder/with_digest" -a --rule engine --explain a:1 <<'END'
Image sha256:12, 0B, created N/A

Names:
  keep  a:1  container web was created from a:1

Containers:
  container web  runs 000000000000, created from
                 a:1@sha256:0000000000000000000000000000000000000000000000000000000000000001, which
                 is this image now

Rule:
  containerd_snapshotter keeps the names that containers were created from, and the last name of an
  image that a container was created from by ID or digest; it ignores mounts.

What would change this:
  without container web     delete  a:1
  with --rule graph_driver  delete  a:1
  with --rule whole_image   delete  a:1
END

# Images that need each other, or are attached to each other.
{
    printf 'docker\tstrict\nimage\thost/a:1\tsha256:a1\tneed=sha256:b1\tneed=sha256:ff\tpinned=1\n'
    printf 'image\tmoby-dangling@sha256:b1\tsha256:b1\tdangling=1\n'
    printf 'image\thost/a:sig\tsha256:d1\tsubject=sha256:a1\nimage\thost/b:1\tsha256:c1\tneed=sha256:b1\n'
} | to_listing >"$folder/graph"
explains "a pinned image that needs another and has a signature" listing "$folder/graph" -a --explain host/a:1 <<'END'
Image sha256:a1, 0B, created N/A, pinned

Names:
  keep  host/a:1  it is pinned

Other images:
  needs         keep  <none> b1
  needs               ff, which is not listed
  has attached  keep  host/a:sig d1

Containers:
  no container runs it, mounts it, or was created from one of its names

Rule:
  strict keeps the names that containers were created from, and the last name of an image that a
  container runs, or mounts.

What would change this:
  nothing: the plan is the same under every rule, without its containers, and without each option
END
"$pruneplan" listing "$folder/graph" -a --explain b1 >"$folder/got" 2>"$folder/err"
sed -n '/^Other/,/^$/p' "$folder/got" >"$folder/other"
prints "an image that others need" cat "$folder/other" <<'END'
Other images:
  is needed by  delete  host/b:1 c1
  is needed by  keep    host/a:1 a1

END
"$pruneplan" listing "$folder/graph" -a --explain host/a:sig >"$folder/got" 2>"$folder/err"
sed -n '/^Names/,/^$/p; /^Other/,/^$/p' "$folder/got" >"$folder/other"
prints "a signature" cat "$folder/other" <<'END'
Names:
  keep  host/a:sig  it is attached to host/a:1, which is kept

Other images:
  is attached to  keep  host/a:1 a1

END

# SPDX-License-Identifier: BSL-1.0
# Prints a random population of images and containers, as steps that steps.sh carries out, one a line:
#
#   image K NAME            a new image, later called K; NAME is - for none
#   child K NAME OF KEEP    a new image committed from a container of image OF; KEEP is 1 if that container is kept
#   tag K NAME              NAME now points at K, also if it pointed at another image before
#   record K NAME           NAME@DIGEST of K becomes a name, as after a pull by digest
#   container K FORM NAME   a new container of K; NAME points at K, or is -
#   mount K FORM NAME       the next container mounts image K, by NAME or by its full ID
#
# A container's FORM: name, full, bare (no algorithm) or short ID, familiar (the name without its default tag), digest
# (name@digest), tagged_digest (name:tag@digest), or moved_digest (the same, with a tag that no image has).
#
# Variables: seed (the steps are the same with every awk), images (their least number), engine (docker or podman), and 1
# or 0 for what the engine supports: digests (create by digest without a registry), records, mounts. Every population
# has an image with several names, one that lost its name to another image, one that never had a name, containers of
# every form, two containers of one image, and a tag that moved after a container was created from it.

# The minimal standard generator of Park and Miller. Doubles represent its products exactly.
function random(n) {
    state = (state * 16807) % 2147483647
    return int(state / 7) % n
}

# For Podman, app:1 and localhost/app:1 are the same name.
function canonical(name) {
    return engine == "podman" && name !~ /^(localhost|[^\/]*[.:][^\/]*)\// ? "localhost/" name : name
}

function point(name, k) {
    if (name != "-") owner[canonical(name)] = k
    return name
}

function any_name() { return pool[1 + random(pool_size)] }

function image(name) {
    ++count
    print "image", count, point(name, count)
    ordinary[++ordinary_count] = count
    return count
}

function tag(k, name) { print "tag", k, point(name, k) }

function any_image() { return ordinary[1 + random(ordinary_count)] }

# Returns a name that points at the image and matches `ending`, or -.
function name_of(k, ending,    i, n, its) {
    for (i = 1; i <= pool_size; ++i)
        if (owner[canonical(pool[i])] == k && pool[i] ~ ending) its[++n] = pool[i]
    return n == 0 ? "-" : its[1 + random(n)]
}

function container(k, form,    name) {
    name = "-"
    if (form ~ /digest/ && !digests) form = "name"
    if (form == "familiar" && (name = name_of(k, ":latest$")) == "-") form = "name"
    if ((form == "name" || form ~ /digest/) && (name = name_of(k, "")) == "-") form = "full"
    print "container", k, form, name
}

function mount(k,    name) {
    if (!mounts) return
    name = random(2) ? name_of(k, "") : "-"
    print "mount", k, name == "-" ? "full" : "name", name
    container(any_image(), "full")
}

# A parent and its child. Podman's own prune fails halfway if an untagged image with a container loses its last untagged
# child. So for Podman, the parent has a name that never moves, or no container.
function family(    parent, name, keep) {
    parent = ++count
    name = random(2) ? "base/" parent ":1" : "-"
    print "image", parent, name
    keep = random(2) && (engine == "docker" || name != "-") ? 1 : 0
    ++count
    print "child", count, point(random(3) ? any_name() : "-", count), parent, keep
    ordinary[++ordinary_count] = count
}

# A tag that moves after a container was created from it. The container's image then has one name or none.
function move_tag(    k, name) {
    name = "moved:" (random(2) ? "latest" : "1")
    pool[++pool_size] = name
    k = image(name)
    if (random(2)) tag(k, "moved:old")
    container(k, random(2) ? "name" : "familiar")
    image(name)
}

BEGIN {
    state = (seed * 48271 + 11) % 2147483646 + 1
    for (i = 0; i < 10; ++i) random(2)
    form_count = split("full bare short name familiar digest tagged_digest moved_digest", forms)
    repositories = "app web team/app team/a-b_c.d registry.test:5000/team/app localhost/app ghcr.io/x/y/z"
    repositories = split(repositories, repository)
    tags = split("latest 1 1.0 2-rc.1_x", version)
    for (r = 1; r <= repositories; ++r)
        for (t = 1; t <= tags; ++t) pool[++pool_size] = repository[r] ":" version[t]

    image("app:1")
    tag(1, "web:1")
    tag(1, "team/app:1.0")
    image("app:2-rc.1_x")
    container(2, "full")
    image("app:2-rc.1_x")
    image("-")
    for (i = 1; i <= form_count; ++i) container(any_image(), forms[i])
    twice = any_image()
    container(twice, "short")
    container(twice, "name")
    family()
    move_tag()
    if (random(2)) mount(any_image())
    if (records && random(2)) print "record", 1 + random(4), "pulled"
    while (count < images) {
        image(random(5) ? any_name() : "-")
        for (i = random(5); i > 0; --i) tag(any_image(), any_name())
        if (random(2) == 0) container(any_image(), forms[1 + random(form_count)])
        if (random(6) == 0) family()
    }
}

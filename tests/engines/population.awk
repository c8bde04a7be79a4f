# Prints a random population of images and containers as steps, one a line, for engines.sh to carry out:
#
#   image K NAME            a new image, later called K; NAME is - for none
#   child K NAME OF KEEP    a new image committed from a container of image OF; KEEP is 1 where that container stays
#   tag K NAME              NAME now points at K, whatever it pointed at before
#   container K FORM NAME   FORM: name (created by NAME, which points at K), full, bare (no algorithm) or short ID
#
# Variables: seed (the same steps on every awk), images, engine. Every population has an image of several names, one
# that lost its name to another, one that never had any, and containers of every form, two of them on one image.

# Minimal standard generator of Park and Miller; doubles hold its products exactly.
function random(n) {
    state = (state * 16807) % 2147483647
    return int(state / 7) % n
}

function point(name, k) {
    if (name != "-") owner[name] = k
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

function container(k, form,    i, n, its) {
    for (i = 1; i <= pool_size; ++i)
        if (owner[pool[i]] == k) its[++n] = pool[i]
    if (form == "name" && n == 0) form = "full"
    print "container", k, form, form == "name" ? its[1 + random(n)] : "-"
}

# Podman's own prune fails halfway where an untagged image with a container loses its last untagged child. So a parent
# is an image of its own there: it has a name that stays its own, or no container.
function family(    parent, name, keep) {
    parent = ++count
    name = random(2) ? "base/" parent ":1" : "-"
    print "image", parent, name
    keep = random(2) && (engine == "docker" || name != "-") ? 1 : 0
    ++count
    print "child", count, point(random(3) ? any_name() : "-", count), parent, keep
    ordinary[++ordinary_count] = count
}

BEGIN {
    state = (seed * 48271 + 11) % 2147483646 + 1
    for (i = 0; i < 10; ++i) random(2)
    split("full bare short name", forms)
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
    for (i = 1; i <= 4; ++i) container(any_image(), forms[i])
    twice = any_image()
    container(twice, "short")
    container(twice, "name")
    family()
    while (count < images) {
        image(random(5) ? any_name() : "-")
        for (i = random(5); i > 0; --i) tag(any_image(), any_name())
        if (random(2) == 0) container(any_image(), forms[1 + random(4)])
        if (random(6) == 0) family()
    }
}

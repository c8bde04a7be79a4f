# SPDX-License-Identifier: BSL-1.0
"""Makes a random population by ctr: images, names, containers and leases in a namespace. Images have numbers."""
import random

import images
from ctr_client import SNAPSHOTTERS, Failed
from ctr_images import INDEXES, attachment_of, image_of, platform_of

REPOSITORIES = ("app", "zzz", "docker.io/library/app", "docker.io/library/zzz", "localhost/team/app", "reg.io/base",
                "reg.io:5000/a/b")
TAGS = "1", "2", "latest", "v1.0"
KINDS = ("single", "single", "single", "platforms", "partial", "index", "same_config", "same_layers", "child",
         "platform", "attached", "attached", "cosign")


class Population:
    def __init__(self, seed, client):
        self.random = random.Random(seed)
        self.seed, self.client = seed, client
        self.images = []
        self.names = {}  # the number of the image of each
        self.leased = []  # (kind, resource)
        self.containers = 0
        self.remapped = set()  # containers with own user IDs
        self.steps = []

    def say(self, *words):
        self.steps.append(" ".join(map(str, words)))

    def happens(self, chance):
        return self.random.random() < chance

    def fill(self):
        count = self.random.randint(6, 10)
        steps = [self.tag] * 6 + [self.container] * 3 + [self.move] * 3 + [self.remove_name, self.remove_image]
        while len(self.images) < count:
            self.import_image()
            for _ in range(self.random.choice((0, 1, 1, 2, 3))):
                self.random.choice(steps)()
        for chance, step in ((0.4, self.run), (0.6, self.move), (0.4, self.move), (0.2, self.lose_tags),
                             (0.2, self.remove_image), (0.4, self.lose_child), (0.1, self.container_without_image),
                             (0.3, self.lease), (0.1, self.lease)):
            if self.happens(chance):
                step()

    # Images

    def new_image(self, number):
        """Returns an image, and what it is made of: an image, a digest or None."""
        program, text, note = str(self.client.folder / "command"), f"text-{self.seed}-{number}", str(number)
        kind, label = self.random.choice(KINDS), self.random.choice("AB")
        runnable = [image for image in self.images if image.is_runnable]
        if not runnable:
            return image_of("single", program, [text], label, note), None
        of = self.random.choice(runnable)
        match kind:
            case "same_config":
                return image_of(kind, program, of.texts, of.label, note), of
            case "same_layers":
                return image_of(kind, program, of.texts, f"of {number}", note), of
            case "child":
                return image_of(kind, program, [*of.texts, text], label, note), of
            case "platform" if of.kind in INDEXES:
                return platform_of(of), of
            case "attached" | "cosign":
                indexes = [image for image in self.images if image.kind in INDEXES]
                of = self.random.choice(indexes if indexes and self.happens(0.5) else self.images)
                subject = of.own[0] if of.own and self.happens(0.5) else of.target
                return attachment_of(kind, text, subject), subject["digest"]
        return image_of("single" if kind == "platform" else kind, program, [text], label, note), None

    def import_image(self):
        number = len(self.images)
        image, of = self.new_image(number)
        if any(image.digest == other.digest for other in self.images):
            return
        name = self.new_tag()
        if image.kind == "cosign":
            name = f"{name.rpartition(':')[0]}:{of.replace(':', '-')}.{self.random.choice(('sig', 'att', 'sbom'))}"
        options = ["--all-platforms"] if image.kind == "platforms" else []
        # ctr cannot unpack an attachment.
        if not image.is_runnable or self.happens(0.35):
            options.append("--no-unpack")
        elif image.kind in ("single", "same_config", "same_layers", "child") and self.happens(0.1):
            options += ["--local", "--discard-unpacked-layers"]
            image.discarded = True
            image.kept -= {layer["digest"] for layer in image.own[2:]}
        with open(self.client.folder / "shared" / "image.tar", "wb") as file:
            images.write_archive(file, image.blobs, {name: image.target})
        numbers = {id(other): at for at, other in enumerate(self.images)}
        self.say("import", number, image.kind, *(["of", numbers.get(id(of), of)] if of else []), "as", name, *options)
        self.client.ctr("images", "import", *options, "/srv/image.tar")
        self.images.append(image)
        self.names[name] = number

    # Names

    def new_tag(self):
        while True:
            name = f"{self.random.choice(REPOSITORIES)}:{self.random.choice(TAGS)}"
            if name not in self.names:
                return name

    def new_name(self, image):
        repository, tag = self.random.choice(REPOSITORIES), self.random.choice(TAGS)
        names = [f"{repository}:{tag}"] * 8 + [repository, f"{repository}@{image.digest}",
                                               f"{repository}:{tag}@{image.digest}", "Odd:1"]
        # What Kubernetes calls an image, and what nerdctl calls one without a tag.
        names += [image.own[1]["digest"] if image.own else repository, f"overlayfs@{image.digest}"]
        return self.random.choice(names)

    def point(self, name, source):
        self.client.ctr("images", "tag", "--force", "--skip-reference-check", source, name)
        self.names[name] = self.names[source]

    def tag(self):
        source = self.random.choice(list(self.names))
        name = self.new_name(self.images[self.names[source]])
        if name != source:
            self.say("tag", source, name, *([f"(was {self.names[name]})"] if name in self.names else []))
            self.point(name, source)

    def move(self):
        """Moves a name that a container was created from, and often gives what it was another name."""
        typed = {container.image for container in self.client.containers()}
        used, others = ([name for name in self.names if (name in typed) == is_used] for is_used in (True, False))
        if not used or not others:
            return
        name, source = self.random.choice(used), self.random.choice(others)
        if self.happens(0.7):
            old = self.new_tag()
            self.say("tag", name, old)
            self.point(old, name)
        self.say("move", name, "from", self.names[name], "to", self.names[source])
        self.point(name, source)

    def remove(self, names):
        for name in names:
            self.say("rm", name)
            self.client.ctr("images", "rm", "--sync", name)
            del self.names[name]

    def names_of(self, number):
        return [name for name in self.names if self.names[name] == number]

    def lose_tags(self):
        """Leaves an image the name only that nerdctl gives to an image without a tag."""
        source = self.random.choice(list(self.names))
        number = self.names[source]
        if self.images[number].is_runnable:
            self.container(of=number)
            name = f"overlayfs@{self.images[number].digest}"
            self.say("tag", source, name)
            self.point(name, source)
            self.remove([other for other in self.names_of(number) if other != name])

    def remove_name(self):
        if len(self.names) > 3:
            self.remove([self.random.choice(list(self.names))])

    def remove_image(self):
        names = self.names_of(self.random.choice(list(self.names.values())))
        if len(self.names) - len(names) > 3:
            self.remove(names)

    # Containers

    def container(self, of=None, kind=None):
        """Creates a container by any name, or by a name of image `of`.

        create  a container that does not run
        run     a container that runs
        remap   a container with own user IDs: its layers are a copy of the image's, with other owners
        """
        names = [name for name in (self.names if of is None else self.names_of(of))
                 if self.images[self.names[name]].is_runnable]
        if not names:
            return
        name, snapshotter = self.random.choice(names), self.random.choice(("overlayfs", "overlayfs", "native"))
        if self.images[self.names[name]].discarded:
            snapshotter = "overlayfs"
        kind = kind or ("remap" if self.happens(0.1) else "create")
        self.containers += 1
        container = f"c{self.containers}"
        self.say(kind, container, "of", name, f"({self.names[name]})", "on", snapshotter)
        words = ["--snapshotter", snapshotter, name, container]
        running = ["--detach", "--null-io", "--cgroup", f"{self.client.cgroup}/{container}-{self.seed}"]
        match kind:
            case "create":
                self.client.ctr("containers", "create", *words)
            case "run":
                self.client.ctr("run", *running, *words)
            case "remap":
                self.remapped.add(container)
                try:
                    self.client.ctr("run", "--uidmap", "0:1000:1000", "--gidmap", "0:1000:1000", *running, *words)
                except Failed:  # without user namespaces, the container is created and not started
                    if container not in (one.id for one in self.client.containers()):
                        raise

    def run(self):
        self.container(kind="run")

    def container_without_image(self):
        self.containers += 1
        self.say("create", f"c{self.containers}", "of a folder")
        self.client.ctr("containers", "create", "--rootfs", "/srv", f"c{self.containers}")

    def lose_child(self):
        """Deletes an image that a container runs. The image that it was made of is often there."""
        children = [number for number in self.names.values() if self.images[number].kind == "child"]
        if children:
            number = self.random.choice(children)
            self.container(of=number)
            self.remove(self.names_of(number))

    def lease(self):
        image = self.images[self.random.choice(list(self.names.values()))]
        kind, resources = "content", [digest for digest in image.blobs if digest in image.kept]
        if image.own and self.happens(0.9):  # all images share the layer with the program
            resources = [digest for digest in resources if digest != image.own[2]["digest"]]
        resource = self.random.choice(resources)
        there = self.client.parents()
        snapshots = [(snapshotter, chain) for snapshotter in SNAPSHOTTERS for chains in image.chains
                     for chain in chains[1:] if (snapshotter, chain) in there]
        if snapshots and self.happens(0.3):
            snapshotter, resource = self.random.choice(snapshots)
            kind = "snapshots/" + snapshotter
        self.say("lease", kind, resource)
        self.client.lease(f"lease-{len(self.leased)}", kind, resource)
        self.leased.append((kind, resource))

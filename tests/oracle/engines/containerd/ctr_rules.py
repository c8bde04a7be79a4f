# SPDX-License-Identifier: BSL-1.0
"""What nerdctl and the kubelet delete of a population, by their documentation, and what pruneplan keeps of that.

Names that pruneplan keeps although the other program deletes them have a cause:

lease      a lease holds content or a snapshot of the image
attached   the image is attached to an image that has a name left
id         the name is an ID, and the image has another name left
spelling   a container was created from another spelling of the name: app:1 and docker.io/library/app:1
nameless   a container runs the image, which has only names that no user gives
base       the image of a container was deleted, and the container's layers are those of this image, and others
"""
import re

HEX = "[0-9a-f]{64}"
ID = re.compile(f"sha256:{HEX}")
REFERENCE = re.compile(r"[a-z0-9._-]+(:[0-9]+)?(/[a-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?(@sha256:" + HEX + ")?")
ATTACHED = re.compile(f"[^@]*:sha256-({HEX})\\.(sig|att|sbom)")
DIGEST = re.compile(".*@")  # what is before it
NAMELESS = re.compile(f"(overlayfs@)?sha256:{HEX}")


def has_tag(path):
    return ":" in path.rpartition("/")[2]


def canonical(name):
    """Returns the canonical form of a reference, or "" for anything else."""
    if not REFERENCE.fullmatch(name) or ID.fullmatch(name):
        return ""
    path, at, digest = name.partition("@")
    first, slash, _ = path.partition("/")
    if not slash:
        path = "docker.io/library/" + path
    elif not re.search("[.:]", first) and first != "localhost":
        path = "docker.io/" + path
    return path + at + digest if digest or has_tag(path) else path + ":latest"


def names_of(typed):
    """Returns the canonical names that a container uses that was created from `typed`."""
    name = canonical(typed)
    path = name.partition("@")[0]
    return {name, path} if has_tag(path) else {name}


class View:
    """A population at one moment."""

    def __init__(self, population):
        client = population.client
        self.leased = population.leased
        self.names, self.containers, self.content = client.names(), client.containers(), client.content()
        self.by_target = {image.digest: image for image in population.images}
        self.there = [self.by_target[target] for target in sorted(set(self.names.values()))]
        # By container: the targets that it runs, and those whose layers are a part of its own.
        self.runs, self.part = {}, {}
        parents = client.parents()
        chains = {chains[-1] for image in self.there for chains in image.chains}
        for container in self.containers:
            own = found = parents.get((container.snapshotter, container.snapshot_key), "")
            while found and found not in chains:
                found = parents[container.snapshotter, found]
            targets = {image.digest for image in self.there if any(found == chains[-1] for chains in image.chains)}
            is_own = found == own or container.id in population.remapped
            self.runs[container.id], self.part[container.id] = (targets, set()) if is_own else (set(), targets)
        self.used = set().union(*self.runs.values())
        self.used_in_part = set().union(*self.part.values())

    def unmatched(self, rule):
        """Returns the containers that were created from an image, and that have no image's layers."""
        found = {container.id for container in self.containers if self.runs[container.id] or self.part[container.id]}
        if rule == "strict":  # it also finds an image by an ID or a digest that the container was created from
            ids = {digest for image in self.there for digest in image.ids | image.kept}
            found |= {container.id for container in self.containers if DIGEST.sub("", container.image) in ids}
        return {container.id for container in self.containers if container.image} - found

    def nerdctl(self):
        """Returns what `nerdctl image prune --all` deletes: each name that is not the image of a container."""
        return set(self.names) - {container.image for container in self.containers}

    def kubelet(self):
        """Returns what the kubelet's garbage collection deletes: all names of images that no container runs."""
        return {name for name, target in self.names.items() if target not in self.used}

    def expected(self, deleted, rule):
        """Returns the names of those in `deleted` that pruneplan deletes, and the causes for keeping the others."""
        typed = set().union(*(names_of(container.image) for container in self.containers)) - {""}
        causes = {}
        for name in deleted:
            target = self.names[name]
            if self.is_leased(self.by_target[target]):
                causes[name] = "lease"
            elif rule == "names_only" and canonical(name) in typed:
                causes[name] = "spelling"
            elif rule == "names_only" and target in self.used | self.used_in_part and self.is_nameless(target):
                causes[name] = "nameless"
            elif rule == "whole_image" and target in self.used_in_part:
                causes[name] = "base"
        attached = {name: self.subjects(name) for name in deleted if self.subjects(name)}
        for _ in attached:  # attachments can have attachments
            kept = {target for name, target in self.names.items() if name not in deleted or name in causes}
            for name, subjects in attached.items():
                if subjects & kept:
                    causes.setdefault(name, "id" if self.is_spare_id(name) else "attached")
        return deleted - set(causes), causes

    def is_unpacked(self, image, snapshotter=""):
        labels = {label for digest in image.kept for label in self.content.get(digest, ())}
        return any(label.startswith("containerd.io/gc.ref.snapshot." + snapshotter) for label in labels)

    def is_leased(self, image):
        for kind, resource in self.leased:
            snapshotter = kind.partition("/")[2]
            if not snapshotter and resource in image.kept:
                return True
            is_unpacked = snapshotter and self.is_unpacked(image, snapshotter)
            if is_unpacked and any(resource in chains for chains in image.chains):
                return True
        return False

    def subjects(self, name):
        """Returns the targets that a name is attached to. An ID is attached to the other names of its image."""
        if self.is_spare_id(name):
            return {self.names[name]}
        image, found = self.by_target[self.names[name]], ATTACHED.fullmatch(name)
        subject = image.subject or (f"sha256:{found[1]}" if found else "")
        return {other.digest for other in self.there if subject in other.ids} - {image.digest}

    def is_spare_id(self, name):
        return ID.fullmatch(name) is not None and not self.is_nameless(self.names[name])

    def is_nameless(self, target):
        return all(NAMELESS.fullmatch(name) for name, at in self.names.items() if at == target)

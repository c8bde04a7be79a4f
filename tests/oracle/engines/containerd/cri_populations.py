# SPDX-License-Identifier: BSL-1.0
"""Makes random populations of pods, containers and images as a kubelet does, and compares pruneplan with the rules of
the kubelet and of nerdctl. Run by containerd_cri.sh, which says what is tested.
"""
import collections
import json
import os
import random
import subprocess
import sys
import time

import grpc

import client
import images
import registry

REGISTRY, SANDBOX = os.environ["registry"], os.environ["sandbox"]
PROGRAM = os.environ["folder"] + "/command"
REPOSITORIES, TAGS = ["app", "team/web", "lib/db"], ["1", "2", "latest"]

# A pushed image: `parts` are the descriptors of its configuration and layers, and `blobs` their contents. A layer has
# the text.
Pushed = collections.namedtuple("Pushed", "repository blobs parts manifest target text")
# `pod` is a name. `image_id` and `mounted_ids` are what `image` and `mounts` meant when the container was created.
Container = collections.namedtuple("Container", "id pod name image typed mounts image_id mounted_ids")
counts = collections.Counter()


class Mismatch(Exception):
    pass


def await_that(condition, what):
    for _ in range(250):
        if condition():
            return
        time.sleep(0.02)
    raise Mismatch(what)


class Population:
    def __init__(self, seed, cri, server):
        self.rng = random.Random(seed)
        self.seed, self.cri, self.server = seed, cri, server
        self.steps, self.last_plan = [], []
        self.sandbox = {SANDBOX, cri.find(SANDBOX).id}
        self.pushed, self.pods, self.containers = [], {}, []

    def say(self, *words):
        self.steps.append(" ".join(words))

    # Images.

    def records(self):
        """Returns all records by their names, without those of the sandbox image."""
        return {record.name: record for record in self.cri.records() if record.name not in self.sandbox}

    def shown(self):
        """Returns all names that Kubernetes shows, without those of the sandbox image: IDs are names, too."""
        return {name for image in self.images() for name in self.names_of(image)}

    def images(self):
        return [image for image in self.cri.images() if SANDBOX not in image.repo_tags]

    def names_of(self, image):
        return [*image.repo_tags, *image.repo_digests, image.id]

    def push(self, number):
        """Pushes a random image to a random tag, and returns it and the tag."""
        rng, blobs = self.rng, {}
        repository, tag = rng.choice(REPOSITORIES), rng.choice(TAGS)
        kind, earlier, text = "single", None, f"seed {self.seed}, image {number}"
        if self.pushed:
            kind = rng.choice(["single", "single", "index", "index", "twin", "rebuilt", "part"])
            earlier = rng.choice(self.pushed)
        indexes = [image for image in self.pushed if image.manifest != image.target]
        if kind == "part" and indexes:  # the manifest of this platform, which an earlier index lists
            earlier = rng.choice(indexes)
            repository, own, parts, text = earlier.repository, earlier.blobs, earlier.parts, earlier.text
            manifest = target = earlier.manifest
            blobs = {**own, target["digest"]: self.server.contents[target["digest"]]}
        else:
            if kind in ("twin", "part"):  # a further manifest of the same configuration
                parts, own, text = earlier.parts, earlier.blobs, earlier.text
            elif kind == "rebuilt":  # a further configuration of the same layers
                parts, own = images.add_config(blobs, PROGRAM, earlier.text, author=text), dict(blobs)
                text = earlier.text
            else:
                parts, own = images.add_config(blobs, PROGRAM, text), dict(blobs)
            blobs = dict(own)
            manifest = target = images.add_manifest(blobs, parts, annotations={"number": str(number)})
            if kind == "index":
                other = images.add_manifest(blobs, images.add_config(blobs, PROGRAM, text, images.OTHER), images.OTHER)
                target = images.add_index(blobs, [manifest, other])
        image = Pushed(repository, own, parts, manifest, target, text)
        self.server.push(repository, tag, blobs, target)
        self.pushed.append(image)
        self.say("push", kind, f"{repository}:{tag}", target["digest"], "manifest", image.manifest["digest"],
                 "configuration", image.parts[0]["digest"])
        return image, tag

    def pull(self, name):
        image_id = self.cri.pull(name)
        self.say("pull", name, "is", image_id)

    def add_image(self, number):
        image, tag = self.push(number)
        repository = f"{REGISTRY}/{image.repository}"
        for form in self.rng.choice([["tag"], ["tag"], ["tag"], ["digest"], ["digest", "tag"], []]):
            self.pull(f"{repository}:{tag}" if form == "tag" else f"{repository}@{image.target['digest']}")

    def pull_again(self):
        """Pulls a tag that may have moved in the registry."""
        tags = [name for name in sorted(self.records()) if name.startswith(REGISTRY) and name.endswith((*TAGS,))
                and "@" not in name]
        if tags:
            self.pull(self.rng.choice(tags))

    def change_record(self):
        """Deletes, tags or pins one record, as users of ctr do."""
        records = self.records()
        if not records:
            return
        name = self.rng.choice(sorted(records))
        how = self.rng.choice(["delete", "delete", "tag", "tag", "pin"])
        if how == "delete":
            self.cri.delete(name)
        elif how == "pin":
            self.cri.label(records[name], "io.cri-containerd.pinned", "pinned")
        else:
            to = f"{REGISTRY}/{self.rng.choice(REPOSITORIES)}:by-ctr"
            if to in records:
                return
            self.cri.tag(records[name], to)
        self.say(how, name)
        self.settle()
        if how == "pin":
            await_that(lambda: all(image.pinned for image in self.images() if name in self.names_of(image)),
                       f"{name} is not pinned")

    def settle(self):
        """Waits until Kubernetes' part of containerd knows of all changes: events tell them to it."""
        await_that(lambda: self.shown() >= self.records().keys(), "Kubernetes does not show a record")

    # Containers.

    def form_of(self, image):
        """Returns how a user or a kubelet can mean an image: as (image, user_specified_image)."""
        names = sorted([*image.repo_tags, *image.repo_digests])
        form = self.rng.choice(["kubelet", "kubelet", "kubelet", "name", "name", "id", "bare", "short", "bare short"])
        if form in ("kubelet", "name") and names:
            name = self.rng.choice(names)
            return (image.id, name) if form == "kubelet" else (name, "")
        bare = image.id.removeprefix("sha256:")
        return {"bare": bare, "short": image.id[:19], "bare short": bare[:12]}.get(form, image.id), ""

    def mount_of(self, image):
        """Returns how a mount can mean an image: only by the full name of a record."""
        names = sorted({*self.names_of(image)} & self.records().keys())
        return image.id if image.id in names and self.rng.random() < 0.5 else self.rng.choice(names)

    def pod(self):
        name = self.rng.choice(["one", "two"])
        if name not in self.pods:
            self.pods[name] = self.cri.run_pod(f"{name}-{self.seed}")
        return name

    def create(self, pod, name, image, typed, mounts, args=()):
        return self.cri.create(self.pods[pod], f"{pod}-{self.seed}", name, image, typed, mounts, args)

    def add_container(self, number):
        found = self.images()
        if not found:
            return
        rng, pod, name = self.rng, self.pod(), f"container-{number}"
        found.sort(key=lambda image: image.id)
        image, typed = self.form_of(rng.choice(found))
        mounts = [self.mount_of(rng.choice(found)) for _ in range(rng.choice([0, 0, 0, 1, 1, 2]))]
        state = rng.choice(["created", "running", "running", "exited"])
        made = self.create(pod, name, image, typed, mounts, ["end"] if state == "exited" else [])
        ids = [self.cri.find(meant).id for meant in [image, *mounts]]
        self.containers.append(Container(made, pod, name, image, typed, mounts, ids[0], ids[1:]))
        if state != "created":
            self.cri.start(made)
        if state == "exited":
            await_that(lambda: self.cri.status(made).state == client.EXITED, f"{name} does not end")
        self.say("container", name, state, "of", image, f"({ids[0]})", f"typed as {typed}" if typed else "", "mounts",
                 *mounts)
        counts[state + " containers"] += 1
        counts["image volumes"] += len(mounts)

    def remove_pod(self):
        if self.pods:
            name = self.rng.choice(sorted(self.pods))
            self.cri.remove_pod(self.pods.pop(name))
            self.containers = [container for container in self.containers if container.pod != name]
            self.say("remove pod", name)

    def make(self):
        rng = self.rng
        steps = [self.add_image] * rng.randint(6, 10) + [self.add_container] * rng.randint(4, 8)
        rng.shuffle(steps)
        for number, step in enumerate([self.add_image, *steps]):
            step(number)
            if rng.random() < 0.15:
                self.pull_again()
            if rng.random() < 0.12:
                self.change_record()
            if rng.random() < 0.04:
                self.remove_pod()
        self.settle()
        counts["containers"] += len(self.containers)

    def empty(self):
        for pod in self.cri.pods():
            self.cri.remove_pod(pod)
        names = sorted(self.records())
        for name in names:
            self.cri.delete(name, sync=name == names[-1])
        await_that(lambda: not self.images(), "images remain")

    # The program.

    def run(self, *options):
        socket = os.environ["socket"]
        command = [os.environ["program"], "containerd", "--address", "unix://" + socket, "--all", *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    def plan(self, rule):
        """Returns the names that the plan deletes."""
        answer = self.run("--rule", rule, "--format", "json")
        if answer.returncode != 0:
            raise Mismatch(f"--rule {rule} ends with {answer.returncode}: {answer.stderr}")
        plan = json.loads(answer.stdout)
        names = [name for image in plan["images"] for name in image["names"]]
        self.last_plan = [f"{name['action']} {name['name']}: {name['explanation']}" for name in names]
        self.last_plan += [doubt["sentence"] for doubt in plan["doubts"]]
        self.doubts = {doubt["kind"] for doubt in plan["doubts"] if doubt["blocks"]}
        for doubt in plan["doubts"]:
            counts[f"doubts of --rule {rule}: {doubt['kind']}"] += 1
        deleted = {name["name"] for name in names if name["action"] == "delete"}
        counts[f"names deleted by {rule}"] += len(deleted)
        counts[f"names kept by {rule}"] += len(names) - len(deleted)
        return deleted

    def compare(self, rule, planned, wanted):
        if planned != wanted:
            raise Mismatch("\n".join([f"--rule {rule}:", "in the plan only:", *sorted(planned - wanted),
                                      "by the rule only:", *sorted(wanted - planned)]))

    # The rules.

    def kubelet(self):
        """Returns the names that the kubelet's garbage collection of images deletes. It deletes images whole, by their
        IDs: those that no container runs, no container mounts, and that are not pinned.
        """
        used = {used.image_id or used.image_ref for used in self.cri.containers()}
        used |= {image_id for container in self.containers for image_id in container.mounted_ids}
        unused = [image for image in self.images() if image.id not in used and not image.pinned]
        return {name for image in unused for name in self.names_of(image)} & self.records().keys()

    def nerdctl(self):
        """Returns the names that `nerdctl image prune --all` deletes, and `ctr images prune --all`: all but those that
        the records of containers have. They delete pinned images, too.
        """
        return self.records().keys() - {container.image for container in self.cri.own_containers()}

    def pinned(self):
        return {name for image in self.cri.images() if image.pinned for name in self.names_of(image)}

    def compare_names_only(self, planned):
        """Compares with nerdctl's rule, for the names that users typed and the IDs that Kubernetes found: the record of a
        container has the first name of that image. The plan can keep more: names of images that a container mounts, of
        which one must be kept, and names that users typed for mounts.
        """
        records = self.records()
        wanted = records.keys() - self.pinned()
        wanted -= {name for used in self.containers for name in (used.typed, used.image, used.image_id)}
        wanted -= {mount for container in self.containers for mount in container.mounts} - planned
        mounted = {image_id for container in self.containers for image_id in container.mounted_ids}
        for image in self.images():
            names = {*self.names_of(image)} & records.keys()
            if image.id in mounted and names <= planned:
                raise Mismatch(f"--rule names_only deletes all names of {image.id}, which a container mounts")
            target = records[image.id].target.digest if image.id in names else None
            used_by_id = any(used.image_id == image.id for used in self.containers) and all(
                records[name].target.digest != target for name in names - {image.id})
            wanted -= (names if image.id in mounted else {image.id} if used_by_id else set()) - planned
            # The ID of an image is kept with another name of the image, though that can have another target.
            if names - {image.id} - planned:
                wanted.discard(image.id)
        self.compare("names_only", planned, wanted)
        other = self.nerdctl() - self.pinned()
        counts["names that names_only deletes and nerdctl does not"] += len(planned - other)
        counts["names that nerdctl deletes and names_only does not"] += len(other - planned)

    def count_broken(self):
        """Counts the containers whose images the prunes of others would delete."""
        present = {image.id for image in self.images() if not image.pinned}
        meant = [self.cri.find(used.image) for used in self.containers]
        by_crictl = present - {image.id for image in meant if image}
        deleted = self.nerdctl()
        by_nerdctl = {image.id for image in self.images() if {*self.names_of(image)} & self.records().keys() <= deleted}
        for command, gone in (("crictl rmi --prune", by_crictl), ("nerdctl image prune --all", by_nerdctl)):
            broken = [used for used in self.containers if gone & {used.image_id, *used.mounted_ids}]
            counts[f"containers without an image after {command}"] += len(broken)

    # Tests.

    def apply(self, rule):
        """Applies a plan, and checks that its names are deleted, and no others."""
        before, planned = self.records().keys(), self.plan(rule)
        accepted = [option for kind in sorted(self.doubts) for option in ("--accept", kind)]
        answer = self.run("--rule", rule, "--apply", "--yes", "--quiet", *accepted)
        if answer.returncode != 0:
            raise Mismatch(f"--rule {rule} --apply ends with {answer.returncode}: {answer.stdout}{answer.stderr}")
        self.compare(rule + " --apply", planned, before - self.records().keys())
        await_that(lambda: not self.shown() & planned - {image.id for image in self.images()},
                   f"--rule {rule} --apply: Kubernetes shows deleted names")
        self.settle()
        counts["names removed by --apply"] += len(planned)

    def meanings(self, container):
        """Returns the IDs of the images that a container would have if it was created now, or None for some."""
        records = self.records()
        found = [self.cri.find(spec) for spec in (container.image, container.typed or container.image)]
        found += [self.cri.find(mounted) if mounted in records else None for mounted in container.mounts]
        return [image and image.id for image in found]

    def check_images(self, there_before):
        """Checks that all images of containers are there."""
        there = {image.id for image in self.images()}
        for container in self.containers:
            for image_id in {container.image_id, *container.mounted_ids} & there_before - there:
                raise Mismatch(f"{container.name}: its image {image_id} is deleted")

    def check_containers(self, could_before):
        """Checks that each container can be created again."""
        # In the pod of a container, the images that it mounts are mounted already.
        self.pods["new"] = self.cri.run_pod(f"new-{self.seed}")
        for container, could in zip(self.containers, could_before, strict=True):
            can = self.meanings(container)
            if None not in could:
                try:
                    again = self.create("new", container.name, container.image, container.typed, container.mounts)
                    self.cri.start(again)
                except grpc.RpcError as error:
                    raise Mismatch(f"{container.name} cannot be created again: {error.details()}") from error
                self.cri.remove_container(again)
                counts["containers created again"] += 1
            if can != could:
                raise Mismatch(f"{container.name}: its names mean {can}, and meant {could}")

    def check_nerdctl(self):
        """Checks that `ctr images prune --all`, which is as that of nerdctl, has the rule that this file says."""
        before, wanted = self.records().keys(), self.nerdctl()
        command = [os.environ["folder"] + "/engine", "--namespace", "k8s.io", "images", "prune", "--all"]
        subprocess.run(command, check=True, capture_output=True)
        self.compare("ctr images prune", before - self.records().keys(), wanted)
        all_records = {record.name: record for record in self.cri.records()}
        for name in self.sandbox - all_records.keys():
            self.cri.tag(all_records[SANDBOX], name)
        counts["names removed by ctr"] += len(wanted)

    def test(self):
        self.make()
        self.compare("engine", self.plan("engine"), self.kubelet())
        self.compare_names_only(self.plan("names_only"))
        self.count_broken()
        could = [self.meanings(container) for container in self.containers]
        there = {image.id for image in self.images()}
        self.apply("strict" if self.seed % 3 else "engine")
        self.check_images(there)
        if self.seed % 3:
            self.check_containers(could)
        if self.seed % 3 == 1:
            self.check_nerdctl()
        self.empty()


def describe(population, error):
    records = (f"{name} {record.target.digest} {dict(record.labels)}" for name, record in population.records().items())
    shown = (" ".join(population.names_of(image)) + " pinned" * image.pinned for image in population.images())
    print(f"MISMATCH: seed {population.seed}: {error}", "the population:", *population.steps, "the plan:",
          *population.last_plan, "the records:", *records, "what Kubernetes shows:", *shown, sep="\n", file=sys.stderr)


def main():
    first, populations = int(sys.argv[1]), int(sys.argv[2])
    cri, server = client.Client(os.environ["socket"]), registry.Registry(REGISTRY)
    failed = []
    for seed in range(first, first + populations):
        population = Population(seed, cri, server)
        try:
            population.test()
        except Mismatch as error:
            describe(population, error)
            failed.append(seed)
            population.empty()
    print(f"{populations} populations:", ", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
    if failed:
        sys.exit(f"FAILED: {len(failed)} populations: seeds {', '.join(map(str, failed))}")


main()

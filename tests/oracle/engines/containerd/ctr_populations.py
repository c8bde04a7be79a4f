# SPDX-License-Identifier: BSL-1.0
"""Tests plans of pruneplan on random populations that ctr makes: see ../containerd_ctr.sh.

ctr_populations.py FIRST_SEED COUNT
"""
import collections
import json
import os
import subprocess
import sys

from ctr_client import Client, Failed
from ctr_population import Population
from ctr_rules import View

BLOCKED = 3  # the exit code if the plan has doubts
ENOUGH = 3  # mismatches


class Mismatch(Exception):
    """The plan, or what it left, is wrong."""


class Test:
    def __init__(self, seed, client, counts):
        self.client, self.counts = client, counts
        self.population = Population(seed, client)
        self.report, self.doubts, self.blocking = ("", ""), {}, set()

    def run(self, *words):
        """Runs pruneplan, and returns its exit code."""
        command = [os.environ["program"], "containerd", "--address", "unix://" + self.client.socket, "--namespace",
                   self.client.namespace, "--all", *words]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.report = done.stdout, done.stderr
        return done.returncode

    def plan(self, *words):
        """Returns the names that a plan deletes."""
        code = self.run("--format", "json", *words)
        if code:
            raise Mismatch(f"plan {' '.join(words)} ends with {code}")
        plan = json.loads(self.report[0])
        listed = {name["name"]: name["action"] for image in plan["images"] for name in image["names"]}
        equal("the plan's names and the store's", set(listed), set(self.client.names()))
        self.doubts, self.blocking = collections.defaultdict(set), set()
        for doubt in plan["doubts"]:
            self.doubts[doubt["kind"]].add(doubt["container"])
            if doubt["blocks"]:
                self.blocking.add(doubt["kind"])
        return {name for name, action in listed.items() if action == "delete"}

    def compare(self, view, rule, words, other, deleted):
        plan = self.plan(*words)
        expected, causes = view.expected(deleted, rule)
        equal(f"the plan of {rule} and what {other} deletes", plan, expected)
        self.counts[f"names that {other} deletes, and the plan of {rule}, too"] += len(plan)
        for cause in causes.values():
            self.counts[f"names that {other} deletes, and the plan of {rule} keeps: {cause}"] += 1

    def apply(self, view, rule):
        """Applies the plan of a rule, and returns the names and targets that are left."""
        plan = self.plan("--rule", rule)
        equal("the containers with unknown images", self.doubts["unmatched_container"], view.unmatched(rule))
        words, blocking = ["--rule", rule, "--apply", "--yes"], sorted(self.blocking)
        if blocking:
            code = self.run(*words)
            equal("the names after a doubtful plan", set(self.client.names()), set(view.names))
            if code != BLOCKED:
                raise Mismatch(f"a doubtful plan ends with {code}")
            self.counts[f"doubtful plans of {rule}: {', '.join(blocking)}"] += 1
        code = self.run(*words, *(word for kind in blocking for word in ("--accept", kind)))
        if code:
            raise Mismatch(f"--apply ends with {code}")
        left = self.client.names()
        wanted = {name: target for name, target in view.names.items() if name not in plan}
        equal("the names that are left", set(left.items()), set(wanted.items()))
        self.check_content(view, left)
        self.counts[f"names deleted by --apply of {rule}"] += len(plan)
        self.counts[f"names kept by --apply of {rule}"] += len(left)
        return left

    def check_doubts(self, view, left):
        """Checks that there was a doubt about each image that a container runs, and that is deleted."""
        lost = view.used - set(left.values())
        doubtful = self.doubts["unprotected_image"]
        doubted = set().union(*(view.runs[container] | view.part[container] for container in doubtful))
        if lost - doubted:
            raise Mismatch(f"no doubt about {lost - doubted}, which containers run")
        self.counts["images of containers deleted by names_only, with a doubt"] += len(lost)

    def check_content(self, view, left):
        """Checks that names that are left have all content that they had, and that nothing else of images is left."""
        before, after = set(view.content), set(self.client.content())
        kept = set().union(*(view.by_target[target].kept for target in left.values()))
        if kept & before - after:
            raise Mismatch(f"names lost content: {kept & before - after}")
        if len(left) < len(view.names) and after - kept:
            raise Mismatch(f"content is left: {after - kept}")

    def check_strict(self, view, left):
        """Checks that no container lost an image, nor the name that it was created from."""
        for container in view.containers:
            targets = view.runs[container.id] | view.part[container.id]
            if targets - set(left.values()):
                raise Mismatch(f"{container.id} lost {targets - set(left.values())}")
            if container.image not in left and view.names.get(container.image) in targets:
                raise Mismatch(f"{container.id} lost its name {container.image}")
            for name in sorted(name for name in left if left[name] in targets):
                self.client.ctr("containers", "create", "--snapshotter", container.snapshotter, name, "again")
                self.client.ctr("containers", "rm", "again")
                self.counts["containers created again"] += 1
        self.counts["containers"] += len(view.containers)
        self.counts["containers of deleted images"] += len(view.unmatched("strict"))
        self.counts["containers of deleted images, whose base is there"] += sum(map(bool, view.part.values()))

    def check(self):
        self.population.fill()
        view = View(self.population)
        expected = {name: self.population.images[number].digest for name, number in self.population.names.items()}
        equal("the names of the population and of the store", set(view.names.items()), set(expected.items()))
        self.counts["names"] += len(view.names)
        self.compare(view, "names_only", ["--rule", "engine"], "nerdctl", view.nerdctl())
        self.compare(view, "whole_image", ["--rule", "whole_image"], "the kubelet", view.kubelet())
        self.check_strict(view, self.apply(view, "strict"))
        if self.population.seed % 3 == 0:
            view = View(self.population)
            self.check_doubts(view, self.apply(view, "names_only"))


def equal(what, got, wanted):
    if got != wanted:
        lines = [f"{what} differ"] + [f"first only:  {one}" for one in sorted(got - wanted)]
        raise Mismatch("\n".join(lines + [f"second only: {one}" for one in sorted(wanted - got)]))


def show(test, error):
    population = test.population
    print(f"MISMATCH: seed {population.seed}: {error}", "the steps:", *population.steps, sep="\n", file=sys.stderr)
    for number, image in enumerate(population.images):
        print(f"image {number} is {image.digest}, {image.kind}, runs on {[chains[-1] for chains in image.chains]}",
              file=sys.stderr)
    print("what pruneplan printed:", *test.report, sep="\n", file=sys.stderr)
    test.run("--rule", "names_only" if "names_only" in str(error) else "strict")
    print("the plan now:", *test.report, sep="\n", file=sys.stderr)


def main():
    first, count = map(int, sys.argv[1:])
    client, counts = Client("test"), collections.Counter()
    failed = 0
    for seed in range(first, first + count):
        test = Test(seed, client, counts)
        try:
            test.check()
        except (Mismatch, Failed) as error:
            show(test, error)
            failed += 1
        client.empty()
        if failed == ENOUGH:
            break
    for what, number in sorted(counts.items()):
        print(f"{number:6} {what}")
    print(f"{seed - first + 1} populations, seeds {first} to {seed}: {failed} mismatches")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: BSL-1.0
"""Validates engine_prune's JSON by plan.schema.json, and its pictures as XML: plan_schema.py ENGINE_PRUNE"""

import copy
import itertools
import json
import pathlib
import subprocess
import sys
import xml.etree.ElementTree

import jsonschema

top = pathlib.Path(__file__).resolve().parents[2]
engine_prune = sys.argv[1]
schema = json.loads((top / "examples/engine_prune/plan.schema.json").read_text())
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)

odd_bytes = b"\xff\xc0\xaf\xe2\x82\xed\xa0\x80\xf4\x90\x80\x80 \"<&>' \\ \xc3\xa9\xf0\x9f\xa6\xad %7F%00%1B"
odd_listing = b"\n".join([
    b"engine\t" + odd_bytes + b"\tgraph_driver\tversion=" + odd_bytes + b"\tnow=253402300799",
    b"image\t" + odd_bytes + b"\tsha256:" + odd_bytes + b"\tsize=18446744073709551615\tcreated=99999999999999",
    b"image\tmoby-dangling@sha256:1\tsha256:1\tdangling=1\tsize=18446744073709551615",
    b"container\tsha256:" + odd_bytes + b"\t" + odd_bytes + b"\tname=" + odd_bytes,
    b"container\tgone\t\tmount=gone:1",
    b"",
])
listings = [path.read_bytes() for path in sorted((top / "examples/data").glob("*.listing"))]
listings += [b"engine\tdocker\tstrict\n", odd_listing]
options = [[], ["-a"], ["-a", "--keep", "*/*"], ["-a", "--keep-newest", "1"], ["-a", "--free", "1GB"],
           ["-a", "--filter", "until=240h"]]
rules = ["engine", "containerd_snapshotter", "graph_driver", "whole_image", "strict"]


def run(listing, *words):
    command = [engine_prune, "--listing", "-", *words]
    return subprocess.run(command, input=listing, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


def check_counts(plan, deletions):
    """Checks that the counts, the order and the list of names agree with the decisions."""
    names = [name for image in plan["images"] for name in image["names"]]
    for action in ("delete", "keep"):
        taken = [name for name in names if name["action"] == action]
        counts = plan[action]
        assert counts["names"] == len(taken), (action, counts)
        assert counts["images"] == sum(image["action"] == action for image in plan["images"]), (action, counts)
        assert {entry["reason"]: entry["names"] for entry in counts["reasons"]} == {
            reason: sum(name["reason"] == reason for name in taken) for reason in {name["reason"] for name in taken}}
    assert len(deletions) == plan["delete"]["names"]
    kept_names = [sum(name["action"] == "keep" for name in image["names"]) for image in plan["images"]]
    for image, kept in zip(plan["images"], kept_names):
        assert (image["action"] == "delete") == (kept == 0), image
        actions = [name["action"] for name in image["names"]]
        assert actions == sorted(actions), image
    parts = [0 if kept == 0 else 1 if kept < len(image["names"]) else 2
             for image, kept in zip(plan["images"], kept_names)]
    assert parts == sorted(parts), parts


def broken(plan):
    """Yields plans that the schema must reject."""
    for key in plan:
        changed = copy.deepcopy(plan)
        del changed[key]
        yield changed
    for path, value in [(["images", 0, "size"], -1), (["images", 0, "created"], "yesterday"),
                        (["images", 0, "names"], []), (["images", 0, "names", 0, "action"], "keep"),
                        (["images", 0, "names", 0, "reason"], "pinned"), (["rule"], "lax"), (["format"], 2),
                        (["space", "freed_at_most"], 0.5), (["more"], 1)]:
        changed = copy.deepcopy(plan)
        place = changed
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        yield changed


plans = 0
for listing, words, rule in itertools.product(listings, options, rules):
    words = [*words, "--rule", rule]
    printed = run(listing, *words, "--format", "json")
    assert printed.count(b"\n") == 1 and printed.endswith(b"\n"), words
    plan = json.loads(printed.decode("utf-8"))
    validator.validate(plan)
    check_counts(plan, run(listing, *words, "--format", "names").splitlines())
    xml.etree.ElementTree.fromstring(run(listing, *words, "--format", "svg"))
    plans += 1
for changed in broken(json.loads(run(listings[0], "-a", "--json"))):
    assert not validator.is_valid(changed), changed
print(f"plan_schema: {plans} plans are valid")

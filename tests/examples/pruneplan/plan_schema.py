# SPDX-License-Identifier: BSL-1.0
"""Validates the program's JSON and its listings by their schemas, and its pictures as XML: plan_schema.py PRUNEPLAN"""

import copy
import itertools
import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

import jsonschema

top = pathlib.Path(__file__).resolve().parents[3]
pruneplan = sys.argv[1]


def validator_of(path):
    schema = json.loads((top / "examples/pruneplan" / path).read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


plan_validator = validator_of("output/plan.schema.json")
listing_validator = validator_of("listing.schema.json")

# The schema lists the words of the library's reasons.
library_words = (top / "include/pruneplan/decision.hpp").read_text().split("to_string(Reason reason)")[1].split("};")[0]
assert plan_validator.schema["definitions"]["reason"]["enum"] == re.findall('"([a-z_]+)"', library_words)

odd = "\u0000\u001b \"<&>' \\ \u00e9\U0001f9ad %7F%2F"
far = {"size": 18446744073709551615, "created": 253402300799}
odd_listing = {
    "format": 1, "source": odd, "rule": "graph_driver", "version": odd, "where": odd, "now": 253402300799,
    "records": [
        {"name": odd, "target": "sha256:" + odd, **far, "pinned": True, "labels": None, "needs": ["sha256:1", odd]},
        {"name": "moby-dangling@sha256:1", "target": "sha256:1", "dangling": True, **far, "ids": [odd, "sha256:2"]},
        {"name": "host/a:sig", "target": "sha256:3", "subject": "sha256:2", "blobs": [{"digest": odd, "size": 1}],
         "labels": {odd: odd}, "last_used": 1, "tagged": "2024-06-27T15:04:05+02:00", "past_names": [odd]},
    ],
    "containers": [
        {"image_id": "sha256:" + odd, "image_ref": odd, "name": odd},
        {"id": "1", "image_id": "gone", "image_ref": "", "mounts": ["gone:1"]},
        {"image_id": "sha256:3", "image_ref": "", "mounted": ["sha256:1"], "created": 5},
    ],
}
listings = [path.read_text() for path in sorted((top / "examples/data").glob("*.json"))]
assert listings
listings += ['{"format": 1, "source": "docker", "rule": "strict", "records": [], "containers": []}', json.dumps(odd_listing)]
options = [[], ["-a"], ["-a", "--keep", "*/*"], ["-a", "--keep-newest", "1"], ["-a", "--free", "1GB"],
           ["-a", "--filter", "until=240h"]]
rules = ["strict", "engine", "containerd_snapshotter", "graph_driver", "whole_image", "names_only"]


def run(listing, *words):
    command = [pruneplan, "listing", "-", *words]
    return subprocess.run(command, input=listing.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)


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


def changed(document, changes):
    """Yields copies of the document that lack a member, or have a member with another value."""
    for key in document:
        copied = copy.deepcopy(document)
        del copied[key]
        yield copied
    for path, value in changes:
        copied = copy.deepcopy(document)
        place = copied
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        yield copied


plans = 0
for listing, words, rule in itertools.product(listings, options, rules):
    words = [*words, "--rule", rule]
    ran = run(listing, *words, "--format", "json")
    assert ran.stdout.count(b"\n") == 1 and ran.stdout.endswith(b"\n"), words
    plan = json.loads(ran.stdout.decode("utf-8"))
    plan_validator.validate(plan)
    check_counts(plan, run(listing, *words, "--format", "names").stdout.splitlines())
    lines = [f"doubt: {doubt['kind']}: {doubt['sentence']}" for doubt in plan["doubts"]]
    lines += ["note: " + note for note in plan["notes"]]
    printed = [line.replace("\0", "%00").replace("\x1b", "%1B") for line in lines]
    assert printed == ran.stderr.decode().splitlines(), lines
    xml.etree.ElementTree.fromstring(run(listing, *words, "--format", "svg").stdout)
    plans += 1

rejected = [(["images", 0, "size"], -1), (["images", 0, "created"], "yesterday"), (["images", 0, "names"], []),
            (["images", 0, "names", 0, "action"], "keep"), (["images", 0, "names", 0, "reason"], "pinned"),
            (["rule"], "lax"), (["format"], 1), (["space", "freed"], 0.5), (["space", "exact"], None), (["more"], 1),
            (["doubts"], [{"kind": "rain"}]), (["notes"], ["no cause"])]
for document in changed(json.loads(run(listings[0], "-a", "--format", "json").stdout), rejected):
    assert not plan_validator.is_valid(document), document

# Listings: those of the tree, and what the program makes of them.
for listing in listings:
    listing_validator.validate(json.loads(listing))
    saved = run(listing, "--save-listing", "-").stdout.decode()
    listing_validator.validate(json.loads(saved))
    assert run(saved, "--save-listing", "-").stdout.decode() == saved
for path in sorted((top / "examples/data").glob("*.json")):
    assert run(path.read_text(), "--save-listing", "-").stdout.decode() == path.read_text(), path
minimal = {"format": 1, "source": "docker", "rule": "strict", "records": [], "containers": []}
rejected = [(["format"], 2), (["rule"], "lax"), (["now"], "today"), (["records"], {}), (["records"], [{"name": "a"}]),
            (["records"], [{"name": "", "target": "b"}]), (["records"], [{"name": "a", "target": "b", "size": -1}]),
            (["containers"], [{"mounts": "a"}])]
for document in changed(minimal, rejected):
    assert not listing_validator.is_valid(document), document
    ran = subprocess.run([pruneplan, "listing", "-", "--rule", "engine"], input=json.dumps(document).encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert ran.returncode == 2, (document, ran)
print(f"plan_schema: {plans} plans are valid")

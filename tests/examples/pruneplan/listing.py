# SPDX-License-Identifier: BSL-1.0
"""Writes a listing from short lines: python3 listing.py <LINES >LISTING

Tabs separate the fields of a line; %XX is a byte:

    SOURCE     RULE       [KEY=VALUE ...]     the first line; keys: version, now, capacity, available
    image      NAME       TARGET     [KEY=VALUE ...]     keys as in a listing; labels=unknown; label=KEY=VALUE
    container  IMAGE_ID   IMAGE_REF  [KEY=VALUE ...]     keys as in a listing

Times are seconds since 1970.
"""
import datetime
import json
import sys
import urllib.parse

LISTS = {"past": "past_names", "mount": "mounts", "id": "ids", "need": "needs"}
TIMES = ("now", "created", "last_used", "tagged")


def moment(text):
    seconds, _, fraction = text.partition(".")
    day = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(seconds))
    return day.strftime("%Y-%m-%dT%H:%M:%S") + "." + fraction.ljust(9, "0") + "Z"


def add(entry, facts):
    for fact in facts:
        key, value = urllib.parse.unquote(fact).split("=", 1)
        if key in TIMES:
            entry[key] = moment(value)
        elif key in LISTS:
            entry.setdefault(LISTS[key], []).append(value)
        elif key == "label":
            entry.setdefault("labels", {}).update([value.split("=", 1)])
        elif key == "labels":
            entry["labels"] = None
        elif key in ("size", "capacity", "available"):
            entry[key] = int(value)
        else:
            entry[key] = value == "1" if key in ("dangling", "pinned") else value


lines = [line.rstrip("\n").split("\t") for line in sys.stdin]
listing = {"format": 1, "source": lines[0][0], "rule": lines[0][1], "records": [], "containers": []}
add(listing, lines[0][2:])
for kind, first, second, *facts in lines[1:]:
    one, two, three = ("name", "target", "records") if kind == "image" else ("image_id", "image_ref", "containers")
    entry = {one: urllib.parse.unquote(first), two: urllib.parse.unquote(second)}
    add(entry, facts)
    listing[three].append(entry)
json.dump(listing, sys.stdout)

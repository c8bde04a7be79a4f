# SPDX-License-Identifier: BSL-1.0
# Checks the JSON lines on standard input strictly: python3 read_plan.py NUMBER_OF_RECORDS NUMBER_OF_DOUBTS
import json
import sys


def unique(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"duplicate key: {keys}"
    return dict(pairs)


def no_constant(text):
    raise ValueError(f"{text} is not JSON")


# splitlines() also splits at the Unicode line separators, which some readers treat as the end of a line.
lines = sys.stdin.buffer.read().decode("utf-8", "strict").splitlines()
lines = [(line, json.loads(line, object_pairs_hook=unique, parse_constant=no_constant)) for line in lines]
records, doubts = lines[: int(sys.argv[1])], lines[int(sys.argv[1]) :]
assert len(doubts) == int(sys.argv[2]), doubts
for number, (line, record) in enumerate(records):
    assert record["record"] == number, line
    assert record["action"] in ("keep", "delete"), line
    assert isinstance(record["name"], str) and isinstance(record["target"], str), line
    assert record["reason"], line
for line, doubt in doubts:
    assert list(doubt) == ["doubt", "number", "blocks", "sentence"], line
    assert doubt["doubt"] and doubt["sentence"] and isinstance(doubt["blocks"], bool), line

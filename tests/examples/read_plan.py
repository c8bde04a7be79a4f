# SPDX-License-Identifier: BSL-1.0
# Checks the JSON lines on standard input strictly: python3 read_plan.py NUMBER_OF_RECORDS
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
assert len(lines) == int(sys.argv[1]), f"{len(lines)} lines"
for number, line in enumerate(lines):
    record = json.loads(line, object_pairs_hook=unique, parse_constant=no_constant)
    assert record["record"] == number, line
    assert record["action"] in ("keep", "delete"), line
    assert isinstance(record["name"], str) and isinstance(record["target"], str), line
    assert record["reason"], line

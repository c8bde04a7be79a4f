# SPDX-License-Identifier: BSL-1.0
"""Finds the function that a line of a header is in, by its indentation: .clang-format makes that reliable."""

import re

OUTER = re.compile(r"^\s*(namespace|class|struct|enum|union|extern)\b")
NO_HEAD = re.compile(r"^#|^\s*(public|private|protected):$|^\s*$")
HEAD = re.compile(r"(~?\w+|operator\W+)\s*\(")
TYPE = re.compile(r"\b(?:class|struct|enum class|union) (?:\[\[\w+\]\] )?(\w+)")


def indentation(line):
    return len(line) - len(line.lstrip())


def function_of(lines, number):
    """Returns the name of the function that line `number`, which counts from 1, is in, its head included; that of the
    class, if it is in none; "" outside of both."""
    head, least = lines[number - 1], indentation(lines[number - 1])
    for line in reversed(lines[: number - 1]):
        if indentation(line) >= least or NO_HEAD.search(line):
            continue
        least = indentation(line)
        if OUTER.search(line):
            found = HEAD.search(head) or TYPE.search(line)
            return found[1].strip() if found else ""
        head = line
    found = HEAD.search(head) or TYPE.search(head)
    return found[1].strip() if found else ""

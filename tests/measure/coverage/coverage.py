# SPDX-License-Identifier: BSL-1.0
"""Merges the counts that gcov has for the headers of all test programs. See coverage.sh.

A template is compiled once for each set of arguments, in each program: its line is run if one of these is. Counts are not
added up, since gcov works some of them out from others, and can give a line that is not run a negative one.
"""

import collections
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))
from functions import function_of

ROOT, BUILD = map(Path, sys.argv[1:])
INCLUDE = ROOT / "include" / "pruneplan"

# gcov gives some lines a count of their own, although all that they do is done by others: the head of a class, for its
# implicit members, a declaration, and the end of a function, for exceptions.
NO_CODE = re.compile(r"^(struct|class) .*\{$|^\}$|= default;$|^[\w:]+ [\w\[\], ]+;$")


def counts_of(data):
    """Returns (header, line number, count) for each line of a header in a file of counts."""
    answer = subprocess.run(["gcov", "--json-format", "--stdout", str(data)], cwd=BUILD, check=True, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = []
    for document in filter(None, answer.stdout.split("\n")):
        for file in json.loads(document)["files"]:
            path = Path(file["file"])
            if path.is_relative_to(INCLUDE):
                out += [(str(path.relative_to(INCLUDE)), line["line_number"], line["count"]) for line in file["lines"]]
    return out


def reasons():
    """Returns the entries of reasons.txt: (header, function, stripped line) -> reason."""
    lines = (ROOT / "tests/measure/coverage/reasons.txt").read_text().split("\n")
    return {(header, function, code): reason for header, function, code, reason in
            (line.split("\t") for line in lines if line and not line.startswith("#"))}


def main():
    counts = collections.Counter()
    with ThreadPoolExecutor() as pool:
        for found in pool.map(counts_of, sorted(BUILD.rglob("*.gcda"))):
            for header, number, count in found:
                counts[header, number] = max(counts[header, number], count)
    sources = {header: (INCLUDE / header).read_text().split("\n") for header, _ in counts}
    listed, unused, missing, lines, run, excused = reasons(), set(reasons()), [], 0, 0, 0
    for (header, number), count in sorted(counts.items()):
        code = sources[header][number - 1].strip()
        if count == 0 and NO_CODE.search(code):
            continue
        lines += 1
        run += count > 0
        key = header, function_of(sources[header], number), code
        if count == 0 and key in listed:
            excused += 1
            unused.discard(key)
        elif count == 0:
            missing.append(f"not run: include/pruneplan/{header}:{number}: {code}")
    # g++ gives declarations and loop heads a count in some trees and none in others.
    unused = {line for line in unused if "std::size_t i = 0; i < sizeof word" not in line[2] and "using Wide" not in line[2]}
    missing += [f"listed, but run or gone: include/pruneplan/{header}, {function}: {code}"
                for header, function, code in sorted(unused)]
    print(f"{run} of {lines} lines are run; {excused} of the others have a reason in reasons.txt")
    print("\n".join(missing))
    return 1 if missing or lines < 2000 else 0


sys.exit(main())

# SPDX-License-Identifier: BSL-1.0
"""Checks the words of the tree: python3 .ci/words.py

Fails on wording that has a plainer form, and on a comment that points to a file or section that is not in the tree.
Lists every source that the headers name, so that a reader can check that each of them is public.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = ["include", "examples", "tests", "README.md", "CMakeLists.txt", "meson.build", ".ci", ".packaging"]
NO_WORDS = re.compile(r"tests/(oracle/vectors|fuzz/corpus|fuzz/faults)/|examples/data/|\.ci/words\.py|.*__pycache__")

# Wording, and what to write instead. Letters match in both cases, but for what is marked.
WORDING = {
    r"\bfor who\b|\bwho (has|needs|looks|reads|writes|uses)\b": "the caller, the host, a reader",
    r"\ba look at\b|\ba few looks\b|\bfor each doubling\b": "O(n), O(n log n), one pass over",
    r"\bnobody (knows|keeps|could)\b|\bnot to be had\b": "unknown",
    r"\bin step with\b|\bleans? on\b": "with, in use",
    r"(?<!\bforms )\bof one name\b": "with the same name, with one name",
    r"(?-i:\b(is|are) none\b)|\bis no (reference|filter|digest|pattern|image)\b": "invalid, is not a",
    r"\b(may|must not) go\b|\b(it|that|which|image|record|name|names) (goes|go)\b": "delete, keep",
    r"\bin doubt\b|\ball the same\b|\bmeanwhile\b": "unclear, equal, during the run",
}

# A document that a reader of this repository cannot open.
OUTSIDE = re.compile(r"\b(the )?design, section\b|\bdesign\.md\b|\bprose\.md\b|\bstyle\.md\b|\.\./shared/", re.IGNORECASE)

# Projects and documents that are public. A name that is not here is looked at, and added.
PUBLIC = ["moby", "containerd", "docker/cli", "distribution/reference", "opencontainers/go-digest", "kubelet", "sigstore/cosign", "RFC ",
          "OCI image specification", "Go, ", "graphviz.org", "Semantic Versioning 2.0.0", "the prune of each engine",
          "README.md"]

PATH = re.compile(r"(?<![\w/.*-])((?:include|tests|examples|planner|reading|syntax|detail|\.ci|\.packaging)/[\w./-]*[\w-])")
SECTION = re.compile(r'README(?:\.md)?, "([^"]+)"')


def files():
    for entry in PLACES:
        place = ROOT / entry
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            name = str(path.relative_to(ROOT))
            if path.is_file() and not NO_WORDS.match(name):
                yield name, path.read_text(encoding="utf-8")


def comments(text):
    """The comments of a C++ file, each with its first line's number: lines that follow each other are one."""
    comment, start = [], 0
    for number, line in enumerate([*text.split("\n"), ""], 1):
        found = re.search(r"(?:^|\s)//[/!<]*\s?(.*)$", line)
        if found:
            start = start or number
            comment.append(found.group(1).strip())
        elif comment:
            yield start, " ".join(comment)
            comment, start = [], 0


def exists(path, name):
    """A path in a comment of the file `name` is a file, a folder or the beginning of one's name."""
    path = path.rstrip(".")
    for base in (ROOT, ROOT / "include/pruneplan", ROOT / "tests", (ROOT / name).parent):
        if (base / path).exists() or any(base.glob(path + ".*")):
            return True
    return False


def main():
    faults, sources = [], {}
    headings = set(re.findall(r"^#+ (.*)$", (ROOT / "README.md").read_text(), re.MULTILINE))
    for name, text in files():
        for number, line in enumerate(text.split("\n"), 1):
            for wording, instead in WORDING.items():
                if found := re.search(wording, line, re.IGNORECASE):
                    faults.append(f'{name}:{number}: "{found.group()}": write {instead}')
            if found := OUTSIDE.search(line):
                faults.append(f'{name}:{number}: "{found.group()}" is not in this repository')
        if not name.endswith(".hpp"):
            continue
        for number, comment in comments(text):
            for heading in SECTION.findall(comment):
                if heading not in headings:
                    faults.append(f'{name}:{number}: README.md has no section "{heading}"')
            for source in re.findall(r"\*\*Source:\*\* (.*?)(?=\*\*\w+:\*\*|$)", comment):
                sources.setdefault(source.strip(), []).append(f"{name}:{number}")
                if not any(public in source for public in PUBLIC) and not PATH.search(source):
                    faults.append(f'{name}:{number}: a source that is not known to be public: "{source}"')
            foreign = re.search(r"\b(moby|containerd|kubelet|docker/cli), ", comment)
            for path in PATH.findall(comment):
                if not foreign and not exists(path, name):
                    faults.append(f"{name}:{number}: {path} is not in the tree")
    for source in sorted(sources):
        print(f"{', '.join(sources[source])}: {source}")
    print(f"{len(sources)} sources, {len(faults)} faults")
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())

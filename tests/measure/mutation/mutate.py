# SPDX-License-Identifier: BSL-1.0
"""Mutates include/, one place at a time, and reports the mutants that no test kills. See run.sh.

A mutant is killed if a static_assert or a constant expression of a test does not compile, if a test fails, or if a test
does not end. A mutant that is not valid C++ does not count, and is replaced by another. equivalent.txt lists mutants
that behave as the original, with the reason.
"""

import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))
from functions import function_of

ROOT = Path(sys.argv[1])
BUILD = Path(os.environ["BUILD_DIR"])
SEED = int(os.environ.get("SEED", "16"))
JOBS = int(os.environ.get("JOBS", os.cpu_count() or 1))
CXX = os.environ.get("CXX", "g++")
INCLUDE = ROOT / "include"
TESTS = ROOT / "tests"
CPU_SECONDS = 60  # the limit for a compilation and for a test; the slowest takes a fifth of it

# The tests of a header are in the file of the same name in tests/unit. These headers have other or additional tests.
TESTS_OF = {
    "apply_prune.hpp": ["unit/apply_prune.cpp", "behaviour/faults.cpp", "behaviour/live_stores.cpp"],
    "detail/batch.hpp": ["unit/detail/batch.cpp", "unit/planner/container_batch.cpp"],
    "detail/index/blobs.hpp": ["unit/detail/index/blobs.cpp", "unit/plan.cpp", "unit/planner/budget.cpp", "unit/apply_prune.cpp"],
    "detail/index/flat_index.hpp": ["unit/detail/index/flat_index.cpp", "unit/image_index.cpp"],
    "detail/index/image_lookups.hpp": ["unit/detail/index/image_lookups.cpp", "unit/planner/check_options.cpp"],
    "detail/index/index_iterator.hpp": ["unit/detail/index/index_iterator.cpp", "unit/plan.cpp"],
    "detail/host/container_members.hpp": ["unit/detail/host/container_members.cpp", "unit/host.cpp",
                                          "behaviour/containers.cpp"],
    "detail/host/members.hpp": ["unit/detail/host/members.cpp", "unit/host.cpp", "behaviour/containers.cpp"],
    "detail/host/remover_members.hpp": ["unit/detail/host/remover_members.cpp", "unit/apply_prune.cpp"],
    "detail/host/store_members.hpp": ["unit/detail/host/store_members.cpp", "unit/host.cpp",
                                      "behaviour/containers.cpp"],
    "detail/platform.hpp": ["unit/detail/platform.cpp", "unit/image_index.cpp", "unit/planner/usage.cpp"],
    "detail/precondition.hpp": ["unit/detail/precondition.cpp", "consumers/misuse/misuse.cpp"],
    "detail/index/records.hpp": ["unit/detail/index/records.cpp", "unit/image_index.cpp", "unit/planner/usage.cpp"],
    "detail/text/text.hpp": ["unit/detail/text/text.cpp", "unit/image_index.cpp", "unit/host.cpp"],
    "detail/text/utf8.hpp": ["unit/detail/text/utf8.cpp", "unit/syntax/glob.cpp", "unit/syntax/reference.cpp"],
    "detail/vector.hpp": ["unit/detail/vector.cpp", "behaviour/allocation_failures.cpp"],
    "host.hpp": ["unit/host.cpp", "behaviour/containers.cpp"],
    "plan_prune.hpp": ["unit/plan_prune.cpp", "behaviour/containers.cpp"],
    "planner/image_use.hpp": ["unit/planner/image_use.cpp", "unit/planner/usage.cpp", "unit/planner/survivors.cpp"],
    "planner/name_forms.hpp": ["unit/planner/name_forms.cpp", "unit/planner/keep_patterns.cpp"],
    "planner/plan_content.hpp": ["unit/planner/plan_content.cpp", "unit/plan.cpp"],
    "planner/record_filters.hpp": ["unit/planner/record_filters.cpp", "unit/planner/candidates.cpp",
                                   "unit/reading/explain.cpp"],
    "planner/usage.hpp": ["unit/planner/usage.cpp", "behaviour/containers.cpp"],
    "syntax/filter.hpp": ["unit/syntax/filter.cpp", "unit/planner/candidates.cpp"],
    "syntax/result.hpp": ["unit/syntax/result.cpp", "behaviour/allocation_failures.cpp"],
}

# A mutant that survives the tests of its header meets these, in this order: they use the whole library.
GENERAL_TESTS = ["behaviour/graph.cpp", "behaviour/option_pairs.cpp", "unit/plan_prune.cpp", "behaviour/allocation_failures.cpp", "oracle/vectors.cpp",
                 "behaviour/live_stores.cpp", "unit/planner/usage.cpp", "unit/planner/survivors.cpp", "unit/planner/budget.cpp",
                 "unit/image_index.cpp", "unit/reading/explain.cpp", "behaviour/containers.cpp", "consumers/misuse/misuse.cpp"]

# What is linked to a test. The misuses are a program of their own, which a script runs.
MISUSE, MISUSE_SCRIPT = "consumers/misuse/misuse.cpp", "consumers/misuse/misuse.sh"
OBJECTS_OF = {"behaviour/allocation_failures.cpp": ["main", "allocations"], MISUSE: []}

SWAPS = [(" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > "), (" == ", " != "), (" != ", " == "),
         (" && ", " || "), (" || ", " && "), (" + ", " - "), (" - ", " + "), (" += ", " -= "), (" -= ", " += "),
         (" & ", " | "), (" | ", " & "), (" &= ", " |= "), (" |= ", " &= "), (" << ", " >> "), (" >> ", " << "),
         ("std::min", "std::max"), ("std::max", "std::min"), ("return true", "return false"),
         ("return false", "return true"), ("++", "--"), (" = true", " = false"), (" = false", " = true")]
NOT_MUTATED = re.compile(r"^\s*(//|#|template\b|using\b|static_assert|concept\b|friend\b|namespace\b|enum\b|class\b|"
                         r"struct\b|requires\b|\"|explicit\b)|= delete|= default|\bstatic_assert|\brequires\b|PRUNEPLAN_")
# Code without an effect that a test can observe, such as prefetching, or a product on machines without 128-bit integers.
UNOBSERVABLE = re.compile(r"a_high|\bcross\b|prefetch|address_of|\bahead\b|LIFETIMEBOUND$|\boffset\b|size_t line =")
STATEMENT = re.compile(r"^\s*(?:(?:\+\+|--)?[A-Za-z_][\w.\[\]]*(?:->[\w.]+)*(?:\[[^\]]*\])?(?:\.\w+)*\s*"
                       r"(?:\(.*\)|(?:[-+|&^]|<<|>>)?= .*|\+\+|--)?|break|continue);\s*(?://.*)?$")


def masked(line):
    """Returns the line with blanks instead of its string literals and comments."""
    out, quote, i = [], None, 0
    while i < len(line):
        c = line[i]
        if quote:
            if c == "\\":
                out.append("  ")
                i += 2
                continue
            out.append(" " if c != quote else c)
            if c == quote:
                quote = None
        elif c == '"' or (c == "'" and not (i and line[i - 1].isalnum())):
            quote = c
            out.append(c)
        elif line.startswith("//", i):
            out.append(" " * (len(line) - i))
            break
        else:
            out.append(c)
        i += 1
    return "".join(out)


def closing(text, start):
    """Returns where the parenthesis that opens at `start` is closed in the same line, or -1."""
    depth = 0
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return -1


def mutations_of(line):
    """Returns all mutations of a line, as (column, before, after)."""
    code = masked(line)
    out = []
    for before, after in SWAPS:
        for at in re.finditer(re.escape(before), code):
            out.append((at.start(), before, after))
    for at in re.finditer(r"(?<![\w.'])(\d[\d']*)(?![\w.'])", code):
        number = int(at.group(1).replace("'", ""))
        out.append((at.start(1), at.group(1), str(number + 1)))
    for at in re.finditer(r"\b(if|while) \(", code):
        end = closing(code, at.end() - 1)
        if end > 0 and not re.search(r"; |\bauto\b|\w [&*]?\w+ = ", code[at.end():end]):
            inner = line[at.end():end]
            out.append((at.end(), inner, "!(" + inner + ")"))
    for at in re.finditer(r"(?<=[ (])!(?=[\w(])", code):
        out.append((at.start(), "!", ""))
    if STATEMENT.match(code) and code.count("(") == code.count(")") and "return" not in code:
        body = line.strip()
        out.append((len(line) - len(line.lstrip()), body, ";"))
    return out


def candidates():
    """Returns all mutants, as (header, line number, column, before, after)."""
    out = []
    for path in sorted(INCLUDE.rglob("*.hpp")):
        header = str(path.relative_to(INCLUDE / "pruneplan"))
        skipping = False  # within a concept or a static_assert of several lines
        for number, line in enumerate(path.read_text().split("\n"), 1):
            code = masked(line)
            if skipping or re.search(r"^\s*(concept\b|static_assert)", code):
                skipping = ";" not in code
                continue
            if NOT_MUTATED.search(code) or UNOBSERVABLE.search(code):
                continue
            for column, before, after in mutations_of(line):
                out.append((header, number, column, before, after))
    return out


def equivalents():
    """Returns the entries of equivalent.txt: (header, function, stripped line, before, after) -> reason."""
    out = {}
    path = TESTS / "measure/mutation/equivalent.txt"
    for line in path.read_text().split("\n") if path.exists() else []:
        if line and not line.startswith("#"):
            header, function, code, before, after, reason = line.split("\t")
            out[header, function, code, before, after] = reason
    return out


def limit_time():
    """Limits the processor time of a process, which is independent of other work on the machine."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          preexec_fn=limit_time, **options)


class Builder:
    """Compiles and runs tests with a copy of include/. Each worker has its own."""

    def __init__(self, number):
        self.place = BUILD / f"worker-{number}"
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(INCLUDE, self.place / "include")
        self.compile = [CXX, "-std=c++20", "-O0", "-w", *limits(), *pch_flags(), f"-I{self.place / 'include'}",
                        f"-I{TESTS}", f'-DPRUNEPLAN_TEST_DIR="{TESTS}"']

    def verdict(self, tests):
        """Returns "survived", "invalid", or how the tests killed the mutant."""
        for test in tests:
            program = self.place / "test"
            built = run([*self.compile, "-c", str(TESTS / test), "-o", f"{program}.o"])
            if built.returncode != 0:
                if built.returncode < 0 or "limit exceeded" in built.stdout:
                    return f"killed by {test}: its compilation does not end"
                # What is wrong with the test comes first; an error of the mutant's own makes it invalid.
                first = next(iter(re.findall(r"error: (.*)", built.stdout)), "")
                if re.search(r"static assertion|static_assert|constant|constexpr", first) and "never" not in first:
                    return f"killed by {test}, which does not compile"
                return "invalid"
            others = [str(BUILD / f"{name}.o") for name in OBJECTS_OF.get(test, ["main"])]
            linked = run([CXX, f"{program}.o", *others, "-o", str(program), "-pthread"])
            if linked.returncode != 0:
                sys.exit(linked.stdout)
            started = ["sh", str(TESTS / MISUSE_SCRIPT), str(program)] if test == MISUSE else [str(program), "--abort"]
            if run(started, cwd=self.place).returncode != 0:
                return f"killed by {test}"
        return "survived"

    def try_mutant(self, mutant):
        """Returns the verdict on a mutant."""
        header, number, column, before, after = mutant
        path = self.place / "include" / "pruneplan" / header
        original = path.read_text()
        lines = original.split("\n")
        line = lines[number - 1]
        assert line[column:].startswith(before)
        lines[number - 1] = line[:column] + after + line[column + len(before):]
        path.write_text("\n".join(lines))
        try:
            first = tests_of(header)
            verdict = self.verdict(first)
            if verdict == "survived":
                verdict = self.verdict([test for test in GENERAL_TESTS if test not in first])
            return verdict
        finally:
            path.write_text(original)


def tests_of(header):
    own = "unit/" + header.replace(".hpp", ".cpp")
    return TESTS_OF.get(header, [own] if (TESTS / own).exists() else [])


def pch_flags():
    return ["-include-pch", str(BUILD / "catch.pch")] if is_clang() else ["-include", str(BUILD / "catch.hpp")]


def limits():
    """Limits constant expressions, so that a mutant in one ends. The tests need far less."""
    return ["-fconstexpr-steps=50000000"] if is_clang() else ["-fconstexpr-ops-limit=20000000"]


def is_clang():
    return "clang" in run([CXX, "--version"]).stdout


def prepare():
    out = BUILD / ("catch.pch" if is_clang() else "catch.hpp.gch")
    for command in ([CXX, "-std=c++20", "-O0", "-w", "-x", "c++-header", str(TESTS / "support/catch.hpp"), "-o",
                     str(out)],
                    *([CXX, "-std=c++20", "-O0", "-w", "-c", str(TESTS / f"support/{unit}.cpp"), "-o",
                       str(BUILD / f"{unit}.o")] for unit in ("main", "allocations"))):
        done = run(command)
        if done.returncode != 0:
            sys.exit(done.stdout)


def described(mutant):
    header, number, column, before, after = mutant
    return f"include/pruneplan/{header}:{number}:{column + 1}: \"{before.strip()}\" -> \"{after.strip()}\""


def main():
    wanted, headers = sys.argv[2], sys.argv[3:]
    chosen = [mutant for mutant in candidates() if not headers or mutant[0] in headers]
    last = BUILD / "survivors.json"
    if wanted == "list":
        print("\n".join(map(described, chosen)))
        return 0
    if wanted == "again":
        # A place is identified by its text, since line numbers change.
        known = {tuple(entry) for entry in json.loads(last.read_text())}
        chosen = [mutant for mutant in chosen if identity(mutant) in known]
        count = len(chosen)
    else:
        count = int(wanted)
    random.Random(SEED).shuffle(chosen)
    print(f"{len(chosen)} places, seed {SEED}, {JOBS} at a time, {CXX}", flush=True)
    prepare()
    listed = equivalents()
    tests = sorted({test for mutant in chosen for test in tests_of(mutant[0])} | set(GENERAL_TESTS))
    with ThreadPoolExecutor(JOBS) as pool:
        checks = [pool.submit(Builder(f"check-{i}").verdict, tests[i::JOBS]) for i in range(JOBS)]
        for check in checks:
            if check.result() != "survived":
                sys.exit(f"failed without a mutation: {check.result()}")

    lock = threading.Lock()
    queue = iter(chosen)
    results = []  # (mutant, verdict)

    def work(number):
        builder = Builder(number)
        while True:
            with lock:
                valid = sum(1 for _, verdict in results if verdict != "invalid")
                mutant = next(queue, None) if valid < count else None
            if not mutant:
                return
            key = identity(mutant)
            verdict = "equivalent: " + listed[key] if key in listed else builder.try_mutant(mutant)
            with lock:
                results.append((mutant, verdict))
                # After each mutant, so that "again" can continue an interrupted run.
                last.write_text(json.dumps([identity(known) for known, said in results if said == "survived"]))
                print(f"{described(mutant)}: {verdict}", flush=True)

    with ThreadPoolExecutor(JOBS) as pool:
        for done in [pool.submit(work, number) for number in range(JOBS)]:
            done.result()

    survivors = [mutant for mutant, verdict in results if verdict == "survived"]
    count_of = lambda beginning: sum(1 for _, verdict in results if verdict.startswith(beginning))
    killed, equal, invalid = count_of("killed"), count_of("equivalent"), count_of("invalid")
    print(f"\n{len(results) - invalid} mutants (and {invalid} that are not valid C++): {killed} killed, "
          f"{equal} equivalent, {len(survivors)} survived")
    if killed + len(survivors):
        print(f"killed: {100 * killed / (killed + len(survivors)):.1f} % of the mutants that are not equivalent")
    for mutant in sorted(survivors):
        print(f"survivor: {described(mutant)}")
    return 1 if survivors else 0


def identity(mutant):
    """Returns what identifies a mutant in equivalent.txt and survivors.json."""
    header, number, column, before, after = mutant
    lines = (INCLUDE / "pruneplan" / header).read_text().split("\n")
    return header, function_of(lines, number), lines[number - 1].strip(), before.strip(), after.strip()


sys.exit(main())

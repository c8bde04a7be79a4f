# SPDX-License-Identifier: BSL-1.0
"""Tests examples/fleet: python3 fleet_on_dask.py WORK_DIR [RECORDS [NODES [FILES [SHARDS]]]].

Plans a sample on two workers, which die in the middle of each kind of task, and again undisturbed. Both plans must be
that of one process which plans all records at once: the same removals in the same order of each image, and the same
doubts. Prints how long each step takes.
"""

import collections
import functools
import io
import json
import multiprocessing
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, redirect_stdout

import dask.distributed
import fleet
import plan_on_dask
import pruneplan
import sample

ACCEPT = ("unmatched_container",)
SETTINGS = fleet.Settings(keep=("registry.example/team-1/*", "registry.example/nobody/*"))
TASKS = {  # in the middle of a task of plan_on_dask, a worker calls a function for this time
    "read_summary": ("fleet.pruneplan.Usage.from_bytes", 20),
    "links_of": ("fleet.links", 30),
    "id_links_of": ("fleet.id_links", 30),
    "split": ("os.replace", 3),
    "repeated_names": ("fleet.collections.Counter", 1),
    "plan": ("fleet.json.dumps", 20),
}


@contextmanager
def timed(what):
    start = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - start:.1f} s", flush=True)


def dying(task, place, calls, marker, *arguments):
    """Runs a task. The first worker that does is killed at a call of the function at `place`."""
    module, *path, name = place.split(".")
    owner = functools.reduce(getattr, path, sys.modules[module])
    original = getattr(owner, name)
    left = calls

    def killing(*given, **named):
        nonlocal left
        left -= 1
        if left == 0:
            marker.with_suffix(".died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*given, **named)

    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return task(*arguments)
    setattr(owner, name, killing)
    return task(*arguments)


@contextmanager
def workers_die(folder):
    """The first worker that runs a task of each kind dies in it."""
    folder.mkdir()
    originals = {name: getattr(plan_on_dask, name) for name in TASKS}
    for name, (place, calls) in TASKS.items():
        setattr(plan_on_dask, name, functools.partial(dying, originals[name], place, calls, folder / name))
    yield
    for name, original in originals.items():
        setattr(plan_on_dask, name, original)
    died = {path.stem for path in folder.glob("*.died")}
    assert died == set(TASKS), f"workers died only in {died}"


def removals(folder):
    """Returns the removals of each image, in order."""
    images = collections.defaultdict(list)
    for file in folder.iterdir():
        for record in plan_on_dask.json_lines(file):
            images[record["target"]].append((record["name"], record["survivor"]))
    return images


def fingerprints(folder):
    """Returns a number for the removals of each image, in order: `removals` for more of them than memory has room for."""
    images = {}
    for file in folder.iterdir():
        for record in plan_on_dask.json_lines(file):
            digest = bytes.fromhex(record["target"][7:])
            images[digest] = hash((images.get(digest), record["name"], record["survivor"]))
    return images


def plan_whole(folder, out):
    """Plans all records at once. Returns the result, and the most memory that it took, in MiB."""
    out.mkdir()
    with open(out / "all.jsonl", "w", encoding="utf-8") as lines:
        usage = fleet.merge(path.read_bytes() for path in sorted((folder / "nodes").iterdir()))
        batches = (list(plan_on_dask.json_lines(path)) for path in sorted((folder / "records").iterdir()))
        result = fleet.plan(batches, usage, SETTINGS, lines.write)
    return result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def plan_in_shards(folder, out, shards, settings=SETTINGS, accept=ACCEPT):
    printed = io.StringIO()
    with redirect_stdout(printed):
        code = plan_on_dask.plan_fleet(folder / "records", folder / "nodes", out, shards, settings, accept)
    return code, printed.getvalue()


def test_large(folder, shards):
    with timed("plan of one process"), multiprocessing.get_context("spawn").Pool(1) as process:
        whole, mebibytes = process.apply(plan_whole, (folder, folder / "whole"))
    print(f"memory of that process: {mebibytes} MiB")
    expected = fingerprints(folder / "whole")
    assert whole.deleted > len(expected) and whole.kept
    doubts = sorted(whole.doubts())
    assert {kind for kind, _ in doubts} == {"unmatched_container", "unmatched_pattern"}
    text = f"{whole.kept} records kept, {whole.deleted} deleted, {len(doubts)} doubts"
    print(text)

    for what in ("undisturbed", "workers die"):
        out = folder / what.replace(" ", "_")
        with timed(f"plan in shards, {what}"):
            if what == "undisturbed":
                code, printed = plan_in_shards(folder, out, shards)
            else:
                with workers_die(folder / "died"):
                    code, printed = plan_in_shards(folder, out, shards)
        assert code == 0 and text in printed, printed
        found = [(line["kind"], fleet.Doubt(line["blocks"], line["sentence"]))
                 for line in plan_on_dask.json_lines(out / "doubts.jsonl")]
        assert sorted(found) == doubts, found
        assert fingerprints(out / "deletions") == expected, what
        assert {path.name for path in (out / "deletions").iterdir()} == {f"{shard}.jsonl" for shard in range(shards)}
    print(f"workers died in {', '.join(sorted(TASKS))}: nothing was lost")
    assert list((folder / "workers_die/incomplete").glob("*/*")), "a worker died before its files were complete"


def test_command(folder, shards, scheduler):
    """The program itself: with its own workers, and with those of a running cluster."""
    patterns = [argument for pattern in SETTINGS.keep for argument in ("--keep", pattern)]
    for out, cluster in (folder / "own", []), (folder / "running", ["--scheduler", scheduler]):
        command = [sys.executable, plan_on_dask.__file__, folder / "records", folder / "nodes", out, *patterns,
                   "--accept", *ACCEPT, "--shards", str(shards), *cluster]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        assert removals(out / "deletions") == removals(folder / "whole")
    print("the program: ok")


def test_family_in_one_shard(folder, shards):
    """Without families, what a kept image needs is deleted: so the sample can tell."""
    original, fleet.families = fleet.families, lambda links: {}
    try:
        plan_in_shards(folder, folder / "apart", shards)
    finally:
        fleet.families = original
    assert removals(folder / "apart/deletions") != removals(folder / "whole")


def test_families_in_any_order():
    generator = random.Random(17)
    for _ in range(300):
        links = [[str(generator.randrange(40)) for _ in range(generator.randrange(2, 4))] for _ in range(15)]
        families = fleet.families(links)
        groups = [{digest} for digest in families]  # merged until no group overlaps another: slow, and obvious
        for linked in links:
            joined = set(linked).union(*(group for group in groups if group & set(linked)))
            groups = [group for group in groups if not group & joined] + [joined]
        assert families == {digest: min(group) for group in groups for digest in group}
        generator.shuffle(links)
        assert families == fleet.families(links)


def write_lines(file, records):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(record) + "\n" for record in records))


def small_fleet(folder, files, containers=()):
    for number, records in enumerate(files):
        write_lines(folder / "records" / f"{number}.jsonl", records)
    (folder / "nodes").mkdir()
    (folder / "nodes" / "one").write_bytes(pruneplan.Usage(containers).to_bytes())


def digest(digit):
    return "sha256:" + digit * 64


def fails(text, function, *arguments):
    try:
        function(*arguments)
    except (SystemExit, ValueError, OSError) as error:
        assert text in str(error), error
        return
    raise AssertionError(f"no error: {text}")


def test_malformed(work):
    record = {"name": "r.example/a:1", "target": digest("a")}
    for member, value, text in [
            ("needs", digest("b"), "must be a list of texts"), ("ids", "x", "must be a list of texts"),
            ("needs", None, "must be a list of texts"), ("subject", None, "must be a text"),
            ("name", "", "must be a text"), ("name", "\ud800", "surrogates"), ("target", 1, "must be a text"),
            ("pinned", "no", "must be true or false"), ("dangling", 1, "must be true or false"),
            ("labels", {"a": 1}, "must be an object"), ("created", "yesterday", "must be one of RFC 3339"),
            ("created", 1.5, "must be one of RFC 3339"), ("last_used", "2024-02-30T00:00:00Z", "day is out of range")]:
        fails(text, fleet.parse, json.dumps({**record, member: value}))
    for line in ("", "[1]", "{}", '{"name": "a"}', "\ufeff{}"):
        fails("", fleet.parse, line)
    small_fleet(work / "malformed", [[record], [record, {**record, "needs": "x"}]])
    fails("1.jsonl:2: needs is 'x': it must be", plan_in_shards, work / "malformed", work / "malformed/out", 3)
    (work / "malformed/nodes/rack").mkdir()
    fails("is not a file", plan_in_shards, work / "malformed", work / "malformed/out2", 3)
    (work / "malformed/nodes/rack").rmdir()
    for shards in (0, 401):
        fails(f"{shards} shards: give 1 to 400", plan_in_shards, work / "malformed", work / "malformed/out2", shards)
    assert not (work / "malformed/out2").exists()

    # A summary that was cut anywhere.
    small_fleet(work / "cut", [[record]], [pruneplan.Container(digest("a"), "a"), pruneplan.Container(digest("b"), "b")])
    whole = (work / "cut/nodes/one").read_bytes()
    for size in range(len(whole)):
        try:
            fleet.merge([whole[:size]])
            raise AssertionError(f"a summary that was cut after {size} bytes is accepted")
        except pruneplan.Error:
            pass

    # Lines that cannot be written are not lost silently.
    def write(line):
        lines.append(line)
        if len(lines) == 3:
            raise OSError("the disk is full")

    lines = []
    records = [{"name": f"r.example/a:{i}", "target": digest("a")} for i in range(9)]
    fails("the disk is full", fleet.plan, [records], fleet.merge([]), fleet.Settings(), write)
    assert len(lines) == 3


def test_same_folder_again(work):
    """Workers remember nothing of another run, even if it had the same folders."""
    folder, out = work / "again", work / "again/out"
    records = [{"name": f"r.example/{digit}:1", "target": digest(digit)} for digit in "ab"]
    for used, needs, deleted in (("a", [], "b"), ("b", [], "a"), ("a", [digest("b")], "")):
        shutil.rmtree(folder, ignore_errors=True)
        small_fleet(folder, [[{**records[0], "needs": needs}, records[1]]], [pruneplan.Container(digest(used), "x")])
        code, printed = plan_in_shards(folder, out, 3, fleet.Settings(), ())
        assert code == 0 and list(removals(out / "deletions")) == [digest(digit) for digit in deleted], printed


def test_facts(work):
    """Nanoseconds count, zones too, and images whose labels are unknown match no filter of labels."""
    records = [{"name": "r.example/a:1", "target": digest("a"), "created": "2024-01-01T00:00:00.000000999Z"},
               {"name": "r.example/b:1", "target": digest("b"), "created": "2024-01-01T02:00:00.0000004+02:00"},
               {"name": "r.example/c:1", "target": digest("c"), "labels": None, "created": 1},
               {"name": "r.example/d:1", "target": digest("d"), "labels": {"x": "y"}, "created": 1},
               {"name": "r.example/e:1", "target": digest("e"), "labels": {}, "created": 1}]
    small_fleet(work / "facts", [records])
    for name, filters, deleted in (("until", ["until=2024-01-01T00:00:00.0000005Z"], "bcde"), ("label", ["label!=x"], "abe")):
        code, printed = plan_in_shards(work / "facts", work / f"facts/{name}", 2, fleet.Settings(filters=tuple(filters)), ())
        found = sorted(removals(work / f"facts/{name}/deletions"))
        assert code == 0 and found == [digest(digit) for digit in deleted], (found, printed)


def test_small(work):
    one, two = {"name": "r.example/a:1", "target": digest("a")}, {"name": "r.example/a:1", "target": digest("b")}
    small_fleet(work / "repeated", [[one], [two]])
    fails('"r.example/a:1" occurs more than once', plan_in_shards, work / "repeated", work / "repeated/out", 3)
    assert not (work / "repeated/out/deletions").exists()

    # A doubt that blocks: nothing is to be deleted until it is accepted.
    small_fleet(work / "doubtful", [[one]], [pruneplan.Container(digest("c"), "gone:1")])
    code, printed = plan_in_shards(work / "doubtful", work / "doubtful/out", 3, accept=())
    assert code == 3 and "accept unmatched_container" in printed and digest("c") in printed, printed
    assert not (work / "doubtful/out/deletions").exists()
    code, _ = plan_in_shards(work / "doubtful", work / "doubtful/accepted", 3)
    assert code == 0 and list(removals(work / "doubtful/accepted/deletions")) == [digest("a")]
    fails("exists: give a new folder", plan_in_shards, work / "doubtful", work / "doubtful/accepted", 3)

    # An index in use by a short ID keeps manifests: one by its target, one by an ID of a third image, both without "sha256:",
    # whose record is in another file. A signature of a manifest is kept with it. All facts of a record are read.
    records = [
        [{"name": "r.example/index:1", "target": digest("a"), "needs": ["b" * 64, "d" * 64]},
         {"name": "r.example/free:1", "target": digest("9"), "created": "2020-01-01T00:00:00Z", "labels": {"a": "b"}},
         {"name": "r.example/pinned:1", "target": digest("8"), "pinned": True, "last_used": 1600000000}],
        [{"name": "r.example/b:1", "target": digest("b")}, {"name": "r.example/b:2", "target": digest("b")}],
        [{"name": "r.example/c:1", "target": digest("c"), "ids": [digest("d")]},
         {"name": "r.example/c:sig", "target": digest("e"), "subject": digest("c")},
         {"name": "r.example/f:sig", "target": digest("f"), "subject": digest("9")}],
    ]
    small_fleet(work / "related", records, [pruneplan.Container(digest("a"), "a" * 12)])
    for shards in (1, 2, 7, 50):
        out = work / f"related/{shards}"
        code, printed = plan_in_shards(work / "related", out, shards, fleet.Settings(), ())
        assert code == 0 and "0 doubts" in printed, printed
        expected = {digest("9"): [("r.example/free:1", "")], digest("b"): [("r.example/b:1", "r.example/b:2")],
                    digest("f"): [("r.example/f:sig", "")]}
        assert removals(out / "deletions") == expected, removals(out / "deletions")


def main(work, records="8000", nodes="41", files="8", shards="5"):
    work = pathlib.Path(work)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    test_families_in_any_order()
    with timed(f"sample of {records} records in {files} files and of {nodes} nodes"):
        sample.main(str(work / "large"), records, nodes, files)
    with dask.distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        with dask.distributed.Client(cluster):
            test_small(work)
            test_malformed(work)
            test_facts(work)
            test_same_folder_again(work)
            print("small fleets: ok")
            test_large(work / "large", int(shards))
            if int(records) < 100_000:
                test_family_in_one_shard(work / "large", int(shards))
                test_command(work / "large", int(shards), cluster.scheduler_address)


if __name__ == "__main__":
    main(*sys.argv[1:])

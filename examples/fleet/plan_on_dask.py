# SPDX-License-Identifier: BSL-1.0
"""Plans a fleet on a cluster of Dask.

All machines see the folders, for example by NFS. RECORDS has files of JSON lines, one record a line; NODES has a file
for each node, which is a summary of its containers (pruneplan.Usage.to_bytes). OUT must not exist. OUT/deletions
appears when the whole fleet is planned, with the removals of each shard in a file, and only if no doubt blocks.

A task reads files, and its last step renames the complete file that it wrote. So a task can be repeated, and when a
worker dies, the scheduler repeats what it had not finished on another one.
"""

import argparse
import contextlib
import datetime
import functools
import itertools
import json
import os
import pathlib
import sys
import typing
import uuid

import dask.bag
import dask.distributed
import fleet
import pruneplan

LINES_OF_A_BATCH = 100_000
SUMMARIES_OF_A_TASK = 100
FAN_IN = 8
MOST_SHARDS = 400  # a task has two files open for each
RULES = ("strict", "containerd_snapshotter", "graph_driver", "whole_image", "names_only")
DOUBTS = ("unmatched_container", "unprotected_image", "invalid_image_ref")  # those that block


class Run(typing.NamedTuple):
    """One plan of a fleet. Tasks get it, and find what other tasks wrote. Files that workers keep in memory have names
    that no other run has."""

    files: typing.Tuple[pathlib.Path, ...]
    out: pathlib.Path
    shards: int
    settings: fleet.Settings
    number: str

    def path(self, what: str) -> pathlib.Path:
        return self.out / f"{what}-{self.number}"

    def parts(self, what: str, shard: int) -> typing.Iterator[pathlib.Path]:
        """What each file has of a shard."""
        return (self.out / what / str(shard) / file.name for file in self.files)


@contextlib.contextmanager
def whole_files(out: pathlib.Path, paths: typing.Sequence[pathlib.Path]) -> typing.Iterator[typing.List[typing.TextIO]]:
    """Opens files for writing. They appear under their names when all are complete."""
    folder = out / "incomplete" / uuid.uuid4().hex
    folder.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(open(folder / str(i), "w", encoding="utf-8")) for i in range(len(paths))]
    for i, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(folder / str(i), path)
    folder.rmdir()


def json_lines(file: pathlib.Path) -> typing.Iterator[typing.Any]:
    with open(file, encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def links_of(file: pathlib.Path) -> typing.List[typing.List[str]]:
    """Returns the links of a file's records. It is the first task to read the file, and checks each line."""
    found = []
    with open(file, "rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                found.append(fleet.links(fleet.parse(line.decode())))
            except ValueError as error:
                raise ValueError(f"{file}:{number}: {error}") from None
    return list(filter(None, found))


def id_links_of(file: pathlib.Path, linked: pathlib.Path) -> typing.List[typing.List[str]]:
    digests = read_once(linked)
    return list(filter(None, (fleet.id_links(record, digests) for record in json_lines(file))))


@functools.lru_cache(maxsize=2)
def read_once(file: pathlib.Path) -> typing.Any:
    return json.loads(file.read_text()) if file.name.startswith(("linked", "families")) else file.read_bytes()


def find_families(run: Run) -> None:
    """Writes which target stands for the family of each. All links come together here: they need memory."""
    each_file = dask.bag.from_sequence(run.files, npartitions=len(run.files))
    links = each_file.map(links_of).flatten().compute()
    if links:
        linked = run.path("linked")
        linked.write_text(json.dumps(dict.fromkeys(itertools.chain.from_iterable(links))))
        links += each_file.map(id_links_of, linked).flatten().compute()
    run.path("families").write_text(json.dumps(fleet.families(links)))


def split(file: pathlib.Path, run: Run) -> int:
    """Writes each record of a file to a file of its shard, and its name to one of the shard of its name."""
    families = read_once(run.path("families"))
    shards = range(run.shards)
    paths = [run.out / what / str(shard) / file.name for what in ("records", "names") for shard in shards]
    count = 0
    with whole_files(run.out, paths) as files, open(file, encoding="utf-8") as lines:
        for count, line in enumerate(lines, 1):
            record = json.loads(line)
            files[fleet.shard(record, families, run.shards)].write(line if line.endswith("\n") else line + "\n")
            name = record["name"]
            files[run.shards + pruneplan.shard_of(name, run.shards)].write(json.dumps(name) + "\n")
    return count


def repeated_names(shard: int, run: Run) -> typing.List[str]:
    return fleet.repeated(itertools.chain.from_iterable(map(json_lines, run.parts("names", shard))))


def plan(shard: int, run: Run) -> fleet.Result:
    """Plans a shard, and writes its deletions."""
    records = itertools.chain.from_iterable(map(json_lines, run.parts("records", shard)))
    batches = iter(lambda: list(itertools.islice(records, LINES_OF_A_BATCH)), [])
    with whole_files(run.out, [run.out / "planned" / f"{shard}.jsonl"]) as (deletions,):
        return fleet.plan(batches, read_once(run.path("usage")), run.settings, deletions.write)


def read_summary(file: pathlib.Path) -> bytes:
    return file.read_bytes()


def merged_usage(nodes: typing.Sequence[pathlib.Path]) -> bytes:
    bag = dask.bag.from_sequence(nodes, partition_size=SUMMARIES_OF_A_TASK).map(read_summary)
    return typing.cast(bytes, bag.reduction(fleet.merge, fleet.merge, split_every=FAN_IN).compute())


def files_in(folder: pathlib.Path) -> typing.Tuple[pathlib.Path, ...]:
    """Returns all files of a folder. Whatever else is in it could stand for records or containers."""
    files = tuple(sorted(folder.iterdir()))
    for file in files:
        if not file.is_file():
            sys.exit(f'"{file}" is not a file: it cannot be read')
    if not files:
        sys.exit(f'"{folder}" has no files')
    return files


def plan_fleet(records: pathlib.Path, nodes: pathlib.Path, out: pathlib.Path, shards: int,
               settings: fleet.Settings, accept: typing.Collection[str]) -> int:
    """Plans on the cluster of the current client. Returns 0, or 3 if a doubt blocks."""
    if not 1 <= shards <= MOST_SHARDS:
        sys.exit(f"{shards} shards: give 1 to {MOST_SHARDS}")
    run = Run(files_in(records), out, shards, settings, uuid.uuid4().hex)
    summaries = files_in(nodes)
    if out.exists():
        sys.exit(f'"{out}" exists: give a new folder')
    out.mkdir()
    each_file = dask.bag.from_sequence(run.files, npartitions=len(run.files))
    each_shard = dask.bag.from_sequence(range(shards), npartitions=shards)

    run.path("usage").write_bytes(merged_usage(summaries))
    find_families(run)
    count = sum(each_file.map(split, run).compute())
    names = each_shard.map(repeated_names, run).flatten().compute()
    if names:
        sys.exit(f'the name "{names[0]}" occurs more than once, as do {len(names) - 1} others: names must be unique')
    result = each_shard.map(plan, run).fold(fleet.combine, split_every=FAN_IN).compute()
    if result.kept + result.deleted != count:
        sys.exit(f"{count} records were read, but {result.kept + result.deleted} planned: a file has changed")

    doubts = result.doubts()
    with whole_files(out, [out / "doubts.jsonl"]) as (lines,):
        lines.writelines(json.dumps({"kind": kind, **doubt._asdict()}) + "\n" for kind, doubt in doubts)
    for kind, doubt in doubts[:20]:
        print(f"doubt: {kind}: {doubt.sentence}{' (blocks)' if doubt.blocks else ''}")
    print(f"{len(run.files)} files, {len(summaries)} nodes, {shards} shards: {result.kept} records kept, "
          f"{result.deleted} deleted, {len(doubts)} doubts, which are in {out / 'doubts.jsonl'}")
    blocking = sorted({kind for kind, doubt in doubts if doubt.blocks and kind not in accept})
    if blocking:
        print(f"nothing can be deleted: accept {', '.join(blocking)}, or mend the cause")
        return 3
    (out / "planned").rename(out / "deletions")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=pathlib.Path, metavar="RECORDS")
    parser.add_argument("nodes", type=pathlib.Path, metavar="NODES")
    parser.add_argument("out", type=pathlib.Path, metavar="OUT")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a running cluster; without it, --workers start here")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--shards", type=int, default=16)
    parser.add_argument("--rule", default="strict", choices=RULES, help="what is in use: strict, or an engine's own rule")
    parser.add_argument("--dangling", action="store_true", help="delete dangling images only")
    parser.add_argument("--keep", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--filter", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--accept", action="append", default=[], choices=DOUBTS)
    given = parser.parse_args()
    for text in given.filter:
        if text.strip().lower().startswith(("before", "since")):
            parser.error(f"the filter {text} needs an image that only one shard has")
    now = datetime.datetime.now(datetime.timezone.utc)
    settings = fleet.Settings("dangling" if given.dangling else "unused", given.rule, tuple(given.keep), tuple(given.filter),
                              int(now.timestamp()) * 1_000_000_000)
    with contextlib.ExitStack() as stack:
        address = given.scheduler
        if address is None:
            address = stack.enter_context(dask.distributed.LocalCluster(
                n_workers=given.workers, threads_per_worker=1, dashboard_address=":0"))
        client = stack.enter_context(dask.distributed.Client(address))
        here = pathlib.Path(__file__).parent
        for module in ("fleet.py", "plan_on_dask.py"):
            client.register_worker_plugin(dask.distributed.diagnostics.plugin.UploadFile(str(here / module)))
        import plan_on_dask  # workers know functions by the name of their module, which is not "__main__"
        return plan_on_dask.plan_fleet(given.records.absolute(), given.nodes.absolute(), given.out.absolute(),
                                       given.shards, settings, given.accept)


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: BSL-1.0
"""Plans a fleet in shards, on any engine for distributed data: the functions that run on its workers.

    merge             the summaries of nodes into one, in any order, as a tree
    parse             a record, from a line of JSON
    links, id_links   which images have to be in the shard of a record
    families          which targets belong into one shard, from the links of all records
    shard             the shard of a record
    plan              one shard against the containers of the whole fleet
    combine           the results of two shards, or of two sets of shards
    repeated          names that occur more than once, which no shard can see

No function reads a clock or keeps a state. A record is a dict of the members that
examples/pruneplan/listing.schema.json describes.
"""

from __future__ import annotations

import collections
import datetime
import json
import re
import typing

import pruneplan

Record = typing.Dict[str, typing.Any]


def merge(summaries: typing.Iterable[bytes]) -> bytes:
    """Merges what `pruneplan.Usage.to_bytes` of nodes, or this function, returned."""
    usage = pruneplan.Usage()
    usage.merge(*map(pruneplan.Usage.from_bytes, summaries))
    return usage.to_bytes()


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_labels(value: object) -> bool:
    return value is None or isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


_SHAPES: typing.Mapping[str, typing.Tuple[str, typing.Callable[[typing.Any], bool]]] = {
    "name": ("a text", lambda value: isinstance(value, str) and value != ""),
    "target": ("a text", lambda value: isinstance(value, str) and value != ""),
    "subject": ("a text", lambda value: isinstance(value, str)),
    "needs": ("a list of texts", _is_texts),
    "ids": ("a list of texts", _is_texts),
    "labels": ("an object of texts, or null", _is_labels),
    "pinned": ("true or false", lambda value: isinstance(value, bool)),
    "dangling": ("true or false", lambda value: isinstance(value, bool)),
}
_TIMES = ("created", "last_used")


def parse(line: str) -> Record:
    """Returns the record that a line of JSON has. Raises a ValueError that says what is wrong. Parse each line before
    it is planned: in the wrong shape, a record could be in the wrong shard."""
    record = json.loads(line)
    if not isinstance(record, dict) or "name" not in record or "target" not in record:
        raise ValueError("a record is an object with name and target")
    for member, value in record.items():
        if member in _SHAPES and not _SHAPES[member][1](value):
            raise ValueError(f"{member} is {value!r}: it must be {_SHAPES[member][0]}")
        if member in _TIMES:
            _moment(value)
    record["name"].encode()
    return record


def _key(digest: str) -> str:
    """A digest means the same with and without "sha256:"."""
    return digest[7:] if digest.startswith("sha256:") else digest


def links(record: Record) -> typing.List[str]:
    """Returns the digests of images that this one needs, or is attached to, and its own; or nothing."""
    others = [digest for digest in (*record.get("needs", ()), record.get("subject", "")) if digest]
    return [_key(digest) for digest in (record["target"], *others)] if others else []


def id_links(record: Record, linked: typing.Container[str]) -> typing.List[str]:
    """Returns the IDs by which other images mean this one, and its target; or nothing. `linked` has all digests of all
    `links`."""
    ids = [key for key in map(_key, record.get("ids", ())) if key in linked]
    return [_key(record["target"]), *ids] if ids else []


def families(all_links: typing.Iterable[typing.Sequence[str]]) -> typing.Dict[str, str]:
    """Returns the first digest of the family of each digest that is linked, the same in whatever order links come."""
    parents: typing.Dict[str, str] = {}

    def root(digest: str) -> str:
        while (parent := parents.setdefault(digest, digest)) != digest:
            parents[digest] = parents[parent]
            digest = parent
        return digest

    for linked in all_links:
        first, *others = map(root, linked)
        for other in map(root, others):
            first, last = sorted((root(first), other))
            parents[last] = first
    return {digest: root(digest) for digest in parents}


def shard(record: Record, family_of: typing.Mapping[str, str], shards: int) -> int:
    """Returns the shard of a record: the same for all records of an image, and of a family."""
    key = _key(record["target"])
    return pruneplan.shard_of(family_of.get(key, key), shards)


class Settings(typing.NamedTuple):
    """What to delete, the same for all shards. Under "strict", shards can keep other names of an image, and more of
    them, than a plan of everything; all else is exact (include/pruneplan/fleet.hpp, at shard_of). The filters "before"
    and "since" need an image that only one shard has: do not use them."""

    scope: str = "unused"
    rule: str = "strict"
    keep: typing.Tuple[str, ...] = ()
    filters: typing.Tuple[str, ...] = ()
    now: int = 0  # nanoseconds since 1970: durations of filters count back from it


class Doubt(typing.NamedTuple):
    """What a shard was not sure of."""

    blocks: bool
    sentence: str


class Result(typing.NamedTuple):
    """What some shards decide. `own` has doubts about records; the fleet has all of them. `shared` has doubts about a
    container or a pattern, by kind and number: an image can be in any shard, so the fleet has those of all shards."""

    kept: int
    deleted: int
    own: typing.List[typing.Tuple[str, Doubt]]
    shared: typing.Dict[typing.Tuple[str, int], Doubt]

    def doubts(self) -> typing.List[typing.Tuple[str, Doubt]]:
        return self.own + [(kind, doubt) for (kind, _), doubt in sorted(self.shared.items())]


_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def _moment(value: typing.Any) -> typing.Optional[int]:
    """Returns nanoseconds since 1970."""
    if value is None or isinstance(value, int) and not isinstance(value, bool):
        return None if value is None else value * 1_000_000_000
    found = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"the time {value!r} must be one of RFC 3339, or whole seconds since 1970")
    seconds, fraction, zone = found.groups()
    since = datetime.datetime.fromisoformat(seconds + ("+00:00" if zone == "Z" else zone)) - _EPOCH
    return (since.days * 86400 + since.seconds) * 1_000_000_000 + int((fraction or "").ljust(9, "0"))


def _planned(record: Record, labels_matter: bool) -> pruneplan.Record:
    """Images whose labels are unknown match no filter of labels: they are kept."""
    get = record.get
    labels = get("labels", {})
    pinned = get("pinned", False) or labels_matter and labels is None
    return pruneplan.Record(record["name"], record["target"], _moment(get("created")), _moment(get("last_used")),
                            labels or (), pinned, get("dangling"), get("ids", ()), get("needs", ()), get("subject", ""))


class _Writer(pruneplan.Host):
    """Writes each removal as a JSON line, in the order in which removals have to be done."""

    def __init__(self, write: typing.Callable[[str], object]) -> None:
        self.write = write
        self.error: typing.Optional[BaseException] = None

    def remove(self, name: bytes, target: bytes, survivor: bytes) -> pruneplan.Status:
        line = {"name": name.decode(), "target": target.decode(), "survivor": survivor.decode()}
        try:
            self.write(json.dumps(line) + "\n")
        except BaseException as error:
            self.error = error
            raise
        return pruneplan.Status.REMOVED

    def should_stop(self) -> bool:
        return self.error is not None


def plan(batches: typing.Iterable[typing.Iterable[Record]], usage: bytes, settings: Settings,
         write: typing.Callable[[str], object]) -> Result:
    """Plans the records of one shard, which come in batches, and writes its deletions as JSON lines.

    A line has the name, its target, and the survivor: remove the name only while it points at the target and, if there
    is a survivor, while that does, too. The lines stand only if no doubt of the whole fleet blocks.
    """
    labels_matter = any(text.lstrip().lower().startswith("label") for text in settings.filters)
    with pruneplan.Listing() as listing, pruneplan.Options() as options:
        for batch in batches:
            listing.add_records(_planned(record, labels_matter) for record in batch)
        listing.add_usage(pruneplan.Usage.from_bytes(usage))
        options.set_scope(settings.scope)
        options.set_usage_preset(settings.rule)
        for pattern in settings.keep:
            options.add_keep(pattern)
        for text in settings.filters:
            options.add_filter(text, settings.now)
        decided = pruneplan.Plan(listing, options)
    with decided:
        result = Result(decided.kept, decided.deleted, [], {})
        for kind, number, blocks, sentence in decided.doubts():
            doubt = Doubt(blocks, sentence.decode())
            if kind in ("unmatched_container", "unmatched_pattern", "invalid_image_ref"):
                result.shared[kind, number] = doubt
            else:
                result.own.append((kind, doubt))
        writer = _Writer(write)
        report = pruneplan.apply(decided, writer, accept={kind for kind, _ in result.doubts()})
        if writer.error is not None:
            raise writer.error
        if report.count(pruneplan.Status.REMOVED) != decided.deleted:
            raise RuntimeError(f"{decided.deleted} records are deleted, but not as many lines were written")
    return result


def combine(one: Result, other: Result) -> Result:
    """Combines the results of different shards, in any order."""
    shared = {
        key: Doubt(doubt.blocks and other.shared[key].blocks, doubt.sentence)
        for key, doubt in one.shared.items() if key in other.shared
    }
    return Result(one.kept + other.kept, one.deleted + other.deleted, one.own + other.own, shared)


def repeated(names: typing.Iterable[str]) -> typing.List[str]:
    """Returns the names that occur more than once. Names must be unique in the whole fleet, which no shard can see."""
    return sorted(name for name, count in collections.Counter(names).items() if count > 1)

# SPDX-License-Identifier: BSL-1.0
"""pruneplan for Python, through its C API: decides which container images can be deleted, and says why.

Texts are bytes or str (encoded as UTF-8) where they come in, and bytes where they come out. Words are str. A time is a
`datetime` with a time zone, or a number of nanoseconds since 1970. What a function returns is a copy.

Threads can share all objects: each has a lock, and other threads run while C code plans. `close` waits for no other
thread, and harms none. A closed object raises a ValueError.
"""

from __future__ import annotations

import collections.abc
import contextlib
import ctypes
import datetime
import enum
import threading
import typing
from ctypes import byref

from . import _c, _columns
from ._columns import Moment, Text

__all__ = [
    "Change",
    "Container",
    "Decision",
    "Doubt",
    "Error",
    "Host",
    "Listing",
    "Moment",
    "Options",
    "Outcome",
    "Plan",
    "Record",
    "Report",
    "Space",
    "Status",
    "Step",
    "Text",
    "Usage",
    "apply",
    "live_handles",
    "shard_of",
    "version",
]

_Texts = typing.Union[Text, typing.Iterable[Text]]
_Labels = typing.Union[typing.Mapping[Text, Text], typing.Iterable[typing.Tuple[Text, Text]]]


class Error(Exception):
    """What was rejected: `code` is a stable word, the text is for a person. If `apply` raises it, `report` is what was
    done before."""

    report: typing.Optional[Report] = None

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> typing.Tuple[typing.Any, ...]:
        return Error, (self.code, str(self)), {"report": self.report}


class Status(enum.Enum):
    """The result of a removal. In reports only: VETOED (`before` returned False), NEEDED (by a kept image),
    ATTACHED (to a kept image)."""

    FAILED = 0
    REMOVED = 1
    NOT_FOUND = 2
    CHANGED = 3
    SURVIVOR_GONE = 4
    IN_USE = 5
    VETOED = 6
    NEEDED = 7
    ATTACHED = 8


class Record(typing.NamedTuple):
    """An image record: a unique name, and the digest that it points at. An option keeps the records for which the fact
    that it needs is unknown.

    `labels` is a mapping or pairs, `blobs` pairs of a digest and a size. `ids` is a further digest by which containers
    may mean the image, or several; `needed` the target or ID of an image that it needs, or several; `subject` that of
    the image that the record is attached to. Without `dangling`, a record is dangling if its name is "moby-dangling@"
    followed by its target.
    """

    name: Text
    target: Text
    created: typing.Optional[Moment] = None
    last_used: typing.Optional[Moment] = None
    labels: _Labels = ()
    pinned: bool = False
    dangling: typing.Optional[bool] = None
    ids: _Texts = ()
    needed: _Texts = ()
    subject: Text = b""
    blobs: typing.Iterable[typing.Tuple[Text, int]] = ()


class Container(typing.NamedTuple):
    """A container: the digest that its runtime reports for its image, and what its user typed, verbatim. `mounts` is
    the ID of an image that it mounts as a volume, or several. `name` is what sentences call it."""

    image_id: Text
    image_ref: Text
    mounts: _Texts = ()
    name: Text = b""


class Outcome(typing.NamedTuple):
    """A status, the store's message, and whether the store has another name for the target that the plan does not."""

    status: Status
    error: Text = b""
    still_named: bool = False


class Decision(typing.NamedTuple):
    """What a plan does with a record. `container` and `option` are the numbers of what caused it, or None."""

    record: int
    name: bytes
    target: bytes
    deletes: bool
    mounted: bool
    reason: str
    container: typing.Optional[int]
    option: typing.Optional[int]


class Doubt(typing.NamedTuple):
    """What the planner was not sure of. `apply` rejects a plan with a doubt that blocks and is not accepted."""

    kind: str
    number: int
    blocks: bool
    sentence: bytes


class Space(typing.NamedTuple):
    """What a plan frees and keeps, in bytes."""

    freed: int
    shared: int
    kept: int
    inconsistent_blobs: int


class Change(typing.NamedTuple):
    """A record on which two plans differ, with its number and its reason in each plan, or None."""

    kind: str
    name: bytes
    before: typing.Optional[int]
    after: typing.Optional[int]
    reason_before: typing.Optional[str]
    reason_after: typing.Optional[str]
    target_changed: bool


class Step(typing.NamedTuple):
    """A step that was tried, vetoed, or not taken because the image is needed or attached to a kept one."""

    name: bytes
    familiar: bytes
    target: bytes
    status: Status
    error: bytes
    image_deleted: bool
    reclaimed: int


def _known(number: int) -> typing.Optional[int]:
    return None if number == _c.NONE else number


def _decision(struct: _c.Decision) -> Decision:
    record, name, target, deletes, mounted, reason, container, option = struct.copied()
    return Decision(record, name, target, deletes, mounted, reason.decode(), _known(container), _known(option))


def _change(struct: _c.Change) -> Change:
    kind, name, before, after, reason_before, reason_after, target_changed = struct.copied()
    old, new = reason_before.decode() or None, reason_after.decode() or None
    return Change(kind.decode(), name, _known(before), _known(after), old, new, target_changed)


def _step(struct: _c.Step) -> Step:
    name, familiar, target, status, error, image_deleted, reclaimed = struct.copied()
    return Step(name, familiar, target, Status(status), error, image_deleted, reclaimed)


def _text(words: object) -> _c.Text:
    data = _columns.data_of(words)
    return _c.Text(data, len(data))


def _signed(value: object) -> int:
    return _columns.number_of(value, -(1 << 63), (1 << 63) - 1)


def _size(value: object) -> int:
    return _columns.number_of(value, 0, _c.NONE - 1)


def _call(function: typing.Any, *arguments: object) -> typing.Any:
    """Calls a function that can fail."""
    result = function(*arguments, _c.thread.reference)
    if result is None or result is False or result == _c.NONE:
        raise Error(_c.thread.error.code.decode(), _c.thread.error.message.decode())
    return result


_Struct = typing.TypeVar("_Struct", bound=_c.Sized)


def _got(function: typing.Any, kind: typing.Type[_Struct], *arguments: object) -> _Struct:
    """Returns the struct that a function fills."""
    struct = kind()
    _call(function, *arguments, byref(struct))
    return struct


def _sentence(function: typing.Any, *arguments: object) -> bytes:
    size = function(*arguments, None, 0)
    buffer = ctypes.create_string_buffer(size)
    function(*arguments, buffer, size)
    return buffer.raw


class _Raised:
    """Keeps the first exception of callbacks: none may pass through C."""

    def __init__(self) -> None:
        self.exception: typing.Optional[BaseException] = None

    def safely(self, otherwise: object, function: typing.Callable[..., object], *arguments: object) -> object:
        try:
            return function(*arguments)
        except BaseException as exception:  # pylint: disable=broad-except
            if self.exception is None:
                self.exception = exception
            return otherwise

    def take(self) -> typing.Optional[BaseException]:
        """Returns the exception without keeping it: its traceback refers to this object, through C, which Python's
        garbage collector does not see."""
        exception, self.exception = self.exception, None
        return exception


def _call_back(function: typing.Any, arguments: typing.Sequence[object], kind: typing.Any,
               take: typing.Callable[..., object]) -> None:
    """Calls a function that passes its results to a callback, and raises what the callback raises."""
    raised = _Raised()

    def callback(_: object, *given: object) -> bool:
        raised.safely(None, take, *given)
        return raised.exception is None

    try:
        _call(function, *arguments, kind(callback), None)
    except Error:
        if raised.exception is None:
            raise
    exception = raised.take()
    if exception is not None:
        raise exception


def _write(function: typing.Any, handle: object, write: typing.Callable[[bytes], object]) -> None:
    """Passes the pieces of an output to `write`."""
    _call_back(function, (handle,), _c.Write, lambda data, size: write(ctypes.string_at(data, size)))


def _written(function: typing.Any, handle: object) -> bytes:
    pieces: typing.List[bytes] = []
    _write(function, handle, pieces.append)
    return b"".join(pieces)


def live_handles() -> int:
    """Returns the number of handles of the C API that are not freed yet, for tests."""
    return typing.cast(int, _c.lib.live_handles())


def version() -> str:
    """Returns the version of the library."""
    return typing.cast(str, _c.lib.library_version().decode())


def shard_of(target: Text, shards: int) -> int:
    """Returns the shard of all records of a target, the same on every machine and in every version."""
    return typing.cast(int, _call(_c.lib.shard_of, _text(target), _size(shards)))


class _Owned(ctypes.c_void_p):
    """A handle that is freed with the last reference to it, so not while a call uses it."""

    def __init__(self, kind: str, *arguments: object) -> None:
        self._free = getattr(_c.lib, kind + "_free")
        super().__init__(_call(getattr(_c.lib, kind + "_new"), *arguments))

    def __del__(self) -> None:
        self._free(self)


_Self = typing.TypeVar("_Self", bound="_Handle")


class _Handle:
    """A handle, which can be closed: by `close`, or at the end of a `with`."""

    def __init__(self, kind: str, *arguments: object) -> None:
        self._owned: typing.Optional[_Owned] = _Owned(kind, *arguments)
        self._lock = threading.Lock()

    @property
    def _open(self) -> _Owned:
        owned = self._owned
        if owned is None:
            raise ValueError(f"the {type(self).__name__} is closed")
        return owned

    def _change(self, function: typing.Any, *arguments: object) -> None:
        with self._lock:
            _call(function, self._open, *arguments)

    def close(self) -> None:
        """Closes the object. Closing it again has no effect."""
        self._owned = None

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Usage(_Handle):
    """A summary of what containers use, each use once. A node summarizes its containers and sends `to_bytes()`; a
    planner merges the summaries of all nodes, and plans with the result as with the containers. It can be pickled."""

    def __init__(self, containers: typing.Iterable[Container] = ()) -> None:
        super().__init__("usage")
        self.add_containers(containers)

    @classmethod
    def from_bytes(cls, data: bytes) -> Usage:
        """Returns the summary that `to_bytes` of any machine wrote."""
        usage = cls()
        usage._change(_c.lib.usage_read, _text(data))
        return usage

    def to_bytes(self) -> bytes:
        with self._lock:
            return _written(_c.lib.usage_write, self._open)

    def __reduce__(self) -> typing.Tuple[typing.Any, ...]:
        return Usage.from_bytes, (self.to_bytes(),)

    def __len__(self) -> int:
        with self._lock:
            return typing.cast(int, _c.lib.usage_size(self._open))

    def add_containers(self, containers: typing.Iterable[Container]) -> None:
        """Adds the uses of containers. Adding a use again has no effect."""
        table = _columns.table_of(_c.Container, containers, Container)
        self._change(_c.lib.usage_add_containers, table.address, table.rows)

    def merge(self, *others: Usage) -> None:
        """Adds the uses of other summaries."""
        for other in others:
            # Two threads can merge two summaries into each other: no thread waits for one lock while it has another.
            copied = other.to_bytes()
            self._change(_c.lib.usage_read, _text(copied))


class Listing(_Handle):
    """Image records and containers, numbered from 0 in the order in which they are added."""

    def __init__(
        self, records: typing.Iterable[Record] = (), containers: typing.Iterable[Container] = ()
    ) -> None:
        super().__init__("listing")
        self.add_records(records)
        self.add_containers(containers)

    def _add(self, count: typing.Any, add: typing.Any, table: _columns.Table) -> range:
        with self._lock:
            handle = self._open
            first = count(handle)
            _call(add, handle, table.address, table.rows)
            return range(first, first + table.rows)

    def add_records(self, records: typing.Iterable[Record]) -> range:
        """Adds all records in one call, or none if one is invalid, and returns their numbers. A tuple of the first
        members of a Record is a record, too."""
        table = _columns.table_of(_c.Record, records, Record)
        return self._add(_c.lib.listing_records, _c.lib.listing_add_records, table)

    def add_record(
        self,
        name: Text,
        target: Text,
        *,
        created: typing.Optional[Moment] = None,
        last_used: typing.Optional[Moment] = None,
        labels: _Labels = (),
        pinned: bool = False,
        dangling: typing.Optional[bool] = None,
        ids: _Texts = (),
        needed: _Texts = (),
        subject: Text = b"",
        blobs: typing.Iterable[typing.Tuple[Text, int]] = (),
    ) -> int:
        """Adds a Record of these members, and returns its number. `add_records` is faster for many records."""
        record = Record(name, target, created, last_used, labels, pinned, dangling, ids, needed, subject, blobs)
        return self.add_records([record])[0]

    def add_containers(self, containers: typing.Iterable[Container]) -> range:
        """Adds all containers in one call, or none if one is invalid, and returns their numbers. Add containers in any
        state: a container that is not added protects nothing."""
        table = _columns.table_of(_c.Container, containers, Container)
        return self._add(_c.lib.listing_containers, _c.lib.listing_add_containers, table)

    def add_container(self, image_id: Text, image_ref: Text, mounts: _Texts = (), name: Text = b"") -> int:
        """Adds a Container of these members, and returns its number."""
        return self.add_containers([Container(image_id, image_ref, mounts, name)])[0]

    def add_usage(self, usage: Usage) -> None:
        """Adds each use of a summary as a container."""
        with usage._lock, self._lock:  # no code takes them in the other order
            _call(_c.lib.listing_add_usage, self._open, usage._open)


class Options(_Handle):
    """What to delete and what to keep. The words are those of pruneplan.h, as are the defaults."""

    def __init__(self) -> None:
        super().__init__("options")

    def set_scope(self, scope: Text) -> None:
        """Sets which records can be deleted: "dangling" or "unused"."""
        self._change(_c.lib.options_set_scope, _text(scope))

    def set_usage_preset(self, preset: Text) -> None:
        """Sets the usage rule: "strict" (the default), "containerd_snapshotter", "graph_driver", "whole_image" or
        "names_only"."""
        self._change(_c.lib.options_set_usage_preset, _text(preset))

    def set_usage(self, names_in_use: bool, digests_in_use: Text, names_kept: Text) -> None:
        """Sets a usage rule of your own: whether names in use are kept; which containers protect their image,
        "created_by_digest", "every_container" or "no_container"; which names an image in use keeps, "last" or "all"."""
        self._change(_c.lib.options_set_usage, names_in_use, _text(digests_in_use), _text(names_kept))

    def add_filter(self, text: Text, now: typing.Optional[Moment] = None) -> None:
        """Adds "key=value". Durations count back from `now`: by default, the time of this call."""
        now = datetime.datetime.now(datetime.timezone.utc) if now is None else now
        self._change(_c.lib.options_add_filter, _text(text), *_columns.moment_of(now))

    def add_keep(self, pattern: Text) -> None:
        """Adds a pattern of names that are never deleted."""
        self._change(_c.lib.options_add_keep, _text(pattern))

    def add_keep_newest(self, images: int, names: Text = "", by: Text = "created") -> None:
        """Keeps that many newest images of each repository, of those with names that match the pattern `names`, by
        "created", "last_used", "version" or "name"."""
        self._change(_c.lib.options_add_keep_newest, _size(images), _text(names), _text(by))

    def set_keep_younger_than(self, time: Moment) -> None:
        """Keeps images that were used, or else created, at this time or later, and those of unknown age."""
        self._change(_c.lib.options_set_keep_younger_than, *_columns.moment_of(time))

    def set_bytes_to_free(self, size: int) -> None:
        """Deletes images until this many bytes are freed. A negative number is an error when a plan is made."""
        self._change(_c.lib.options_set_bytes_to_free, _signed(size))

    def set_delete_unused_before(self, time: Moment) -> None:
        """With bytes to free, also deletes images last used before this time when enough is freed."""
        self._change(_c.lib.options_set_delete_unused_before, *_columns.moment_of(time))

    def set_survivor(self, survivor: Text) -> None:
        """Sets which name an image in use keeps: "last_by_name" (the default), "first_by_name", "newest", "oldest" or
        "tagged"."""
        self._change(_c.lib.options_set_survivor, _text(survivor))


class Plan(_Handle, collections.abc.Sequence[Decision]):
    """Keep or delete for every record, and why: a sequence of decisions. It needs neither listing nor options."""

    def __init__(self, listing: Listing, options: typing.Optional[Options] = None) -> None:
        lock: typing.Any = contextlib.nullcontext() if options is None else options._lock
        with listing._lock, lock:
            super().__init__("plan", listing._open, options._open if options is not None else None)

    def __len__(self) -> int:
        return typing.cast(int, _c.lib.plan_records(self._open))

    def _checked(self, record: int) -> int:
        if not 0 <= record < len(self):
            raise IndexError(f"there is no record {record}")
        return record

    @typing.overload
    def __getitem__(self, record: int) -> Decision: ...

    @typing.overload
    def __getitem__(self, record: slice) -> typing.List[Decision]: ...

    def __getitem__(self, record: typing.Union[int, slice]) -> typing.Union[Decision, typing.List[Decision]]:
        """Returns a decision. A record's number is not negative."""
        if isinstance(record, slice):
            return [self[number] for number in range(*record.indices(len(self)))]
        return _decision(_got(_c.lib.plan_decision, _c.Decision, self._open, self._checked(record)))

    @property
    def kept(self) -> int:
        """How many records are kept."""
        return typing.cast(int, _c.lib.plan_kept(self._open))

    @property
    def deleted(self) -> int:
        """How many records are deleted."""
        return typing.cast(int, _c.lib.plan_deleted(self._open))

    def deletions(self) -> typing.List[int]:
        """Returns the records that are deleted, in order."""
        return [_c.lib.plan_deletion(self._open, step) for step in range(self.deleted)]

    def count(self, reason: typing.Any) -> int:
        """Returns how many records have this reason."""
        return typing.cast(int, _call(_c.lib.plan_count, self._open, _text(reason)))

    def explain(self, record: int) -> bytes:
        """Returns a sentence on a record."""
        return _sentence(_c.lib.plan_explain, self._open, self._checked(record))

    def summary(self) -> str:
        """Returns a sentence on the whole plan."""
        return _sentence(_c.lib.plan_summary, self._open).decode()

    def doubts(self) -> typing.List[Doubt]:
        found = []
        for i in range(_c.lib.plan_doubts(self._open)):
            kind, number, blocks, sentence = _got(_c.lib.plan_doubt, _c.Doubt, self._open, i).copied()
            found.append(Doubt(kind.decode(), number, blocks, sentence))
        return found

    def space(self) -> Space:
        """Estimates what the plan frees, from the blobs of the records."""
        return Space(*_got(_c.lib.plan_space, _c.Space, self._open).copied())

    def json_lines(self) -> bytes:
        """Returns JSON lines, one for each record and each doubt, as UTF-8."""
        return _written(_c.lib.plan_write_json_lines, self._open)

    def write_json_lines(self, write: typing.Callable[[bytes], object]) -> None:
        """Passes JSON lines to `write`, piece by piece."""
        _write(_c.lib.plan_write_json_lines, self._open, write)

    def dot(self) -> bytes:
        """Returns a graph in the DOT language of Graphviz."""
        return _written(_c.lib.plan_write_dot, self._open)

    def diff(self, after: Plan) -> typing.List[Change]:
        """Returns the records that a newer plan, or one with other options, decides on differently."""
        changes: typing.List[Change] = []
        take = lambda change: changes.append(_change(change.contents))  # noqa: E731
        _call_back(_c.lib.plan_diff, (self._open, after._open), _c.Visit, take)
        return changes


class Host:
    """The callbacks that apply a plan: override `remove`, and the others that you need.

    An exception in `remove` is a failure of that removal. One in another function ends the run, and `apply` raises it.
    """

    def remove(self, name: bytes, target: bytes, survivor: bytes) -> typing.Union[Status, Outcome]:
        """Removes `name` only while it points at `target` and, if `survivor` is not empty, while that does, too, all in
        one step.

        Returns a Status or an Outcome. If it returns anything else, the removal failed, the run ends, and `apply`
        raises a TypeError.
        """
        raise NotImplementedError

    def before(self, decision: Decision) -> bool:
        """False skips the removal."""
        return True

    def after(self, step: Step) -> None:
        """Called after each step."""

    def should_stop(self) -> bool:
        """True ends the run."""
        return False


class Report:
    """What was done: an iterable of steps."""

    def __init__(self) -> None:
        self.steps: typing.List[Step] = []
        self.space_reclaimed = 0
        self.cancelled = False

    def __iter__(self) -> typing.Iterator[Step]:
        return iter(self.steps)

    def count(self, status: Status) -> int:
        """Returns how many steps have this status."""
        status = Status(status)
        return sum(step.status is status for step in self.steps)

    @property
    def untagged(self) -> typing.List[bytes]:
        """The familiar names that were removed."""
        return [step.familiar for step in self.steps if step.status is Status.REMOVED]

    @property
    def deleted(self) -> typing.List[bytes]:
        """The targets of the images that were deleted."""
        return [step.target for step in self.steps if step.image_deleted]


def _outcome(returned: object) -> Outcome:
    outcome = Outcome(returned) if isinstance(returned, Status) else returned
    if not isinstance(outcome, Outcome) or not isinstance(outcome.status, Status):
        raise TypeError(f"remove must return a Status or an Outcome, not {returned!r}")
    return outcome


class _Run(_Raised):
    """The callbacks of one call of `apply`."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self.host = host

    def checked_outcome(self, name: bytes, target: bytes, survivor: bytes) -> Outcome:
        """Calls the host's `remove`. A wrong result is a failure that also ends the run."""
        try:
            returned: object = self.host.remove(name, target, survivor)
        except Exception as exception:  # pylint: disable=broad-except
            return Outcome(Status.FAILED, repr(exception))
        try:
            outcome = _outcome(returned)
            return outcome._replace(error=_columns.data_of(outcome.error))
        except TypeError as exception:
            self.exception = exception
            return Outcome(Status.FAILED, str(exception))

    def try_remove(self, name: _c.Lent, target: _c.Lent, survivor: _c.Lent, removal: int) -> int:
        outcome = self.checked_outcome(name.bytes(), target.bytes(), survivor.bytes())
        _c.lib.removal_set_error(removal, _text(outcome.error))
        if outcome.still_named:
            _c.lib.removal_set_still_named(removal)
        return typing.cast(int, outcome.status.value)

    def remove(self, _: object, *removal: object) -> object:
        return self.safely(Status.FAILED.value, self.try_remove, *removal)

    def before(self, _: object, decision: typing.Any) -> object:
        return self.safely(False, lambda: bool(self.host.before(_decision(decision.contents))))

    def after(self, _: object, step: typing.Any) -> None:
        if self.exception is None:
            self.safely(None, lambda: self.host.after(_step(step.contents)))

    def should_stop(self, _: object) -> object:
        return self.exception is not None or self.safely(True, lambda: bool(self.host.should_stop()))


def apply(
    plan: Plan, host: Host, *, accept: typing.Iterable[Text] = (), report: typing.Optional[Report] = None
) -> Report:
    """Applies a plan through a `Host`, and returns the Report.

    A plan with a doubt that blocks is rejected, unless `accept` has its kind. If you pass a Report, the steps are added
    to it. An exception that this function raises, also one of a callback, has the Report as its `report`.
    """
    report = Report() if report is None else report
    try:
        _apply(plan, host, accept, report)
    except BaseException as exception:
        with contextlib.suppress(AttributeError, TypeError):  # an exception without a __dict__
            exception.report = report  # type: ignore[attr-defined]
        raise
    return report


def _apply(plan: Plan, host: Host, accept: typing.Iterable[Text], report: Report) -> None:
    run = _Run(host)
    kinds = [_text(kind) for kind in ([accept] if isinstance(accept, (bytes, str)) else accept)]
    functions = _c.Host()
    for name, kind in _c.Host._fields_[2:6]:
        # What a host leaves as it is, is not called: it would copy each decision and each step for nothing.
        if name == "should_stop" or getattr(getattr(host, name), "__func__", None) is not getattr(Host, name):
            setattr(functions, name, kind(getattr(run, name)))  # type: ignore[operator]
    functions.accept = (_c.Text * len(kinds))(*kinds)
    functions.accept_count = len(kinds)
    done = _Owned("report")
    try:
        _call(_c.lib.apply, plan._open, byref(functions), done)
    finally:
        steps = range(_c.lib.report_steps(done))
        report.steps += [_step(_got(_c.lib.report_step, _c.Step, done, i)) for i in steps]
        report.space_reclaimed += _c.lib.report_space_reclaimed(done)
        report.cancelled = _c.lib.report_cancelled(done)
    exception = run.take()
    if exception is not None:
        raise exception

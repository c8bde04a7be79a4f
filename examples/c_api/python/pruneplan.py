# SPDX-License-Identifier: BSL-1.0
"""pruneplan for Python, through its C API: decides which container images can be deleted, and says why.

Texts are bytes or str (encoded as UTF-8) where they come in, and bytes where they come out. Words are str. What a
function returns is a copy. Threads can share all objects; `close` waits for no other thread, and harms none.
"""

import contextlib
import ctypes
import enum
import os
import threading
import types
import typing
from ctypes import POINTER, byref, c_bool, c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint64, c_void_p

_NONE = c_size_t(-1).value


class Error(Exception):
    """What was rejected: `code` is a stable word, the text is for a person."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


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


class Outcome(typing.NamedTuple):
    """A status, the store's message, and whether the store has another name for the target that the plan does not."""

    status: Status
    error: bytes = b""
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


class Step(typing.NamedTuple):
    """A step that was tried, vetoed, or not taken because the image is needed or attached to a kept one."""

    name: bytes
    familiar: bytes
    target: bytes
    status: Status
    error: bytes
    image_deleted: bool
    reclaimed: int


# The structs of pruneplan.h.


class _Text(ctypes.Structure):
    """A text for C. It keeps its bytes alive."""

    _fields_ = [("data", c_char_p), ("size", c_size_t)]


class _Lent(ctypes.Structure):
    """A text from C."""

    _fields_ = [("data", c_void_p), ("size", c_size_t)]

    def bytes(self):
        return ctypes.string_at(self.data, self.size) if self.data else b""


class _Error(ctypes.Structure):
    _fields_ = [("code", c_char * 32), ("message", c_char * 480)]


class _Sized(ctypes.Structure):
    """A struct that begins with its size."""

    def __init__(self):
        super().__init__(ctypes.sizeof(self))

    def copied(self, kind):
        """Copies all other fields to a tuple."""
        values = (getattr(self, field[0]) for field in self._fields_[1:])
        return kind(*(value.bytes() if isinstance(value, _Lent) else value for value in values))


class _Decision(_Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("record", c_size_t),
        ("name", _Lent),
        ("target", _Lent),
        ("deletes", c_bool),
        ("mounted", c_bool),
        ("reason", _Lent),
        ("container", c_size_t),
        ("option", c_size_t),
    ]

    def copy(self):
        copied = self.copied(Decision)
        return copied._replace(
            reason=copied.reason.decode(),
            container=None if self.container == _NONE else self.container,
            option=None if self.option == _NONE else self.option,
        )


class _Doubt(_Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("kind", _Lent),
        ("number", c_size_t),
        ("blocks", c_bool),
        ("sentence", _Lent),
    ]

    def copy(self):
        copied = self.copied(Doubt)
        return copied._replace(kind=copied.kind.decode())


class _Space(_Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("freed", c_uint64),
        ("shared", c_uint64),
        ("kept", c_uint64),
        ("inconsistent_blobs", c_uint64),
    ]


class _Step(_Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("name", _Lent),
        ("familiar", _Lent),
        ("target", _Lent),
        ("status", c_int32),
        ("error", _Lent),
        ("image_deleted", c_bool),
        ("reclaimed", c_uint64),
    ]

    def copy(self):
        return self.copied(Step)._replace(status=Status(self.status))


class _Host(_Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("user", c_void_p),
        ("remove", ctypes.CFUNCTYPE(c_int32, c_void_p, _Lent, _Lent, _Lent, c_void_p)),
        ("before", ctypes.CFUNCTYPE(c_bool, c_void_p, POINTER(_Decision))),
        ("after", ctypes.CFUNCTYPE(None, c_void_p, POINTER(_Step))),
        ("should_stop", ctypes.CFUNCTYPE(c_bool, c_void_p)),
        ("accept", POINTER(_Text)),
        ("accept_count", c_size_t),
    ]


def _library():
    """Loads the library and declares its functions: the type of the result, then those of the arguments."""
    error, handle = POINTER(_Error), c_void_p
    functions = {
        "library_version": (c_char_p,),
        "live_handles": (c_size_t,),
        "listing_new": (handle, error),
        "listing_free": (None, handle),
        "listing_records": (c_size_t, handle),
        "listing_containers": (c_size_t, handle),
        "listing_add_record": (c_bool, handle, _Text, _Text, error),
        "listing_set_created": (c_bool, handle, c_size_t, c_int64, c_int32, error),
        "listing_set_last_used": (c_bool, handle, c_size_t, c_int64, c_int32, error),
        "listing_set_pinned": (c_bool, handle, c_size_t, c_bool, error),
        "listing_set_dangling": (c_bool, handle, c_size_t, c_bool, error),
        "listing_add_id": (c_bool, handle, c_size_t, _Text, error),
        "listing_set_subject": (c_bool, handle, c_size_t, _Text, error),
        "listing_add_needed": (c_bool, handle, c_size_t, _Text, error),
        "listing_add_label": (c_bool, handle, c_size_t, _Text, _Text, error),
        "listing_add_blob": (c_bool, handle, c_size_t, _Text, c_uint64, error),
        "listing_add_container": (c_bool, handle, _Text, _Text, error),
        "listing_set_container_name": (c_bool, handle, c_size_t, _Text, error),
        "listing_add_mount": (c_bool, handle, c_size_t, _Text, error),
        "options_new": (handle, error),
        "options_free": (None, handle),
        "options_set_scope": (c_bool, handle, _Text, error),
        "options_set_usage_preset": (c_bool, handle, _Text, error),
        "options_set_usage": (c_bool, handle, c_bool, _Text, _Text, error),
        "options_add_filter": (c_bool, handle, _Text, c_int64, c_int32, error),
        "options_add_keep": (c_bool, handle, _Text, error),
        "options_add_keep_newest": (c_bool, handle, c_size_t, _Text, _Text, error),
        "options_set_keep_younger_than": (c_bool, handle, c_int64, c_int32, error),
        "options_set_bytes_to_free": (c_bool, handle, c_int64, error),
        "options_set_delete_unused_before": (c_bool, handle, c_int64, c_int32, error),
        "options_set_survivor": (c_bool, handle, _Text, error),
        "plan_new": (handle, handle, handle, error),
        "plan_free": (None, handle),
        "plan_records": (c_size_t, handle),
        "plan_kept": (c_size_t, handle),
        "plan_deleted": (c_size_t, handle),
        "plan_decision": (c_bool, handle, c_size_t, POINTER(_Decision), error),
        "plan_deletion": (c_size_t, handle, c_size_t),
        "plan_count": (c_size_t, handle, _Text, error),
        "plan_explain": (c_size_t, handle, c_size_t, c_void_p, c_size_t),
        "plan_summary": (c_size_t, handle, c_void_p, c_size_t),
        "plan_doubts": (c_size_t, handle),
        "plan_doubt": (c_bool, handle, c_size_t, POINTER(_Doubt), error),
        "plan_space": (c_bool, handle, POINTER(_Space), error),
        "removal_set_error": (None, c_void_p, _Text),
        "removal_set_still_named": (None, c_void_p),
        "report_new": (handle, error),
        "report_free": (None, handle),
        "apply": (c_bool, handle, POINTER(_Host), handle, error),
        "report_steps": (c_size_t, handle),
        "report_step": (c_bool, handle, c_size_t, POINTER(_Step), error),
        "report_space_reclaimed": (c_uint64, handle),
        "report_cancelled": (c_bool, handle),
    }
    library = ctypes.CDLL(os.environ.get("PRUNEPLAN_LIBRARY", "libpruneplan_c.so"))
    for name, (result, *arguments) in functions.items():
        function = functions[name] = getattr(library, "pruneplan_" + name)
        function.restype = result
        function.argtypes = arguments
    return types.SimpleNamespace(**functions)


_c = _library()


# Arguments. ctypes itself truncates numbers, and makes bytes of numbers.


def _text(words):
    if isinstance(words, str):
        words = words.encode()
    elif not isinstance(words, bytes):
        raise TypeError(f"a text is bytes or str, not {words!r}")
    return _Text(words, len(words))


def _texts(words):
    """One text or several."""
    return list(map(_text, [words] if isinstance(words, (bytes, str)) else words))


def _number(value, lowest, highest):
    if not isinstance(value, int):
        raise TypeError(f"a number is an int, not {value!r}")
    if not lowest <= value <= highest:
        raise ValueError(f"the number {value} is not from {lowest} to {highest}")
    return value


def _signed(value):
    return _number(value, -(1 << 63), (1 << 63) - 1)


def _moment(time):
    seconds, nanoseconds = time
    return _signed(seconds), _number(nanoseconds, 0, 999_999_999)


class _Thread(threading.local):
    """What C writes an error of this thread to."""

    def __init__(self):
        super().__init__()
        self.error = _Error()
        self.reference = byref(self.error)


_thread = _Thread()


def _call(function, *arguments):
    """Calls a function that can fail."""
    result = function(*arguments, _thread.reference)
    if result is None or result is False or result == _NONE:
        raise Error(_thread.error.code.decode(), _thread.error.message.decode())
    return result


def _got(function, kind, *arguments):
    """Returns the struct that a function fills."""
    struct = kind()
    _call(function, *arguments, byref(struct))
    return struct


def _sentence(function, *arguments):
    size = function(*arguments, None, 0)
    buffer = ctypes.create_string_buffer(size)
    function(*arguments, buffer, size)
    return buffer.raw


def live_handles():
    return _c.live_handles()


def version():
    return _c.library_version().decode()


class _Owned(c_void_p):
    """A handle that is freed with the last reference to it, so not while a call uses it."""

    def __init__(self, kind, *arguments):
        self._free = getattr(_c, kind + "_free")
        super().__init__(_call(getattr(_c, kind + "_new"), *arguments))

    def __del__(self):
        self._free(self)


class _Handle:
    """A handle, which can be closed: by `close`, or at the end of a `with`."""

    def __init__(self, kind, *arguments):
        self._owned = _Owned(kind, *arguments)
        self._lock = threading.Lock()

    @property
    def _open(self):
        owned = self._owned
        if owned is None:
            raise ValueError(f"the {type(self).__name__} is closed")
        return owned

    def _change(self, function, *arguments):
        with self._lock:
            _call(function, self._open, *arguments)

    def close(self):
        self._owned = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Listing(_Handle):
    """Image records and containers, numbered from 0."""

    def __init__(self):
        super().__init__("listing")

    def _add(self, count, add, arguments, facts):
        """Adds an entry with its facts. Its arguments are checked before, so that only an allocation can fail."""
        with self._lock:
            handle = self._open
            number = count(handle)
            _call(add, handle, *arguments)
            for function, *fact in facts:
                _call(function, handle, number, *fact)
            return number

    def add_record(self, name, target, *, created=None, last_used=None, labels=(), pinned=False, dangling=None,
                   ids=(), needed=(), subject="", blobs=()):
        """Adds a record, and returns its number. Times are (seconds, nanoseconds), labels and blobs pairs.

        `ids` is a further digest by which containers may mean the image, or several; `needed` the target or ID of an
        image that it needs, or several; `subject` that of the image that the record is attached to.
        """
        facts = []
        if created is not None:
            facts.append((_c.listing_set_created, *_moment(created)))
        if last_used is not None:
            facts.append((_c.listing_set_last_used, *_moment(last_used)))
        if pinned:
            facts.append((_c.listing_set_pinned, True))
        if dangling is not None:
            facts.append((_c.listing_set_dangling, dangling))
        facts += [(_c.listing_add_id, id_) for id_ in _texts(ids)]
        if subject:
            facts.append((_c.listing_set_subject, _text(subject)))
        facts += [(_c.listing_add_needed, target_needed) for target_needed in _texts(needed)]
        facts += [(_c.listing_add_label, _text(key), _text(value)) for key, value in labels]
        facts += [(_c.listing_add_blob, _text(digest), _number(size, 0, (1 << 64) - 1)) for digest, size in blobs]
        return self._add(_c.listing_records, _c.listing_add_record, (_text(name), _text(target)), facts)

    def add_container(self, image_id, image_ref, mounts=(), name=""):
        """Adds a container, and returns its number. `mounts` is one image ID or several."""
        facts = [(_c.listing_add_mount, image) for image in _texts(mounts)]
        if name:
            facts.append((_c.listing_set_container_name, _text(name)))
        return self._add(_c.listing_containers, _c.listing_add_container, (_text(image_id), _text(image_ref)), facts)


class Options(_Handle):
    """What to delete and what to keep. The words are those of pruneplan.h, as are the defaults."""

    def __init__(self):
        super().__init__("options")

    def set_scope(self, scope):
        self._change(_c.options_set_scope, _text(scope))

    def set_usage_preset(self, preset):
        self._change(_c.options_set_usage_preset, _text(preset))

    def set_usage(self, names_in_use, digests_in_use, names_kept):
        self._change(_c.options_set_usage, names_in_use, _text(digests_in_use), _text(names_kept))

    def add_filter(self, text, now):
        self._change(_c.options_add_filter, _text(text), *_moment(now))

    def add_keep(self, pattern):
        self._change(_c.options_add_keep, _text(pattern))

    def add_keep_newest(self, images, names="", by="created"):
        self._change(_c.options_add_keep_newest, _number(images, 0, _NONE), _text(names), _text(by))

    def set_keep_younger_than(self, seconds, nanoseconds=0):
        self._change(_c.options_set_keep_younger_than, *_moment((seconds, nanoseconds)))

    def set_bytes_to_free(self, size):
        self._change(_c.options_set_bytes_to_free, _signed(size))

    def set_delete_unused_before(self, seconds, nanoseconds=0):
        self._change(_c.options_set_delete_unused_before, *_moment((seconds, nanoseconds)))

    def set_survivor(self, survivor):
        self._change(_c.options_set_survivor, _text(survivor))


class Plan(_Handle):
    """Keep or delete for every record, and why: a sequence of decisions. It needs neither listing nor options."""

    def __init__(self, listing, options=None):
        with listing._lock, options._lock if options is not None else contextlib.nullcontext():
            super().__init__("plan", listing._open, options._open if options is not None else None)

    def __len__(self):
        return _c.plan_records(self._open)

    def _checked(self, record):
        if not 0 <= record < len(self):
            raise IndexError(f"there is no record {record}")
        return record

    def __getitem__(self, record):
        return _got(_c.plan_decision, _Decision, self._open, self._checked(record)).copy()

    @property
    def kept(self):
        return _c.plan_kept(self._open)

    @property
    def deleted(self):
        return _c.plan_deleted(self._open)

    def deletions(self):
        """The records that are deleted, in order."""
        return [_c.plan_deletion(self._open, step) for step in range(self.deleted)]

    def count(self, reason):
        """How many records have this reason."""
        return _call(_c.plan_count, self._open, _text(reason))

    def explain(self, record):
        """Returns a sentence on a record."""
        return _sentence(_c.plan_explain, self._open, self._checked(record))

    def summary(self):
        """Returns a sentence on the whole plan."""
        return _sentence(_c.plan_summary, self._open).decode()

    def doubts(self):
        return [_got(_c.plan_doubt, _Doubt, self._open, i).copy() for i in range(_c.plan_doubts(self._open))]

    def space(self):
        return _got(_c.plan_space, _Space, self._open).copied(Space)


class Host:
    """The callbacks that apply a plan: override `remove`, and the others that you need.

    An exception in `remove` is a failure of that removal. One in another function ends the run, and `apply` raises it.
    """

    def remove(self, name, target, survivor):
        """Removes `name` only while it points at `target` and, if `survivor` is not empty, while that does, too, all in
        one step.

        Returns a Status or an Outcome. If it returns anything else, the removal failed, the run ends, and `apply`
        raises a TypeError.
        """
        raise NotImplementedError

    def before(self, decision):
        """False skips the removal."""
        return True

    def after(self, step):
        """Called after each step."""

    def should_stop(self):
        """True ends the run."""
        return False


class Report:
    """What was done."""

    def __init__(self):
        self.steps = []
        self.space_reclaimed = 0
        self.cancelled = False

    def count(self, status):
        status = Status(status)
        return sum(step.status is status for step in self.steps)

    @property
    def untagged(self):
        """The familiar names that were removed."""
        return [step.familiar for step in self.steps if step.status is Status.REMOVED]

    @property
    def deleted(self):
        """The targets of the images that were deleted."""
        return [step.target for step in self.steps if step.image_deleted]


def _outcome(returned):
    outcome = Outcome(returned) if isinstance(returned, Status) else returned
    if not isinstance(outcome, Outcome) or not isinstance(outcome.status, Status):
        raise TypeError(f"remove must return a Status or an Outcome, not {returned!r}")
    return outcome


class _Run:
    """The callbacks of one call of `apply`. No exception may pass through C."""

    def __init__(self, host):
        self.host = host
        self.raised = None

    def safely(self, otherwise, function, *arguments):
        try:
            return function(*arguments)
        except BaseException as exception:  # pylint: disable=broad-except
            if self.raised is None:
                self.raised = exception
            return otherwise

    def take_raised(self):
        """Returns the exception without keeping it: its traceback refers to this run, through C, which Python's garbage
        collector does not see."""
        raised, self.raised = self.raised, None
        return raised

    def try_remove(self, name, target, survivor, removal):
        try:
            returned = self.host.remove(name.bytes(), target.bytes(), survivor.bytes())
        except Exception as exception:  # pylint: disable=broad-except
            returned = Outcome(Status.FAILED, repr(exception))
        outcome = _outcome(returned)
        _c.removal_set_error(removal, _text(outcome.error))
        if outcome.still_named:
            _c.removal_set_still_named(removal)
        return outcome.status.value

    def remove(self, _, *removal):
        return self.safely(Status.FAILED.value, self.try_remove, *removal)

    def before(self, _, decision):
        return self.safely(False, lambda: bool(self.host.before(decision.contents.copy())))

    def after(self, _, step):
        self.safely(None, lambda: self.host.after(step.contents.copy()))

    def should_stop(self, _):
        return self.raised is not None or self.safely(True, lambda: bool(self.host.should_stop()))


def apply(plan, host, *, accept=(), report=None):
    """Applies a plan through a `Host`, and returns the Report.

    A plan with a doubt that blocks is rejected, unless `accept` has its kind. If you pass a Report, the steps are added
    to it, and you have them even if a callback raises an exception.
    """
    report = Report() if report is None else report
    run = _Run(host)
    kinds = _texts(accept)
    functions = _Host()
    for name, kind in _Host._fields_:
        if hasattr(run, name):
            setattr(functions, name, kind(getattr(run, name)))
    functions.accept = (_Text * len(kinds))(*kinds)
    functions.accept_count = len(kinds)
    done = _Owned("report")
    try:
        _call(_c.apply, plan._open, byref(functions), done)
    finally:
        report.steps += [_got(_c.report_step, _Step, done, i).copy() for i in range(_c.report_steps(done))]
        report.space_reclaimed += _c.report_space_reclaimed(done)
        report.cancelled = _c.report_cancelled(done)
    if run.raised is not None:
        raise run.take_raised()
    return report

# SPDX-License-Identifier: BSL-1.0
"""pruneplan for Python, through its C API: decides which container images can be deleted, and says why.

Texts are bytes or str (encoded as UTF-8) where they come in, and bytes where they come out.
"""

import ctypes
import enum
import os
from ctypes import POINTER, byref, c_bool, c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint64, c_void_p

NONE = c_size_t(-1).value


class Status(enum.IntEnum):
    """The result of a removal."""

    REMOVED = 0
    NOT_FOUND = 1
    CHANGED = 2
    IN_USE = 3
    FAILED = 4


class Text(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("size", c_size_t)]

    def bytes(self):
        return ctypes.string_at(self.data, self.size) if self.data else b""


class CError(ctypes.Structure):
    _fields_ = [("code", c_char * 32), ("message", c_char * 480)]


class Space(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("freed", c_uint64),
        ("shared", c_uint64),
        ("kept", c_uint64),
        ("inconsistent_blobs", c_uint64),
    ]


class Step(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("done", c_size_t),
        ("total", c_size_t),
        ("record", c_size_t),
        ("name", Text),
        ("target", Text),
        ("reason", Text),
        ("status", c_int32),
        ("error", Text),
        ("image_deleted", c_bool),
        ("space_reclaimed", c_uint64),
    ]


REMOVE = ctypes.CFUNCTYPE(c_int32, c_void_p, Text, Text, Text, c_void_p)
BEFORE = ctypes.CFUNCTYPE(c_bool, c_void_p, POINTER(Step))
AFTER = ctypes.CFUNCTYPE(None, c_void_p, POINTER(Step))
SHOULD_STOP = ctypes.CFUNCTYPE(c_bool, c_void_p)


class CHost(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("user", c_void_p),
        ("remove", REMOVE),
        ("before", BEFORE),
        ("after", AFTER),
        ("should_stop", SHOULD_STOP),
    ]


class Error(Exception):
    """What was rejected: `code` is a stable word, the text is for a person."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def _library():
    """Loads the library and declares its functions: the type of the result, then those of the arguments."""
    error, handle = POINTER(CError), c_void_p
    functions = {
        "library_version": (c_char_p,),
        "live_handles": (c_size_t,),
        "listing_new": (handle, error),
        "listing_free": (None, handle),
        "listing_records": (c_size_t, handle),
        "listing_containers": (c_size_t, handle),
        "listing_add_record": (c_bool, handle, Text, Text, error),
        "listing_set_created": (c_bool, handle, c_size_t, c_int64, c_int32, error),
        "listing_set_last_used": (c_bool, handle, c_size_t, c_int64, c_int32, error),
        "listing_set_pinned": (c_bool, handle, c_size_t, c_bool, error),
        "listing_set_dangling": (c_bool, handle, c_size_t, c_bool, error),
        "listing_set_parent": (c_bool, handle, c_size_t, Text, error),
        "listing_add_label": (c_bool, handle, c_size_t, Text, Text, error),
        "listing_add_blob": (c_bool, handle, c_size_t, Text, c_uint64, error),
        "listing_add_container": (c_bool, handle, Text, Text, error),
        "listing_add_mount": (c_bool, handle, c_size_t, Text, error),
        "options_new": (handle, error),
        "options_free": (None, handle),
        "options_set_scope": (c_bool, handle, Text, error),
        "options_set_usage_preset": (c_bool, handle, Text, error),
        "options_set_usage": (None, handle, c_bool, c_bool, c_bool),
        "options_add_filter": (c_bool, handle, Text, c_int64, c_int32, error),
        "options_add_keep": (c_bool, handle, Text, error),
        "options_set_keep_newest": (None, handle, c_size_t),
        "options_set_keep_younger_than": (c_bool, handle, c_int64, c_int32, error),
        "options_set_bytes_to_free": (None, handle, c_uint64),
        "options_set_survivor": (c_bool, handle, Text, error),
        "plan_new": (handle, handle, handle, error),
        "plan_free": (None, handle),
        "plan_records": (c_size_t, handle),
        "plan_kept": (c_size_t, handle),
        "plan_deleted": (c_size_t, handle),
        "plan_name": (Text, handle, c_size_t),
        "plan_target": (Text, handle, c_size_t),
        "plan_deletes": (c_bool, handle, c_size_t),
        "plan_reason": (Text, handle, c_size_t),
        "plan_container": (c_size_t, handle, c_size_t),
        "plan_explain": (c_size_t, handle, c_size_t, c_void_p, c_size_t),
        "plan_count": (c_size_t, handle, Text),
        "plan_unmatched_container": (c_size_t, handle, c_size_t),
        "plan_deletion": (c_size_t, handle, c_size_t),
        "plan_estimate_space": (c_bool, handle, POINTER(Space), error),
        "removal_set_error": (None, c_void_p, Text),
        "removal_set_still_named": (None, c_void_p),
        "report_new": (handle, error),
        "report_free": (None, handle),
        "apply": (c_bool, handle, POINTER(CHost), handle, error),
        "report_space_reclaimed": (c_uint64, handle),
        "report_cancelled": (c_bool, handle),
        "report_untagged_count": (c_size_t, handle),
        "report_untagged_name": (Text, handle, c_size_t),
        "report_untagged_familiar": (Text, handle, c_size_t),
        "report_untagged_target": (Text, handle, c_size_t),
        "report_deleted_count": (c_size_t, handle),
        "report_deleted": (Text, handle, c_size_t),
        "report_failure_count": (c_size_t, handle),
        "report_failure_name": (Text, handle, c_size_t),
        "report_failure_target": (Text, handle, c_size_t),
        "report_failure_error": (Text, handle, c_size_t),
        "report_skipped_count": (c_size_t, handle),
        "report_skipped_name": (Text, handle, c_size_t),
        "report_skipped_target": (Text, handle, c_size_t),
        "report_skipped_reason": (Text, handle, c_size_t),
    }
    library = ctypes.CDLL(os.environ.get("PRUNEPLAN_LIBRARY", "libpruneplan_c.so"))
    for name, (result, *arguments) in functions.items():
        function = getattr(library, "pruneplan_" + name)
        function.restype = result
        function.argtypes = arguments
    return library


_c = _library()


def _text(words):
    """Lends the bytes to C. The caller must keep the result until the call returns."""
    data = words.encode() if isinstance(words, str) else bytes(words)
    text = Text(ctypes.cast(c_char_p(data), c_void_p), len(data))
    text.keeps = data
    return text


def _call(name, *arguments):
    """Calls a function that can fail."""
    error = CError()
    result = getattr(_c, "pruneplan_" + name)(*arguments, byref(error))
    if not result:
        raise Error(error.code.decode(), error.message.decode())
    return result


def live_handles():
    return _c.pruneplan_live_handles()


def version():
    return _c.pruneplan_library_version().decode()


class _Handle:
    """Owns a handle, and frees it in `close`, at the end of a `with`, or when Python deletes the object."""

    def __init__(self, kind, *arguments):
        self._free = getattr(_c, f"pruneplan_{kind}_free")
        self.handle = None
        self.handle = _call(f"{kind}_new", *arguments)

    def close(self):
        handle, self.handle = self.handle, None
        if handle:
            self._free(handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()


class Listing(_Handle):
    """Image records and containers, numbered from 0."""

    def __init__(self):
        super().__init__("listing")

    def add_record(self, name, target, *, created=None, last_used=None, labels=(), pinned=False, dangling=None,
                   parent=None, blobs=()):
        """Adds a record, and returns its number. Times are (seconds, nanoseconds), labels and blobs pairs."""
        _call("listing_add_record", self.handle, _text(name), _text(target))
        record = _c.pruneplan_listing_records(self.handle) - 1
        if created is not None:
            _call("listing_set_created", self.handle, record, *created)
        if last_used is not None:
            _call("listing_set_last_used", self.handle, record, *last_used)
        if pinned:
            _call("listing_set_pinned", self.handle, record, True)
        if dangling is not None:
            _call("listing_set_dangling", self.handle, record, dangling)
        if parent is not None:
            _call("listing_set_parent", self.handle, record, _text(parent))
        for key, value in labels:
            _call("listing_add_label", self.handle, record, _text(key), _text(value))
        for digest, size in blobs:
            _call("listing_add_blob", self.handle, record, _text(digest), size)
        return record

    def add_container(self, image_id, image_ref, mounts=()):
        """Adds a container, and returns its number."""
        _call("listing_add_container", self.handle, _text(image_id), _text(image_ref))
        container = _c.pruneplan_listing_containers(self.handle) - 1
        for mounted in mounts:
            _call("listing_add_mount", self.handle, container, _text(mounted))
        return container


class Options(_Handle):
    """What to delete and what to keep. The defaults are those of `docker image prune`."""

    def __init__(self):
        super().__init__("options")

    def set_scope(self, scope):
        _call("options_set_scope", self.handle, _text(scope))

    def set_usage_preset(self, preset):
        _call("options_set_usage_preset", self.handle, _text(preset))

    def set_usage(self, names_in_use, every_container, keep_all_names):
        _c.pruneplan_options_set_usage(self.handle, names_in_use, every_container, keep_all_names)

    def add_filter(self, text, now):
        _call("options_add_filter", self.handle, _text(text), *now)

    def add_keep(self, pattern):
        _call("options_add_keep", self.handle, _text(pattern))

    def set_keep_newest(self, images):
        _c.pruneplan_options_set_keep_newest(self.handle, images)

    def set_keep_younger_than(self, seconds, nanoseconds=0):
        _call("options_set_keep_younger_than", self.handle, seconds, nanoseconds)

    def set_bytes_to_free(self, size):
        _c.pruneplan_options_set_bytes_to_free(self.handle, size)

    def set_survivor(self, survivor):
        _call("options_set_survivor", self.handle, _text(survivor))


class Plan(_Handle):
    """Keep or delete for every record, and why. Changes nothing."""

    def __init__(self, listing, options=None):
        super().__init__("plan", listing.handle, options.handle if options else None)

    def __len__(self):
        return _c.pruneplan_plan_records(self.handle)

    @property
    def kept(self):
        return _c.pruneplan_plan_kept(self.handle)

    @property
    def deleted(self):
        return _c.pruneplan_plan_deleted(self.handle)

    def name(self, record):
        return _c.pruneplan_plan_name(self.handle, record).bytes()

    def target(self, record):
        return _c.pruneplan_plan_target(self.handle, record).bytes()

    def deletes(self, record):
        return _c.pruneplan_plan_deletes(self.handle, record)

    def reason(self, record):
        return _c.pruneplan_plan_reason(self.handle, record).bytes().decode()

    def container(self, record):
        """The number of the container that caused the decision, or None."""
        container = _c.pruneplan_plan_container(self.handle, record)
        return None if container == NONE else container

    def explain(self, record):
        size = _c.pruneplan_plan_explain(self.handle, record, None, 0)
        buffer = ctypes.create_string_buffer(size)
        _c.pruneplan_plan_explain(self.handle, record, buffer, size)
        return buffer.raw[:size]

    def count(self, reason):
        return _c.pruneplan_plan_count(self.handle, _text(reason))

    def unmatched_containers(self):
        """The containers whose image the usage rule should protect but the listing does not have."""
        containers = []
        while (container := _c.pruneplan_plan_unmatched_container(self.handle, len(containers))) != NONE:
            containers.append(container)
        return containers

    def deletions(self):
        """The records that are deleted, in order."""
        return [_c.pruneplan_plan_deletion(self.handle, step) for step in range(self.deleted)]

    def space(self):
        space = Space(struct_size=ctypes.sizeof(Space))
        _call("plan_estimate_space", self.handle, byref(space))
        return space


class Host:
    """The callbacks that apply a plan: override `remove`, and the others that you need.

    An exception in `remove` is a failure of that removal. One in another function ends the run, and `apply` raises it.
    """

    def remove(self, name, target, survivor):
        """Removes `name` only while it points at `target` and, unless None, while `survivor` does, too, in one step.

        Gives a Status; (Status.FAILED, words); or (Status.REMOVED, True) if the store has another name for the target.
        """
        raise NotImplementedError

    def before(self, step):
        return True

    def after(self, step):
        pass

    def should_stop(self):
        return False


class Report(_Handle):
    """What was done."""

    def __init__(self):
        super().__init__("report")

    def _list(self, kind, *columns):
        functions = [getattr(_c, f"pruneplan_report_{column}") for column in columns]
        count = getattr(_c, f"pruneplan_report_{kind}_count")(self.handle)
        return [tuple(function(self.handle, i).bytes() for function in functions) for i in range(count)]

    @property
    def untagged(self):
        """(name, familiar name, target) each."""
        return self._list("untagged", "untagged_name", "untagged_familiar", "untagged_target")

    @property
    def deleted(self):
        return [digest for digest, in self._list("deleted", "deleted")]

    @property
    def failures(self):
        """(name, target, error) each."""
        return self._list("failure", "failure_name", "failure_target", "failure_error")

    @property
    def skipped(self):
        """(name, target, reason) each."""
        return self._list("skipped", "skipped_name", "skipped_target", "skipped_reason")

    @property
    def space_reclaimed(self):
        return _c.pruneplan_report_space_reclaimed(self.handle)

    @property
    def cancelled(self):
        return _c.pruneplan_report_cancelled(self.handle)


def apply(plan, host):
    """Applies a plan through a `Host`, and returns the Report."""
    raised = []

    def safely(function, otherwise):
        """No exception may pass through C."""

        def call(*arguments):
            try:
                return function(*arguments)
            except BaseException as exception:  # pylint: disable=broad-except
                raised.append(exception)
                return otherwise

        return call

    def remove(_, name, target, survivor, removal):
        try:
            outcome = host.remove(name.bytes(), target.bytes(), survivor.bytes() if survivor.data else None)
        except Exception as exception:  # pylint: disable=broad-except
            outcome = (Status.FAILED, repr(exception))
        status, fact = outcome if isinstance(outcome, tuple) else (outcome, None)
        if status == Status.FAILED:
            _c.pruneplan_removal_set_error(removal, _text(fact or ""))
        elif fact:
            _c.pruneplan_removal_set_still_named(removal)
        return int(status)

    functions = CHost(
        ctypes.sizeof(CHost),
        None,
        REMOVE(safely(remove, int(Status.FAILED))),
        BEFORE(safely(lambda _, step: not raised and bool(host.before(step.contents)), False)),
        AFTER(safely(lambda _, step: host.after(step.contents), None)),
        SHOULD_STOP(safely(lambda _: bool(raised) or bool(host.should_stop()), True)),
    )
    report = Report()
    _call("apply", plan.handle, byref(functions), report.handle)
    if raised:
        report.close()
        raise raised[0]
    return report

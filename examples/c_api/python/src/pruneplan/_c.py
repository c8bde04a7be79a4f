# SPDX-License-Identifier: BSL-1.0
"""The C API of pruneplan.h for ctypes: its structs and functions. ctypes releases the GIL during each call."""

import ctypes
import os
import pathlib
import sys
import threading
import types
import typing
from ctypes import POINTER, byref, c_bool, c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint64, c_void_p

NONE: int = c_size_t(-1).value


class Text(ctypes.Structure):
    """A text for C. It keeps its bytes alive."""

    _fields_ = [("data", c_char_p), ("size", c_size_t)]


class Lent(ctypes.Structure):
    """A text from C."""

    _fields_ = [("data", c_void_p), ("size", c_size_t)]

    def bytes(self) -> bytes:
        return ctypes.string_at(self.data, self.size) if self.data else b""


class Error(ctypes.Structure):
    _fields_ = [("code", c_char * 32), ("message", c_char * 480)]


class Sized(ctypes.Structure):
    """A struct that begins with its size."""

    def __init__(self) -> None:
        super().__init__(ctypes.sizeof(self))

    def copied(self) -> typing.List[typing.Any]:
        """Copies all other fields."""
        values = (getattr(self, field[0]) for field in self._fields_[1:])
        return [value.bytes() if isinstance(value, Lent) else value for value in values]


class Time(ctypes.Structure):
    _fields_ = [("seconds", c_int64), ("nanoseconds", c_int32), ("known", c_bool)]


class Label(ctypes.Structure):
    _fields_ = [("key", Lent), ("value", Lent)]


class Blob(ctypes.Structure):
    _fields_ = [("digest", Lent), ("size", c_uint64)]


class Record(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("name", Lent),
        ("target", Lent),
        ("subject", Lent),
        ("ids", c_void_p),
        ("needed", c_void_p),
        ("labels", c_void_p),
        ("blobs", c_void_p),
        ("id_count", c_size_t),
        ("needed_count", c_size_t),
        ("label_count", c_size_t),
        ("blob_count", c_size_t),
        ("created", Time),
        ("last_used", Time),
        ("dangling", c_int32),
        ("pinned", c_bool),
    ]


class Container(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("image_id", Lent),
        ("image_ref", Lent),
        ("name", Lent),
        ("mounts", c_void_p),
        ("mount_count", c_size_t),
    ]


class Decision(Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("record", c_size_t),
        ("name", Lent),
        ("target", Lent),
        ("deletes", c_bool),
        ("mounted", c_bool),
        ("reason", Lent),
        ("container", c_size_t),
        ("option", c_size_t),
    ]


class Doubt(Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("kind", Lent),
        ("number", c_size_t),
        ("blocks", c_bool),
        ("sentence", Lent),
    ]


class Space(Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("freed", c_uint64),
        ("shared", c_uint64),
        ("kept", c_uint64),
        ("inconsistent_blobs", c_uint64),
    ]


class Change(Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("kind", Lent),
        ("name", Lent),
        ("before", c_size_t),
        ("after", c_size_t),
        ("reason_before", Lent),
        ("reason_after", Lent),
        ("target_changed", c_bool),
    ]


class Step(Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("name", Lent),
        ("familiar", Lent),
        ("target", Lent),
        ("status", c_int32),
        ("error", Lent),
        ("image_deleted", c_bool),
        ("reclaimed", c_uint64),
    ]


class Host(Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("user", c_void_p),
        ("remove", ctypes.CFUNCTYPE(c_int32, c_void_p, Lent, Lent, Lent, c_void_p)),
        ("before", ctypes.CFUNCTYPE(c_bool, c_void_p, POINTER(Decision))),
        ("after", ctypes.CFUNCTYPE(None, c_void_p, POINTER(Step))),
        ("should_stop", ctypes.CFUNCTYPE(c_bool, c_void_p)),
        ("accept", POINTER(Text)),
        ("accept_count", c_size_t),
    ]


Write = ctypes.CFUNCTYPE(c_bool, c_void_p, c_void_p, c_size_t)
Visit = ctypes.CFUNCTYPE(c_bool, c_void_p, POINTER(Change))


def _path() -> str:
    """Returns $PRUNEPLAN_LIBRARY, or the library that was installed with this package, or the name of the system's."""
    named = os.environ.get("PRUNEPLAN_LIBRARY")
    if named:
        return named
    name = {"darwin": "libpruneplan_c.dylib", "win32": "pruneplan_c.dll"}.get(sys.platform, "libpruneplan_c.so")
    installed = pathlib.Path(__file__).with_name(name)
    return str(installed) if installed.exists() else name


def _library() -> typing.Any:
    """Loads the library and declares its functions: the type of the result, then those of the arguments."""
    error, handle = POINTER(Error), c_void_p
    functions: typing.Dict[str, typing.Tuple[typing.Any, ...]] = {
        "library_version": (c_char_p,),
        "live_handles": (c_size_t,),
        "listing_new": (handle, error),
        "listing_free": (None, handle),
        "listing_records": (c_size_t, handle),
        "listing_containers": (c_size_t, handle),
        "listing_add_records": (c_bool, handle, c_void_p, c_size_t, error),
        "listing_add_containers": (c_bool, handle, c_void_p, c_size_t, error),
        "listing_add_usage": (c_bool, handle, handle, error),
        "options_new": (handle, error),
        "options_free": (None, handle),
        "options_set_scope": (c_bool, handle, Text, error),
        "options_set_usage_preset": (c_bool, handle, Text, error),
        "options_set_usage": (c_bool, handle, c_bool, Text, Text, error),
        "options_add_filter": (c_bool, handle, Text, c_int64, c_int32, error),
        "options_add_keep": (c_bool, handle, Text, error),
        "options_add_keep_newest": (c_bool, handle, c_size_t, Text, Text, error),
        "options_set_keep_younger_than": (c_bool, handle, c_int64, c_int32, error),
        "options_set_bytes_to_free": (c_bool, handle, c_int64, error),
        "options_set_delete_unused_before": (c_bool, handle, c_int64, c_int32, error),
        "options_set_survivor": (c_bool, handle, Text, error),
        "plan_new": (handle, handle, handle, error),
        "plan_free": (None, handle),
        "plan_records": (c_size_t, handle),
        "plan_kept": (c_size_t, handle),
        "plan_deleted": (c_size_t, handle),
        "plan_decision": (c_bool, handle, c_size_t, POINTER(Decision), error),
        "plan_deletion": (c_size_t, handle, c_size_t),
        "plan_count": (c_size_t, handle, Text, error),
        "plan_explain": (c_size_t, handle, c_size_t, c_void_p, c_size_t),
        "plan_summary": (c_size_t, handle, c_void_p, c_size_t),
        "plan_doubts": (c_size_t, handle),
        "plan_doubt": (c_bool, handle, c_size_t, POINTER(Doubt), error),
        "plan_space": (c_bool, handle, POINTER(Space), error),
        "plan_write_json_lines": (c_bool, handle, Write, c_void_p, error),
        "plan_write_dot": (c_bool, handle, Write, c_void_p, error),
        "plan_diff": (c_bool, handle, handle, Visit, c_void_p, error),
        "usage_new": (handle, error),
        "usage_free": (None, handle),
        "usage_size": (c_size_t, handle),
        "usage_add_containers": (c_bool, handle, c_void_p, c_size_t, error),
        "usage_merge": (c_bool, handle, handle, error),
        "usage_write": (c_bool, handle, Write, c_void_p, error),
        "usage_read": (c_bool, handle, Text, error),
        "shard_of": (c_size_t, Text, c_size_t, error),
        "removal_set_error": (None, c_void_p, Text),
        "removal_set_still_named": (None, c_void_p),
        "report_new": (handle, error),
        "report_free": (None, handle),
        "apply": (c_bool, handle, POINTER(Host), handle, error),
        "report_steps": (c_size_t, handle),
        "report_step": (c_bool, handle, c_size_t, POINTER(Step), error),
        "report_space_reclaimed": (c_uint64, handle),
        "report_cancelled": (c_bool, handle),
    }
    library = ctypes.CDLL(_path())
    declared = types.SimpleNamespace()
    for name, (result, *arguments) in functions.items():
        function = getattr(library, "pruneplan_" + name)
        function.restype = result
        function.argtypes = arguments
        setattr(declared, name, function)
    return declared


lib = _library()


class _Thread(threading.local):
    """What C writes an error of this thread to."""

    def __init__(self) -> None:
        super().__init__()
        self.error = Error()
        self.reference = byref(self.error)


thread = _Thread()

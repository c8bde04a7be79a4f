# SPDX-License-Identifier: BSL-1.0
"""Fills arrays of C structs by columns. Python code runs for each column, and functions that are written in C for each
row: a record takes less than a microsecond."""

from __future__ import annotations

import array
import collections.abc
import ctypes
import datetime
import itertools
import operator
import typing

from . import _c

Text = typing.Union[bytes, str]
Moment = typing.Union[datetime.datetime, int]

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_BILLION = 1_000_000_000
_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1
_NONE_TYPE: typing.FrozenSet[type] = frozenset({type(None)})
_TEXT_TYPES: typing.FrozenSet[type] = frozenset({bytes, str})
_LIST_TYPES: typing.FrozenSet[type] = frozenset({list, tuple})
_SIZE = "Q" if ctypes.sizeof(ctypes.c_size_t) == 8 else "I"


def data_of(text: object) -> bytes:
    """Returns the bytes of one text."""
    if isinstance(text, str):
        return text.encode()
    if isinstance(text, bytes):
        return text
    raise TypeError(f"a text is bytes or str, not {text!r}")


def number_of(value: object, lowest: int, highest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"a number is an int, not {value!r}")
    if not lowest <= value <= highest:
        raise ValueError(f"the number {value} is not from {lowest} to {highest}")
    return value


def moment_of(time: object) -> typing.Tuple[int, int]:
    """Returns the seconds and nanoseconds of one time."""
    if isinstance(time, datetime.datetime):
        if time.utcoffset() is None:
            raise ValueError(f"a time needs a time zone, such as datetime.timezone.utc: {time!r}")
        since = time - EPOCH
        return since.days * 86400 + since.seconds, since.microseconds * 1000
    if not isinstance(time, int) or isinstance(time, bool):
        raise TypeError(f"a time is a datetime or nanoseconds since 1970, not {time!r}")
    seconds, nanoseconds = divmod(time, _BILLION)
    return number_of(seconds, _LOWEST, _HIGHEST), nanoseconds


class Table:
    """An array of structs, with all that it points at."""

    def __init__(self, struct: typing.Any, rows: int, alive: typing.List[object]) -> None:
        self._struct = struct
        self._stride = ctypes.sizeof(struct)
        self._bytes = memoryview(bytearray(rows * self._stride))
        self.rows = rows
        self.alive = alive
        alive.append(self._bytes)

    @property
    def address(self) -> int:
        return ctypes.addressof(ctypes.c_char.from_buffer(self._bytes)) if self.rows else 0

    def part(self, start: int, rows: int) -> Table:
        """Returns some structs of the array."""
        table = Table(self._struct, 0, self.alive)
        table._bytes = self._bytes[start * self._stride : (start + rows) * self._stride]
        table.rows = rows
        return table

    def set(self, values: typing.Any, kind: str, *path: str) -> None:
        """Sets a member of each struct. `kind` is its format: that of memoryview."""
        offset, struct = 0, self._struct
        for name in path:
            offset += getattr(struct, name).offset
            struct = dict(struct._fields_)[name]
        size = ctypes.sizeof(struct)
        assert array.array(kind).itemsize == size and offset % size == 0 and self._stride % size == 0
        if self.rows:
            column = self._bytes.cast(kind)[offset // size :: self._stride // size]
            column[:] = memoryview(values).cast("B").cast(kind)

    def set_sizes(self) -> None:
        self.set(array.array(_SIZE, [self._stride]) * self.rows, _SIZE, "struct_size")

    def set_texts(self, texts: typing.Sequence[object], *path: str) -> None:
        """Sets a text of each struct."""
        kinds = set(map(type, texts))
        if not kinds <= _TEXT_TYPES:
            texts = [data_of(text) for text in texts]
        if not any(texts):
            return
        sizes, blob = _joined(texts, kinds)
        if sum(sizes) != len(blob):
            raise TypeError("the size of a text is not that of its bytes")
        self.alive.append(blob)
        starts = array.array(_SIZE, itertools.accumulate(sizes, initial=_address_of_bytes(blob)))
        starts.pop()
        self.set(starts, _SIZE, *path, "data")
        self.set(sizes, _SIZE, *path, "size")

    def set_numbers(self, numbers: typing.Sequence[int], name: str) -> None:
        """Sets an unsigned number of 64 bits of each struct."""
        try:
            values = array.array("Q", numbers)
        except (OverflowError, TypeError):
            for number in numbers:
                number_of(number, 0, (1 << 64) - 1)
            raise
        self.set(values, "Q", name)

    def set_moments(self, times: typing.Sequence[typing.Optional[Moment]], name: str) -> None:
        """Sets a time of each struct, or leaves it unknown."""
        kinds = set(map(type, times)) - _NONE_TYPE
        if not kinds:
            return
        unknown = None in times
        if kinds == {datetime.datetime}:
            known = [EPOCH if time is None else time for time in times] if unknown else times
            try:
                since: typing.List[typing.Any] = [time - EPOCH for time in known]  # type: ignore[operator]
            except TypeError:
                for time in known:
                    moment_of(time)
                raise
            seconds = [time.days * 86400 + time.seconds for time in since]
            nanoseconds = [time.microseconds * 1000 for time in since]
        else:
            pairs = [(0, 0) if time is None else moment_of(time) for time in times]
            seconds = list(map(operator.itemgetter(0), pairs))
            nanoseconds = list(map(operator.itemgetter(1), pairs))
        self.set(array.array("q", seconds), "q", name, "seconds")
        self.set(array.array("i", nanoseconds), "i", name, "nanoseconds")
        flags = bytes([time is not None for time in times]) if unknown else b"\1" * self.rows
        self.set(flags, "B", name, "known")

    def set_flags(self, values: typing.Sequence[object], name: str) -> None:
        if any(values):
            self.set(bytes(map(bool, values)), "B", name)

    def set_facts(self, values: typing.Sequence[typing.Optional[bool]], name: str) -> None:
        """Sets a fact that can be unknown of each struct."""
        if set(map(type, values)) - _NONE_TYPE:
            numbers = [0 if value is None else 2 if value else 1 for value in values]
            self.set(array.array("i", numbers), "i", name)

    def set_arrays(
        self,
        lists: typing.Sequence[typing.Any],
        names: typing.Tuple[str, str],
        struct: typing.Any,
        fill: typing.Callable[["Table", typing.List[typing.Any]], None],
    ) -> None:
        """Sets an array of each struct, and its number of elements. `fill` fills a table of all elements."""
        if not set(map(type, lists)) <= _LIST_TYPES:
            lists = list(map(_list_of, lists))
        if not any(lists):
            return
        counts = array.array(_SIZE, map(len, lists))
        elements = list(itertools.chain.from_iterable(lists))
        if sum(counts) != len(elements):
            raise RuntimeError("a list was changed while it was read")
        table = Table(struct, len(elements), self.alive)
        fill(table, elements)
        stride = ctypes.sizeof(struct)
        starts = array.array(_SIZE, itertools.accumulate(map(stride.__mul__, counts), initial=table.address))
        starts.pop()
        self.set(starts, _SIZE, names[0])
        self.set(counts, _SIZE, names[1])


def _list_of(value: typing.Any) -> typing.Sequence[typing.Any]:
    """Returns the elements of one fact: one text is a list of itself, a mapping one of its items."""
    if isinstance(value, (bytes, str)):
        return [value]
    return list(value.items() if isinstance(value, collections.abc.Mapping) else value)


def _address_of_bytes(data: bytes) -> int:
    return typing.cast(int, ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value)


def _joined(texts: typing.Sequence[typing.Any], kinds: typing.Set[type]) -> typing.Tuple["array.array[int]", bytes]:
    """Returns the sizes of texts, and all their bytes. `kinds` are their types."""
    if kinds == {str}:
        joined = "".join(texts)
        if joined.isascii():
            return array.array(_SIZE, map(len, texts)), joined.encode()
    if kinds != {bytes}:
        texts = [data_of(text) for text in texts]
    return array.array(_SIZE, map(len, texts)), b"".join(texts)


def _transposed(rows: typing.Sequence[typing.Any], width: int) -> typing.List[typing.List[typing.Any]]:
    """Returns the columns of rows of the same length. Faster than `zip`, which makes an iterator for each row."""
    flat = list(itertools.chain.from_iterable(rows))
    if len(flat) != width * len(rows):
        raise RuntimeError("a list was changed while it was read")
    return [flat[start::width] for start in range(width)]


def _pairs(elements: typing.List[typing.Any]) -> typing.Tuple[typing.Sequence[typing.Any], typing.Sequence[typing.Any]]:
    """Returns the first and the second members of pairs."""
    if not set(map(type, elements)) <= _LIST_TYPES:
        raise TypeError("a label or a blob is a tuple of two members, or a list")
    if set(map(len, elements)) != {2}:
        raise ValueError("a label or a blob has two members")
    first, second = _transposed(elements, 2)
    return first, second


def _fill_texts(table: Table, texts: typing.List[typing.Any]) -> None:
    table.set_texts(texts)


def _fill_labels(table: Table, labels: typing.List[typing.Any]) -> None:
    keys, values = _pairs(labels)
    table.set_texts(keys, "key")
    table.set_texts(values, "value")


def _fill_blobs(table: Table, blobs: typing.List[typing.Any]) -> None:
    digests, sizes = _pairs(blobs)
    table.set_texts(digests, "digest")
    table.set_numbers(sizes, "size")


def _columns(
    rows: typing.Sequence[typing.Any], kind: typing.Type[typing.NamedTuple]
) -> typing.List[typing.List[typing.Any]]:
    """Returns the columns of rows, which are of this kind, or tuples of its first members."""
    if set(map(type, rows)) - {kind, tuple} or len(set(map(len, rows))) > 1:
        for row in rows:
            if not isinstance(row, tuple):
                raise TypeError(f"a {kind.__name__.lower()} is a {kind.__name__} or a tuple, not {row!r}")
        rows = [kind(*row) for row in rows]
    elif type(rows[0]) is not kind:
        kind(*rows[0])  # raises a TypeError if there are too few members, or too many
    return _transposed(rows, len(rows[0]))


_ARRAYS: typing.Dict[str, typing.Tuple[str, typing.Any, typing.Callable[[Table, typing.List[typing.Any]], None]]] = {
    "ids": ("id_count", _c.Lent, _fill_texts),
    "needed": ("needed_count", _c.Lent, _fill_texts),
    "labels": ("label_count", _c.Label, _fill_labels),
    "blobs": ("blob_count", _c.Blob, _fill_blobs),
    "mounts": ("mount_count", _c.Lent, _fill_texts),
}


def _fill(table: Table, name: str, column: typing.List[typing.Any]) -> None:
    """Sets the member of all structs that has this name."""
    if name in _ARRAYS:
        count_name, struct, fill = _ARRAYS[name]
        table.set_arrays(column, (name, count_name), struct, fill)
    elif name in ("created", "last_used"):
        table.set_moments(column, name)
    elif name == "pinned":
        table.set_flags(column, name)
    elif name == "dangling":
        table.set_facts(column, name)
    else:
        table.set_texts(column, name)


def table_of(struct: typing.Any, rows: typing.Iterable[typing.Any], kind: typing.Type[typing.NamedTuple]) -> Table:
    """Returns an array of pruneplan_record or pruneplan_container, with the rows of an iterable."""
    rows = list(rows)
    table = Table(struct, len(rows), [])
    piece = 1024  # so that the structs stay in the processor's cache while all columns are set
    for start in range(0, len(rows), piece):
        some = rows[start : start + piece]
        part = table.part(start, len(some))
        part.set_sizes()
        for name, column in zip(kind._fields, _columns(some, kind)):
            _fill(part, name, column)
    return table

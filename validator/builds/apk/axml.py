"""Android's binary XML: the form in which an APK holds its manifest. Pure.

Layout: `ResourceTypes.h` of the Android Open Source Project. Strings are decoded one by one when an attribute asks for
them, and within a budget: a pool whose entries all point at one long string would otherwise fill the memory (a manifest
of 260 KB made apkInspector 1.3.7 take 1.4 GB).

Attributes are known by their resource id, not by their name: Android ignores the names, and shrinkers remove them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from validator.builds.apk.bytesource import ApkUnreadableError, Window

_XML: Final = 0x0003
_STRING_POOL: Final = 0x0001
_RESOURCE_MAP: Final = 0x0180
_START_ELEMENT: Final = 0x0102
_END_ELEMENT: Final = 0x0103
_UTF8: Final = 0x100
_HEADER: Final = 8
_NODE_HEADER: Final = 16
_ATTRIBUTE_SIZE: Final = 20
_DEEPEST: Final = 100
_STRING_BUDGET: Final = 8 * 1024 * 1024
"""Bytes of all strings that are decoded; real manifests have some hundred kilobytes."""

_REFERENCE, _STRING, _FIRST_INT, _LAST_INT, _BOOLEAN = 0x01, 0x03, 0x10, 0x1F, 0x12


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A value that stands in the APK's resources, which depend on the device."""

    resource: int

    def __str__(self) -> str:
        return f"@0x{self.resource:08x}"


Value: TypeAlias = str | int | bool | Reference | None
Key: TypeAlias = int | str
"""A resource id such as 0x0101000f (`android:debuggable`), or the name of an attribute without one (`package`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """The start of an element."""

    path: tuple[str, ...]
    """Its name after those of the elements around it: `("manifest", "application")`."""
    attributes: Mapping[Key, Value]


def elements(data: bytes) -> Iterator[Element]:
    """All elements in the order of the document.

    Raises:
        ApkUnreadableError: It is not binary XML.
    """
    window = Window(data)
    kind, header, size = window.numbers("HHI", 0) if window.size >= _HEADER else (0, 0, 0)
    if kind != _XML or not _HEADER <= header <= size <= window.size:
        raise ApkUnreadableError("the manifest is not binary XML")
    document = _Document()
    for kind, chunk in _chunks(Window(window.at(0, size)), header):
        element = document.take(kind, chunk)
        if element is not None:
            yield element


def _chunks(window: Window, start: int) -> Iterator[tuple[int, Window]]:
    position = start
    while position + _HEADER <= window.size:
        kind, header, size = window.numbers("HHI", position)
        if not _HEADER <= header <= size:
            raise ApkUnreadableError(f"a chunk at byte {position} of the manifest has the size {size}")
        yield kind, Window(window.at(position, size))
        position += size


class _Document:
    """What earlier chunks mean for the later ones."""

    def __init__(self) -> None:
        self._strings = _Strings(Window(b""))
        self._resources = Window(b"")
        self._path: tuple[str, ...] = ()

    def take(self, kind: int, chunk: Window) -> Element | None:
        if kind == _STRING_POOL:
            self._strings = _Strings(chunk)
        elif kind == _RESOURCE_MAP:
            self._resources = chunk
        elif kind == _START_ELEMENT:
            return self._start(chunk)
        elif kind == _END_ELEMENT:
            self._path = self._path[:-1]
        return None

    def _start(self, chunk: Window) -> Element:
        _, name, start, size, count = chunk.numbers("IIHHH", _NODE_HEADER)
        self._path = (*self._path, self._strings.text(name))
        if len(self._path) > _DEEPEST:
            raise ApkUnreadableError(f"the manifest is nested more than {_DEEPEST} levels deep")
        if count and size < _ATTRIBUTE_SIZE:
            raise ApkUnreadableError("the manifest has an attribute that is too short")
        places = (_NODE_HEADER + start + number * size for number in range(count))
        return Element(path=self._path, attributes=dict(self._attribute(chunk, place) for place in places))

    def _attribute(self, chunk: Window, place: int) -> tuple[Key, Value]:
        _, name, _, _, _, kind, data = chunk.numbers("IIIHBBI", place)
        if _HEADER + 4 * name + 4 <= self._resources.size:
            return self._resources.numbers("I", _HEADER + 4 * name)[0], self._value(kind, data)
        return self._strings.text(name), self._value(kind, data)

    def _value(self, kind: int, data: int) -> Value:
        if kind == _STRING:
            return self._strings.text(data)
        if kind == _BOOLEAN:
            return data != 0
        if kind == _REFERENCE:
            return Reference(resource=data)
        return data if _FIRST_INT <= kind <= _LAST_INT else None


class _Strings:
    """A string pool, read where it is asked."""

    def __init__(self, chunk: Window) -> None:
        self._chunk = chunk
        self._budget = _STRING_BUDGET
        self._known: dict[int, str] = {}
        self._count, _, flags, self._start, _ = chunk.numbers("IIIII", _HEADER) if chunk.size else (0, 0, 0, 0, 0)
        self._utf8 = bool(flags & _UTF8)
        self._offsets = chunk.numbers("H", 2)[0] if chunk.size else 0

    def text(self, index: int) -> str:
        """The string of this index."""
        if index not in self._known:
            if index >= self._count:
                raise ApkUnreadableError(f"the manifest asks for string {index} of {self._count}")
            (offset,) = self._chunk.numbers("I", self._offsets + 4 * index)
            self._known[index] = self._decode(self._start + offset)
        return self._known[index]

    def _decode(self, place: int) -> str:
        if self._utf8:
            _, place = self._length(place, "B")  # in UTF-16 units: of no interest
            length, place = self._length(place, "B")
        else:
            length, place = self._length(place, "H")
            length *= 2
        self._budget -= length
        if self._budget < 0:
            raise ApkUnreadableError("the strings of the manifest are larger than any manifest's")
        raw = self._chunk.at(place, length)
        return raw.decode("utf-8" if self._utf8 else "utf-16-le", "replace")

    def _length(self, place: int, unit: str) -> tuple[int, int]:
        """A length in one unit, or in two when the highest bit of the first is set; and the place after it."""
        width, bits = (1, 8) if unit == "B" else (2, 16)
        (first,) = self._chunk.numbers(unit, place)
        high = 1 << (bits - 1)
        if not first & high:
            return first, place + width
        (second,) = self._chunk.numbers(unit, place + width)
        return (first & (high - 1)) << bits | second, place + 2 * width

"""Android's binary XML: the form in which an APK holds its manifest and the files in `res/xml`. Pure.

Layout: `ResourceTypes.h` of the Android Open Source Project.

Attributes are known by their resource id, not by their name: Android ignores the names, and shrinkers remove them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from validator.builds.apk.bytesource import ApkUnreadableError, Window
from validator.builds.apk.pool import StringPool

_XML: Final = 0x0003
_STRING_POOL: Final = 0x0001
_RESOURCE_MAP: Final = 0x0180
_START_ELEMENT: Final = 0x0102
_END_ELEMENT: Final = 0x0103
_TEXT: Final = 0x0104
_HEADER: Final = 8
_NODE_HEADER: Final = 16
_ATTRIBUTE_SIZE: Final = 20
_DEEPEST: Final = 100

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What stands between the tags of an element."""

    path: tuple[str, ...]
    text: str


def elements(data: bytes) -> Iterator[Element]:
    """All elements in the order of the document.

    Raises:
        ApkUnreadableError: It is not binary XML.
    """
    return (node for node in nodes(data) if isinstance(node, Element))


def nodes(data: bytes) -> Iterator[Element | Text]:
    """All elements and texts in the order of the document.

    Raises:
        ApkUnreadableError: It is not binary XML.
    """
    window = Window(data)
    kind, header, size = window.numbers("HHI", 0) if window.size >= _HEADER else (0, 0, 0)
    if kind != _XML or not _HEADER <= header <= size <= window.size:
        raise ApkUnreadableError("it is not binary XML")
    document = _Document()
    for kind, chunk in _chunks(Window(window.at(0, size)), header):
        node = document.take(kind, chunk)
        if node is not None:
            yield node


def _chunks(window: Window, start: int) -> Iterator[tuple[int, Window]]:
    position = start
    while position + _HEADER <= window.size:
        kind, header, size = window.numbers("HHI", position)
        if not _HEADER <= header <= size:
            raise ApkUnreadableError(f"a chunk at byte {position} of the XML has the size {size}")
        yield kind, Window(window.at(position, size))
        position += size


class _Document:
    """What earlier chunks mean for the later ones."""

    def __init__(self) -> None:
        self._strings = StringPool(Window(b""))
        self._resources = Window(b"")
        self._path: tuple[str, ...] = ()

    def take(self, kind: int, chunk: Window) -> Element | Text | None:
        if kind == _STRING_POOL:
            self._strings = StringPool(chunk)
        elif kind == _RESOURCE_MAP:
            self._resources = chunk
        elif kind == _START_ELEMENT:
            return self._start(chunk)
        elif kind == _TEXT:
            return Text(path=self._path, text=self._strings.text(*chunk.numbers("I", _NODE_HEADER)))
        elif kind == _END_ELEMENT:
            self._path = self._path[:-1]
        return None

    def _start(self, chunk: Window) -> Element:
        _, name, start, size, count = chunk.numbers("IIHHH", _NODE_HEADER)
        self._path = (*self._path, self._strings.text(name))
        if len(self._path) > _DEEPEST:
            raise ApkUnreadableError(f"the XML is nested more than {_DEEPEST} levels deep")
        if count and size < _ATTRIBUTE_SIZE:
            raise ApkUnreadableError("the XML has an attribute that is too short")
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

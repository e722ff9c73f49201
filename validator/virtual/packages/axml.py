"""Android's binary XML, as far as a manifest needs it.

Layout: AOSP `frameworks/base/libs/androidfw/include/androidfw/ResourceTypes.h`. Own reader rather than apkInspector's:
that one configures the root logger when imported, and loops for ever on some damaged files.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum

from validator.virtual.packages.chunks import Chunk, ChunkError, chunks, read_chunk, read_strings

_NO_INDEX = 0xFFFFFFFF
_MOST_ELEMENTS = 50_000
_DEEPEST = 100

_ATTRIBUTE_IDS = {
    0x01010001: "label",
    0x01010003: "name",
    0x0101000C: "hasCode",
    0x0101000E: "enabled",
    0x0101000F: "debuggable",
    0x01010010: "exported",
    0x01010021: "targetPackage",
    0x01010027: "scheme",
    0x01010028: "host",
    0x01010202: "targetActivity",
    0x0101020C: "minSdkVersion",
    0x0101021B: "versionCode",
    0x0101021C: "versionName",
    0x01010270: "targetSdkVersion",
    0x01010272: "testOnly",
    0x01010576: "versionCodeMajor",
}
"""Android resolves the framework's attributes by number, whatever their names say (`public-final.xml`)."""

Value = str | int | bool
"""An attribute's value; a reference to a resource is text such as `@0x7f0b0001`."""


class _Kind(IntEnum):
    """The chunks that matter (`RES_*_TYPE`)."""

    STRING_POOL = 0x0001
    XML = 0x0003
    RESOURCE_MAP = 0x0180
    START_ELEMENT = 0x0102
    END_ELEMENT = 0x0103


class _Type(IntEnum):
    """How an attribute's value is stored (`Res_value::TYPE_*`)."""

    REFERENCE = 0x01
    STRING = 0x03
    FIRST_INT = 0x10
    BOOLEAN = 0x12
    LAST_INT = 0x1F


@dataclass(slots=True, kw_only=True)
class Element:
    """An element with its attributes by local name."""

    name: str
    attributes: dict[str, Value] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """The child elements of that name."""
        return [child for child in self.children if child.name == name]

    def text(self, name: str) -> str:
        """An attribute as text, empty when absent."""
        return str(self.attributes.get(name, ""))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """An attribute as truth."""
        value = self.attributes.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in ("true", "1", "-1")


def read_axml(data: bytes) -> Element:
    """The root element of a binary XML file.

    Raises:
        ChunkError: damaged, or something else.
    """
    try:
        return _read(data)
    except (struct.error, IndexError) as problem:
        raise ChunkError(f"damaged binary XML: {problem}") from None


def _read(data: bytes) -> Element:
    outer = read_chunk(data, 0)
    if outer.kind != _Kind.XML:
        raise ChunkError("not binary XML")
    strings: list[str] = []
    names: list[int] = []
    builder = _Builder()
    for chunk in chunks(data, outer.body, min(outer.end, len(data))):
        match chunk.kind:
            case _Kind.STRING_POOL:
                strings = read_strings(data, chunk)
            case _Kind.RESOURCE_MAP:
                names = list(struct.unpack_from(f"<{(chunk.end - chunk.body) // 4}I", data, chunk.body))
            case _Kind.START_ELEMENT:
                builder.open(_element(data, chunk, strings, names))
            case _Kind.END_ELEMENT:
                builder.close()
            case _:
                pass  # namespaces and text: a manifest's meaning does not depend on them
    return builder.root()


class _Builder:
    """Puts elements into one another as they open and close."""

    def __init__(self) -> None:
        self._open: list[Element] = []
        self._root: Element | None = None
        self._count = 0

    def open(self, element: Element) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS or len(self._open) >= _DEEPEST:
            raise ChunkError("too many or too deeply nested elements")
        if self._open:
            self._open[-1].children.append(element)
        elif self._root is not None:
            raise ChunkError("more than one root element")
        else:
            self._root = element
        self._open.append(element)

    def close(self) -> None:
        if not self._open:
            raise ChunkError("an element is closed that was not opened")
        self._open.pop()

    def root(self) -> Element:
        if self._root is None or self._open:
            raise ChunkError("no root element, or it is not closed")
        return self._root


def _element(data: bytes, chunk: Chunk, strings: list[str], names: list[int]) -> Element:
    _namespace, name, start, size, count = struct.unpack_from("<IIHHH", data, chunk.body)
    element = Element(name=strings[name])
    if size < 20 or chunk.body + start + count * size > chunk.end:
        raise ChunkError(f"attributes of <{element.name}> go beyond the element")
    for number in range(count):
        key, value = _attribute(data, chunk.body + start + number * size, strings, names)
        element.attributes.setdefault(key, value)
    return element


def _attribute(data: bytes, at: int, strings: list[str], names: list[int]) -> tuple[str, Value]:
    _namespace, name, raw, _size, _zero, kind, number = struct.unpack_from("<IIIHBBI", data, at)
    known = _ATTRIBUTE_IDS.get(names[name]) if name < len(names) else None
    return known or strings[name], _value(kind, number, raw, strings)


def _value(kind: int, number: int, raw: int, strings: list[str]) -> Value:
    match kind:
        case _Type.STRING:
            return strings[number]
        case _Type.BOOLEAN:
            return number != 0
        case _Type.REFERENCE:
            return f"@{number:#010x}"
        case _ if _Type.FIRST_INT <= kind <= _Type.LAST_INT:
            return number - (1 << 32) if number >> 31 else number
        case _:
            return strings[raw] if raw != _NO_INDEX else str(number)

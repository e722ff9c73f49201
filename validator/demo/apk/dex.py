"""Dalvik bytecode: classes with a default constructor and string constants, as a build's `BuildConfig` has them.

Format: https://source.android.com/docs/core/runtime/dex-format, version 035.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_HEADER_SIZE = 0x70
_ENDIAN = 0x12345678
_PUBLIC, _STATIC, _FINAL, _CONSTRUCTOR = 0x1, 0x8, 0x10, 0x10000
_NO_INDEX = 0xFFFFFFFF
_STRING = "Ljava/lang/String;"
_VALUE_STRING = 0x17


@dataclass(frozen=True, slots=True, kw_only=True)
class DexClass:
    """One public class."""

    name: str
    """Dotted, such as `com.example.cornershop.BuildConfig`."""
    superclass: str = "java.lang.Object"
    constants: Mapping[str, str] = field(default_factory=dict)
    """`public static final String` fields with their values."""

    @property
    def descriptor(self) -> str:
        """The type as bytecode names it."""
        return _descriptor(self.name)

    @property
    def parent(self) -> str:
        """The superclass as bytecode names it."""
        return _descriptor(self.superclass)


def _descriptor(name: str) -> str:
    return f"L{name.replace('.', '/')};"


def dex_file(classes: Sequence[DexClass]) -> bytes:
    """The bytecode file with these classes. None may be the superclass of another."""
    return _sealed(_Dex(classes).build())


class _Dex:
    """The tables of one file. Every table is sorted as the format demands, so that equal classes give equal bytes."""

    def __init__(self, classes: Sequence[DexClass]) -> None:
        self.classes = sorted(classes, key=lambda c: c.name)
        descriptors = {d for c in self.classes for d in (c.descriptor, c.parent)} | {"V", _STRING}
        names = {name for c in self.classes for name in c.constants}
        values = {value for c in self.classes for value in c.constants.values()}
        self.strings = sorted(descriptors | names | values | {"<init>"}, key=lambda text: text.encode("utf-16-be"))
        self.string_index = {text: index for index, text in enumerate(self.strings)}
        self.types = sorted(descriptors, key=self.string_index.__getitem__)
        self.type_index = {name: index for index, name in enumerate(self.types)}
        # Constructors are all called <init> and return nothing, so their order is that of their classes.
        self.methods = sorted(
            {d for c in self.classes for d in (c.descriptor, c.parent)}, key=self.type_index.__getitem__
        )
        self.fields = sorted(
            ((c.descriptor, name) for c in self.classes for name in c.constants),
            key=lambda f: (self.type_index[f[0]], self.string_index[f[1]]),
        )
        self.data = bytearray()
        self.map: list[tuple[int, int, int]] = []

    def build(self) -> bytes:
        counts = [len(self.strings), len(self.types), 1, len(self.fields), len(self.methods), len(self.classes)]
        sizes = [4, 4, 12, 8, 8, 32]
        offsets, position = [], _HEADER_SIZE
        for count, size in zip(counts, sizes, strict=True):
            offsets.append(position if count else 0)
            position += count * size
        self.map = [(0x0000, 1, 0)]
        self.map += [(kind, n, at) for kind, n, at in zip(range(1, 7), counts, offsets, strict=True) if n]
        tables = self._tables(data_at=position)
        self._align(position)
        map_at = position + len(self.data)
        self._map_list(map_at)
        return self._header(counts, offsets, map_at, position) + tables + bytes(self.data)

    def _tables(self, *, data_at: int) -> bytes:
        codes = self._codes(data_at)
        class_data = self._section(0x2000, data_at, [self._class_data(c, codes) for c in self.classes])
        arrays = self._section(0x2005, data_at, [_constants(c, self.string_index) for c in self.classes if c.constants])
        texts = self._section(0x2002, data_at, [_string_data(text) for text in self.strings])
        table = struct.pack(f"<{len(texts)}I", *texts)
        table += b"".join(struct.pack("<I", self.string_index[name]) for name in self.types)
        table += struct.pack("<III", self.string_index["V"], self.type_index["V"], 0)
        for owner, name in self.fields:
            table += struct.pack("<HHI", self.type_index[owner], self.type_index[_STRING], self.string_index[name])
        for owner in self.methods:
            table += struct.pack("<HHI", self.type_index[owner], 0, self.string_index["<init>"])
        remaining = iter(arrays)
        for item, at in zip(self.classes, class_data, strict=True):
            table += self._class_def(item, at, next(remaining) if item.constants else 0)
        return table

    def _section(self, kind: int, data_at: int, items: list[bytes]) -> list[int]:
        offsets = []
        for item in items:
            offsets.append(data_at + len(self.data))
            self.data += item
        if items:
            self.map.append((kind, len(items), offsets[0]))
        return offsets

    def _codes(self, data_at: int) -> list[int]:
        self._align(data_at)
        return self._section(0x2001, data_at, [self._constructor(item) for item in self.classes])

    def _align(self, data_at: int) -> None:
        self.data += bytes(-(data_at + len(self.data)) % 4)

    def _constructor(self, item: DexClass) -> bytes:
        # invoke-direct {v0}, parent.<init>; return-void. Head and code are 24 bytes, so the next one is aligned too.
        code = struct.pack("<4H", 0x1070, self.methods.index(item.parent), 0x0000, 0x000E)
        return struct.pack("<HHHHII", 1, 1, 1, 0, 0, len(code) // 2) + code

    def _class_data(self, item: DexClass, codes: list[int]) -> bytes:
        indices = [i for i, (owner, _) in enumerate(self.fields) if owner == item.descriptor]
        data = _uleb(len(indices)) + _uleb(0) + _uleb(1) + _uleb(0)
        previous = 0
        for index in indices:
            data += _uleb(index - previous) + _uleb(_PUBLIC | _STATIC | _FINAL)
            previous = index
        code = codes[self.classes.index(item)]
        return data + _uleb(self.methods.index(item.descriptor)) + _uleb(_PUBLIC | _CONSTRUCTOR) + _uleb(code)

    def _class_def(self, item: DexClass, data_at: int, constants_at: int) -> bytes:
        own, parent = self.type_index[item.descriptor], self.type_index[item.parent]
        return struct.pack("<8I", own, _PUBLIC, parent, 0, _NO_INDEX, 0, data_at, constants_at)

    def _map_list(self, map_at: int) -> None:
        self.map.append((0x1000, 1, map_at))
        self.data += struct.pack("<I", len(self.map))
        for kind, count, at in sorted(self.map, key=lambda entry: entry[2]):
            self.data += struct.pack("<HHII", kind, 0, count, at)

    def _header(self, counts: list[int], offsets: list[int], map_at: int, data_at: int) -> bytes:
        size = data_at + len(self.data)
        pairs = [number for pair in zip(counts, offsets, strict=True) for number in pair]
        return struct.pack("<20I", size, _HEADER_SIZE, _ENDIAN, 0, 0, map_at, *pairs, len(self.data), data_at)


def _sealed(body: bytes) -> bytes:
    """Magic, checksum (of all that follows it), signature (of all that follows that), and the body."""
    signed = hashlib.sha1(body, usedforsecurity=False).digest() + body
    return b"dex\n035\0" + struct.pack("<I", zlib.adler32(signed)) + signed


def _string_data(text: str) -> bytes:
    """A string in modified UTF-8: surrogates are encoded one by one, and NUL takes two bytes."""
    units = memoryview(text.encode("utf-16-le")).cast("H")
    characters = "".join(map(chr, units)).encode("utf-8", "surrogatepass").replace(b"\0", b"\xc0\x80")
    return _uleb(len(units)) + characters + b"\0"


def _constants(item: DexClass, string_index: Mapping[str, int]) -> bytes:
    """The initial values of the static fields, in the fields' order."""
    names = sorted(item.constants, key=string_index.__getitem__)
    array = _uleb(len(names))
    for name in names:
        index = string_index[item.constants[name]]
        value = index.to_bytes(max(1, (index.bit_length() + 7) // 8), "little")
        array += bytes([(len(value) - 1) << 5 | _VALUE_STRING]) + value
    return array


def _uleb(number: int) -> bytes:
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)

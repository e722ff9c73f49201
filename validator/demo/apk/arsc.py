"""The resource table `resources.arsc`: which value, or which file, stands behind a resource id.

Layout: `ResTable_*` in AOSP's ResourceTypes.h. One package, one default configuration, string values only.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from validator.demo.apk.strings import string_pool

PACKAGE_ID = 0x7F
"""The application's own package."""

_TABLE, _PACKAGE, _TYPE, _TYPE_SPEC = 0x0002, 0x0200, 0x0201, 0x0202
_PACKAGE_HEADER = 288
_CONFIG = struct.pack("<I", 64) + bytes(60)
"""`ResTable_config` of the default configuration: its size, and zeros."""

Resources = Mapping[str, Mapping[str, str]]
"""Type to entry to value, such as `{"string": {"app_name": "Corner Shop"}}`. A file is the path of its zip entry."""


def resource_id(resources: Resources, type_: str, entry: str) -> int:
    """The id of `@type/entry` in the table written from these resources."""
    return PACKAGE_ID << 24 | (list(resources).index(type_) + 1) << 16 | list(resources[type_]).index(entry)


def resource_table(package: str, resources: Resources) -> bytes:
    """The table with these resources, in their order."""
    values = sorted({value for entries in resources.values() for value in entries.values()})
    keys = sorted({entry for entries in resources.values() for entry in entries})
    body = string_pool(values) + _package(package, resources, keys, values)
    return struct.pack("<HHII", _TABLE, 12, 12 + len(body), 1) + body


def _package(package: str, resources: Resources, keys: list[str], values: list[str]) -> bytes:
    types = string_pool(list(resources))
    body = types + string_pool(keys)
    for number, entries in enumerate(resources.values(), start=1):
        body += _spec(number, len(entries)) + _type(number, entries, keys, values)
    name = package[:127].encode("utf-16-le").ljust(256, b"\0")
    header = struct.pack("<HHII", _PACKAGE, _PACKAGE_HEADER, _PACKAGE_HEADER + len(body), PACKAGE_ID) + name
    return header + struct.pack("<IIIII", _PACKAGE_HEADER, 0, _PACKAGE_HEADER + len(types), 0, 0) + body


def _spec(number: int, count: int) -> bytes:
    return struct.pack("<HHIBBHI", _TYPE_SPEC, 16, 16 + 4 * count, number, 0, 0, count) + bytes(4 * count)


def _type(number: int, entries: Mapping[str, str], keys: list[str], values: list[str]) -> bytes:
    header_size = 20 + len(_CONFIG)
    start = header_size + 4 * len(entries)
    rows = [
        struct.pack("<HHIHBBI", 8, 0, keys.index(entry), 8, 0, 0x03, values.index(value))
        for entry, value in entries.items()
    ]
    offsets = struct.pack(f"<{len(rows)}I", *(16 * index for index in range(len(rows))))
    data = offsets + b"".join(rows)
    head = struct.pack("<HHIBBHII", _TYPE, header_size, header_size + len(data), number, 0, 0, len(rows), start)
    return head + _CONFIG + data

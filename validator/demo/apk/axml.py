"""Android's binary XML: how `AndroidManifest.xml` and `res/xml/*.xml` are stored in an APK.

Layout: `ResXMLTree_*` in AOSP's frameworks/base/libs/androidfw/include/androidfw/ResourceTypes.h.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from validator.demo.apk.strings import string_pool

ANDROID = "http://schemas.android.com/apk/res/android"

ATTRIBUTE_IDS = {
    "label": 0x01010001,
    "name": 0x01010003,
    "debuggable": 0x0101000F,
    "exported": 0x01010010,
    "minSdkVersion": 0x0101020C,
    "versionCode": 0x0101021B,
    "versionName": 0x0101021C,
    "targetSdkVersion": 0x01010270,
    "allowBackup": 0x01010280,
    "extractNativeLibs": 0x010104EA,
    "networkSecurityConfig": 0x01010527,
    "compileSdkVersion": 0x01010572,
    "compileSdkVersionCodename": 0x01010573,
}
"""Resource ids of the framework's attributes, public and fixed (frameworks/base/core/res/res/values/public.xml)."""

_NONE = 0xFFFFFFFF
_XML, _RESOURCE_MAP, _START_NAMESPACE, _END_NAMESPACE, _START, _END = 0x0003, 0x0180, 0x0100, 0x0101, 0x0102, 0x0103
_TYPE_REFERENCE, _TYPE_STRING, _TYPE_DECIMAL, _TYPE_BOOLEAN = 0x01, 0x03, 0x10, 0x12


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a resource, such as `@string/app_name`, by its id."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of an element."""

    name: str
    value: str | int | bool | Reference
    in_android: bool = False
    """Whether it is `android:name` (which needs an entry in `ATTRIBUTE_IDS`) or plain `name`."""

    @property
    def order(self) -> int:
        """Android looks attributes up by binary search over their ids; those without one come last."""
        return ATTRIBUTE_IDS[self.name] if self.in_android else _NONE


@dataclass(frozen=True, slots=True)
class Element:
    """An element, its attributes, and its elements or its text."""

    name: str
    attributes: tuple[Attribute, ...] = ()
    children: tuple[Element, ...] = ()
    text: str = ""


def android(**values: str | int | bool | Reference) -> tuple[Attribute, ...]:
    """Attributes in Android's namespace."""
    return tuple(Attribute(name=name, value=value, in_android=True) for name, value in values.items())


def plain(**values: str | int | bool | Reference) -> tuple[Attribute, ...]:
    """Attributes in no namespace."""
    return tuple(Attribute(name=name, value=value) for name, value in values.items())


def binary_xml(root: Element) -> bytes:
    """The document in Android's binary form."""
    pool = _Pool(root)
    body = pool.chunk() + pool.resource_map() + _namespace(pool, _START_NAMESPACE)
    body += b"".join(_element(pool, root)) + _namespace(pool, _END_NAMESPACE)
    return struct.pack("<HHI", _XML, 8, 8 + len(body)) + body


class _Pool:
    """The document's strings. Names of attributes with ids come first: the resource map runs parallel to the pool."""

    def __init__(self, root: Element) -> None:
        elements = list(_walk(root))
        attributes = [attribute for element in elements for attribute in element.attributes]
        self._mapped = sorted({a.name for a in attributes if a.in_android}, key=ATTRIBUTE_IDS.__getitem__)
        others = {a.name for a in attributes if not a.in_android} | {element.name for element in elements}
        others |= {a.value for a in attributes if isinstance(a.value, str)}
        others |= {element.text for element in elements if element.text} | {ANDROID, "android"}
        self._strings = [*self._mapped, *sorted(others)]
        # A name may stand twice, as a mapped attribute and as something else: later positions win here, earlier there.
        self._plain = {text: index for index, text in enumerate(self._strings)}
        self._attributes = {name: index for index, name in enumerate(self._mapped)}

    def chunk(self) -> bytes:
        return string_pool(self._strings)

    def resource_map(self) -> bytes:
        ids = [ATTRIBUTE_IDS[name] for name in self._mapped]
        return struct.pack(f"<HHI{len(ids)}I", _RESOURCE_MAP, 8, 8 + 4 * len(ids), *ids)

    def index(self, text: str) -> int:
        return self._plain[text]

    def name_of(self, attribute: Attribute) -> int:
        return self._attributes[attribute.name] if attribute.in_android else self._plain[attribute.name]


def _walk(element: Element) -> Iterator[Element]:
    yield element
    for child in element.children:
        yield from _walk(child)


def _node(kind: int, body: bytes) -> bytes:
    return struct.pack("<HHIII", kind, 16, 16 + len(body), 1, _NONE) + body


def _namespace(pool: _Pool, kind: int) -> bytes:
    return _node(kind, struct.pack("<II", pool.index("android"), pool.index(ANDROID)))


def _element(pool: _Pool, element: Element) -> Iterator[bytes]:
    attributes = sorted(element.attributes, key=lambda attribute: attribute.order)
    start = struct.pack("<IIHHHHHH", _NONE, pool.index(element.name), 20, 20, len(attributes), 0, 0, 0)
    yield _node(_START, start + b"".join(_attribute(pool, attribute) for attribute in attributes))
    if element.text:
        yield _node(
            0x0104, struct.pack("<IHBBI", pool.index(element.text), 8, 0, _TYPE_STRING, pool.index(element.text))
        )
    for child in element.children:
        yield from _element(pool, child)
    yield _node(_END, struct.pack("<II", _NONE, pool.index(element.name)))


def _attribute(pool: _Pool, attribute: Attribute) -> bytes:
    namespace = pool.index(ANDROID) if attribute.in_android else _NONE
    raw, kind, data = _typed(pool, attribute.value)
    return struct.pack("<IIIHBBI", namespace, pool.name_of(attribute), raw, 8, 0, kind, data)


def _typed(pool: _Pool, value: str | int | bool | Reference) -> tuple[int, int, int]:
    match value:
        case str():
            return pool.index(value), _TYPE_STRING, pool.index(value)
        case bool():
            return _NONE, _TYPE_BOOLEAN, _NONE if value else 0
        case int():
            return _NONE, _TYPE_DECIMAL, value
        case Reference(id=id_):
            return _NONE, _TYPE_REFERENCE, id_

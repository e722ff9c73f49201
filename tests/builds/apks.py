"""Small APKs made to measure: a writer of binary manifests, archives and signing blocks."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

DEBUGGABLE, VERSION_CODE, VERSION_NAME, MIN_SDK, TARGET_SDK = 0x0101000F, 0x0101021B, 0x0101021C, 0x0101020C, 0x01010270
V2, V3, V31 = 0x7109871A, 0xF05368C0, 0x1B93AD61

MakeCertificate = Callable[[str], bytes]
"""Makes a certificate for a common name."""

Value = str | int | bool | tuple[int, int]
"""A tuple is a type and a number, for the types that have no other way to be written."""


@dataclass(frozen=True)
class Tag:
    """One element: attributes by resource id, or by name where they have none."""

    name: str
    attributes: Mapping[int | str, Value] = field(default_factory=dict)
    children: Sequence[Tag] = ()


def manifest(package: str = "com.example.shop", *, debuggable: Value | None = None, **more: Value) -> Tag:
    """The manifest of a release build; `more` are the version and the platform versions."""
    names = {"version_code": VERSION_CODE, "version_name": VERSION_NAME}
    sdks = {"min_sdk": MIN_SDK, "target_sdk": TARGET_SDK}
    values = {"version_code": 42, "version_name": "1.2.3", "min_sdk": 26, "target_sdk": 34, **more}
    return Tag(
        "manifest",
        {**{names[key]: value for key, value in values.items() if key in names}, "package": package},
        [
            Tag("uses-sdk", {sdks[key]: value for key, value in values.items() if key in sdks}),
            Tag("application", {} if debuggable is None else {DEBUGGABLE: debuggable}, [Tag("activity")]),
        ],
    )


def binary_xml(root: Tag, *, utf8: bool = True) -> bytes:
    """The element as Android's tools write it: string pool, resource map, elements."""
    return _Writer(root, utf8=utf8).document()


class _Writer:
    def __init__(self, root: Tag, *, utf8: bool) -> None:
        self._root = root
        self._utf8 = utf8
        self._resources: list[int] = []
        self._collect(root)
        # The names of attributes with a resource id come first; shrinkers leave them empty.
        self._strings: list[str] = [""] * len(self._resources)

    def document(self) -> bytes:
        elements = self._element(self._root)
        resources = b"".join(struct.pack("<I", resource) for resource in self._resources)
        body = self._pool() + chunk(0x0180, b"", resources) + elements
        return chunk(0x0003, b"", body)

    def _collect(self, tag: Tag) -> None:
        self._resources += [key for key in tag.attributes if isinstance(key, int) and key not in self._resources]
        for child in tag.children:
            self._collect(child)

    def _string(self, text: str) -> int:
        if text not in self._strings[len(self._resources) :]:
            self._strings.append(text)
        return self._strings.index(text, len(self._resources))

    def _element(self, tag: Tag) -> bytes:
        attributes = b"".join(self._attribute(key, value) for key, value in tag.attributes.items())
        head = struct.pack("<IIHHHHHH", 0xFFFFFFFF, self._string(tag.name), 20, 20, len(tag.attributes), 0, 0, 0)
        start = chunk(0x0102, struct.pack("<II", 1, 0xFFFFFFFF), head + attributes)
        inner = b"".join(self._element(child) for child in tag.children)
        end = struct.pack("<II", 0xFFFFFFFF, self._string(tag.name))
        return start + inner + chunk(0x0103, struct.pack("<II", 1, 0xFFFFFFFF), end)

    def _attribute(self, key: int | str, value: Value) -> bytes:
        name = self._resources.index(key) if isinstance(key, int) else self._string(key)
        match value:
            case bool():
                kind, data = 0x12, 0xFFFFFFFF if value else 0
            case int():
                kind, data = 0x10, value
            case str():
                kind, data = 0x03, self._string(value)
            case (kind, data):
                pass
        return struct.pack("<IIIHBBI", 0xFFFFFFFF, name, 0xFFFFFFFF, 8, 0, kind, data)

    def _pool(self) -> bytes:
        encoded = [self._encoded(text) for text in self._strings]
        offsets = [sum(map(len, encoded[:index])) for index in range(len(encoded))]
        data = b"".join(encoded)
        data += b"\0" * (-len(data) % 4)
        start = 28 + 4 * len(offsets)
        head = struct.pack("<IIIII", len(encoded), 0, 0x100 if self._utf8 else 0, start, 0)
        return chunk(0x0001, head, struct.pack(f"<{len(offsets)}I", *offsets) + data)

    def _encoded(self, text: str) -> bytes:
        units = len(text.encode("utf-16-le")) // 2
        if not self._utf8:
            return _length(units, 16) + text.encode("utf-16-le") + b"\0\0"
        raw = text.encode()
        return _length(units, 8) + _length(len(raw), 8) + raw + b"\0"


def _length(number: int, bits: int) -> bytes:
    high = 1 << (bits - 1)
    form = "<BB" if bits == 8 else "<HH"
    if number < high:
        return struct.pack(form[:2], number)
    return struct.pack(form, high | number >> bits, number & ((1 << bits) - 1))


def chunk(kind: int, head: bytes, body: bytes) -> bytes:
    """A chunk of a resource file: type, size of its header, size of all."""
    return struct.pack("<HHI", kind, 8 + len(head), 8 + len(head) + len(body)) + head + body


def archive(files: Mapping[str, bytes], *, stored: Sequence[str] = ()) -> bytes:
    """A ZIP archive; everything is compressed but what is named."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as zipped, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that occur twice: some tests want them
        for name, data in files.items():
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            zipped.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return target.getvalue()


def apk(
    tag: Tag | None = None, files: Mapping[str, bytes] | None = None, *, certificates: Sequence[bytes] = ()
) -> bytes:
    """An APK with this manifest and these further files, signed (in appearance) with these certificates."""
    manifest_bytes = binary_xml(tag if tag is not None else manifest())
    plain = archive({"AndroidManifest.xml": manifest_bytes, **(files or {})})
    return signed(plain, {V2: signers(*certificates)}) if certificates else plain


def prefixed(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def signers(*certificates: bytes) -> bytes:
    """The value of a v2 or v3 block with one signer for each certificate."""
    blocks = b""
    for certificate in certificates:
        signed_data = prefixed(b"") + prefixed(prefixed(certificate)) + prefixed(b"")
        blocks += prefixed(prefixed(signed_data) + prefixed(b"") + prefixed(b""))
    return prefixed(blocks)


def signed(plain: bytes, values: Mapping[int, bytes]) -> bytes:
    """The archive with a signing block before its table of contents."""
    pairs = b"".join(struct.pack("<QI", 4 + len(value), key) + value for key, value in values.items())
    size = struct.pack("<Q", len(pairs) + 24)
    block = size + pairs + size + b"APK Sig Block 42"
    end = plain.rfind(b"PK\5\6")
    (start,) = struct.unpack("<I", plain[end + 16 : end + 20])
    moved = struct.pack("<I", start + len(block))
    return plain[:start] + block + plain[start:end] + plain[end : end + 16] + moved + plain[end + 20 :]

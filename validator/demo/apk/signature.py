"""APK signature schemes v2 and v3.

https://source.android.com/docs/security/features/apksigning/v2 and .../v3: the signing block stands between the zip's
entries and its central directory. Scheme v1 (JAR signing) is left out: Android has not needed it since 7.0, the oldest
release that the app supports.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable

from validator.demo.apk.keystore import SigningKey

_MAGIC = b"APK Sig Block 42"
_V2_ID, _V3_ID = 0x7109871A, 0xF05368C0
_RSA_PKCS1_SHA256 = 0x0103
_STRIPPING_PROTECTION = 0xBEEFF00D
"""A v2 attribute that names the newer scheme also present, so that removing it is noticed."""

_CHUNK = 1024 * 1024
_V3_FIRST_SDK = 28
_LAST_SDK = 0x7FFFFFFF
_END_RECORD = b"PK\x05\x06"


def signed(zip_bytes: bytes, key: SigningKey) -> bytes:
    """The package with its signing block.

    Raises:
        ValueError: The bytes are not a zip without a comment.
    """
    end_at = len(zip_bytes) - 22
    if zip_bytes[end_at : end_at + 4] != _END_RECORD:
        raise ValueError("not a zip without a comment")
    (directory_at,) = struct.unpack_from("<I", zip_bytes, end_at + 16)
    contents, directory, end = zip_bytes[:directory_at], zip_bytes[directory_at:end_at], zip_bytes[end_at:]
    digest = _digest(contents, directory, end)
    block = _block({_V2_ID: _v2(key, digest), _V3_ID: _v3(key, digest)})
    moved_end = end[:16] + struct.pack("<I", directory_at + len(block)) + end[20:]
    return contents + block + directory + moved_end


def _digest(*sections: bytes) -> bytes:
    """SHA-256 over the digests of 1 MiB chunks; a chunk does not cross a section."""
    chunks = [section[at : at + _CHUNK] for section in sections for at in range(0, len(section), _CHUNK)]
    digests = (hashlib.sha256(b"\xa5" + struct.pack("<I", len(chunk)) + chunk).digest() for chunk in chunks)
    return hashlib.sha256(b"\x5a" + struct.pack("<I", len(chunks)) + b"".join(digests)).digest()


def _v2(key: SigningKey, digest: bytes) -> bytes:
    newer_scheme = _prefixed(struct.pack("<II", _STRIPPING_PROTECTION, 3))
    data = _digests(digest) + _certificates(key) + _prefixed(newer_scheme)
    signer = _prefixed(data) + _signatures(key, data) + _prefixed(key.public_der)
    return _sequence([signer])


def _v3(key: SigningKey, digest: bytes) -> bytes:
    range_ = struct.pack("<II", _V3_FIRST_SDK, _LAST_SDK)
    data = _digests(digest) + _certificates(key) + range_ + _prefixed(b"")
    signer = _prefixed(data) + range_ + _signatures(key, data) + _prefixed(key.public_der)
    return _sequence([signer])


def _digests(digest: bytes) -> bytes:
    return _sequence([struct.pack("<I", _RSA_PKCS1_SHA256) + _prefixed(digest)])


def _certificates(key: SigningKey) -> bytes:
    return _sequence([key.certificate_der])


def _signatures(key: SigningKey, data: bytes) -> bytes:
    return _sequence([struct.pack("<I", _RSA_PKCS1_SHA256) + _prefixed(key.sign(data))])


def _prefixed(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def _sequence(items: Iterable[bytes]) -> bytes:
    return _prefixed(b"".join(map(_prefixed, items)))


def _block(values: dict[int, bytes]) -> bytes:
    pairs = b"".join(struct.pack("<QI", 4 + len(value), id_) + value for id_, value in values.items())
    size = struct.pack("<Q", len(pairs) + 8 + len(_MAGIC))
    return size + pairs + size + _MAGIC

"""The certificates that an APK is signed with: read, not verified. Pure.

Verifying would mean digesting the whole file by Android's rules; a device does that at the installation. Layout:
https://source.android.com/docs/security/features/apksigning/v2 and …/v3.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from validator.builds.apk.archive import Archive, content
from validator.builds.apk.bytesource import ApkUnreadableError, ByteSource, Window
from validator.model.build import Signature

_MAGIC: Final = b"APK Sig Block 42"
_FOOTER: Final = 24
_LARGEST_BLOCK: Final = 16 * 1024 * 1024
_LARGEST_PKCS7: Final = 1024 * 1024
_SCHEMES: Final = {0x7109871A: "v2", 0xF05368C0: "v3", 0x1B93AD61: "v3.1"}
_DEBUG_NAME: Final = "Android Debug"
_UNREADABLE: Final = (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm)
"""What `cryptography` raises for bytes that are no certificate (the last two are no ValueErrors)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signers:
    """Who signed the APK."""

    certificates: tuple[str, ...]
    """`sha256:…` of each signer's certificate, each once; the newest scheme first."""
    signatures: tuple[Signature, ...]
    """The same by scheme, the oldest first."""
    debug: bool
    """One of them is a certificate of the kind that the build tools make up by themselves."""


def read_signers(source: ByteSource, archive: Archive) -> Signers:
    """Read the certificates of all signature schemes.

    Raises:
        ApkUnreadableError: A signature is there and cannot be read.
    """
    found = [*_block_certificates(source, archive), *_jar_certificates(source, archive)]
    newest_first = sorted(found, key=lambda one: one[0], reverse=True)
    return Signers(
        certificates=tuple(dict.fromkeys(_digest(certificate) for _, certificate in newest_first)),
        signatures=tuple(_signature(scheme, found) for scheme in sorted({scheme for scheme, _ in found})),
        debug=any(_is_debug(certificate) for _, certificate in found),
    )


def _digest(certificate: bytes) -> str:
    return f"sha256:{hashlib.sha256(certificate).hexdigest()}"


def _signature(scheme: str, found: Sequence[tuple[str, bytes]]) -> Signature:
    digests = (_digest(certificate) for one, certificate in found if one == scheme)
    return Signature(scheme=scheme, certificates=tuple(dict.fromkeys(digests)))


def _block_certificates(source: ByteSource, archive: Archive) -> Iterator[tuple[str, bytes]]:
    for identifier, value in _pairs(_block(source, archive)):
        scheme = _SCHEMES.get(identifier)
        if scheme is not None:
            yield from ((scheme, certificate) for certificate in _signer_certificates(value))


def _block(source: ByteSource, archive: Archive) -> Window:
    """The pairs of the signing block; nothing when there is none."""
    if archive.directory < _FOOTER:
        return Window(b"")
    footer = Window(source.at(archive.directory - _FOOTER, _FOOTER))
    if footer.at(8, 16) != _MAGIC:
        return Window(b"")
    (size,) = footer.numbers("Q", 0)
    if not _FOOTER <= size <= min(_LARGEST_BLOCK, archive.directory - 8):
        raise ApkUnreadableError(f"its signing block claims to be {size} bytes long")
    return Window(source.at(archive.directory - size, size - _FOOTER))


def _pairs(block: Window) -> Iterator[tuple[int, Window]]:
    position = 0
    while position < block.size:
        size, identifier = block.numbers("QI", position)
        if size < 4:
            raise ApkUnreadableError("its signing block has an entry without content")
        yield identifier, Window(block.at(position + 12, size - 4))
        position += 8 + size


def _signer_certificates(value: Window) -> Iterator[bytes]:
    """The first certificate of each signer is its own; what follows is the chain."""
    for signer in _sequence(_prefixed(value, 0)):
        signed = _prefixed(signer, 0)
        digests = _prefixed(signed, 0)
        certificates = _prefixed(signed, 4 + digests.size)
        first = next(_sequence(certificates), None)
        if first is None:
            raise ApkUnreadableError("a signer in its signing block has no certificate")
        yield first.data


def _prefixed(window: Window, position: int) -> Window:
    (size,) = window.numbers("I", position)
    return Window(window.at(position + 4, size))


def _sequence(window: Window) -> Iterator[Window]:
    position = 0
    while position < window.size:
        item = _prefixed(window, position)
        yield item
        position += 4 + item.size


def _jar_certificates(source: ByteSource, archive: Archive) -> Iterator[tuple[str, bytes]]:
    for entry in archive.entries:
        folder, _, name = entry.name.rpartition("/")
        if folder == "META-INF" and name.upper().endswith((".RSA", ".DSA", ".EC")):
            data = content(source, entry, _LARGEST_PKCS7)
            yield from (("v1", certificate) for certificate in _pkcs7_certificates(data, entry.name))


def _pkcs7_certificates(data: bytes, name: str) -> list[bytes]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of old encodings, which old signing tools do write
            found = pkcs7.load_der_pkcs7_certificates(data)
            issuers = {one.issuer for one in found if one.issuer != one.subject}  # the chain, which signs nothing here
            return [one.public_bytes(Encoding.DER) for one in found if one.subject not in issuers]
    except _UNREADABLE as error:
        raise ApkUnreadableError(f"the signature {name} cannot be read: {error}") from error


def _is_debug(certificate: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of serial numbers and dates that only the oldest certificates have
            subject = x509.load_der_x509_certificate(certificate).subject
            names = [attribute.value for attribute in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except _UNREADABLE:
        return False
    return _DEBUG_NAME in names

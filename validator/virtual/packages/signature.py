"""Verifies APK Signature Schemes v2, v3 and v3.1 as Android does when it installs.

Source: source.android.com/docs/security/features/apksigning/v2 and /v3; ids: AOSP `ApkSignatureSchemeV*Verifier.java`.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa

from validator.virtual.packages.signing_block import Cursor, SignedApk, SigningProblemError

_V2, _V3, _V31 = 0x7109871A, 0xF05368C0, 0x1B93AD61
_V3_FROM, _V31_FROM = 28, 33  # Android 9 and 13
_STRIPPING_PROTECTION = 0xBEEFF00D
_CHUNK = 1024 * 1024
_SHA512_ALGORITHMS = frozenset({0x0102, 0x0104, 0x0202})
_ALGORITHMS = frozenset({0x0101, 0x0102, 0x0103, 0x0104, 0x0201, 0x0202, 0x0301})
"""RSA-PSS, RSA PKCS#1 v1.5, ECDSA, DSA, with SHA-256 or SHA-512 over 1 MiB chunks. Not those with fs-verity digests."""

_Key = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | dsa.DSAPublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Signers:
    """Who signed: the SHA-256 digests of the certificates, and by which scheme (1, 2 or 3)."""

    scheme: int
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    signed_data: bytes
    signatures: dict[int, bytes]
    public_key: bytes
    digests: dict[int, bytes]
    certificate: bytes


def verify_block(apk: SignedApk, sdk: int) -> Signers | None:
    """Verify the newest scheme of the signing block that a device of this API level knows; None when there is none.

    Raises:
        SigningProblemError: a signature does not fit the file.
    """
    for number, first_sdk in ((_V31, _V31_FROM), (_V3, _V3_FROM), (_V2, 0)):
        if number in apk.pairs and sdk >= first_sdk:
            signers = _signers(apk.pairs[number], scheme=2 if number == _V2 else 3, sdk=sdk)
            if signers:
                return _verified(apk, signers, scheme=2 if number == _V2 else 3)
    return None


def _verified(apk: SignedApk, signers: list[_Signer], *, scheme: int) -> Signers:
    for signer in signers:
        algorithms = [number for number in signer.signatures if number in _ALGORITHMS]
        if not algorithms:
            raise SigningProblemError("No supported signatures found")
        best = max(algorithms, key=lambda number: (number in _SHA512_ALGORITHMS, number))
        _verify_signature(signer, best)
        _verify_digest(apk, signer, best, scheme)
    certificates = tuple(hashlib.sha256(signer.certificate).hexdigest() for signer in signers)
    return Signers(scheme=scheme, certificates=certificates)


def _signers(value: bytes, *, scheme: int, sdk: int) -> list[_Signer]:
    found = []
    for piece in Cursor(value).pieces():
        cursor = Cursor(piece)
        signed_data = cursor.piece()
        levels = (cursor.u32(), cursor.u32()) if scheme == 3 else (0, sdk)
        if levels[0] <= sdk <= levels[1]:
            signatures = dict(map(_numbered, cursor.pieces()))
            found.append(_signer(signed_data, signatures, cursor.piece()))
            _check_signed_facts(signed_data, levels, scheme=scheme, sdk=sdk)
    return found


def _signer(signed_data: bytes, signatures: dict[int, bytes], public_key: bytes) -> _Signer:
    cursor = Cursor(signed_data)
    digests = dict(map(_numbered, cursor.pieces()))
    certificates = cursor.pieces()
    if not certificates:
        raise SigningProblemError("No certificates listed")
    return _Signer(
        signed_data=signed_data,
        signatures=signatures,
        public_key=public_key,
        digests=digests,
        certificate=certificates[0],
    )


def _check_signed_facts(signed_data: bytes, levels: tuple[int, int], *, scheme: int, sdk: int) -> None:
    """What was said outside the signature must be said inside too, and no newer scheme may have been cut away."""
    cursor = Cursor(signed_data)
    cursor.pieces()  # digests
    cursor.pieces()  # certificates
    if scheme == 3:
        if (cursor.u32(), cursor.u32()) != levels:
            raise SigningProblemError("API levels differ between signed and unsigned data")
        return
    for attribute in map(Cursor, cursor.pieces()) if cursor else ():
        if attribute.u32() == _STRIPPING_PROTECTION and attribute.u32() == 3 and sdk >= _V3_FROM:
            raise SigningProblemError("signed with APK Signature Scheme v3, which has been stripped")


def _numbered(piece: bytes) -> tuple[int, bytes]:
    cursor = Cursor(piece)
    return cursor.u32(), cursor.piece()


def _verify_signature(signer: _Signer, algorithm: int) -> None:
    try:
        certificate = x509.load_der_x509_certificate(signer.certificate)
        encoded = certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        key = serialization.load_der_public_key(signer.public_key)
        if encoded != signer.public_key:
            raise SigningProblemError("Public key mismatch between certificate and signature record")
        _check(cast("_Key", key), signer.signatures[algorithm], signer.signed_data, algorithm)
    except InvalidSignature:
        raise SigningProblemError("signature over signed-data did not verify") from None
    except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm) as problem:
        raise SigningProblemError(f"Failed to decode certificate or key: {problem}") from None


def _check(key: _Key, signature: bytes, data: bytes, algorithm: int) -> None:
    digest: hashes.HashAlgorithm = hashes.SHA512() if algorithm in _SHA512_ALGORITHMS else hashes.SHA256()
    match key, algorithm:
        case rsa.RSAPublicKey(), 0x0101 | 0x0102:
            length = digest.digest_size
            key.verify(signature, data, padding.PSS(padding.MGF1(digest), salt_length=length), digest)
        case rsa.RSAPublicKey(), 0x0103 | 0x0104:
            key.verify(signature, data, padding.PKCS1v15(), digest)
        case ec.EllipticCurvePublicKey(), 0x0201 | 0x0202:
            key.verify(signature, data, ec.ECDSA(digest))
        case dsa.DSAPublicKey(), 0x0301:
            key.verify(signature, data, digest)
        case _:
            raise SigningProblemError(f"the key does not fit the signature algorithm {algorithm:#06x}")


def _verify_digest(apk: SignedApk, signer: _Signer, algorithm: int, scheme: int) -> None:
    name = "sha512" if algorithm in _SHA512_ALGORITHMS else "sha256"
    if signer.digests.get(algorithm) != _content_digest(apk.sections(), name):
        shown = {"sha512": "SHA-512", "sha256": "SHA-256"}[name]
        raise SigningProblemError(f"using APK Signature Scheme v{scheme}: {shown} digest of contents did not verify")


def _content_digest(sections: Iterable[memoryview | bytes], name: str) -> bytes:
    """The digest over the digests of 1 MiB pieces."""
    digests = []
    for section in sections:
        for start in range(0, len(section), _CHUNK):
            piece = section[start : start + _CHUNK]
            digest = hashlib.new(name, b"\xa5" + struct.pack("<I", len(piece)))
            digest.update(piece)
            digests.append(digest.digest())
    top = b"\x5a" + struct.pack("<I", len(digests)) + b"".join(digests)
    return hashlib.new(name, top).digest()

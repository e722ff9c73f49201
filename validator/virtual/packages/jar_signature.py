"""Verifies the old JAR signature (scheme v1), which Android still takes from apps that target less than API 30.

Chain: `META-INF/X.RSA` signs `X.SF`, which has the digest of `MANIFEST.MF`, which has the digest of every entry.
Source: JAR File Specification ("Signed JAR File"), RFC 5652 (SignedData), AOSP `ApkSignatureVerifier.java`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from validator.virtual.packages.archive import Archive, ArchiveError
from validator.virtual.packages.signature import Signers
from validator.virtual.packages.signing_block import SigningProblemError

_BLOCK = re.compile(r"META-INF/([^/]+)\.(RSA|EC)")
_UNSIGNED = re.compile(r"META-INF/([^/]+\.(SF|RSA|EC|DSA)|MANIFEST\.MF)")
_DIGESTS = {"SHA-256-Digest": "sha256", "SHA-512-Digest": "sha512", "SHA1-Digest": "sha1"}
_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
    bytes.fromhex("2b0e03021a"): hashes.SHA1(),  # noqa: S303 - old APKs are signed with it and Android takes them
}
_SIGNED_ATTRIBUTES_TAG = 0xA0
_SET_TAG = 0x31
_MESSAGE_DIGEST_OID = bytes.fromhex("2a864886f70d010904")


def verify_jar(archive: Archive) -> Signers | None:
    """Verify the JAR signature; None when there is none.

    Raises:
        SigningProblemError: an entry, a digest or the signature does not fit.
    """
    blocks = [found for name in archive.names if (found := _BLOCK.fullmatch(name))]
    if not blocks or "META-INF/MANIFEST.MF" not in archive.names:
        return None
    try:
        return _verify(archive, blocks[0])
    except ArchiveError as problem:
        raise SigningProblemError(str(problem)) from None


def _verify(archive: Archive, block: re.Match[str]) -> Signers:
    signature_file = archive.read(f"META-INF/{block[1]}.SF")
    manifest = archive.read("META-INF/MANIFEST.MF")
    head = next(_sections(signature_file))
    if "2" in head.get("X-Android-APK-Signed", ""):
        raise SigningProblemError("signed with scheme v2 which has been stripped")
    if not _matches(head, manifest, suffix="-Manifest"):
        raise SigningProblemError("META-INF/MANIFEST.MF does not match its signature file")
    certificate = _verify_block(archive.read(block[0]), signature_file)
    _verify_entries(archive, manifest)
    return Signers(scheme=1, certificates=(hashlib.sha256(certificate).hexdigest(),))


def _verify_entries(archive: Archive, manifest: bytes) -> None:
    listed = {section["Name"]: section for section in _sections(manifest) if "Name" in section}
    for name in archive.names:
        if name.endswith("/") or _UNSIGNED.fullmatch(name):
            continue
        if name not in listed or not _matches(listed[name], archive.read(name)):
            raise SigningProblemError(f"{name} has invalid or no digest in META-INF/MANIFEST.MF")


def _sections(text: bytes) -> Iterator[dict[str, str]]:
    """The attribute blocks of a manifest; the first is the main one. Long lines continue after a blank."""
    unfolded = re.sub(r"\r?\n ", "", text.decode("utf-8", "replace"))
    for block in re.split(r"(?:\r?\n){2,}", unfolded):
        pairs = (line.partition(":") for line in block.splitlines() if ":" in line)
        yield {name.strip(): value.strip() for name, _, value in pairs}


def _matches(section: dict[str, str], data: bytes, suffix: str = "") -> bool:
    for name, algorithm in _DIGESTS.items():
        if (wanted := section.get(f"{name}{suffix}")) is not None:
            found = base64.b64encode(hashlib.new(algorithm, data).digest()).decode()
            return hmac.compare_digest(found, wanted)
    return False


def _verify_block(block: bytes, signed: bytes) -> bytes:
    """Check the PKCS#7 signature; returns the signer's certificate."""
    try:
        certificate = pkcs7.load_der_pkcs7_certificates(block)[0]
        signature, digest, attributes = _signer_info(block)
        if attributes:
            _check_message_digest(attributes, signed, digest)
            signed = bytes([_SET_TAG]) + attributes[1:]  # RFC 5652 5.4: signed as a SET, stored as [0]
        _check(certificate, signature, signed, digest)
    except InvalidSignature:
        raise SigningProblemError("the JAR signature did not verify") from None
    except (ValueError, IndexError, KeyError, TypeError, UnsupportedAlgorithm) as problem:
        raise SigningProblemError(f"damaged JAR signature: {problem!r}") from None
    return certificate.public_bytes(Encoding.DER)


def _check(certificate: x509.Certificate, signature: bytes, data: bytes, digest: hashes.HashAlgorithm) -> None:
    key = cast("rsa.RSAPublicKey | ec.EllipticCurvePublicKey", certificate.public_key())
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), digest)
    else:
        key.verify(signature, data, ec.ECDSA(digest))


def _check_message_digest(attributes: bytes, signed: bytes, digest: hashes.HashAlgorithm) -> None:
    wanted = hashlib.new(digest.name, signed).digest()
    at = attributes.find(_MESSAGE_DIGEST_OID)
    if at < 0 or wanted not in attributes[at:]:
        raise InvalidSignature


def _signer_info(block: bytes) -> tuple[bytes, hashes.HashAlgorithm, bytes]:
    """Signature, digest algorithm and raw signed attributes of the first SignerInfo."""
    content_info = _children(_body(block))
    signed_data = _children(_body(_body(content_info[1])))
    signer = _children(_body(_children(_body(signed_data[-1]))[0]))
    digest = _HASHES[_body(_children(_body(signer[2]))[0])]
    if signer[3][0] == _SIGNED_ATTRIBUTES_TAG:
        return _body(signer[5]), digest, signer[3]
    return _body(signer[4]), digest, b""


def _body(element: bytes) -> bytes:
    header, length = _header(element)
    return element[header : header + length]


def _children(body: bytes) -> list[bytes]:
    """The DER elements one after the other in `body`."""
    found = []
    while body:
        header, length = _header(body)
        found.append(body[: header + length])
        body = body[header + length :]
    return found


def _header(element: bytes) -> tuple[int, int]:
    first = element[1]
    if first < 0x80:
        return 2, first
    width = first & 0x7F
    return 2 + width, int.from_bytes(element[2 : 2 + width], "big")

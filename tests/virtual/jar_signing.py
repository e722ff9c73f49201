"""APKs with the old JAR signature, as build tools wrote them before 2016."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from tests.virtual.apks import key
from validator.demo.apk.axml import Element, binary_xml


def jar_signed(entries: Mapping[str, Element | bytes], *, alter: str = "", claims: str = "") -> bytes:
    """A package signed with scheme v1 alone; `alter` names an entry that is changed after signing."""
    files = {name: binary_xml(data) if isinstance(data, Element) else data for name, data in entries.items()}
    sections = "".join(f"Name: {name}\r\nSHA-256-Digest: {_digest(data)}\r\n\r\n" for name, data in files.items())
    manifest = f"Manifest-Version: 1.0\r\n\r\n{sections}".encode()
    claim = f"X-Android-APK-Signed: {claims}\r\n" if claims else ""
    signature = f"Signature-Version: 1.0\r\n{claim}SHA-256-Digest-Manifest: {_digest(manifest)}\r\n\r\n".encode()
    files |= {
        "META-INF/MANIFEST.MF": manifest,
        "META-INF/CERT.SF": signature,
        "META-INF/CERT.RSA": _block(signature),
    }
    if alter:
        files[alter] = files[alter][:-1] + bytes([files[alter][-1] ^ 1])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _block(signed: bytes) -> bytes:
    signer = key()
    return (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(signed)
        .add_signer(signer.certificate, signer.private, hashes.SHA256())
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
    )

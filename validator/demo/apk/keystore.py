"""Signing keys of the sample project: generated once, kept in one PEM file beside it, never committed."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

_VALID_FROM = datetime(2024, 1, 1, tzinfo=UTC)
_VALID_UNTIL = datetime(2054, 1, 1, tzinfo=UTC)
_KEY_BITS = 2048


class Signer(Enum):
    """Who signs a build."""

    RELEASE = (("Corner Shop", "Corner Shop Ltd", "NL"), "release-key.pem")
    DEBUG = (("Android Debug", "Android", "US"), "debug-key.pem")
    """The subject that Android's own build tools give their debug key."""

    @property
    def subject(self) -> x509.Name:
        """The certificate's subject."""
        common_name, organization, country = self.value[0]
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, country),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )

    @property
    def file_name(self) -> str:
        """The key's file in a keystore folder."""
        return self.value[1]


class KeystoreError(Exception):
    """The keystore cannot be written, or what is in it is not a key."""


@dataclass(frozen=True)
class SigningKey:
    """An RSA key with its self-signed certificate. Its PKCS#1 v1.5 signatures are the same each time."""

    private: rsa.RSAPrivateKey
    certificate: x509.Certificate

    def sign(self, data: bytes) -> bytes:
        """An RSASSA-PKCS1-v1_5 signature with SHA-256."""
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())

    @cached_property
    def certificate_der(self) -> bytes:
        """The certificate as an APK carries it."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @cached_property
    def public_der(self) -> bytes:
        """The public key as an APK carries it."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the certificate in lower-case hex, the usual name of a signer."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()


def signing_key(keystore: Path, signer: Signer) -> SigningKey:
    """The signer's key from the keystore folder, made there when it is missing.

    Raises:
        KeystoreError: The folder cannot be written, or the file holds no key and certificate.
    """
    path = keystore / signer.file_name
    try:
        if not path.exists():
            keystore.mkdir(parents=True, exist_ok=True, mode=0o700)
            _keep(path, _new_key_pem(signer))
        return _parsed(path.read_bytes())
    except OSError as error:
        raise KeystoreError(f"{path}: {error.strerror}. Give a folder that can be written with --keystore.") from error
    except ValueError as error:
        raise KeystoreError(f"{path}: not a signing key ({error}). Delete the file to have a new one made.") from error


def _parsed(pem: bytes) -> SigningKey:
    private = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise ValueError("an RSA key is needed")  # noqa: TRY004 - the file's content is wrong, not an argument's type
    return SigningKey(private, x509.load_pem_x509_certificate(pem))


def _new_key_pem(signer: Signer) -> bytes:
    private = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(signer.subject)
        .issuer_name(signer.subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_UNTIL)
        .sign(private, hashes.SHA256())
    )
    key_pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return key_pem + certificate.public_bytes(serialization.Encoding.PEM)


def _keep(path: Path, pem: bytes) -> None:
    """Write the file whole, for the owner alone; of two builds that come at once, the first one's key stays."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        Path(path).hardlink_to(temporary)
    except FileExistsError:
        return
    finally:
        Path(temporary).unlink()

"""Certificates, and the APKs of other people that come with the flow runner."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.builds.apks import MakeCertificate


@pytest.fixture(scope="session")
def certificate() -> MakeCertificate:
    """Makes a self-signed certificate for a common name, DER-encoded; the same one for the same name."""
    made: dict[str, bytes] = {}

    def make(common_name: str) -> bytes:
        if common_name not in made:
            key = ec.generate_private_key(ec.SECP256R1())
            name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
            builder = x509.CertificateBuilder(
                issuer_name=name,
                subject_name=name,
                public_key=key.public_key(),
                serial_number=1,
                not_valid_before=datetime(2026, 1, 1, tzinfo=UTC),
                not_valid_after=datetime(2056, 1, 1, tzinfo=UTC),
            )
            made[common_name] = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
        return made[common_name]

    return make


@pytest.fixture(scope="session")
def drivers() -> Path:
    """The folder with the APKs inside the flow runner's npm package."""
    packages = Path(__file__).parents[2] / "node_modules" / "@devicelab"
    return next(packages.glob("maestro-runner-*/drivers/android"))

"""Signing certificates, of all schemes."""

from __future__ import annotations

import hashlib
import shutil
import struct
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs7
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builds.apks import V2, V3, V31, MakeCertificate, apk, archive, manifest, signed, signers
from validator.builds.apk.archive import read_archive
from validator.builds.apk.bytesource import ApkUnreadableError, Window
from validator.builds.apk.signers import Signers, read_signers
from validator.model.build import Signature


def signers_of(data: bytes) -> Signers:
    source = Window(data)
    return read_signers(source, read_archive(source))


def digest(certificate: bytes) -> str:
    return f"sha256:{hashlib.sha256(certificate).hexdigest()}"


def test_the_certificate_of_the_signing_block_is_read(certificate: MakeCertificate) -> None:
    release = certificate("Example Release")

    assert signers_of(apk(certificates=[release])) == Signers(
        certificates=(digest(release),),
        signatures=(Signature(scheme="v2", certificates=(digest(release),)),),
        debug=False,
    )


def test_the_certificate_that_the_build_tools_made_up_is_known(certificate: MakeCertificate) -> None:
    assert signers_of(apk(certificates=[certificate("Android Debug")])).debug
    assert not signers_of(apk(certificates=[certificate("Not Android Debug")])).debug


def test_a_certificate_that_only_looks_like_one_still_has_a_digest(certificate: MakeCertificate) -> None:
    strange = certificate("Android Debug").replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01")  # X.509 version 2

    found = signers_of(apk(certificates=[strange, b"junk"]))

    assert (found.certificates, found.debug) == ((digest(strange), digest(b"junk")), False)


def test_every_signer_of_every_scheme_counts_once_and_the_newest_comes_first(certificate: MakeCertificate) -> None:
    old, new, other = certificate("old"), certificate("new"), certificate("other")
    blocks = {0x42726577: b"padding", V2: signers(old, other), V3: signers(old), V31: signers(new)}

    found = signers_of(signed(apk(), blocks))

    assert found.certificates == (digest(new), digest(old), digest(other))
    assert found.signatures == (
        Signature(scheme="v2", certificates=(digest(old), digest(other))),
        Signature(scheme="v3", certificates=(digest(old),)),
        Signature(scheme="v3.1", certificates=(digest(new),)),
    )


def test_an_unsigned_archive_has_no_signers() -> None:
    assert signers_of(apk()) == Signers(certificates=(), signatures=(), debug=False)


def test_the_certificate_of_a_jar_signature_is_read(certificate: MakeCertificate) -> None:
    old = x509.load_der_x509_certificate(certificate("jar"))
    data = pkcs7.serialize_certificates([old], Encoding.DER)

    found = signers_of(archive({"AndroidManifest.xml": b"x", "META-INF/CERT.RSA": data}))

    assert found.signatures == (Signature(scheme="v1", certificates=(digest(certificate("jar")),)),)
    assert found.certificates == (digest(certificate("jar")),)


@pytest.mark.parametrize("data", [b"", b"junk", b"\x30\x80", b"\x30\x03\x02\x01\x05"])
def test_a_jar_signature_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(ApkUnreadableError, match=r"META-INF/CERT\.RSA cannot be read"):
        signers_of(archive({"META-INF/CERT.RSA": data}))


@pytest.mark.parametrize(
    "block",
    [
        {V2: b""},
        {V2: b"\xff\xff\xff\xff"},
        {V2: struct.pack("<I", 4) + b"\0\0\0\0"},
        {V3: signers(b"x" * 10)[:-20]},
    ],
)
def test_a_signing_block_that_breaks_off_is_refused(block: dict[int, bytes]) -> None:
    with pytest.raises(ApkUnreadableError):
        signers_of(signed(apk(), block))


@pytest.mark.parametrize("size", [0, 23, 2**40, 2**63])
def test_a_signing_block_of_an_impossible_size_is_refused(size: int, certificate: MakeCertificate) -> None:
    data = apk(certificates=[certificate("x")])
    place = data.index(b"APK Sig Block 42") - 8

    with pytest.raises(ApkUnreadableError, match="claims to be"):
        signers_of(data[:place] + struct.pack("<Q", size) + data[place + 8 :])


@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_any_damage_to_the_signing_block_is_read_or_refused(certificate: MakeCertificate, data: st.DataObject) -> None:
    good = bytearray(apk(certificates=[certificate("x"), certificate("Android Debug")]))
    start, end = good.index(b"PK\1\2") - 900, good.index(b"PK\1\2")
    for place in data.draw(st.lists(st.integers(max(0, start), end - 1), min_size=1, max_size=5)):
        good[place] = data.draw(st.integers(0, 255))
    try:
        found = signers_of(bytes(good))
    except ApkUnreadableError:
        return
    assert all(text.startswith("sha256:") for text in found.certificates)


@pytest.mark.skipif(not all(map(shutil.which, ("apksigner", "zipalign"))), reason="needs Android's own apksigner")
@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "min_sdk"), [("v1", 21), ("v2", 24), ("v3", 28)])
@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_androids_own_tool_reads_the_same_certificate(tmp_path: Path, scheme: str, min_sdk: int, kind: str) -> None:
    """Slow: apksigner is a Java program."""
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "Release")])
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    made = _self_signed(name, key)
    (tmp_path / "key.pk8").write_bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    plain, aligned = tmp_path / "plain.apk", tmp_path / "aligned.apk"
    plain.write_bytes(apk(manifest(target_sdk=29), {"classes.dex": b"dex\n035\0"}))  # newer apps must not use v1 alone
    subprocess.run(["zipalign", "4", plain, aligned], check=True, timeout=30)
    switches = [f"--{one}-signing-enabled={str(one == scheme).lower()}" for one in ("v1", "v2", "v3")]
    files = ["--key", str(tmp_path / "key.pk8"), "--cert", str(tmp_path / "cert.pem")]
    command = ["apksigner", "sign", *switches, "--min-sdk-version", str(min_sdk), *files, str(aligned)]
    subprocess.run(command, check=True, timeout=50)

    found = signers_of(aligned.read_bytes())

    shown = subprocess.run(
        ["apksigner", "verify", "--print-certs", "--min-sdk-version", str(min_sdk), str(aligned)],
        check=True,
        capture_output=True,
        text=True,
        timeout=50,
    ).stdout
    assert found.certificates == (f"sha256:{made.fingerprint(hashes.SHA256()).hex()}",)
    assert found.certificates[0].removeprefix("sha256:") in shown
    assert [signature.scheme for signature in found.signatures] == [scheme]


def _self_signed(name: x509.Name, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> x509.Certificate:
    return x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=7,
        not_valid_before=datetime(2026, 1, 1, tzinfo=UTC),
        not_valid_after=datetime(2056, 1, 1, tzinfo=UTC),
    ).sign(key, hashes.SHA256())

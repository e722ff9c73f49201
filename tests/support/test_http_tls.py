"""What a TLS connection shows: real servers with certificates of our own."""

import shutil
import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.certificates import Authority
from tests.fakes.site import Page, site
from tests.fakes.tcp import closed_port, tcp_server
from validator.support.http import HttpFailedError, HttpFailure, get
from validator.support.http_tls import inspect_tls
from validator.support.http_trust import trust


@pytest.fixture
def authority(tmp_path, monkeypatch):
    made = Authority("Good Certificates")
    (tmp_path / "trusted.pem").write_text(made.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    return made


def test_a_trusted_server_is_described(authority, tmp_path):
    tls = authority.server(tmp_path, "server", days=30)
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    tls.set_alpn_protocols(["h2"])
    with site({"/": Page()}, tls) as server:
        found = inspect_tls(f"{server.url}/", deadline=5)
    assert (found.protocol, found.application, found.problem) == ("TLSv1.2", "h2", "")
    assert found.issuer == "Good Certificates, Good Certificates R1"
    assert abs(found.expires - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=5)


@pytest.mark.parametrize(("trusted", "days", "why"), [(True, -1, "expired"), (False, 30, "issuer")])
def test_a_certificate_that_is_not_trusted_is_described_with_the_reason(authority, tmp_path, trusted, days, why):
    signer = authority if trusted else Authority("Nobody")
    with site({"/": Page()}, signer.server(tmp_path, "server", days=days)) as server:
        found = inspect_tls(server.url, deadline=5)
    assert why in found.problem
    assert (found.expires < datetime.now(UTC)) is trusted


def test_no_handshake_ends_in_time_with_its_kind():
    with pytest.raises(HttpFailedError) as refused:
        inspect_tls(f"https://127.0.0.1:{closed_port()}", deadline=5)
    assert refused.value.kind is HttpFailure.REFUSED
    with tcp_server(keep_silent) as silent, pytest.raises(HttpFailedError) as late:
        inspect_tls(silent.url.replace("http:", "https:"), deadline=0.5)
    assert late.value.kind is HttpFailure.TIMEOUT


def keep_silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def test_a_private_authority_in_the_file_that_is_named_is_trusted_by_every_request(authority, tmp_path):
    with site({"/": Page("hello")}, authority.server(tmp_path, "server")) as server:
        assert get(f"{server.url}/", deadline=5).body == b"hello"
        assert inspect_tls(server.url, deadline=5).problem == ""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl for the name of a certificate in a store")
def test_a_private_authority_in_the_systems_store_is_trusted(tmp_path, monkeypatch):
    """As `update-ca-certificates` adds one: a file in a folder, under the digest of its name."""
    made, store = Authority("Company"), tmp_path / "store"
    store.mkdir()
    (tmp_path / "company.pem").write_text(made.pem)
    named = ["openssl", "x509", "-noout", "-hash", "-in", str(tmp_path / "company.pem")]
    digest = subprocess.run(named, capture_output=True, text=True, check=True, timeout=20).stdout.strip()
    with site({"/": Page("hello")}, made.server(tmp_path, "server")) as server:
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        monkeypatch.setenv("SSL_CERT_DIR", str(store))
        with pytest.raises(HttpFailedError) as unknown:
            get(f"{server.url}/", deadline=5)
        assert unknown.value.kind is HttpFailure.TLS
        (tmp_path / "company.pem").rename(store / f"{digest}.0")
        assert get(f"{server.url}/", deadline=5).body == b"hello"


def test_without_any_store_those_authorities_are_trusted_that_come_with_the_program(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    for folder in ("empty", "gone"):
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / folder))
        assert trust().cert_store_stats()["x509_ca"] > 50

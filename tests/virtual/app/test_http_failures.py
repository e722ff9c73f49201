"""HTTP calls that fail, in the words of OkHttp on Android."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import httpx
import pytest

from tests.fakes.tcp import closed_port, tcp_server
from tests.virtual.app.backend import Answer, Backend
from tests.virtual.app.caller import caller, okhttp, outcome, tell
from tests.virtual.app.certificates import self_signed
from tests.virtual.app.phone import Phone, System
from validator.virtual.app.okhttp_failures import java_text

pytestmark = pytest.mark.anyio

FAILURES = {"on": {"error": tell("error"), "any": tell("any")}}


async def failure(phone: Phone) -> str:
    told = await outcome(phone)
    text = told.removeprefix("error 0").partition("|")[0]
    assert okhttp(phone)[-1] == f"<-- HTTP FAILED: {text}"
    return text


async def test_a_refused_connection_is_a_connect_exception():
    port = closed_port()
    phone = await caller({"url": "/x", **FAILURES}, f"http://127.0.0.1:{port}")
    assert await failure(phone) == f"java.net.ConnectException: Failed to connect to /127.0.0.1:{port}"


async def test_without_a_network_no_name_is_resolved(backend: Backend):
    phone = await caller({"url": "/x", **FAILURES}, backend.url, System(online=False))
    assert await failure(phone) == (
        'java.net.UnknownHostException: Unable to resolve host "127.0.0.1": No address associated with hostname'
    )
    assert backend.asked == []


async def test_an_unknown_name_is_an_unknown_host_exception():
    phone = await caller({"url": "/x", **FAILURES}, "http://shop.invalid")
    assert (await failure(phone)).startswith('java.net.UnknownHostException: Unable to resolve host "shop.invalid"')


async def test_a_silent_server_is_a_timeout(backend: Backend):
    release = threading.Event()
    backend.routes["GET /x"] = Answer(200, {}, wait=release)
    phone = await caller({"url": "/x", **FAILURES}, backend.url, http={"read_timeout_ms": 100})
    try:
        assert await failure(phone) == "java.net.SocketTimeoutException: timeout"
    finally:
        release.set()


async def test_a_server_that_hangs_up_is_an_unexpected_end():
    def hang_up(connection: socket.socket) -> None:
        connection.recv(65536)

    with tcp_server(hang_up) as server:
        phone = await caller({"url": "/x", **FAILURES}, server.url)
        assert "unexpected end of stream on http://127.0.0.1" in await failure(phone)


async def test_a_server_that_speaks_something_else_is_a_protocol_exception():
    def greet(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"SSH-2.0-x\r\n\r\n")

    with tcp_server(greet) as server:
        phone = await caller({"url": "/x", **FAILURES}, server.url)
        assert (await failure(phone)).startswith("java.net.ProtocolException")


async def test_tls_that_is_none_fails_the_handshake(backend: Backend):
    phone = await caller({"url": "/x", **FAILURES}, backend.url.replace("http:", "https:"))
    assert (await failure(phone)).startswith("javax.net.ssl.SSLHandshakeException")


async def test_a_certificate_that_nobody_vouches_for_has_no_trust_anchor(tmp_path: Path):
    with tcp_server(lambda _: None, self_signed(tmp_path)) as server:
        phone = await caller({"url": "/x", **FAILURES}, server.url)
        assert await failure(phone) == (
            "javax.net.ssl.SSLHandshakeException: java.security.cert.CertPathValidatorException: "
            "Trust anchor for certification path not found."
        )


async def test_a_device_that_believes_no_certificate_calls_by_tls_in_vain_and_else_as_ever(backend: Backend):
    chain = "javax.net.ssl.SSLHandshakeException: Chain validation failed"
    secure = await caller({"url": "/x", **FAILURES}, backend.url.replace("http:", "https:"), System(refused=chain))
    assert await failure(secure) == chain
    assert backend.asked == []
    plain = await caller({"url": "/x", **FAILURES}, backend.url, System(refused=chain))
    assert "404" in await outcome(plain)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("certificate has expired", "javax.net.ssl.SSLHandshakeException: Chain validation failed"),
        ("Hostname mismatch", "javax.net.ssl.SSLPeerUnverifiedException: Hostname shop.example not verified"),
    ],
)
def test_other_faults_of_certificates_are_told_apart(reason: str, text: str):
    cause = ssl.SSLCertVerificationError(1, reason)
    cause.verify_message = reason
    error = httpx.ConnectError("failed")
    error.__cause__ = cause
    assert java_text(error, httpx.URL("https://shop.example/"), 5000) == text


def test_a_connection_that_is_never_made_names_its_deadline():
    text = java_text(httpx.ConnectTimeout("slow"), httpx.URL("https://10.1.2.3/"), 5000)
    assert text.startswith("java.net.SocketTimeoutException: failed to connect to /10.1.2.3 (port 443)")
    assert text.endswith("after 5000ms")


@pytest.mark.parametrize(
    "call",
    [
        {"url": "ftp://x/y"},
        {"url": "no scheme"},
        {"url": "http://[::1"},
        {"url": "http://\ud800.example/"},
        {"url": "/x", "headers": {"X-Name": "Zo\u00eb"}},
        {"url": "/x", "headers": {"X-Name": "a\nb"}},
        {"url": "/x", "headers": {"B\u00e4d": "a"}},
    ],
)
async def test_a_request_that_okhttp_refuses_is_an_error_and_no_crash(backend: Backend, call: dict[str, object]):
    phone = await caller({**call, **FAILURES}, backend.url)
    assert (await failure(phone)).startswith("java.")
    assert backend.asked == []


async def test_an_endless_reply_is_cut_off():
    def flood(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 1_000_000)

    with tcp_server(flood) as server:
        phone = await caller({"url": "/x", **FAILURES}, server.url)
        assert "larger than 8388608 bytes" in await failure(phone)

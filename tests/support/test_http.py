from __future__ import annotations

import errno
import ipaddress
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.tcp import TcpServer, Treatment, answering, closed_port, read_request, tcp_server
from validator.model.errors import RetryableError
from validator.support.http import HttpFailedError, HttpFailure, get
from validator.support.http_errors import explain

Serve = Callable[..., TcpServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda treatment, tls=None: stack.enter_context(tcp_server(treatment, tls))


def failure_of(url: str, deadline: float = 5.0) -> HttpFailedError:
    with pytest.raises(HttpFailedError) as caught:
        get(url, deadline=deadline)
    assert "\n" not in caught.value.what
    assert caught.value.remedy
    return caught.value


def test_an_answer_has_status_headers_and_body(serve: Serve) -> None:
    server = serve(answering(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nX-A: 1\r\nX-A: 2\r\ncontent-length: 2\r\n\r\nno"))
    answer = get(f"{server.url}/health", deadline=5)
    assert (answer.status, answer.body, answer.truncated, answer.redirects) == (503, b"no", False, ())
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["x-a"] == "1, 2"
    assert 0 < answer.seconds < 5


def test_the_request_names_this_program_and_carries_the_given_headers(serve: Serve) -> None:
    requests: list[bytes] = []

    def treat(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = serve(treat)
    get(f"{server.url}/a?b=c", deadline=5, headers={"baggage": "validator.run=r1"})
    head = requests[0].decode().lower()
    assert head.startswith("get /a?b=c http/1.1\r\n")
    assert "user-agent: validator/0." in head
    assert "baggage: validator.run=r1\r\n" in head


def test_a_body_beyond_the_limit_is_cut_and_the_rest_is_not_read(serve: Serve) -> None:
    def endless(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    answer = get(serve(endless).url, deadline=10, max_body=100_000)
    assert len(answer.body) == 100_000
    assert answer.truncated


def test_a_body_of_exactly_the_limit_is_whole(serve: Serve) -> None:
    answer = get(serve(answering(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfour")).url, deadline=5, max_body=4)
    assert (answer.body, answer.truncated) == (b"four", False)


def drip(head: bytes, drop: bytes) -> Treatment:
    def treat(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(0.02)  # the drops are the behaviour under test: nothing could be awaited instead

    return treat


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n", b"x", id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nx-drip: ", b"x", id="header"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="informational answers"),
        pytest.param(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n", id="chunks"),
    ],
)
def test_the_deadline_holds_against_a_server_that_drips(serve: Serve, head: bytes, drop: bytes) -> None:
    server = serve(drip(head, drop))
    started = time.monotonic()
    error = failure_of(server.url, deadline=0.4)
    assert 0.3 < time.monotonic() - started < 3
    assert error.kind is HttpFailure.TIMEOUT
    assert error.what == "no complete answer within 0.4 s"


def test_a_server_that_never_answers_is_a_timeout(serve: Serve) -> None:
    assert failure_of(serve(wait_for_end).url, 0.3).kind is HttpFailure.TIMEOUT


def wait_for_end(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def test_a_tls_handshake_that_is_never_answered_is_a_timeout(serve: Serve) -> None:
    server = serve(wait_for_end)
    assert failure_of(f"https://127.0.0.1:{server.port}/", 0.3).kind is HttpFailure.TIMEOUT


def test_a_closed_port_is_refused() -> None:
    error = failure_of(f"http://127.0.0.1:{closed_port()}/")
    assert (error.kind, error.what) == (HttpFailure.REFUSED, "connection refused")


def test_a_name_that_does_not_exist_is_a_name_failure() -> None:
    error = failure_of("http://no-such-host.invalid/health", deadline=20)
    assert error.kind is HttpFailure.DNS
    assert error.where == "http://no-such-host.invalid/health"


def test_a_name_that_cannot_be_a_name_is_a_name_failure() -> None:
    assert failure_of(f"http://{'a' * 64}.example/").kind is HttpFailure.DNS


def reset(connection: socket.socket) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    "treatment",
    [
        pytest.param(reset, id="reset"),
        pytest.param(answering(b""), id="closed without a byte"),
        pytest.param(answering(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"), id="closed within the body"),
        pytest.param(answering(b"HTTP/1.1 200 OK\r\nx: "), id="closed within the header"),
    ],
)
def test_a_connection_closed_too_early_is_a_reset(serve: Serve, treatment: Treatment) -> None:
    assert failure_of(serve(treatment).url).kind is HttpFailure.RESET


@pytest.mark.parametrize("raw", [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00\x01\x02\r\n\r\n"])
def test_an_answer_that_is_not_http_is_a_protocol_failure(serve: Serve, raw: bytes) -> None:
    assert failure_of(serve(answering(raw)).url).kind is HttpFailure.PROTOCOL


def test_an_endless_header_is_a_protocol_failure_and_not_a_full_memory(serve: Serve) -> None:
    assert failure_of(serve(answering(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000)).url).kind is HttpFailure.PROTOCOL


def test_terminal_escapes_of_a_server_do_not_reach_the_message(serve: Serve) -> None:
    assert "\x1b" not in failure_of(serve(answering(b"\x1b[31mHTTP nonsense\r\n\r\n")).url).diagnostics()


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def test_a_certificate_nobody_vouches_for_is_a_tls_failure(serve: Serve, tmp_path: Path) -> None:
    error = failure_of(serve(answering(b""), self_signed(tmp_path)).url)
    assert error.kind is HttpFailure.TLS
    assert error.what == "TLS failed: self-signed certificate"


def test_tls_to_a_server_that_does_not_speak_it_is_a_tls_failure(serve: Serve) -> None:
    def plain(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        wait_for_end(connection)

    assert failure_of(f"https://127.0.0.1:{serve(plain).port}/").kind is HttpFailure.TLS


def test_no_route_is_unreachable() -> None:
    error = httpcore.ConnectError("x")
    error.__cause__ = OSError(errno.EHOSTUNREACH, "No route to host")
    explained = explain(error, deadline=1, where="http://10.0.0.1/")
    assert (explained.kind, explained.what) == (HttpFailure.UNREACHABLE, "cannot connect (No route to host)")


def test_a_failure_is_retryable() -> None:
    assert isinstance(failure_of(f"http://127.0.0.1:{closed_port()}/"), RetryableError)


@given(
    raw=st.binary(max_size=400),
    head=st.sampled_from([b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]),
)
def test_whatever_bytes_a_server_sends_the_end_is_an_answer_or_a_failure(raw: bytes, head: bytes) -> None:
    with tcp_server(answering(head + raw)) as server:
        try:
            status = get(server.url, deadline=5).status
        except HttpFailedError as error:
            status = 0 if error.what and error.remedy else -1
    assert status == 0 or 100 <= status <= 999

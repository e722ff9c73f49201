from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.fakes.tcp import TcpServer, Treatment, answering, closed_port, read_request, tcp_server
from validator.model.errors import PermanentError
from validator.support.http import HttpFailedError, HttpFailure, get

Serve = Callable[[Treatment], TcpServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda treatment: stack.enter_context(tcp_server(treatment))


def failure_of(url: str) -> HttpFailedError:
    with pytest.raises(HttpFailedError) as caught:
        get(url, deadline=5)
    return caught.value


def stay(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def test_a_redirect_on_the_same_host_is_followed_and_recorded(serve: Serve) -> None:
    def treat(connection: socket.socket) -> None:
        moved = read_request(connection).startswith(b"GET /health ")
        connection.sendall(
            b"HTTP/1.1 308 Moved\r\nlocation: /health/\r\ncontent-length: 0\r\n\r\n"
            if moved
            else b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
        )

    server = serve(treat)
    answer = get(f"{server.url}/health", deadline=5)
    assert (answer.status, answer.body) == (200, b"ok")
    assert answer.redirects == (f"{server.url}/health/",)


@pytest.mark.parametrize(
    "location", ["http://sso.example.com/login", "http://127.0.0.1:1/", "//other/", "http://[", ""]
)
def test_a_redirect_to_another_place_is_the_answer(serve: Serve, location: str) -> None:
    raw = f"HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
    answer = get(serve(answering(raw)).url, deadline=5)
    assert (answer.status, answer.headers["location"]) == (302, location)


def test_a_redirect_is_the_answer_where_none_is_followed(serve: Serve) -> None:
    raw = b"HTTP/1.1 302 Found\r\nlocation: /health/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    answer = get(serve(answering(raw)).url, deadline=5, follow=False)
    assert (answer.status, answer.headers["location"], answer.redirects) == (302, "/health/", ())


def test_a_circle_of_redirects_ends(serve: Serve) -> None:
    raw = b"HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n"
    answer = get(serve(answering(raw)).url, deadline=5)
    assert (answer.status, len(answer.redirects)) == (302, 5)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "health",
        "ftp://example.com",
        "http://",
        "http://host:99999/",
        "http://host:0/",
        "http://[::1",
        "http://a\nb/",
    ],
)
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(PermanentError) as caught:
        get(url, deadline=5)
    assert "https://" in caught.value.remedy


def test_a_header_that_cannot_be_sent_is_refused_without_showing_its_value(serve: Serve) -> None:
    with pytest.raises(PermanentError) as caught:
        get(serve(stay).url, deadline=5, headers={"authorization": "Bearer s3cret\n"})
    assert "s3cret" not in caught.value.diagnostics()


def test_an_error_does_not_repeat_user_password_and_query() -> None:
    error = failure_of(f"http://me:s3cret@127.0.0.1:{closed_port()}/health?token=s3cret")
    assert "s3cret" not in error.diagnostics()
    assert "/health" in error.where


def test_a_proxy_of_the_environment_is_asked(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(answering(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nvia"))
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    assert get("http://shop.example/health", deadline=5).body == b"via"


def test_a_proxy_that_refuses_is_named(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(answering(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"))
    monkeypatch.setenv("https_proxy", f"127.0.0.1:{proxy.port}")
    error = failure_of("https://shop.example/health")
    assert error.kind is HttpFailure.UNREACHABLE
    assert "through the proxy (407 Proxy Authentication Required)" in error.what


def test_this_machine_is_asked_without_a_proxy(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    server = serve(answering(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\ndirect"))
    assert get(server.url, deadline=5).body == b"direct"


def test_an_unsupported_kind_of_proxy_is_a_lasting_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1080")
    with pytest.raises(PermanentError, match="socks5"):
        get("http://shop.example/health", deadline=5)

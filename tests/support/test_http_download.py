"""Files fetched over HTTP: within a deadline and a size, and gone on with after a cut."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fakes.certificates import Authority
from tests.fakes.tcp import TcpServer, answering, read_request, tcp_server
from validator.model.errors import PermanentError
from validator.support.http import HttpFailedError, HttpFailure, get
from validator.support.http_download import Download, DownloadAnswer
from validator.support.stop import Stop

Serve = Callable[..., TcpServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda treatment, tls=None: stack.enter_context(tcp_server(treatment, tls))


def ask(download: Download, url: str, **options: float) -> DownloadAnswer:
    return download.ask(url, deadline=options.get("deadline", 10.0), stop=Stop(), silence=options.get("silence", 30.0))


def test_a_connection_that_falls_silent_counts_as_cut(serve: Serve, tmp_path: Path) -> None:
    def half(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf.")
        connection.recv(1)

    with (tmp_path / "file").open("w+b") as file:
        download, began = Download(file, max_bytes=100), time.monotonic()
        with pytest.raises(HttpFailedError, match=r"not a byte came for 0\.6 s"):
            ask(download, serve(half).url, silence=0.6)
        assert 0.5 < time.monotonic() - began < 5
        assert (download.size, (tmp_path / "file").read_bytes()) == (5, b"half.")


def test_an_answer_that_goes_on_elsewhere_than_asked_is_not_written(serve: Serve, tmp_path: Path) -> None:
    answers = [
        b'HTTP/1.1 200 OK\r\netag: "a"\r\ncontent-length: 10\r\n\r\nfirst',
        b"HTTP/1.1 206 OK\r\ncontent-range: bytes 7-9/10\r\ncontent-length: 3\r\n\r\nxxx",
        b"HTTP/1.1 206 OK\r\ncontent-range: bytes 5-9/10\r\ncontent-length: 5\r\n\r\n_last",
    ]

    def next_one(connection: socket.socket) -> None:
        answering(answers.pop(0))(connection)

    server = serve(next_one)
    with (tmp_path / "file").open("w+b") as file:
        download = Download(file, max_bytes=100)
        with pytest.raises(HttpFailedError) as cut:
            ask(download, server.url)
        assert cut.value.kind is HttpFailure.RESET
        assert ask(download, server.url).body == b"xxx"
        assert download.size == 5
        ask(download, server.url)
    assert (tmp_path / "file").read_bytes() == b"first_last"


def test_a_file_beyond_the_limit_is_refused(serve: Serve, tmp_path: Path) -> None:
    def endless(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with (tmp_path / "file").open("w+b") as file, pytest.raises(PermanentError, match="larger than 100000 bytes"):
        ask(Download(file, max_bytes=100_000), serve(endless).url)
    assert (tmp_path / "file").stat().st_size <= 100_000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full, as Linux has it")
def test_a_full_disk_is_told_as_one(serve: Serve) -> None:
    big = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 1_000_000
    with (
        Path("/dev/full").open("r+b", buffering=0) as file,
        pytest.raises(PermanentError, match="cannot be written: No space left"),
    ):
        ask(Unseekable(file), serve(answering(big)).url)


class Unseekable(Download):
    """A device has no length, and needs none."""

    def __init__(self, file) -> None:
        super().__init__(file, max_bytes=10**9)

    def start_over(self) -> None:
        self.size = 0


def test_redirects_end_somewhere(serve: Serve, tmp_path: Path) -> None:
    server = serve(answering(b"HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n"))
    with (tmp_path / "file").open("w+b") as file, pytest.raises(PermanentError, match="more than 5 redirects"):
        ask(Download(file, max_bytes=100), server.url)


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/x", "http://", "https://[::1"])
def test_a_redirect_to_nowhere_is_refused(serve: Serve, tmp_path: Path, location: str) -> None:
    server = serve(answering(f"HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n".encode()))
    with (tmp_path / "file").open("w+b") as file, pytest.raises((PermanentError, HttpFailedError)):
        ask(Download(file, max_bytes=100), server.url)


def test_a_question_that_is_sent_to_nowhere_has_no_answer(serve: Serve) -> None:
    server = serve(answering(b"HTTP/1.1 302 Found\r\nlocation: https://[::1\r\ncontent-length: 0\r\n\r\n"))
    with pytest.raises(HttpFailedError, match="not an HTTP answer"):
        get(server.url, deadline=5)


def test_a_redirect_from_tls_to_no_tls_is_the_answer(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority("Test")
    (tmp_path / "ca.pem").write_text(authority.pem, encoding="ascii")
    plain = serve(answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno"))
    say = f"HTTP/1.1 302 Found\r\nlocation: {plain.url}/x\r\ncontent-length: 0\r\n\r\n".encode()
    secure = serve(answering(say), authority.server(tmp_path, "server"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with (tmp_path / "file").open("w+b") as file:
        download = Download(file, max_bytes=100)
        assert ask(download, secure.url).status == 302
        assert download.size == 0

"""GitHub's release API and the store that it redirects to, each on a port of its own, misbehaving as a test says."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REPOSITORY = "acme/shop"
API_PATH = f"/repos/{REPOSITORY}/releases"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What one request meets instead of a good answer."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    share: float = 1.0
    """Of the file's bytes that come."""
    honest: bool = True
    """Whether the length of the whole file is announced: then fewer bytes are a cut, else a shorter file."""
    silent: bool = False
    """After the share, nothing more comes, and the connection stays open."""
    changes_file: bool = False
    """Afterwards the store has another version of the file."""


@dataclass(frozen=True)
class Asked:
    path: str
    headers: Message


class Forge:
    """Requests are answered well once the troubles that wait for them are used up."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        self.assets = dict(assets)
        self.digests = {name: f"sha256:{hashlib.sha256(data).hexdigest()}" for name, data in assets.items()}
        self.state = "uploaded"
        self.tag = "v4.12.0"
        self.etag = '"one"'
        self.api_troubles: list[Trouble] = []
        self.store_troubles: list[Trouble] = []
        self.api_asked: list[Asked] = []
        self.store_asked: list[Asked] = []
        self.over = threading.Event()
        self._api, self.api_url = self._serve(self._answer_api)
        self._store, self.store_url = self._serve(self._answer_store)

    def release(self) -> bytes:
        entries = [
            {"id": number, "name": name, "size": len(data), "state": self.state, "digest": self.digests[name] or None}
            for number, (name, data) in enumerate(self.assets.items())
        ]
        return json.dumps({"tag_name": self.tag, "assets": entries}).encode()

    def close(self) -> None:
        self.over.set()
        for server, thread in (self._api, self._store):
            server.shutdown()
            thread.join()
            server.server_close()

    def _serve(self, answer) -> tuple[tuple[ThreadingHTTPServer, threading.Thread], str]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with contextlib.suppress(OSError):
                    answer(self)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        return (server, thread), f"http://127.0.0.1:{server.server_port}"

    def _answer_api(self, request: BaseHTTPRequestHandler) -> None:
        self.api_asked.append(Asked(request.path, request.headers))
        trouble = self.api_troubles.pop(0) if self.api_troubles else Trouble()
        name, _, number = request.path.removeprefix(f"{API_PATH}/").rpartition("/")
        if trouble.status != 200:
            _say(request, trouble.status, {**trouble.headers}, b'{"message": "API rate limit exceeded"}')
        elif name == "assets":
            _say(request, 302, {"Location": f"{self.store_url}/{number}?signature=s3cret"}, b"")
        elif request.path in (f"{API_PATH}/latest", f"{API_PATH}/tags/{self.tag}"):
            _say(request, 200, {"Content-Type": "application/json"}, self.release())
        else:
            _say(request, 404, {}, b'{"message": "Not Found"}')

    def _answer_store(self, request: BaseHTTPRequestHandler) -> None:
        self.store_asked.append(Asked(request.path, request.headers))
        trouble = self.store_troubles.pop(0) if self.store_troubles else Trouble()
        data = list(self.assets.values())[int(request.path.strip("/").partition("?")[0])]
        if trouble.status != 200:
            _say(request, trouble.status, {**trouble.headers}, b"no")
            return
        start = self._start(request.headers)
        if start >= len(data) > 0:
            _say(request, 416, {"Content-Range": f"bytes */{len(data)}"}, b"")
            return
        rest = data[start:]
        part = rest[: int(len(rest) * trouble.share)]
        head = {"ETag": self.etag} if self.etag else {}
        if start:
            head["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        _say(request, 206 if start else 200, head, part, length=len(rest) if trouble.honest else len(part))
        if trouble.changes_file:
            self.etag = '"two"'
        if trouble.silent:
            request.wfile.flush()
            self.over.wait(30)

    def _start(self, headers: Message) -> int:
        if headers.get("If-Range") != self.etag:
            return 0
        return int(headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))


def _say(
    request: BaseHTTPRequestHandler, status: int, head: Mapping[str, str], body: bytes, length: int | None = None
) -> None:
    request.send_response(status)
    for name, value in {**head, "Content-Length": str(len(body) if length is None else length)}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


@contextlib.contextmanager
def forge(assets: Mapping[str, bytes]) -> Iterator[Forge]:
    """A forge for the length of the block."""
    running = Forge(assets)
    try:
        yield running
    finally:
        running.close()

"""A web site on a loopback port whose pages a test writes, and rewrites while it is asked."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    body: str = "ok"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Site:
    """Answers with the page of a path, after those that are queued for it; with 404 where there is none."""

    def __init__(self, pages: Mapping[str, Page], tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.pages = dict(pages)
        self.first: list[Page] = []
        """What the next requests get, whatever they ask for."""
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                page = site.first.pop(0) if site.first else site.pages.get(self.path, Page("not found", 404))
                body = page.body.encode()
                self.send_response(page.status)
                for name, value in {"Content-Length": str(len(body)), **page.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        class Server(ThreadingHTTPServer):
            def finish_request(self, request, client_address) -> None:
                with contextlib.suppress(OSError), self._secured(request) as connection:
                    super().finish_request(connection, client_address)

            def _secured(self, request):
                return tls.wrap_socket(request, server_side=True) if tls is not None else request

            def shutdown_request(self, request) -> None:
                with contextlib.suppress(OSError):
                    super().shutdown_request(request)

        self._server = Server(("0.0.0.0", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"{'https' if tls else 'http'}://{host}:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextlib.contextmanager
def site(pages: Mapping[str, Page], tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Site]:
    """A site for the length of the block."""
    running = Site(pages, tls, host)
    try:
        yield running
    finally:
        running.close()

"""Whether the backend answers: real servers on real ports."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from validator.deploys.probes import Probes
from validator.deploys.readiness import Readiness, probe, wait_until_ready
from validator.model.causes import Cause
from validator.model.errors import PermanentError
from validator.support.clock import SystemClock
from validator.support.http import get
from validator.support.stop import Stop

Serve = Callable[..., "Backend"]


class Backend:
    """Answers with one status after the other, the last one for ever."""

    def __init__(self, *statuses: int, headers: dict[str, str] | None = None) -> None:
        self.asked = 0
        self.on_request: Callable[[], None] = lambda: None
        backend = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status = statuses[min(backend.asked, len(statuses) - 1)]
                backend.asked += 1
                backend.on_request()
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/health"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Backend] = []

    def start(*statuses: int, headers: dict[str, str] | None = None) -> Backend:
        servers.append(Backend(*statuses, headers=headers))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def nobody() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}/health"


def test_a_backend_that_answers_is_ready_at_once(serve: Serve) -> None:
    backend = serve(204)

    found = wait_until_ready(Readiness(url=backend.url, within=10.0), get, SystemClock(), Stop())

    assert (found.url, found.ready, found.attempts) == (backend.url, True, 1)
    assert found.detail.startswith("HTTP 204 in ")
    assert found.seconds < 5


def test_a_backend_that_comes_up_is_waited_for(serve: Serve) -> None:
    backend = serve(503, 500, 200)

    found = wait_until_ready(Readiness(url=backend.url, within=20.0), get, SystemClock(), Stop())

    assert (found.ready, found.attempts, backend.asked) == (True, 3, 3)


def test_a_backend_that_stays_away_is_given_up_when_its_time_is_over(nobody: str) -> None:
    found = wait_until_ready(Readiness(url=nobody, within=0.6), get, SystemClock(), Stop())

    assert (found.ready, found.detail) == (False, "connection refused")
    assert found.attempts >= 2, "it is asked once more at the end"
    assert 0.5 < found.seconds < 3


def test_without_any_time_it_is_asked_once(serve: Serve) -> None:
    backend = serve(503)

    assert wait_until_ready(Readiness(url=backend.url, within=0.0), get, SystemClock(), Stop()).attempts == 1
    assert backend.asked == 1


def test_a_stop_ends_the_waiting(serve: Serve) -> None:
    backend, stop = serve(503), Stop()
    backend.on_request = lambda: stop.set("interrupted")

    found = wait_until_ready(Readiness(url=backend.url, within=50.0), get, SystemClock(), stop)

    assert not found.ready
    assert found.seconds < 5


def test_a_server_that_asks_to_wait_is_left_alone_for_so_long(serve: Serve) -> None:
    backend = serve(429, 200, headers={"Retry-After": "1"})

    found = wait_until_ready(Readiness(url=backend.url, within=20.0), get, SystemClock(), Stop())

    assert found.ready
    assert found.seconds >= 1.0


@pytest.mark.parametrize("said", ["Wed, 21 Oct 2026 07:28:00 GMT", "-5", "99999999", "", "5.5"])
def test_a_wait_that_is_no_number_of_seconds_is_ignored(serve: Serve, said: str) -> None:
    backend = serve(503, 200, headers={"Retry-After": said})

    assert wait_until_ready(Readiness(url=backend.url, within=10.0), get, SystemClock(), Stop()).seconds < 5


@pytest.mark.parametrize(
    ("status", "headers", "detail"),
    [
        (500, {}, "HTTP 500 in "),
        (404, {}, "HTTP 404 in "),
        (302, {"Location": "https://login.example.com/"}, ", which leads to https://login.example.com/"),
    ],
)
def test_a_single_probe_tells_what_it_met(serve: Serve, status: int, headers: dict[str, str], detail: str) -> None:
    found = probe(Readiness(url=serve(status, headers=headers).url, within=5.0), get)

    assert not found.ready
    assert found.attempts == 1
    assert detail in found.detail


@pytest.mark.parametrize(("status", "expected", "ready"), [(401, 401, True), (200, 401, False), (204, None, True)])
def test_another_status_can_be_the_one_that_means_ready(
    serve: Serve, status: int, expected: int | None, *, ready: bool
) -> None:
    url = serve(status).url

    assert probe(Readiness(url=url, within=5.0, expect_status=expected), get).ready is ready


def test_what_a_redirect_leads_to_is_not_what_was_asked(serve: Serve) -> None:
    error_page = serve(302, 200, headers={"Location": "/we-are-sorry"})
    once = partial(get, follow=False)

    found = probe(Readiness(url=error_page.url, within=5.0), once)

    assert not found.ready
    assert found.detail.endswith(", which leads to /we-are-sorry")
    assert error_page.asked == 1


def test_a_redirect_can_be_what_is_expected(serve: Serve) -> None:
    sign_in = serve(302, headers={"Location": "/login"})
    once = partial(get, follow=False)

    assert wait_until_ready(
        Readiness(url=sign_in.url, within=5.0, expect_status=302), once, SystemClock(), Stop()
    ).ready


def test_all_addresses_are_waited_for_in_turn_and_asked_side_by_side(serve: Serve, nobody: str) -> None:
    first, second = serve(503, 200), serve(200)
    addresses = tuple(Readiness(url=url, within=0.6) for url in (first.url, nobody, second.url))
    probes = Probes(lambda: addresses, get, SystemClock())

    assert [found.ready for found in probes.wait(Stop())] == [True, False, True]
    assert [found.ready for found in probes.ask()] == [True, False, True]
    assert Probes(lambda: (), get, SystemClock()).ask() == ()


def test_nothing_more_is_asked_once_the_run_was_stopped(serve: Serve) -> None:
    backend, stop = serve(200), Stop()
    probes = Probes(lambda: (Readiness(url=backend.url, within=5.0),) * 3, get, SystemClock())
    backend.on_request = lambda: stop.set("interrupted")

    assert len(list(probes.wait(stop))) == 1
    assert backend.asked == 1


def test_a_single_probe_tells_that_nobody_is_there(nobody: str) -> None:
    assert probe(Readiness(url=nobody, within=5.0), get).detail == "connection refused"


def test_an_address_that_is_none_is_a_mistake_before_the_run_and_a_fact_after_it() -> None:
    nonsense = Readiness(url="nonsense", within=5.0)

    with pytest.raises(PermanentError):
        wait_until_ready(nonsense, get, SystemClock(), Stop())

    assert not probe(nonsense, get).ready


@pytest.mark.parametrize(
    ("status", "headers", "said", "cause"),
    [
        (429, {"Retry-After": "7"}, ", rate limited, asks to wait 7 s", Cause.RATE_LIMITED),
        (429, {"RateLimit": '"probes";r=0;t=9'}, ", rate limited, asks to wait 9 s", Cause.RATE_LIMITED),
        (503, {"Retry-After": "7"}, ", asks to wait 7 s", None),
        (403, {"cf-mitigated": "challenge"}, ", a firewall's page", Cause.SECURITY_BLOCKED),
        (202, {"x-amzn-waf-action": "challenge"}, ", a firewall's page", Cause.SECURITY_BLOCKED),
        (403, {}, " ms", None),
        (503, {}, " ms", None),
        (302, {"Location": "/?x=, rate limited"}, "which leads to /?x=, rate limited", None),
    ],
)
def test_a_probe_tells_what_kept_the_backend_from_answering(
    serve: Serve, status: int, headers: dict[str, str], said: str, cause: Cause | None
) -> None:
    found = probe(Readiness(url=serve(status, headers=headers).url, within=5.0, expect_status=200), get)
    assert not found.ready
    assert found.detail.endswith(said)
    assert found.cause is cause

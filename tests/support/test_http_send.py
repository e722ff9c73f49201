"""Requests with a body: sent once, whole, and never beyond the deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from tests.fakes.targets import CUT, HANGING, Fault, Hook, running
from validator.model.errors import PermanentError
from validator.support.http_errors import HttpFailedError, HttpFailure
from validator.support.http_send import send
from validator.support.stop import Stop


@pytest.fixture
def site() -> Iterator[Hook]:
    target = Hook()
    with running(target):
        yield target


def test_a_body_arrives_whole_with_its_headers(site: Hook):
    body = bytes(range(256)) * 2_000
    answer = send("POST", f"{site.url}/x?y=1", deadline=5, stop=Stop(), body=body, headers={"X-Mark": "m"})
    (asked,) = site.taken
    assert (answer.status, asked.method, asked.path, asked.body) == (202, "POST", "/x?y=1", body)
    assert asked.headers["x-mark"] == "m"
    assert asked.headers["user-agent"].startswith("validator/")


def test_a_request_without_a_body_is_one_too(site: Hook):
    assert send("GET", site.url, deadline=5, stop=Stop()).status == 202
    assert site.taken[0].body == b""


def test_a_redirect_is_the_answer(site: Hook):
    site.script.append(Fault(status=307, headers={"Location": "/elsewhere"}))
    assert send("POST", site.url, deadline=5, stop=Stop(), body=b"x").status == 307
    assert len(site.asked) == 1


def test_a_cut_connection_is_not_asked_again(site: Hook):
    site.script.append(CUT)
    with pytest.raises(HttpFailedError) as caught:
        send("POST", site.url, deadline=5, stop=Stop(), body=b"x")
    assert caught.value.kind is HttpFailure.RESET
    assert len(site.asked) == 1


def test_the_deadline_and_the_stop_end_it(site: Hook):
    site.script.extend([HANGING, HANGING])
    began = time.monotonic()
    with pytest.raises(HttpFailedError):
        send("POST", site.url, deadline=0.4, stop=Stop(), body=b"x")
    stop = Stop()
    threading.Timer(0.2, stop.set, args=("enough",)).start()
    with pytest.raises(HttpFailedError):
        send("POST", site.url, deadline=30, stop=stop, body=b"x")
    assert time.monotonic() - began < 5


def test_a_long_answer_is_cut(site: Hook):
    site.script.append(Fault(status=500, body=b"x" * 1_000_000))
    answer = send("POST", site.url, deadline=5, stop=Stop(), body=b"x")
    assert (len(answer.body), answer.truncated) == (256 * 1024, True)


def test_a_header_that_http_does_not_allow_is_refused_and_not_shown(site: Hook):
    with pytest.raises(PermanentError) as caught:
        send("POST", site.url, deadline=5, stop=Stop(), headers={"authorization": "s3cret\nline"})
    assert "s3cret" not in caught.value.diagnostics()
    assert site.asked == []

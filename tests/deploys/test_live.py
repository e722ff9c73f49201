"""What is live by its own word: real servers on real ports."""

from collections.abc import Iterator

import pytest

from tests.fakes.site import Page, Site, site
from tests.fakes.tcp import closed_port, tcp_server
from validator.deploys.live import LiveProbe, ask_live, is_expected, same_revision, wait_until_live
from validator.model.errors import PermanentError
from validator.support.clock import SystemClock
from validator.support.http import get
from validator.support.json_path import JsonPath
from validator.support.stop import Stop

REVISION = JsonPath.parse("$.build.revision")


@pytest.fixture
def backend() -> Iterator[Site]:
    with site({"/version": Page('{"build": {"revision": "4f2a9c1"}}'), "/plain": Page(" 1.4.2\n")}) as running:
        yield running


def probe(url: str, **changes: object) -> LiveProbe:
    return LiveProbe(**({"url": url, "path": REVISION, "within": 5.0} | changes))  # type: ignore[arg-type]  # at run time


def test_a_revision_is_read_from_its_place(backend):
    answer = ask_live(probe(f"{backend.url}/version", expected="4f2a9c1"), get)
    assert (answer.said, answer.expected) == ("4f2a9c1", "4f2a9c1")
    assert answer.detail.startswith("HTTP 200 in ")
    assert answer.digest.startswith("sha256:")
    assert is_expected(answer)


def test_without_a_path_the_answer_is_the_version(backend):
    assert ask_live(probe(f"{backend.url}/plain", path=None), get).said == "1.4.2"


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (Page('{"build": {}}'), "nothing at $.build.revision"),
        (Page('{"build": {"revision": {}}}'), "nothing at $.build.revision"),
        (Page("<html>"), "not JSON"),
        (Page("[" * 100_000), "not JSON"),
        (Page("x" * 2_000_000), "too long"),
        (Page('{"build": {"revision": "4f2a9c1"}}', status=503), "no answer to read a revision from"),
    ],
)
def test_an_answer_without_a_revision_says_why(backend, page, why):
    backend.pages["/version"] = page
    answer = ask_live(probe(f"{backend.url}/version"), get)
    assert answer.said == ""
    assert why in answer.detail
    assert not is_expected(answer)


def test_a_rollout_is_waited_for(backend):
    old = Page('{"build": {"revision": "1111111"}}')
    backend.first = [old, Page("starting", status=503), old]
    answer = wait_until_live(probe(f"{backend.url}/version", expected="4f2a9c1"), get, SystemClock(), Stop())
    assert (answer.said, answer.attempts) == ("4f2a9c1", 4)


def test_another_revision_is_told_when_its_time_is_over(backend):
    waited = probe(f"{backend.url}/version", expected="0000000", within=0.6)
    answer = wait_until_live(waited, get, SystemClock(), Stop())
    assert (answer.said, is_expected(answer)) == ("4f2a9c1", False)
    assert answer.attempts >= 2
    assert 0.5 < answer.seconds < 3


def test_nobody_there_is_told_in_time_and_a_silent_server_too():
    nobody = probe(f"http://127.0.0.1:{closed_port()}/version", within=0.0)
    assert wait_until_live(nobody, get, SystemClock(), Stop()).detail == "connection refused"
    with tcp_server(lambda connection: None if connection.recv(1) == b"" else connection.settimeout(9)) as silent:
        answer = wait_until_live(probe(f"{silent.url}/version", within=0.5), get, SystemClock(), Stop())
    assert answer.said == ""
    assert answer.seconds < 3


def test_a_stop_ends_the_waiting(backend):
    stop = Stop()
    stop.set("interrupted")
    answer = wait_until_live(probe(f"{backend.url}/version", expected="0000000", within=30), get, SystemClock(), stop)
    assert answer.attempts == 1


def test_what_is_no_address_is_a_mistake():
    with pytest.raises(PermanentError):
        ask_live(probe("nowhere"), get)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("4f2a9c1", "4f2a9c1b7d", True),
        ("4F2A9C1B7D", "4f2a9c1", True),
        ("4f2a9c", "4f2a9c1b7d", False),
        ("1.4.2", "1.4.2", True),
        ("1.4.2", "1.4.20", False),
        ("release1", "release12", False),
        ("", "4f2a9c1", False),
    ],
)
def test_an_abbreviated_commit_is_the_commit(one, other, same):
    assert same_revision(one, other) is same
    assert same_revision(other, one) is same

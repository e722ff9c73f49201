"""An access log shows which requests were a run's own, and whether production could tell."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traffic.logs import RUN, marked, own, proof, request, written
from validator.model.traffic import TrafficProof
from validator.support.stop import Stop
from validator.support.text import visible
from validator.traffic.fields import LogFields
from validator.traffic.log_entry import LogFormat, reader
from validator.traffic.proof import EXAMPLES, ReadingStoppedError, prove


def test_a_log_in_which_each_request_of_the_run_is_marked_proves_separation(tmp_path):
    lines = [marked(user="anon-1"), request(user="somebody"), marked(user="anon-2"), request()]
    found = proof(written(tmp_path, lines))
    assert (found.lines, found.marked, found.unmarked, found.foreign, found.users) == (4, 2, 0, 0, 2)
    assert found.separated
    assert found.user_ids == ("anon-1", "anon-2")


def test_a_request_of_our_user_without_the_mark_is_a_leak_and_named(tmp_path):
    lines = [marked(user="anon-1"), request(user="anon-1", method="POST", path="/v1/orders", status=201)]
    found = proof(written(tmp_path, lines))
    assert not found.separated
    assert found.unmarked == 1
    (leak,) = found.unmarked_examples
    assert (leak.request, leak.line, leak.user) == ("POST /v1/orders 201", 2, "anon-1")
    assert "POST /v1/orders 201" in found.why_not


def test_a_leak_before_the_first_marked_request_of_its_user_is_found_too(tmp_path):
    early = written(tmp_path, [request(1.0, user="anon-1")], "a.log")
    late = written(tmp_path, [marked(2.0, user="anon-1")], "b.log")
    assert proof(early, late).unmarked == 1


def test_what_our_user_sends_outside_of_the_runs_time_is_no_leak(tmp_path):
    lines = [marked(user="anon-1"), request(-5, user="anon-1"), request(61, user="anon-1")]
    assert proof(written(tmp_path, lines)).unmarked == 0


def test_unmarked_requests_from_our_addresses_are_leaks(tmp_path):
    lines = [marked(), request(), request(remote="203.0.113.9"), request(100)]
    found = proof(written(tmp_path, lines), ours=own(addresses=["198.51.100.0/24"]))
    assert (found.marked, found.unmarked) == (1, 1)


def test_users_that_are_told_need_no_mark_to_be_known(tmp_path):
    found = proof(written(tmp_path, [request(user="told"), marked()]), ours=own(users=["told"]))
    assert found.unmarked == 1


@pytest.mark.parametrize("line", [marked(-60), marked(120), marked(remote="203.0.113.9"), marked(remote="")])
def test_our_mark_from_another_time_or_place_is_foreign_and_teaches_no_user(tmp_path, line):
    forged = json.dumps(json.loads(line) | {"user": "victim"})
    lines = [marked(), forged, request(user="victim", remote="203.0.113.9")]
    found = proof(written(tmp_path, lines), ours=own(addresses=["198.51.100.7"]))
    assert (found.marked, found.foreign, found.unmarked, found.users) == (1, 1, 0, 0)


def test_of_a_stranger_the_network_is_shown_and_not_the_address(tmp_path):
    found = proof(written(tmp_path, [marked(remote="203.0.113.9")]), ours=own(addresses=["198.51.100.7"]))
    assert found.foreign_examples[0].address == "203.0.113.0/24"


def test_marks_of_other_runs_are_neither_ours_nor_leaks(tmp_path):
    lines = [marked(user="anon-1"), marked(run="20261121-000000-zzzz"), request(user="anon-1", run="another")]
    found = proof(written(tmp_path, lines))
    assert (found.marked, found.other_runs, found.unmarked, found.foreign) == (1, 2, 0, 0)


def test_a_log_without_any_request_of_the_run_proves_nothing(tmp_path):
    found = proof(written(tmp_path, [request(), request()]))
    assert not found.separated
    assert "proves nothing" in found.why_not


def test_broken_lines_are_counted_and_the_first_of_them_shown(tmp_path):
    lines = ["{", "not a log line", "[]", '{"time": null}', "", marked(), marked(time="never")]
    found = proof(written(tmp_path, lines))
    assert (found.lines, found.broken, found.marked) == (7, 5, 1)
    assert [seen.line for seen in found.broken_examples] == [1, 2, 3, 4, 7]


def test_no_more_than_the_first_examples_are_kept(tmp_path):
    lines = [marked(user="anon-1"), *(request(user="anon-1", path=f"/{n}") for n in range(50))]
    found = proof(written(tmp_path, lines))
    assert found.unmarked == 50
    assert [seen.request for seen in found.unmarked_examples] == [f"GET /{n} 200" for n in range(EXAMPLES)]


def test_a_megabyte_in_a_field_is_read_and_shown_in_short(tmp_path):
    huge = "x" * 1_000_000
    lines = [marked(user="anon-1"), request(user="anon-1", path=f"/{huge}"), marked(run=f"{RUN}{huge}", user=huge)]
    found = proof(written(tmp_path, lines))
    assert (found.marked, found.unmarked, found.broken) == (1, 1, 0)
    assert len(found.unmarked_examples[0].request) <= 200


def test_secrets_in_a_leaked_request_are_masked(tmp_path):
    lines = [marked(user="anon-1"), request(user="anon-1", path="/v1/login?password=hunter2hunter2&page=2")]
    (leak,) = proof(written(tmp_path, lines)).unmarked_examples
    assert "hunter2" not in leak.request
    assert "***" in leak.request


@given(
    st.text(max_size=40),
    st.text(max_size=40),
    st.sampled_from(["\x1b[2J", "\x1b]0;title\x07", "::error::x", "\u202eevil", "\x00", "\r\n"]),
)
def test_nothing_that_a_client_sends_steers_a_terminal_or_a_report(path: str, user: str, attack: str) -> None:
    hostile: dict[str, object] = {"path": attack + path, "user": "anon-1", "method": attack, "status": attack + user}
    with tempfile.TemporaryDirectory() as folder:
        found = proof(written(Path(folder), [marked(user="anon-1"), request(10.0, **hostile)]))
    for seen in found.unmarked_examples:
        for text in (seen.request, seen.user, seen.at, seen.run, seen.address):
            assert visible(text) == text
            assert "\n" not in text
            assert not text.startswith("::")


REQUESTS: st.SearchStrategy[list[dict[str, object]]] = st.lists(
    st.builds(
        dict,
        at=st.sampled_from([-30.0, 0.0, 30.0, 60.0, 61.0]),
        run=st.sampled_from(["", RUN, "20261121-000000-zzzz"]),
        user=st.sampled_from(["", "u1", "u2", "u3"]),
        remote=st.sampled_from(["198.51.100.7", "203.0.113.9"]),
    ),
    max_size=12,
)


@given(REQUESTS, st.booleans())
def test_each_request_is_counted_as_what_it_is(requests: list[dict[str, object]], known: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = [request(**each) for each in requests]  # type: ignore[arg-type]  # `at` is a number
        found = proof(written(Path(folder), lines), ours=own(addresses=["198.51.100.7"] if known else []))
    assert counts(found) == expected(requests, known=known)


def counts(found: TrafficProof) -> tuple[int, ...]:
    return found.marked, found.unmarked, found.foreign, found.other_runs, found.broken


def expected(requests: list[dict[str, object]], *, known: bool) -> tuple[int, ...]:
    """The same by plain lists: who is ours is known before anything is counted."""

    def inside(each: dict[str, object]) -> bool:
        return 0.0 <= float(str(each["at"])) <= 60.0

    def here(each: dict[str, object]) -> bool:
        return each["remote"] == "198.51.100.7"

    ours = [each for each in requests if each["run"] == RUN]
    real = [each for each in ours if inside(each) and (here(each) or not known)]
    users = {each["user"] for each in real} - {""}
    bare = [each for each in requests if not each["run"]]
    leaks = [each for each in bare if inside(each) and (each["user"] in users or (known and here(each)))]
    others = [each for each in requests if each["run"] not in ("", RUN)]
    return len(real), len(leaks), len(ours) - len(real), len(others), 0


def test_reading_ends_when_somebody_asks_to_stop(tmp_path):
    stop = Stop()
    stop.set("interrupted")
    log = written(tmp_path, [request()] * 10_000)
    with pytest.raises(ReadingStoppedError):
        prove([log], own(), reader(LogFormat.AUTO, LogFields()), str, stop)

"""The runner's log of its calls: lost ones are counted while it grows, and it is kept small."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from validator.flows.client_log import ClientLog, ErrorCount

SAMPLES = Path(__file__).with_name("samples")
HEALTHY = b'07:00:00.1 POST /session/s1/element [1ms] OK body={"text":"[2ms] ERROR: in the body"}\n'
NOT_FOUND = b"07:00:00.1 POST /session/s1/element [100ms] ERR:404 body={}\n"
LOST = b'07:00:00.1 POST /session/s1/element [72\xc2\xb5s] ERROR: Post "http://localhost/session/s1/element": EOF\n'


def nobody(reason: str) -> None:
    raise AssertionError(f"nobody should be told: {reason}")


class Told:
    """Keeps the reasons that it is given."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.reasons: list[str] = []

    def __call__(self, reason: str) -> None:
        self.reasons.append(reason)
        self.event.set()


def count(data: bytes) -> int:
    counter = ErrorCount()
    counter.feed(data)
    return counter.finish()


def test_a_real_log_of_a_lost_device_has_lost_calls_and_that_of_a_healthy_one_has_none() -> None:
    assert count((SAMPLES / "passed_on_a_lost_device" / "client.log").read_bytes()) == 11
    assert count((SAMPLES / "passed" / "client.log").read_bytes()) == 0


def test_texts_of_the_app_are_not_taken_for_lost_calls() -> None:
    assert count(HEALTHY + NOT_FOUND + b" ERROR: \n[1ms] ERROR: \n") == 0
    assert count(HEALTHY + LOST + NOT_FOUND + LOST[:-1]) == 2


@given(
    st.lists(st.sampled_from([HEALTHY, NOT_FOUND, LOST, b"\n", b"noise"])), st.lists(st.integers(0, 400), max_size=8)
)
def test_the_count_does_not_depend_on_the_pieces(lines: list[bytes], cuts: list[int]) -> None:
    data = b"".join(lines)
    counter = ErrorCount()
    places = sorted({0, *(min(cut, len(data)) for cut in cuts), len(data)})
    for start, end in itertools.pairwise(places):
        counter.feed(data[start:end])

    assert counter.finish() == count(data)


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    counter = ErrorCount()
    for _ in range(20):
        counter.feed(b"x" * 1024 * 1024)

    assert len(counter._rest) <= 1024 * 1024
    assert counter.finish() == 0


def test_a_log_that_never_came_is_no_problem(tmp_path: Path) -> None:
    with ClientLog(tmp_path / "client.log", nobody) as log:
        pass

    assert (log.errors, log.problem) == (0, "")


def test_a_log_that_outgrows_its_limit_is_told_while_it_grows_and_cut_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "client.log"
    told = Told()

    with ClientLog(file, told, patience=60, max_bytes=1024 * 1024, kept_bytes=10_000) as log:
        file.write_bytes(b"first\n" + LOST * 12_000 + b"last\n")
        assert told.event.wait(10)

    assert told.reasons == ["the runner's log of calls outgrew its limit"]
    assert log.errors == 12_000
    kept = file.read_bytes()
    assert len(kept) < 25_000
    assert kept.startswith(b"first\n")
    assert kept.endswith(b"last\n")
    assert b" bytes left out]" in kept


def test_a_runner_that_has_lost_a_call_is_given_up_after_a_moment(tmp_path: Path) -> None:
    file = tmp_path / "client.log"
    told = Told()

    with ClientLog(file, told, patience=0.1) as log:
        file.write_bytes(HEALTHY + LOST)
        assert told.event.wait(10)

    assert told.reasons == ["the runner lost its calls to the device"]
    assert log.errors == 1


def test_a_runner_whose_calls_are_answered_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "client.log"

    with ClientLog(file, nobody, patience=0.0):
        file.write_bytes((HEALTHY + NOT_FOUND) * 100)
        assert not threading.Event().wait(0.6)


def test_a_log_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "client.log").mkdir()

    with ClientLog(tmp_path / "client.log", nobody) as log:
        pass

    assert "client.log cannot be read" in log.problem

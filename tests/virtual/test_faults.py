"""When armed faults strike: pure counting."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.virtual.faults import (
    SENTENCES,
    Event,
    Fault,
    FaultError,
    FaultKind,
    Switchboard,
    Trigger,
    parse_fault,
)


def crash_on(event: Event, **trigger: Any) -> Fault:
    return Fault(kind=FaultKind.CRASH, trigger=Trigger(event=event, **trigger))


def armed(*faults: Fault) -> Switchboard:
    board = Switchboard()
    for fault in faults:
        board.arm(fault)
    return board


def test_a_fault_strikes_at_its_event_and_no_other():
    board = armed(crash_on(Event.TAP))
    assert board.happened(Event.FIND, "x") == []
    assert [fault.kind for fault in board.happened(Event.TAP, "x")] == [FaultKind.CRASH]


@pytest.mark.parametrize(
    ("match", "text", "strikes"), [("place", "PLACE ORDER [order]", True), ("", "any", True), ("x", "y", False)]
)
def test_the_text_is_matched_in_part_and_whatever_its_case(match: str, text: str, strikes: bool):
    assert bool(armed(crash_on(Event.TAP, match=match)).happened(Event.TAP, text)) is strikes


@given(after=st.integers(1, 6), times=st.none() | st.integers(1, 4), events=st.integers(0, 15))
def test_it_strikes_from_the_nth_match_on_and_so_often(after: int, times: int | None, events: int):
    board = armed(crash_on(Event.FIND, match="a", after=after, times=times))
    struck = []
    for _ in range(events):
        board.happened(Event.FIND, "b")
        struck.append(len(board.happened(Event.FIND, "A")))
    possible = max(0, events - after + 1)
    expected = possible if times is None else min(times, possible)
    assert struck == [0] * min(events, after - 1) + [1] * expected + [0] * (possible - expected)


@given(st.lists(st.sampled_from(Event), max_size=20), st.lists(st.sampled_from(Event), max_size=5))
def test_faults_count_independently_of_one_another(events: list[Event], triggers: list[Event]):
    together = armed(*(crash_on(event, after=2) for event in triggers))
    alone = [armed(crash_on(event, after=2)) for event in triggers]
    for event in events:
        assert len(together.happened(event, "")) == sum(len(board.happened(event, "")) for board in alone)


def test_a_spent_fault_is_not_listed_any_more():
    board = armed(crash_on(Event.TAP, times=1), crash_on(Event.TAP))
    board.happened(Event.TAP, "")
    assert [entry.number for entry in board.armed] == [2]


def test_clearing_disarms_everything():
    board = armed(crash_on(Event.TAP))
    board.clear()
    assert board.happened(Event.TAP, "") == []


def test_every_fault_has_a_sentence():
    assert set(SENTENCES) == set(FaultKind)


def test_words_make_a_fault():
    assert parse_fault(kind="drop", event="http", match="/v1", after=2, times=3, delay_s=0.5) == Fault(
        kind=FaultKind.DROP, trigger=Trigger(event=Event.HTTP, match="/v1", after=2, times=3, delay_s=0.5)
    )
    assert parse_fault(kind="reboot", seconds=1) == Fault(kind=FaultKind.REBOOT, seconds=1)


@pytest.mark.parametrize(
    ("words", "explanation"),
    [
        ({"kind": "explode"}, "unknown fault 'explode'; known are: crash"),
        ({"kind": "crash", "event": "sneeze"}, "unknown event 'sneeze'; known are: launch"),
        ({"kind": "crash", "event": "tap", "after": 0}, "count from 1"),
        ({"kind": "crash", "event": "tap", "times": 0}, "count from 1"),
        ({"kind": "crash", "event": "tap", "delay_s": -1}, "between 0 and 3600"),
        ({"kind": "crash", "delay_s": 1}, "use the event 'time'"),
        ({"kind": "crash", "match": "x"}, "need an 'event'"),
        ({"kind": "crash", "event": "time", "match": "x"}, "comes once"),
    ],
)
def test_words_that_make_no_sense_are_explained(words: dict[str, Any], explanation: str):
    with pytest.raises(FaultError, match=explanation):
        parse_fault(**words)

"""What is not urgent waits until people are awake; nothing of it is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.alerts.memory import MemoryOutbox
from validator.alerts.incident import Severity
from validator.alerts.message import AlertMessage
from validator.alerts.outboxed import OutboxedChannel
from validator.alerts.quiet import QuietHours
from validator.alerts.route import Route
from validator.model.errors import RetryableError
from validator.support.stop import Stop

# half hours, quarters, changes of half an hour, at midnight, in the south, and of a whole day
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/Asuncion",
        "Pacific/Apia",
    ]
)
MOMENTS = st.integers(1_262_304_000, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""From 2010 to 2035."""
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
CALM = st.sampled_from([Severity.INFO, Severity.WARNING, Severity.ERROR])


def hours(starts: time, ends: time, zone: str = "Europe/Berlin", urgent: Severity = Severity.CRITICAL) -> QuietHours:
    return QuietHours(starts=starts, ends=ends, zone=ZoneInfo(zone), urgent=urgent)


def by_length(ends: time, awake: int, zone: str, urgent: Severity = Severity.CRITICAL) -> QuietHours:
    """Quiet for all of a day but so many minutes."""
    starts = time(*divmod((ends.hour * 60 + ends.minute + awake) % 1440, 60))
    return hours(starts, ends, zone, urgent)


NIGHT = hours(time(22), time(7))
ANY = st.builds(by_length, TIMES, st.integers(90, 1400), ZONES, st.sampled_from(Severity))


@pytest.mark.parametrize(
    ("moment", "waits"),
    [
        ("2026-11-21T20:59:59Z", False),  # 21:59:59 in Berlin
        ("2026-11-21T21:00:00Z", True),
        ("2026-11-22T05:59:59Z", True),
        ("2026-11-22T06:00:00Z", False),
        ("2026-07-21T19:59:59Z", False),  # an hour earlier in summer
        ("2026-07-21T20:00:00Z", True),
        ("2026-07-22T05:00:00Z", False),
        ("2026-03-29T04:59:59Z", True),  # the night of 8 hours, when the clocks went forward at 01:00Z
        ("2026-03-29T05:00:00Z", False),
        ("2026-10-25T05:59:59Z", True),  # the night of 10 hours
        ("2026-10-25T06:00:00Z", False),
    ],
)
def test_the_clocks_of_the_place_decide(moment: str, waits: bool):
    assert NIGHT.hold(Severity.WARNING, datetime.fromisoformat(moment)) is waits


@given(MOMENTS, ANY, st.sampled_from(Severity))
def test_what_is_urgent_never_waits(moment, quiet, severity):
    assert not (quiet.hold(severity, moment) and severity.rank >= quiet.urgent.rank)


@given(MOMENTS, TIMES, TIMES, ZONES, CALM)
def test_every_moment_is_in_the_hours_or_in_the_rest_of_the_day(moment, starts, ends, zone, severity):
    assume(starts != ends)
    held = [hours(*pair, zone).hold(severity, moment) for pair in ((starts, ends), (ends, starts))]
    assert sorted(held) == [False, True]


@given(MOMENTS, ANY, CALM)
def test_the_hours_end_also_when_clocks_are_changed(moment, quiet, severity):
    """A change of clocks can swallow an hour and, in Apia once, a day: never two days."""
    looks = (moment + timedelta(minutes=15 * step) for step in range(2 * 24 * 4 + 1))
    assert any(not quiet.hold(severity, look) for look in looks)


class HandClock:
    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


class Desk:
    """Takes everything."""

    name = "desk"

    def __init__(self) -> None:
        self.got: list[AlertMessage] = []

    def send(self, message: AlertMessage, stop: Stop) -> str:
        self.got.append(message)
        return "taken"


def over(desk: Desk, outbox: MemoryOutbox, clock: HandClock, quiet: QuietHours = NIGHT) -> OutboxedChannel:
    return OutboxedChannel(desk, outbox=outbox, route=Route(quiet=quiet, escalate_after=0), clock=clock)


@given(
    st.lists(st.tuples(st.integers(0, 600), st.sampled_from(Severity)), max_size=12),
    MOMENTS,
    ANY,
)
def test_every_alert_arrives_once_and_only_urgent_ones_in_the_hours(message, runs, moment, quiet):
    desk, outbox, clock = Desk(), MemoryOutbox(), HandClock(moment)
    channel = over(desk, outbox, clock, quiet)
    for number, (minutes, severity) in enumerate(runs):
        clock.time += timedelta(minutes=minutes)
        before = len(desk.got)
        channel.send(replace(message, run=f"run-{number:02}", severity=severity), Stop())
        assert not [each for each in desk.got[before:] if quiet.hold(each.severity, clock.time)]
    for _ in range(2 * 24 * 4 + 1):
        clock.time += timedelta(minutes=15)
        channel.deliver(Stop())
    assert Counter(each.run for each in desk.got) == {f"run-{number:02}": 1 for number in range(len(runs))}


def test_what_waits_is_no_failure_and_goes_out_in_order_when_the_hours_end(message: AlertMessage):
    desk, outbox, clock = Desk(), MemoryOutbox(), HandClock(datetime(2026, 11, 21, 23, tzinfo=UTC))
    channel = over(desk, outbox, clock)
    for number in range(15):  # more runs in one night than a target may fail to take an alert
        calm = replace(message, run=f"run-{number:02}", severity=Severity.WARNING)
        assert channel.send(calm, Stop()) == ""
    assert channel.deliver(Stop()) == 0
    clock.time += timedelta(hours=8)
    assert channel.deliver(Stop()) == 15
    assert [each.run for each in desk.got] == [f"run-{number:02}" for number in range(15)]


def test_without_a_record_to_wait_in_it_is_told_at_once(message: AlertMessage):
    desk, outbox, clock = Desk(), MemoryOutbox(), HandClock(datetime(2026, 11, 21, 23, tzinfo=UTC))
    outbox.away = True
    over(desk, outbox, clock).send(replace(message, severity=Severity.WARNING), Stop())
    assert len(desk.got) == 1


def test_an_urgent_alert_that_did_not_arrive_is_a_failure_in_the_hours_too(message: AlertMessage):
    class Away(Desk):
        def send(self, message: AlertMessage, stop: Stop) -> str:
            raise RetryableError("away", after=1000)

    clock = HandClock(datetime(2026, 11, 21, 23, tzinfo=UTC))
    with pytest.raises(RetryableError, match="away"):
        over(Away(), MemoryOutbox(), clock).send(replace(message, severity=Severity.CRITICAL), Stop())

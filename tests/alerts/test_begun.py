"""That a run has begun is told at once; nothing waits for it, and nothing depends on whether it arrives."""

from __future__ import annotations

import threading
import time

import pytest

from tests.alerts.memory import MemoryOutbox
from tests.fakes.targets import BROKEN, HANGING, REJECTING, Target
from validator.alerts.begun import begun
from validator.alerts.cdevents import FINISHED, STARTED, CDEventsChannel
from validator.alerts.message import AlertMessage
from validator.alerts.outboxed import OutboxedChannel
from validator.alerts.route import Route
from validator.support.clock import SystemClock
from validator.support.stop import Stop


def over(receiver: Target, outbox: MemoryOutbox, *, from_the_begin: bool = True) -> OutboxedChannel:
    route = Route(every_run=True, from_the_begin=from_the_begin)
    return OutboxedChannel(
        CDEventsChannel(url=receiver.url, deadline=3.0), outbox=outbox, route=route, clock=SystemClock(), patience=0.0
    )


def started(message: AlertMessage) -> AlertMessage:
    return begun(tenant=message.tenant, environment=message.environment, run=message.run, at=message.at)


def types(receiver: Target) -> list[object]:
    return [asked.json["type"] for asked in receiver.taken]


def test_the_begin_is_told_before_the_end_and_once(start, message: AlertMessage):
    receiver, outbox = start(Target()), MemoryOutbox()
    channel = over(receiver, outbox)
    channel.begin(started(message), keep=True)
    channel.begin(started(message), keep=True)
    assert channel.send(message, Stop())
    assert types(receiver) == [STARTED, FINISHED]
    assert all(each.receipt for each in outbox.kept)
    assert channel.deliver(Stop()) == 0


@pytest.mark.parametrize("fault", [BROKEN, REJECTING])
def test_a_begin_that_is_not_taken_changes_nothing_for_the_end(start, message: AlertMessage, fault):
    receiver, outbox = start(Target()), MemoryOutbox()
    receiver.script.extend([fault, fault])
    channel = over(receiver, outbox)
    channel.begin(started(message), keep=True)
    assert channel.send(message, Stop())
    assert types(receiver) == [FINISHED]
    assert over(receiver, outbox).deliver(Stop()) == 1
    assert types(receiver) == [FINISHED, STARTED]


def test_a_receiver_that_hangs_delays_neither_the_begin_nor_for_long_the_end(start, message: AlertMessage):
    receiver = start(Target())
    receiver.script.append(HANGING)
    channel = over(receiver, MemoryOutbox())
    began = time.monotonic()
    channel.begin(started(message), keep=True)
    assert time.monotonic() - began < 1.0
    assert channel.send(message, Stop())
    assert types(receiver) == [STARTED, FINISHED]
    assert not [thread for thread in threading.enumerate() if thread.name == "begun"]


def test_a_run_that_died_leaves_its_begin_to_the_next_one(start, message: AlertMessage):
    receiver, outbox = start(Target()), MemoryOutbox()
    receiver.script.append(BROKEN)
    died = over(receiver, outbox)
    died.begin(started(message), keep=True)
    assert receiver.came.wait(5.0)
    assert over(receiver, outbox).deliver(Stop()) == 1
    assert types(receiver) == [STARTED]


def test_while_the_record_is_away_it_is_told_without_memory(start, message: AlertMessage):
    receiver, outbox = start(Target()), MemoryOutbox()
    outbox.away = True
    channel = over(receiver, outbox)
    channel.begin(started(message), keep=False)
    assert channel.send(message, Stop())
    assert types(receiver) == [STARTED, FINISHED]
    assert outbox.kept == []


def test_targets_that_do_not_follow_runs_hear_nothing_of_it(start, message: AlertMessage):
    receiver, outbox = start(Target()), MemoryOutbox()
    over(receiver, outbox, from_the_begin=False).begin(started(message), keep=True)
    assert outbox.kept == []
    assert receiver.asked == []

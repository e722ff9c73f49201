"""Alerts are kept before they are sent, sent once, and sent again until they arrived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.alerts.memory import MemoryOutbox
from tests.fakes.runs import BLOCKED
from validator.alerts.incident import Kind
from validator.alerts.message import AlertMessage, RunFacts, compose
from validator.alerts.outboxed import OutboxedChannel
from validator.alerts.port import OptionalAlertError
from validator.alerts.route import Route
from validator.model.causes import Cause
from validator.model.decision import SettledFlow, Verdict
from validator.model.errors import PermanentError, RetryableError, ValidatorError
from validator.model.flow import FlowOutcome
from validator.support.clock import SystemClock
from validator.support.stop import Stop


class Scripted:
    """Raises what it is given, then takes everything."""

    name = "scripted"

    def __init__(self, *errors: ValidatorError) -> None:
        self.errors = list(errors)
        self.got: list[AlertMessage] = []

    def send(self, message: AlertMessage, stop: Stop) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.got.append(message)
        return f"receipt {len(self.got)}"


AWAY = [RetryableError("the service is away", after=1000)]
Make = Callable[..., OutboxedChannel]


@pytest.fixture
def outbox() -> MemoryOutbox:
    return MemoryOutbox()


def over(target: Scripted, outbox: MemoryOutbox, *, patience: float = 5.0, **options: object) -> OutboxedChannel:
    route = Route(required=bool(options.pop("required", True)), every_run=bool(options.pop("every_run", False)))
    clock = SystemClock()
    return OutboxedChannel(target, outbox=outbox, route=route, clock=clock, patience=patience, **options)  # type: ignore[arg-type]  # what a test names


def run(
    number: int, facts: RunFacts, verdict: Verdict = Verdict.BLOCKED, cause: Cause = Cause.APP_CRASH
) -> AlertMessage:
    passed = verdict is Verdict.APPROVED
    outcome = FlowOutcome.PASSED if passed else FlowOutcome.FAILED
    flow = SettledFlow(name="Pay", required=True, outcome=outcome, cause=None if passed else cause, attempts=1)
    return compose(replace(BLOCKED, verdict=verdict, flows=(flow,)), replace(facts, run=f"2026112{number}-run"))


def test_an_alert_is_kept_and_sent_once_however_often_its_run_asks(outbox, facts):
    target = Scripted()
    channel = over(target, outbox)
    assert channel.send(run(1, facts), Stop()) == "receipt 1"
    assert channel.send(run(1, facts), Stop()) == ""
    assert len(target.got) == 1


def test_what_did_not_arrive_goes_out_with_the_next_run_before_its_own_alert(outbox, facts):
    target = Scripted(*AWAY)
    with pytest.raises(RetryableError, match="away") as caught:
        over(target, outbox).send(run(1, facts), Stop())
    assert "it is kept" in caught.value.remedy
    assert outbox.kept[0].reasons == ["the service is away"]
    over(target, outbox).send(run(2, facts, cause=Cause.TLS_INVALID), Stop())
    assert [message.run for message in target.got] == ["20261121-run", "20261122-run"]


def test_a_run_that_passed_brings_what_waited_too(outbox, facts):
    target = Scripted(*AWAY)
    with pytest.raises(RetryableError):
        over(target, outbox).send(run(1, facts), Stop())
    over(target, outbox).send(run(2, facts, Verdict.APPROVED), Stop())
    assert [(message.run, message.kind) for message in target.got] == [
        ("20261121-run", Kind.FIRE),
        ("20261122-run", Kind.RESOLVE),
    ]


def test_a_target_that_comes_back_soon_is_waited_for(outbox, facts):
    target = Scripted(RetryableError("busy", after=0.05), RetryableError("busy"))
    over(target, outbox, pauses=(0.01, 0.02)).send(run(1, facts), Stop())
    assert (len(target.got), outbox.kept[0].tries) == (1, 1)
    assert target.got[0].tries == 2


def test_a_wait_beyond_the_patience_is_not_begun(outbox, facts):
    target = Scripted(*AWAY)
    with pytest.raises(RetryableError):
        over(target, outbox, patience=0.5).send(run(1, facts), Stop())
    assert not target.got


def test_a_stop_ends_the_waiting(outbox, facts):
    stop = Stop()
    stop.set("interrupted")
    with pytest.raises(RetryableError):
        over(Scripted(RetryableError("busy", after=30)), outbox, patience=60).send(run(1, facts), stop)


def test_a_refusal_of_an_old_alert_does_not_hold_up_a_new_one(outbox, facts):
    target = Scripted(PermanentError("refused"), PermanentError("refused"))
    with pytest.raises(PermanentError):
        over(target, outbox).send(run(1, facts), Stop())
    assert over(target, outbox).send(run(2, facts), Stop()) == "receipt 1"
    assert [message.run for message in target.got] == ["20261122-run"]


def test_an_alert_that_is_never_taken_is_left_alone_after_a_while_but_not_forgotten(outbox, facts):
    with pytest.raises(PermanentError):
        over(Scripted(PermanentError("refused")), outbox).send(run(1, facts), Stop())
    outbox.kept[0].tries = 10
    target = Scripted()
    over(target, outbox).send(run(2, facts), Stop())
    assert [message.run for message in target.got] == ["20261122-run"]
    assert over(target, outbox).deliver(Stop()) == 1


def test_a_passing_run_ends_every_open_incident_once(outbox, facts):
    target = Scripted()
    channel = over(target, outbox)
    for number, cause in ((1, Cause.APP_CRASH), (2, Cause.TLS_INVALID), (3, Cause.APP_CRASH)):
        channel.send(run(number, facts, cause=cause), Stop())
    for number in (4, 5):
        channel.send(run(number, facts, Verdict.APPROVED), Stop())
    ends = [message for message in target.got if message.kind is Kind.RESOLVE]
    assert {message.incident for message in ends} == {message.incident for message in target.got[:3]}
    assert [message.run for message in ends] == ["20261124-run"] * 2
    assert ends[0].headline == "RESOLVED in production: run 20261124-run passed"


def test_what_was_resolved_can_begin_again(outbox, facts):
    target = Scripted()
    channel = over(target, outbox)
    for number, verdict in enumerate((Verdict.BLOCKED, Verdict.APPROVED) * 2, start=1):
        channel.send(run(number, facts, verdict), Stop())
    assert [message.kind for message in target.got] == [Kind.FIRE, Kind.RESOLVE] * 2


def test_an_undecided_run_ends_nothing(outbox, facts):
    target = Scripted()
    channel = over(target, outbox)
    channel.send(run(1, facts), Stop())
    channel.send(run(2, facts, Verdict.UNDECIDED, Cause.DEVICE_LOST), Stop())
    assert [message.kind for message in target.got] == [Kind.FIRE, Kind.FIRE]


def test_an_alert_of_the_same_incident_knows_what_the_first_one_was_called(outbox, facts):
    target = Scripted()
    channel = over(target, outbox)
    for number, verdict in enumerate((Verdict.BLOCKED, Verdict.BLOCKED, Verdict.APPROVED, Verdict.BLOCKED), start=1):
        channel.send(run(number, facts, verdict), Stop())
    assert [message.thread for message in target.got] == ["", "receipt 1", "receipt 1", ""]


def test_one_that_shows_a_state_is_told_of_runs_that_passed_instead_of_ends(outbox, facts):
    target = Scripted()
    channel = over(target, outbox, every_run=True)
    channel.send(run(1, facts), Stop())
    channel.send(run(2, facts, Verdict.APPROVED), Stop())
    assert [message.kind for message in target.got] == [Kind.FIRE, Kind.PASS]


def test_an_alert_that_nobody_requires_says_so(outbox, facts):
    with pytest.raises(OptionalAlertError):
        over(Scripted(*AWAY), outbox, required=False).send(run(1, facts), Stop())
    assert outbox.kept[0].required is False


def test_secrets_are_kept_nowhere_and_sent_nowhere(outbox, facts):
    target = Scripted(RetryableError("busy with c4nary"))
    channel = over(target, outbox, pauses=(0.01,), redact=lambda text: text.replace("c4nary", "***"))
    told = replace(run(1, facts), reasons=("c4nary failed",), next=("look at c4nary",))
    channel.send(told, Stop())
    assert "c4nary" not in repr(target.got) + repr(outbox.kept)
    assert target.got[0].reasons == ("*** failed",)


def test_when_the_record_is_away_the_team_is_told_all_the_same(outbox, facts):
    outbox.away = True
    target = Scripted()
    assert over(target, outbox).send(run(1, facts), Stop()) == "receipt 1"
    assert over(target, outbox).send(run(2, facts, Verdict.APPROVED), Stop()) == ""


def test_a_kept_alert_that_cannot_be_read_does_not_hold_up_others(outbox, facts):
    outbox.put("20261120-run", "k fire", "scripted", "{}", required=True)
    target = Scripted()
    assert over(target, outbox).send(run(1, facts), Stop()) == "receipt 1"
    assert "cannot be read" in outbox.kept[0].reasons[0]


def test_the_job_of_the_pipeline_is_told(outbox, facts):
    target = Scripted()
    over(target, outbox, job_url="https://ci.example.com/7").send(run(1, facts), Stop())
    assert target.got[0].job_url == "https://ci.example.com/7"

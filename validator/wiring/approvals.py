"""A person's answer -> news for those who were told that the gate waits for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from validator.alerts.approvals import answered
from validator.alerts.incident import Kind
from validator.alerts.message import AlertMessage, PersonsAnswer
from validator.alerts.outboxed import OutboxedChannel, key_of
from validator.history.acts import ActKind, AlertQueued, DecisionActed
from validator.history.store import History, open_store
from validator.model.errors import UsageError, ValidatorError
from validator.support.clock import SystemClock
from validator.support.codec import UndecodableError, decode, encode, map_text
from validator.support.stop import Stop
from validator.support.text import one_line
from validator.wiring.alerts import RecordedOutbox, alert_channels
from validator.wiring.history import history_address
from validator.wiring.prepare import load
from validator.wiring.request import RunRequest


def tell_answer(config: str, run: str, act: str, acted: DecisionActed, at: str) -> Iterator[str]:
    """Keep the answer for each target that was told of the question, and try once to send what waits for it.

    Args:
        config: The environment whose targets are told: a name in configs/, or a file.
        run: What the answer is about.
        act: The id that the answer is recorded by.
        acted: The answer.
        at: When it was recorded: UTC, ISO 8601.

    Yields:
        What became of it, a line for each target.

    Raises:
        UsageError: Nobody was asked about that run.
        ValidatorError: The configuration or the record cannot be used.
    """
    loaded, resolvers, redactor = load(RunRequest(config=config))
    clock = SystemClock()
    with open_store(history_address(loaded.value, resolvers), folder=resolvers.root) as store:
        history = store.tenant(loaded.value.tenant)
        channels = alert_channels(loaded.value, resolvers, redactor, store, clock)
        asked = [(each, asked) for each in channels if each.asks and (asked := _question(history, run, each.name))]
        if not asked:
            remedy = "a run asks over a `cdevents` target with `approvals: true`, and only in a CI system's job"
            raise UsageError(f"nobody was asked about run {run}", where=config, remedy=remedy)
        for channel, question in asked:
            told = map_text(answered(question, _answer(act, acted), at), redactor.redact)
            yield redactor.redact(_told(channel, told, RecordedOutbox(history.outbox, clock)))


def _question(history: History, run: str, channel: str) -> AlertMessage | None:
    """What a target was told, or will be told before the answer; None for nothing."""
    for queued in (act.event for act in history.log.acts(run)):
        if isinstance(queued, AlertQueued) and queued.channel == channel and queued.key.endswith(f" {Kind.FIRE}"):
            with suppress(UndecodableError):  # it was kept by another version of this program
                return decode(AlertMessage, queued.body)
    return None


def _answer(act: str, acted: DecisionActed) -> PersonsAnswer:
    return PersonsAnswer(
        act=act,
        by=acted.by,
        opens=acted.kind is ActKind.OVERRIDE,
        words=acted.kind.value.replace("_", "-"),
        reason=acted.reason,
        until=acted.expires_at,
        replaces=acted.after,
    )


def _told(channel: OutboxedChannel, told: AlertMessage, outbox: RecordedOutbox) -> str:
    """Tell it, after the question if that still waits: whoever answers waits for one try and no longer."""
    outbox.put(told.run, key_of(told), channel.name, encode(told).decode(), required=False)
    channel.patience = 0.0
    why = "its quiet hours are not over"
    try:
        channel.deliver(Stop())
    except ValidatorError as error:
        why = error.what
    if any(each.receipt for each in outbox.told(channel.name, told.incident)):
        return one_line(f"told {channel.name}")
    return one_line(f"not told yet: {channel.name}: {why}; the next run or `validator alerts deliver` tells it")

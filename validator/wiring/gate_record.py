"""What the proved events of a run claim about its decision, and what people answered to it.

They are read without the library that reads whole events, which takes longer to load than the gate to answer. A test
holds every claim against the run's `decision.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from validator.gates.check import Claim, Ruling
from validator.history.chain import CURRENT_VERSION, Sealed
from validator.history.errors import HistoryError
from validator.history.stream import Stream
from validator.history.testimony import TOLD, Testimony
from validator.model.verdict import ExitCode, Purpose, Verdict

Fields = Mapping[str, object]
_ANSWERS = ("override", "rollback", "fix_forward")
"""What a person can answer to "what now?"; feedback is no answer."""
_REMEDY = "run `validator history verify`"


def recorded_claim(told: Testimony) -> Claim:
    """The decision of the run, as its own events tell it.

    Raises:
        HistoryError: They do not tell a decision, or another one than the record's tables.
    """
    events = [event for event in told.events if event.stream is Stream.RUN]
    try:
        _require_same(told, events)
        return _claim(told, events)
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        run = told.decision.run if told.decision is not None else ""
        raise HistoryError(f"its decision cannot be read: {error}", where=f"run {run}", remedy=_REMEDY) from error


def recorded_ruling(told: Testimony) -> Ruling | None:
    """The last answer of a person to the decision; one that it replaced never counts again.

    Raises:
        HistoryError: It cannot be read.
    """
    answers = [event for event in told.events if event.type == "DecisionActed" and _fields(event)["kind"] in _ANSWERS]
    if not answers:
        return None
    last, fields = answers[-1], _fields(answers[-1])
    kind, until = _text(fields, "kind"), _text(fields, "expires_at")
    try:
        expires = _moment(until) if until or kind == "override" else None
    except (ValueError, OverflowError) as error:
        raise HistoryError("an answer has no readable end", where=f"act {last.id}", remedy=_REMEDY) from error
    return Ruling(
        opens=kind == "override",
        kind=kind,
        by=_text(fields, "by"),
        reason=_text(fields, "reason"),
        deployment=_text(fields, "deployment"),
        expires_at=expires,
    )


def _claim(told: Testimony, events: Sequence[Sealed]) -> Claim:
    started, decision = _last(events, "RunStarted"), _part(_last(events, "Decided"), "decision")
    observed = [event for event in events if event.type == "DeploymentObserved"]
    deployment = _part(_fields(observed[-1]), "deployment") if observed else {"id": "", "revision": ""}
    reasons = _list(decision, "reasons")
    return Claim(
        run=events[0].run,
        tenant=told.tenant,
        environment=_text(started, "environment"),
        purpose=Purpose(_text(started, "purpose")),
        deployment=_text(deployment, "id"),
        revision=_text(deployment, "revision"),
        verdict=Verdict(_text(decision, "verdict")),
        exit_code=ExitCode(_number(decision, "exit_code")),
        blocks=tuple(str(name) for name in _list(decision, "blocks")),
        closing=tuple(_closing(decision)),
        decided_at=_moment(_text(decision, "decided_at")),
        expires_at=_moment(_text(decision, "expires_at")),
        began_at=_moment(events[0].at),
        policy_digest=_text(_part(decision, "policy"), "digest"),
        message=_text(_object(reasons[0]), "message") if reasons else "",
    )


def _closing(decision: Fields) -> Iterator[str]:
    """Required flows that did not pass."""
    for item in _list(decision, "flows"):
        flow = _object(item)
        if flow["required"] is not False and _text(flow, "outcome") != "passed":
            yield _text(flow, "name")


def _require_same(told: Testimony, events: Sequence[Sealed]) -> None:
    """See that the table which found the decision says of it what the event does."""
    row = told.decision
    decided = next((event for event in events if row is not None and event.seq == row.seq), None)
    if row is None or decided is None or decided.type != "Decided":
        raise ValueError("the event of it is not there")
    decision = _part(_fields(decided), "decision")
    if (row.verdict, row.decided_at) != (decision["verdict"], decision["decided_at"]):
        raise ValueError("the table of decisions says something else: run `validator history rebuild`")


def _last(events: Sequence[Sealed], kind: str) -> Fields:
    found = [event for event in events if event.type == kind]
    if not found:
        raise ValueError(f"there is no {kind}")
    return _fields(found[-1])


def _fields(event: Sealed) -> Fields:
    """The payload in today's shape."""
    if event.type in TOLD and event.version != CURRENT_VERSION:
        # only a record of another release pays for the library
        from validator.history.payloads import read_payload  # noqa: PLC0415
        from validator.support.codec import encode  # noqa: PLC0415

        return _object(json.loads(encode(read_payload(event))))
    return _object(json.loads(event.payload))


def _object(value: object) -> Fields:
    if not isinstance(value, dict):
        raise TypeError("a part of it is no object")
    return cast("Fields", value)


def _part(fields: Fields, name: str) -> Fields:
    return _object(fields[name])


def _list(fields: Fields, name: str) -> Sequence[object]:
    value = fields[name]
    if not isinstance(value, list):
        raise TypeError(f"its {name} is no list")
    return cast("list[object]", value)


def _text(fields: Fields, name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise TypeError(f"its {name} is no text")
    return value


def _number(fields: Fields, name: str) -> int:
    value = fields[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"its {name} is no number")
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)

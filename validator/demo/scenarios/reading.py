"""Reads from a run's reports what came out of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from validator.demo.scenarios.verdict import FlowSeen, Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settled:
    outcome: str
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    failure: _Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    name: str
    flow: _File | None = None
    settled: _Settled | None = None
    attempts: tuple[_Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    flows: tuple[_Flow, ...]
    decision: _Decision | None = None
    stage_failure: _Failure | None = None


_ADAPTER = TypeAdapter(_Run)


def read_reports(folder: Path, exit_code: int) -> Seen:
    """What the run in this folder came to.

    Raises:
        OSError: There is no `run.json`.
        ValueError: It is not what a run writes.
    """
    run = _ADAPTER.validate_json((folder / "run.json").read_bytes())
    return Seen(
        exit_code=exit_code,
        decision=run.decision.decision if run.decision is not None else "",
        flows={_file_name(flow): _flow_seen(flow) for flow in run.flows},
        stage_cause=run.stage_failure.cause if run.stage_failure is not None else "",
    )


def _file_name(flow: _Flow) -> str:
    """A flow that is missing has no file; its name tells which one it was."""
    return flow.flow.file.removesuffix(".yaml") if flow.flow is not None else flow.name.lower().replace(" ", "-")


def _flow_seen(flow: _Flow) -> FlowSeen:
    settled = flow.settled or _Settled(outcome="missing")
    tried = tuple(attempt.failure.cause for attempt in flow.attempts if attempt.failure is not None)
    return FlowSeen(outcome=settled.outcome, causes=(settled.cause,) if settled.cause else tried)

"""What an attempt means for its flow and its run: the same when it happens and when it is replayed. Pure.

Nothing here knows the time or a device. What only the moment could tell (the backend stayed away, the run was stopped)
is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from validator.failures.classify import telling_quote
from validator.failures.settle import Again, Limits, Settled, settle
from validator.farm.needs import fits, offered, wanted
from validator.model.causes import Cause, Family
from validator.model.decision import SettledFlow
from validator.model.deployment import ProbeResult
from validator.model.errors import StageError
from validator.model.events import RetryScheduled
from validator.model.failure import Failure, Quote
from validator.model.flow import Flow, FlowOutcome
from validator.pipeline.board import Board, FlowState

DEADLINE_PASSED = Failure(
    cause=Cause.TIMED_OUT,
    rule="run-deadline",
    why="The run's deadline passed before this flow had an outcome.",
)
NO_DEVICE_LEFT = Failure(cause=Cause.NO_DEVICE, rule="no-device-left", why="No device was left to run it on.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How often may be tried what did not work."""

    limits: Limits
    consecutive_infrastructure: int
    """Infrastructure failures in a row, over all flows, after which nothing more is begun."""


def is_pointless(board: Board, bounds: Bounds, backend_down: Failure | None) -> bool:
    """Whether nothing more can be measured: the devices fail one after the other, or the backend stays away."""
    return board.consecutive_infrastructure >= bounds.consecutive_infrastructure or backend_down is not None


def step_after(state: FlowState, limits: Limits, backend_down: Failure | None) -> Again | Settled:
    """What becomes of a flow after its latest attempt.

    A backend failure is confirmed by the backend that stayed away, not by running the flow again.
    """
    last = state.tried[-1].failure
    if backend_down is not None and last is not None and last.cause.family is Family.BACKEND:
        return Settled(outcome=FlowOutcome.FAILED, failure=backend_down)
    return settle(state.tried, limits)


def never_ready(probe: ProbeResult) -> StageError:
    """Why no flow is run when the backend did not become ready: it is away, or it will not talk to us."""
    cause = probe.cause or Cause.BACKEND_UNAVAILABLE
    remedy = _READINESS.get(cause, "Look at the deployment: what was just applied does not answer.")
    return StageError(cause, f"not ready within its time: {probe.detail}", where=probe.url, remedy=remedy)


_READINESS = {
    Cause.SECURITY_BLOCKED: (
        "Let production's firewall pass the addresses that validator runs from; it took its probe for a robot."
    ),
    Cause.RATE_LIMITED: "Wait until the limit lifts and run again; exempt the readiness address from limits.",
    Cause.TLS_INVALID: "Renew or correct the server's certificate; for a private authority set SSL_CERT_FILE.",
}


def stayed_away(failure: Failure, probe: ProbeResult) -> Failure:
    """A backend failure whose backend did not become ready again in its time."""
    quotes = (*failure.quotes, Quote(source="backend", line=f"not ready {probe.url}: {probe.detail}"))
    why = f"{failure.why} It did not come back within {probe.seconds:.0f} s."
    return replace(failure, why=why, quotes=quotes)


def retry_of(state: FlowState, step: Again, not_before: str) -> RetryScheduled:
    """The announcement of the next attempt; `not_before` is UTC, ISO 8601, or empty."""
    return RetryScheduled(
        flow=state.flow.name,
        number=state.started + 1,
        purpose=step.purpose,
        reason=step.reason,
        not_before=not_before,
    )


def why_not_run(board: Board, state: FlowState, backend_down: Failure | None, *, late: bool) -> Failure:
    """Why a flow has no outcome when no more attempt can be made; `late` when the run's deadline has passed."""
    if (unfit := fits_none(board, state.flow)) is not None:
        return unfit
    if is_held_back(state):
        return state.tried[-1].failure or DEADLINE_PASSED
    if late:
        return DEADLINE_PASSED
    if backend_down is not None:
        why = "It was not run to an outcome, because the backend was down."
        return replace(backend_down, why=why, step="", quotes=())
    if board.fitting(state.flow) and board.last_infrastructure is not None:
        return board.last_infrastructure
    last = state.tried[-1].failure if state.tried else None
    return last or _no_device_left(state.flow)


def fits_none(board: Board, flow: Flow) -> Failure | None:
    """Why a flow cannot run on any device that the run ever had; None when it can."""
    if not flow.needs or not board.devices or any(fits(flow.needs, device) for device in board.devices):
        return None
    there = "; ".join(sorted(map(offered, board.devices)))
    why = f"No device fits: it needs {wanted(flow.needs)}; ready were {there}."
    return Failure(cause=Cause.NO_DEVICE, rule="no-device-fits", why=why)


def _no_device_left(flow: Flow) -> Failure:
    if not flow.needs:
        return NO_DEVICE_LEFT
    why = f"No device was left that fits: it needs {wanted(flow.needs)}."
    return replace(NO_DEVICE_LEFT, why=why)


def is_held_back(state: FlowState) -> bool:
    """Whether the flow waits for a limit of production to lift."""
    last = state.tried[-1].failure if state.tried else None
    return state.retry is not None and last is not None and last.cause.family is Family.THROTTLED


def settled_flow(state: FlowState, outcome: FlowOutcome, failure: Failure | None) -> SettledFlow:
    """The flow as the gate sees it."""
    return SettledFlow(
        name=state.flow.name,
        required=state.flow.required,
        outcome=outcome,
        cause=failure.cause if failure is not None else None,
        attempts=len(state.tried),
        step=failure.step if failure is not None else "",
        why=failure.why if failure is not None else "",
        quote=telling_quote(failure) if failure is not None else "",
    )

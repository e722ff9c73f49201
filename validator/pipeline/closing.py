"""Outcomes of flows that never had their turn: absence is recorded, never left out. Pure."""

from __future__ import annotations

from validator.model.causes import Cause
from validator.model.decision import SettledFlow, StageFailure
from validator.model.flow import FlowOutcome
from validator.pipeline.board import FlowState


def unmeasured_flow(state: FlowState, stage: StageFailure | None) -> SettledFlow:
    """A planned flow that the run ended without."""
    if state.flow.problem:
        outcome, cause, why = (
            FlowOutcome.INCONCLUSIVE,
            Cause.FLOW_INVALID,
            f"The flow file is not valid: {state.flow.problem}",
        )
        return _settled(state.flow.name, state.flow.required, outcome, cause, why)
    if stage is not None:
        why = f"It never ran, because the {stage.stage} stage failed."
        return _settled(state.flow.name, state.flow.required, FlowOutcome.MISSING, stage.cause, why)
    why = "The run ended before it had its turn."
    return _settled(state.flow.name, state.flow.required, FlowOutcome.MISSING, None, why)


def absent_flow(name: str) -> SettledFlow:
    """A flow that the configuration requires and the workspace does not have."""
    why = "The configuration requires it, and the workspace has no such flow."
    return _settled(name, True, FlowOutcome.MISSING, None, why)


def _settled(name: str, required: bool, outcome: FlowOutcome, cause: Cause | None, why: str) -> SettledFlow:
    return SettledFlow(name=name, required=required, outcome=outcome, cause=cause, attempts=0, why=why)

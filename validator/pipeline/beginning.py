"""How a run begins: what it is judged by, and which flows it expects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from validator.farm.order import works
from validator.flows.workspace import Selection
from validator.gates.conditions import missing_stages
from validator.gates.policy import FlowRules
from validator.gates.standing import is_needed
from validator.model.errors import StageError
from validator.model.events import PlanMade, RunStarted, Warned
from validator.model.flow import Flow
from validator.model.timing import Usual
from validator.pipeline.parts import Parts
from validator.pipeline.terms import terms
from validator.support.clock import iso

CLEANUP = "SKIP_DATA_CLEANUP"
"""The variable that keeps the team's flows and scripts from cleaning up data in production."""


def started(parts: Parts) -> RunStarted:
    """The first event of a new run."""
    settings = parts.settings
    return RunStarted(
        environment=settings.environment,
        purpose=settings.purpose,
        validator_version=settings.version,
        config_file=settings.config_file,
        config_digest=settings.config_digest,
        policy=parts.policy.ref,
        terms=terms(parts.policy, parts.limits, parts.team_rules),
        began_at=iso(parts.clock.now()),
        passed=settings.passed,
    )


def forewarned(parts: Parts) -> Iterator[Warned]:
    """What keeps the gate closed whatever the flows do, told before anybody waits for them."""
    missing = missing_stages(parts.policy, parts.settings.passed)
    if missing:
        told = " ".join(f"--passed {name}" for name in missing)
        yield Warned(message=f"the gate will stay closed: nobody said that {', '.join(missing)} passed; {told}")


def plan(parts: Parts, selection: Selection, usual: Usual) -> PlanMade:
    """The flows that are expected, each needed or not as configuration and policy together say.

    Args:
        parts: Of the run.
        selection: The flows of the workspace that are to run.
        usual: What they usually take.
    """
    rules = parts.policy.flows
    flows = expected_flows(selection, rules)
    return PlanMade(
        workspace=parts.workspace,
        flows=flows,
        absent=absent_flows(selection, rules),
        excluded=selection.excluded,
        left_out=_needed(selection.left_out, rules),
        digest=selection.digest,
        max_attempts=parts.limits.attempts,
        runner=parts.runner.name,
        baselines=usual.baselines if parts.policy.durations is not None else (),
        works=works(flows, usual.baselines, rules.critical),
        accounts=parts.accounts.plan(flows, parts.limits.attempts) if parts.accounts is not None else None,
    )


def unjudged(parts: Parts, usual: Usual) -> Iterator[Warned]:
    """That no flow can be found too slow, where the policy wants it to be."""
    if usual.unknown and parts.policy.durations is not None:
        yield Warned(message=f"no flow is held against what it usually takes: {usual.unknown}")


def expected_flows(selection: Selection, rules: FlowRules) -> tuple[Flow, ...]:
    """The flows, each needed or not as configuration and policy together say."""
    return tuple(replace(flow, required=is_needed(flow.name, flow.required, rules)) for flow in selection.flows)


def absent_flows(selection: Selection, rules: FlowRules) -> tuple[str, ...]:
    """Names that configuration or policy require and that the workspace does not have."""
    known = {flow.name for flow in selection.flows}
    named = {*known, *selection.absent, *selection.left_out}
    return (*selection.absent, *(name for name in rules.critical if name not in named))


def notices(selection: Selection) -> Iterator[Warned]:
    """What the workspace says otherwise than its owners may think.

    A flow whose own header decides whether it cleans up is not reached by what is given from outside, and a name in the
    order that no flow has is the name of a flow that was lost. What is for another platform is not run here.
    """
    if selection.elsewhere:
        names = ", ".join(flow.name for flow in selection.elsewhere[:5])
        more = ", …" if len(selection.elsewhere) > 5 else ""
        yield Warned(message=f"{len(selection.elsewhere)} flows for another platform are passed over: {names}{more}")
    for name in selection.unknown_order:
        yield Warned(message=f"`flowsOrder` in config.yaml names {name}, and no flow, or more than one, is called so")
    for fixed in selection.fixed:
        if fixed.name == CLEANUP:
            message = f"{fixed.flow} sets {fixed.name} in its own header, which wins over the value given here"
            yield Warned(message=message)


def unavailable(left_out: Sequence[StageError]) -> Iterator[Warned]:
    """Devices that a run goes on without, and why: with fewer of them it takes longer."""
    for error in left_out:
        remedy = f" ({error.remedy})" if error.remedy else ""
        yield Warned(message=f"goes on without a device: {error.text}{remedy}")


def _needed(names: tuple[str, ...], rules: FlowRules) -> tuple[str, ...]:
    return tuple(name for name in names if is_needed(name, True, rules))

"""What a person should do next, in order. Pure."""

from __future__ import annotations

from validator.gates.conditions import missing_stages
from validator.gates.facts import Facts
from validator.gates.policy import Policy
from validator.gates.traffic_reasons import traffic_steps
from validator.model.build import Severity
from validator.model.causes import Family
from validator.model.decision import SettledFlow, Verdict
from validator.model.events import StopReason
from validator.model.flow import FlowOutcome

_SLOW = "Find out what became slower, production or the devices: the reasons name the flows and their usual times"
TWICE = ": it happened twice, each time with a fresh user"


def next_steps(verdict: Verdict, facts: Facts, policy: Policy) -> tuple[str, ...]:
    """The steps for this outcome; each is one sentence that a tired person can follow."""
    match verdict:
        case Verdict.APPROVED:
            return ("Nothing to do: the frontend may be deployed.",)
        case Verdict.APPROVED_WITH_WARNINGS:
            return ("The frontend may be deployed; look at the warnings above during the day.",)
        case Verdict.BLOCKED:
            blocked = (*_stage_remedy(facts), *_look_at_failures(facts), *_decide_about_rollback(facts, policy))
            return blocked or (f"{_SLOW}; then run it again.",)
        case Verdict.UNDECIDED:
            first = (*_stage_remedy(facts), *_prerequisites(facts, policy))
            return (*first, *_mend(facts), *traffic_steps(facts), _rerun(facts))


def users_are_affected(facts: Facts) -> bool:
    """Whether what was found goes wrong for the users of the live app now, so that somebody has to decide about it."""
    broken = any(flow.outcome is FlowOutcome.FAILED for flow in facts.flows)
    return broken or (facts.stage is not None and facts.stage.cause.family is Family.BACKEND)


def _stage_remedy(facts: Facts) -> tuple[str, ...]:
    remedies = [finding.remedy for finding in facts.findings if finding.severity is Severity.ERROR]
    if facts.stage is not None and facts.stage.remedy:
        remedies.append(facts.stage.remedy)
    return tuple(dict.fromkeys(remedies))


def _look_at_failures(facts: Facts) -> tuple[str, ...]:
    failed = [flow for flow in facts.flows if flow.outcome is FlowOutcome.FAILED]
    if not failed:
        return ()
    names = ", ".join(flow.name for flow in failed)
    twice = all(flow.attempts > 1 for flow in failed)
    return (f"Look at the evidence of {names} in the report{TWICE if twice else ''}.",)


def _decide_about_rollback(facts: Facts, policy: Policy) -> tuple[str, ...]:
    if not users_are_affected(facts):
        return ()
    command = f": {policy.rollback}" if policy.rollback else ""
    decide = "Decide, by name, whether to roll the infrastructure back or to fix forward"
    return (f"{decide}; users of the live app are affected now{command}",)


def _prerequisites(facts: Facts, policy: Policy) -> tuple[str, ...]:
    missing = missing_stages(policy, facts.passed)
    if not missing:
        return ()
    told = " ".join(f"--passed {name}" for name in missing)
    return (f"Run it behind the stages that the gate requires, and say that they passed: {told}.",)


def _mend(facts: Facts) -> tuple[str, ...]:
    advice = {
        Family.FLOW: "Mend the flow files named above; they belong to the team that wrote them.",
        Family.INFRASTRUCTURE: "Look at the devices: `validator doctor` says what is missing on this machine.",
        Family.THROTTLED: "Wait until production's rate limit has lifted.",
        Family.UNKNOWN: "Look at the evidence in the report: no rule recognised the failure.",
    }
    open_flows = [flow for flow in facts.flows if flow.outcome is FlowOutcome.INCONCLUSIVE]
    steps = [advice[family] for family in advice if any(_in(flow, family) for flow in open_flows)]
    if facts.left_out:
        steps.append("Run again without --flow, --include-tags and --exclude-tags: only all required flows open it.")
    elif not facts.flows and facts.stage is None:
        steps.append("Look at `flows.workspace` and the tags in the configuration: no flow was selected.")
    missing = [flow.name for flow in facts.flows if flow.outcome is FlowOutcome.MISSING]
    if missing and facts.stage is None and not _was_stopped(facts):
        steps.append(f"Bring back the missing flows, or take them off `flows.required`: {', '.join(missing)}.")
    return tuple(steps)


def _in(flow: SettledFlow, family: Family) -> bool:
    return flow.cause is not None and flow.cause.family is family


def _rerun(facts: Facts) -> str:
    if _was_stopped(facts):
        return "Run it again: nothing is known about this deployment until a run is complete."
    if facts.changes:
        return "Run it again against what is live now; the frontend stays blocked until a run decides."
    return "Run it again once that is mended; the frontend stays blocked until a run decides."


def _was_stopped(facts: Facts) -> bool:
    return facts.stop in (StopReason.INTERRUPTED, StopReason.TERMINATED)

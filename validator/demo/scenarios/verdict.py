"""What came out of a scenario, held against what had to. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from validator.demo.scenarios.scenario import Scenario

_HARMLESS = ("passed", "flaky")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSeen:
    """What a run said about one flow."""

    outcome: str
    causes: tuple[str, ...] = ()
    """The cause that it was settled with; where it passed in the end, those of the attempts that did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a run of a scenario came to."""

    exit_code: int
    decision: str
    flows: Mapping[str, FlowSeen]
    """By file name without its ending."""
    stage_cause: str = ""
    """Why a stage failed, so that no flow was run."""

    def causes_of(self, flow: str) -> tuple[str, ...]:
        """Why this flow did not pass at once."""
        seen = self.flows.get(flow)
        if seen is not None and seen.causes:
            return seen.causes
        return (self.stage_cause,) if self.stage_cause else ()


def complaints(scenario: Scenario, seen: Seen) -> tuple[str, ...]:
    """Everything that is not as the scenario says; empty when it came out right."""
    return (*_decision(scenario, seen), *_causes(scenario, seen), *_bystanders(scenario, seen))


def right_cause(scenario: Scenario, seen: Seen) -> bool:
    """Whether every flow that was struck has one of the right causes."""
    return not any(_causes(scenario, seen))


def _decision(scenario: Scenario, seen: Seen) -> Iterator[str]:
    if seen.exit_code not in scenario.exit_codes:
        yield f"exit code {seen.exit_code}, expected {' or '.join(map(str, scenario.exit_codes))}"
    if seen.decision != scenario.decision:
        yield f"decided {seen.decision}, expected {scenario.decision}"


def _causes(scenario: Scenario, seen: Seen) -> Iterator[str]:
    for flow in scenario.struck if scenario.causes else ():
        found = seen.causes_of(flow)
        if not set(found) & set(scenario.causes):
            yield f"{flow}: found {', '.join(found) or 'no cause'}, expected {' or '.join(scenario.causes)}"


def _bystanders(scenario: Scenario, seen: Seen) -> Iterator[str]:
    """Flows that it does not hit must pass, unless it spreads; and never be called failed for what is not theirs."""
    for flow, outcome in seen.flows.items():
        if flow in scenario.struck or outcome.outcome in _HARMLESS or seen.stage_cause or not scenario.decision:
            continue
        if not scenario.spreads:
            yield f"{flow}: {outcome.outcome}, though nothing hits it"

"""`gates/*.yaml` -> Policy and the team's own rules, with every mistake at file:line:col."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field

from validator.config.document import Loaded, load_document
from validator.config.fields import Duration, Name, Section
from validator.config.sections.failures import Line, TeamRuleSection, doubled_rules
from validator.gates.policy import (
    Durations,
    FlowRules,
    GateLimits,
    OverrideRules,
    Policy,
    Quarantine,
    WhenSlow,
    WhenUndecided,
)

Limit = Annotated[int, Field(ge=0, le=10_000)]


class LimitsSection(Section):
    """How many flows may end in a way before the gate closes."""

    product: Limit = Field(0, description="Confirmed product failures that are tolerated, as warnings.")
    backend: Limit = Field(0, description="Confirmed backend failures that are tolerated, as warnings.")
    flaky: Limit = Field(2, description="Flows that may pass only after failing, as warnings.")
    consecutive_infrastructure: Annotated[int, Field(ge=1, le=1000)] = Field(
        4, description="Infrastructure failures in a row, over all flows, after which the run stops trying."
    )
    infrastructure: Limit = Field(0, description="Flows that devices may leave without an outcome, as warnings.")
    throttled: Limit = Field(0, description="Flows that production's rate limits may stop, as warnings.")
    flow: Limit = Field(0, description="Flows that may be unable to run as they are written, as warnings.")
    unknown: Limit = Field(0, description="Flows that may fail for a reason that no rule knows, as warnings.")


class OverrideSection(Section):
    """Who may open a closed gate all the same, and for how long."""

    by: tuple[str, ...] = Field((), description="Who may override. Without it: anybody who gives a name.")
    expires_at_most: Duration = Field(timedelta(hours=4), description="How long an override holds at most.")


class QuarantineSection(Section):
    """A flow that does not count for a while, because somebody is mending it."""

    flow: Line = Field(description="The flow's name. If it does not run at all, it is missing all the same.")
    owner: Line = Field(description="Who is mending it.")
    ticket: Line = Field(description="Where that is followed.")
    until: date = Field(description="The last day (UTC) on which it does not count, such as 2027-01-15.")


class FlowRulesSection(Section):
    """Flows that count in another way than the configuration says."""

    critical: tuple[Line, ...] = Field(
        (),
        description="They must be there and pass: no limit, no quarantine and no `undecided: open` holds for them.",
    )
    informational: tuple[Line, ...] = Field((), description="They are reported and do not count.")


class DurationsSection(Section):
    """When a flow that passed was too slow, held against what it usually takes in this environment."""

    slower_than: Annotated[float, Field(gt=1, le=1000)] = Field(
        2.0, description="So many times the median of its past runs."
    )
    at_least: Duration = Field(timedelta(seconds=10), description="And longer than that median by so much.")
    runs: Annotated[int, Field(ge=1, le=1000)] = Field(
        5, description="How many passing runs must be recorded before a flow is judged."
    )
    then: Annotated[WhenSlow, Field(strict=False)] = Field(
        WhenSlow.WARN, description="What a slow flow does: `warn`, or `block`."
    )


class GateFile(Section):
    """One gate's policy."""

    name: Name = Field(description="What this gate is called in decisions.")
    blocks: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        ("frontend",), description="What may not be deployed while the gate is closed."
    )
    limits: LimitsSection = Field(default_factory=LimitsSection, description="What is tolerated.")
    undecided: Annotated[WhenUndecided, Field(strict=False)] = Field(
        WhenUndecided.CLOSED,
        description="What the gate does when it could not measure: `closed`, or `open` with a warning.",
    )
    expires: Duration = Field(timedelta(hours=24), description="How long a decision holds.")
    override: OverrideSection = Field(default_factory=OverrideSection, description="Decisions by people.")
    quarantine: tuple[QuarantineSection, ...] = Field((), description="Flows that do not count for a while.")
    flows: FlowRulesSection = Field(
        default_factory=FlowRulesSection, description="Flows that count in another way than the configuration says."
    )
    durations: DurationsSection | None = Field(
        None, description="When a flow that passed was too slow. Without it: never."
    )
    freshness: Duration | None = Field(
        None,
        description="How long before its decision a run may have begun; think of one that is resumed days later. "
        "Without it: no limit.",
    )
    requires: tuple[Name, ...] = Field(
        (),
        description="Earlier stages of the pipeline that must have passed: `validator run --passed NAME`, or the "
        "variable VALIDATOR_PASSED with names between commas.",
    )
    rollback: str = Field(
        "",
        description="The command that goes back. It is shown, and run only by `validator gate decide RUN rollback "
        "--execute`.",
    )
    failures: tuple[TeamRuleSection, ...] = Field(
        (), description="The team's own rules about why an attempt did not pass; they apply to every environment."
    )


def load_gate(path: Path) -> Loaded[GateFile]:
    """Read and check a gate file.

    Raises:
        ConfigError: There is no such file, or it has mistakes: all of them.
    """
    return load_document(path, GateFile, checks=(lambda gate: doubled_rules(gate.failures),))


def load_policy(path: Path) -> Policy:
    """Read and check a gate file, and take its policy.

    Raises:
        ConfigError: There is no such file, or it has mistakes: all of them.
    """
    return policy_of(load_gate(path).value)


def policy_of(gate: GateFile) -> Policy:
    """The policy that a gate file holds."""
    limits = GateLimits(
        product=gate.limits.product,
        backend=gate.limits.backend,
        flaky=gate.limits.flaky,
        consecutive_infrastructure=gate.limits.consecutive_infrastructure,
        infrastructure=gate.limits.infrastructure,
        throttled=gate.limits.throttled,
        flow=gate.limits.flow,
        unknown=gate.limits.unknown,
    )
    return Policy(
        name=gate.name,
        blocks=gate.blocks,
        limits=limits,
        undecided=gate.undecided,
        expires=gate.expires,
        override=OverrideRules(by=gate.override.by, expires_at_most=gate.override.expires_at_most),
        rollback=gate.rollback,
        quarantine=tuple(_quarantine(entry) for entry in gate.quarantine),
        flows=FlowRules(critical=_texts(gate.flows.critical), informational=_texts(gate.flows.informational)),
        durations=_durations(gate.durations),
        freshness=gate.freshness,
        requires=_texts(gate.requires),
    )


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    """Without the places at which they are written."""
    return tuple(str(text) for text in texts)


def _quarantine(entry: QuarantineSection) -> Quarantine:
    return Quarantine(flow=str(entry.flow), owner=str(entry.owner), ticket=str(entry.ticket), until=entry.until)


def _durations(section: DurationsSection | None) -> Durations | None:
    if section is None:
        return None
    return Durations(slower_than=section.slower_than, at_least=section.at_least, runs=section.runs, then=section.then)

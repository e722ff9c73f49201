"""`gates/*.yaml` -> Policy and the team's own rules, with every mistake at file:line:col."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field

from validator.config.document import Loaded, load_document
from validator.config.fields import Duration, Name, Section
from validator.config.sections.failures import TeamRuleSection, doubled_rules
from validator.gates.policy import GateLimits, OverrideRules, Policy, WhenUndecided

Limit = Annotated[int, Field(ge=0, le=10_000)]


class LimitsSection(Section):
    """How many flows may end in a way before the gate closes."""

    product: Limit = Field(0, description="Confirmed product failures that are tolerated, as warnings.")
    backend: Limit = Field(0, description="Confirmed backend failures that are tolerated, as warnings.")
    flaky: Limit = Field(2, description="Flows that may pass only after failing, as warnings.")
    consecutive_infrastructure: Annotated[int, Field(ge=1, le=1000)] = Field(
        4, description="Infrastructure failures in a row, over all flows, after which the run stops trying."
    )


class OverrideSection(Section):
    """Who may open a closed gate all the same, and for how long."""

    by: tuple[str, ...] = Field((), description="Who may override. Without it: anybody who gives a name.")
    expires_at_most: Duration = Field(timedelta(hours=4), description="How long an override holds at most.")


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
    rollback: str = Field("", description="The command that a person would run to go back. Shown, never run.")
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
    )
    return Policy(
        name=gate.name,
        blocks=gate.blocks,
        limits=limits,
        undecided=gate.undecided,
        expires=gate.expires,
        override=OverrideRules(by=gate.override.by, expires_at_most=gate.override.expires_at_most),
        rollback=gate.rollback,
    )

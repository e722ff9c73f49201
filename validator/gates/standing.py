"""Which flows count, and how: the configuration's word, the policy's rules and its quarantine together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from validator.gates.facts import Facts
from validator.gates.policy import FlowRules, Policy, Quarantine
from validator.model.decision import SettledFlow
from validator.model.flow import FlowOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The flows of a run by how they count."""

    counting: tuple[SettledFlow, ...]
    """Those that the gate needs."""
    aside: tuple[SettledFlow, ...]
    """Those that it does not need."""
    quarantined: tuple[tuple[SettledFlow, Quarantine], ...]
    """Those that it would need and that do not count today."""
    critical: frozenset[str]
    absent: tuple[str, ...]
    """Critical flows of which the run knows nothing at all."""
    left_out: tuple[str, ...]
    """Flows that the gate needs and that the command line left out."""
    expired: tuple[Quarantine, ...]
    void: tuple[str, ...]
    """Entries of the quarantine that do nothing, each with the reason why."""

    def ended(self, outcome: FlowOutcome) -> list[SettledFlow]:
        """The flows that count and ended so."""
        return [flow for flow in self.counting if flow.outcome is outcome]

    def parted(self, flows: Iterable[SettledFlow]) -> tuple[list[str], list[str]]:
        """The names of the critical ones among flows, and those of the others."""
        names = [flow.name for flow in flows]
        return [name for name in names if name in self.critical], [name for name in names if name not in self.critical]


def is_needed(name: str, required: bool, rules: FlowRules) -> bool:
    """Whether the gate needs a flow.

    Args:
        name: The flow.
        required: What the configuration says.
        rules: What the policy says. One that it calls critical and informational is critical.
    """
    return name in rules.critical or (required and name not in rules.informational)


def standing(facts: Facts, policy: Policy, today: date) -> Standing:
    """Sort the flows of a run.

    Args:
        facts: The run.
        policy: Its rules.
        today: The day of the decision, UTC: what is in quarantine depends on it.
    """
    rules, known = policy.flows, {flow.name for flow in facts.flows}
    needed = [flow for flow in facts.flows if is_needed(flow.name, flow.required, rules)]
    entries = {entry.flow: entry for entry in policy.quarantine if entry.holds(today)}
    names = {flow.name for flow in needed}
    resting = {flow.name for flow in needed if _rests(flow, entries, rules)}
    return Standing(
        counting=tuple(flow for flow in needed if flow.name not in resting),
        aside=tuple(flow for flow in facts.flows if flow.name not in names),
        quarantined=tuple((flow, entries[flow.name]) for flow in needed if flow.name in resting),
        critical=frozenset(rules.critical),
        absent=tuple(name for name in rules.critical if name not in known and name not in facts.left_out),
        left_out=tuple(name for name in facts.left_out if is_needed(name, True, rules)),
        expired=tuple(entry for entry in policy.quarantine if not entry.holds(today)),
        void=tuple(_void(policy, facts, names)),
    )


def _rests(flow: SettledFlow, entries: dict[str, Quarantine], rules: FlowRules) -> bool:
    """A quarantine excuses a flow that goes wrong, not one that is gone, and never a critical one."""
    return flow.name in entries and flow.name not in rules.critical and flow.outcome is not FlowOutcome.MISSING


def _void(policy: Policy, facts: Facts, needed: set[str]) -> Iterable[str]:
    if not facts.flows:  # the run ended before it knew its flows
        return
    for entry in policy.quarantine:
        if entry.flow in policy.flows.critical:
            yield f"{entry.flow} is critical"
        elif entry.flow not in needed and entry.flow not in facts.left_out:
            known = any(flow.name == entry.flow for flow in facts.flows)
            yield f"{entry.flow} does not count anyway" if known else f"{entry.flow} is no flow of this run"

"""A decision as a message to the team: what is the matter, with which app, why, and what to do. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never
from urllib.parse import quote

from validator.alerts.incident import Kind, Severity, families_of, incident_of, is_over, kind_of, severity_of
from validator.model.build import Apk
from validator.model.causes import Cause, Family
from validator.model.decision import Decision, SettledFlow, Verdict
from validator.model.deployment import Deployment
from validator.model.flow import FlowOutcome

REPORT = "report"
"""The label of the link to a run's report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Something to open: an address, or a path where there is none."""

    label: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What the message says of the run beside its decision."""

    run: str
    tenant: str
    environment: str
    deployment: Deployment | None = None
    apk: Apk | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFlow:
    """Flows that did not simply pass, and for the same reason: a cascade is told once."""

    names: tuple[str, ...]
    outcome: FlowOutcome
    required: bool
    cause: str
    """In words, with its code: `the app crashed (app_crash)`."""
    code: str
    """The code alone; empty for flows that never ran."""
    step: str
    """With `quote`, that of the first of them."""
    why: str
    quote: str

    def heading(self, most: int = 12) -> str:
        """The names of the flows, at most so many."""
        more = f" and {len(self.names) - most} more" if len(self.names) > most else ""
        kind = "" if self.required else " (informational)"
        return f"{', '.join(self.names[:most])}{more}{kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsAnswer:
    """What a person decided about a run whose gate did not open."""

    act: str
    """The id that it is recorded by."""
    by: str
    opens: bool
    """The deployment may go on."""
    words: str
    """`override`, `rollback` or `fix-forward`."""
    reason: str
    until: str
    """UTC, ISO 8601; empty when it does not expire."""
    replaces: str
    """The id of the answer that it replaces; empty for the first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """Everything a channel needs, in the words it should use; a channel only decides on form and length."""

    kind: Kind
    severity: Severity
    families: tuple[Family, ...]
    """Who has to act; empty when no cause is known."""
    incident: str
    """The same for runs that fail in one environment for the same causes."""
    ends: bool
    """The run ends what was the matter before."""
    headline: str
    verdict: Verdict
    exit_code: int
    run: str
    tenant: str
    environment: str
    deployment: str
    deployment_id: str
    revision: str
    """With `deployment_id`, empty when not known."""
    apk: str
    at: str
    """When it was decided: UTC, ISO 8601."""
    reasons: tuple[str, ...]
    flows: tuple[AlertFlow, ...]
    """Worst first."""
    next: tuple[str, ...]
    rollback: str
    """How to go back, when a person has to decide about it and the next steps do not say it already."""
    policy: str
    expires_at: str
    links: tuple[Link, ...]
    job_url: str = ""
    """The job of the CI pipeline, if there is one."""
    thread: str = ""
    """What the channel said when it took the first alert of this incident."""
    test: bool = False
    """A sample that nobody has to act on."""
    workflow_run: str = ""
    """The id of the workflow run that waits for this decision and for no other, if one does."""
    tries: int = 0
    """How often it was tried before: it may be there already."""
    only: tuple[str, ...] = ()
    """Who has still to get it, of those behind the target; empty for all of them."""
    answer: PersonsAnswer | None = None
    """With `Kind.ANSWER`."""

    @property
    def id(self) -> str:
        """The same for every try to deliver this alert, and for no other alert: 32 hexadecimal digits."""
        text = f"{self.tenant}\n{self.run}\n{self.incident}\n{self.kind}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def flow_names(self) -> tuple[str, ...]:
        """All flows that did not simply pass, worst first."""
        return tuple(name for flow in self.flows for name in flow.names)


def compose(decision: Decision, facts: RunFacts) -> AlertMessage:
    """The message for a decision, of any verdict."""
    deployment = facts.deployment
    return AlertMessage(
        kind=kind_of(decision),
        severity=severity_of(decision),
        families=families_of(decision),
        incident=incident_of(decision, tenant=facts.tenant, environment=facts.environment),
        ends=is_over(decision),
        headline=_headline(decision, facts.environment),
        verdict=decision.verdict,
        exit_code=decision.exit_code.value,
        run=facts.run,
        tenant=facts.tenant,
        environment=facts.environment,
        deployment=_deployment(deployment),
        deployment_id=deployment.id if deployment is not None else "",
        revision=deployment.revision if deployment is not None else "",
        at=decision.decided_at,
        apk=_apk(facts.apk),
        reasons=tuple(_reason(reason.message, reason.flows) for reason in decision.reasons),
        flows=_flows(decision),
        next=decision.next,
        rollback=_rollback(decision),
        policy=decision.policy.name,
        expires_at=decision.expires_at,
        links=facts.links,
    )


def linked(message: AlertMessage, *, job_url: str, reports_url: str) -> AlertMessage:
    """The message with addresses that people elsewhere can open, instead of paths on the machine of the run.

    Args:
        message: Of a run.
        job_url: The run of the CI pipeline; empty when there is none.
        reports_url: Where the folder of reports is published; empty when it is not.
    """
    report = f"{reports_url.rstrip('/')}/{quote(message.run)}/index.html" if reports_url else ""
    links = [replace(link, target=report) if report and link.label == REPORT else link for link in message.links]
    jobs = [Link(label="CI run", target=job_url)] if job_url else []
    return replace(message, job_url=job_url, links=(*links, *jobs))


def _headline(decision: Decision, environment: str) -> str:
    blocked = " and ".join(decision.blocks) or "deploys"
    match decision.verdict:
        case Verdict.BLOCKED:
            return f"BLOCKED in {environment}: the {blocked} must not be deployed"
        case Verdict.UNDECIDED:
            return f"UNDECIDED in {environment}: the {blocked} must wait, it could not be measured"
        case Verdict.APPROVED_WITH_WARNINGS:
            return f"APPROVED WITH WARNINGS in {environment}: the gate is open"
        case Verdict.APPROVED:
            return f"APPROVED in {environment}: the gate is open"
        case _:
            assert_never(decision.verdict)


def _deployment(deployment: Deployment | None) -> str:
    if deployment is None:
        return "unknown"
    return f"{deployment.id} at {deployment.revision[:12]}" if deployment.revision else deployment.id


def _apk(apk: Apk | None) -> str:
    if apk is None:
        return "none"
    return f"{apk.package} {apk.version_name} ({apk.version_code}), sha256 {apk.sha256[:12]}"


def _reason(message: str, flows: tuple[str, ...]) -> str:
    shown = ", ".join(flows[:10]) + (f" and {len(flows) - 10} more" if len(flows) > 10 else "")
    return f"{message}: {shown}" if flows else message


def _rollback(decision: Decision) -> str:
    command = decision.rollback.command
    said = any(command in step for step in decision.next)
    return command if decision.rollback.decision_required and not said else ""


_ORDER = (FlowOutcome.FAILED, FlowOutcome.MISSING, FlowOutcome.INCONCLUSIVE, FlowOutcome.FLAKY)


def _flows(decision: Decision) -> tuple[AlertFlow, ...]:
    troubled = [flow for flow in decision.flows if flow.outcome is not FlowOutcome.PASSED]
    worst_first = sorted(troubled, key=lambda flow: (not flow.required, _ORDER.index(flow.outcome)))
    groups: dict[tuple[FlowOutcome, bool, Cause | None, str], list[SettledFlow]] = {}
    for flow in worst_first:
        groups.setdefault((flow.outcome, flow.required, flow.cause, flow.why), []).append(flow)
    return tuple(_group(flows) for flows in groups.values())


def _group(flows: Sequence[SettledFlow]) -> AlertFlow:
    first = flows[0]
    cause = f"{first.cause.meaning} ({first.cause})" if first.cause is not None else "it was expected and never ran"
    return AlertFlow(
        names=tuple(flow.name for flow in flows),
        outcome=first.outcome,
        required=first.required,
        cause=cause,
        code=first.cause or "",
        step=first.step,
        why=first.why,
        quote=first.quote,
    )

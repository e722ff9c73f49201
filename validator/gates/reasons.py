"""Facts in, reasons out: each says what counts against the gate, with its numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from validator.gates.policy import Policy, WhenUndecided
from validator.model.build import Finding, Severity
from validator.model.causes import Family
from validator.model.decision import ExitCode, Reason, ReasonCode, SettledFlow, StageFailure, Verdict
from validator.model.events import StopReason
from validator.model.flow import FlowOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a decision stands on."""

    flows: tuple[SettledFlow, ...]
    """One entry per expected flow; one that never ran is `missing`."""
    findings: tuple[Finding, ...] = ()
    stage: StageFailure | None = None
    stop: StopReason = StopReason.COMPLETED
    changes: tuple[str, ...] = ()
    """How the deployment changed while flows ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A reason and what it does to the gate. `rank` 0 is the worst."""

    rank: int
    verdict: Verdict
    exit_code: ExitCode
    reason: Reason


def weigh(facts: Facts, policy: Policy) -> tuple[Weighed, ...]:
    """All reasons, worst first; an error never masks a failure.

    The order: changed deployment, failed required flow, missing flow, build, flow, unknown, infrastructure, throttled,
    flaky, passed.
    """
    found = [
        *_changed(facts, policy),
        *_failed(facts, policy),
        *_missing(facts),
        *_build(facts),
        *_stage(facts, policy),
        *_unmeasured(facts, policy),
        *_stopped(facts),
        *_flaky(facts, policy),
        *_informational(facts),
    ]
    if _required(facts) and all(weighed.verdict.opens for weighed in found):
        found.extend(_all_passed(facts))
    return tuple(sorted(found, key=lambda weighed: (weighed.verdict.opens, weighed.rank)))


def _changed(facts: Facts, policy: Policy) -> Iterable[Weighed]:
    """Before all else: what failed may have failed because of the change, and what passed may not pass any more."""
    if facts.changes:
        message = f"the deployment changed while flows ran: {'; '.join(facts.changes)}"
        yield _unmeasurable(-1, policy, ReasonCode.DEPLOYMENT_CHANGED, message)


def _failed(facts: Facts, policy: Policy) -> Iterable[Weighed]:
    failed = [flow for flow in _required(facts) if flow.outcome is FlowOutcome.FAILED]
    for family, limit, code in (
        (Family.PRODUCT, policy.limits.product, ReasonCode.PRODUCT_FAILURES),
        (Family.BACKEND, policy.limits.backend, ReasonCode.BACKEND_FAILURES),
        (Family.BUILD, 0, ReasonCode.BUILD_FINDINGS),
    ):
        flows = [flow for flow in failed if _blame(flow) is family]
        if len(flows) > limit:
            message = f"{family} failures ({len(flows)}) > limit ({limit})"
            yield _closing(0, ExitCode.BLOCKED, code, message, flows)
        elif flows:
            yield _warning(0, code, f"{family} failures ({len(flows)}), limit ({limit})", flows)


def _blame(flow: SettledFlow) -> Family:
    """A failed flow counts against the product unless its cause says backend or build: no failure goes uncounted."""
    family = _family(flow)
    return family if family in (Family.BACKEND, Family.BUILD) else Family.PRODUCT


def _missing(facts: Facts) -> Iterable[Weighed]:
    if facts.stage is not None:
        return  # flows are missing because the stage failed, which is the reason that counts
    missing = [flow for flow in _required(facts) if flow.outcome is FlowOutcome.MISSING]
    if missing:
        message = f"expected flows that did not run ({len(missing)}) > limit (0)"
        yield _closing(1, ExitCode.MISSING, ReasonCode.MISSING_FLOWS, message, missing)
    if not _required(facts):
        yield _closing(
            1, ExitCode.MISSING, ReasonCode.NO_FLOWS, "no required flow was selected, so nothing was measured"
        )


def _build(facts: Facts) -> Iterable[Weighed]:
    errors = [finding for finding in facts.findings if finding.severity is Severity.ERROR]
    if errors and facts.stage is None:  # a stage that failed for them is told instead
        message = f"the APK is not the production build ({len(errors)} findings): " + "; ".join(
            finding.message for finding in errors
        )
        yield _closing(2, ExitCode.BLOCKED, ReasonCode.BUILD_FINDINGS, message)
    warnings = [finding for finding in facts.findings if finding.severity is Severity.WARNING]
    if warnings:
        message = "the APK differs from what is expected: " + "; ".join(finding.message for finding in warnings)
        yield _warning(7, ReasonCode.BUILD_FINDINGS, message)


def _stage(facts: Facts, policy: Policy) -> Iterable[Weighed]:
    if facts.stage is None:
        return
    message = f"{facts.stage.cause}: {facts.stage.message}"
    match facts.stage.cause.family:
        case Family.PRODUCT | Family.BACKEND | Family.BUILD:
            yield _closing(2, ExitCode.BLOCKED, ReasonCode.STAGE_FAILED, message)
        case Family.THROTTLED | Family.INFRASTRUCTURE | Family.FLOW | Family.UNKNOWN:
            yield _unmeasurable(5, policy, ReasonCode.STAGE_FAILED, message)


def _unmeasured(facts: Facts, policy: Policy) -> Iterable[Weighed]:
    flows = [flow for flow in _required(facts) if flow.outcome is FlowOutcome.INCONCLUSIVE]
    for rank, family, code, words in (
        (3, Family.FLOW, ReasonCode.FLOW_ERRORS, "flows that cannot run as written"),
        (4, Family.PRODUCT, ReasonCode.UNCONFIRMED, "flows whose failure could not be confirmed"),
        (4, Family.BACKEND, ReasonCode.UNCONFIRMED, "flows that the backend kept from an outcome"),
        (4, Family.UNKNOWN, ReasonCode.UNKNOWN_FAILURES, "flows that failed for an unknown reason"),
        (5, Family.INFRASTRUCTURE, ReasonCode.INFRASTRUCTURE_FAILURES, "flows stopped by infrastructure"),
        (6, Family.THROTTLED, ReasonCode.THROTTLED, "flows stopped by production's rate limits"),
    ):
        named = [flow for flow in flows if _doubt(flow) is family]
        message = f"{words} ({len(named)}) > limit (0)"
        if named and code is ReasonCode.UNCONFIRMED:  # something did fail: no policy takes that for not measured
            yield _closing(rank, ExitCode.UNDECIDED, code, message, named)
        elif named:
            yield _unmeasurable(rank, policy, code, message, named)


def _doubt(flow: SettledFlow) -> Family:
    """The kind of doubt; a build failure that was not confirmed is doubted like a product failure."""
    family = _family(flow)
    return Family.PRODUCT if family is Family.BUILD else family


def _stopped(facts: Facts) -> Iterable[Weighed]:
    words = {
        StopReason.INTERRUPTED: "the run was interrupted before it was over",
        StopReason.TERMINATED: "the run was terminated before it was over",
        StopReason.DEADLINE: "the run's deadline passed before it was over",
    }
    codes = {StopReason.INTERRUPTED: ExitCode.INTERRUPTED, StopReason.TERMINATED: ExitCode.TERMINATED}
    if facts.stop in words:
        code = codes.get(facts.stop, ExitCode.UNDECIDED)
        yield _closing(5, code, ReasonCode.INTERRUPTED, words[facts.stop])


def _flaky(facts: Facts, policy: Policy) -> Iterable[Weighed]:
    flows = [flow for flow in _required(facts) if flow.outcome is FlowOutcome.FLAKY]
    if not flows:
        return
    limit = policy.limits.flaky
    if len(flows) > limit:
        message = f"flows that passed only after failing ({len(flows)}) > limit ({limit})"
        yield _unmeasurable(7, policy, ReasonCode.FLAKY_FLOWS, message, flows)
    else:
        message = f"flows that passed only after failing ({len(flows)}), limit ({limit})"
        yield _warning(7, ReasonCode.FLAKY_FLOWS, message, flows)


def _informational(facts: Facts) -> Iterable[Weighed]:
    flows = [flow for flow in facts.flows if not flow.required and flow.outcome is not FlowOutcome.PASSED]
    if flows:
        message = f"flows that do not count and did not pass ({len(flows)})"
        yield _warning(8, ReasonCode.INFORMATIONAL, message, flows)


def _all_passed(facts: Facts) -> Iterable[Weighed]:
    required = _required(facts)
    passed = [flow for flow in required if flow.outcome in (FlowOutcome.PASSED, FlowOutcome.FLAKY)]
    if len(passed) < len(required):
        return
    reason = Reason(code=ReasonCode.ALL_PASSED, message=f"{len(passed)} of {len(required)} required flows passed")
    yield Weighed(rank=9, verdict=Verdict.APPROVED, exit_code=ExitCode.OPEN, reason=reason)


def _required(facts: Facts) -> list[SettledFlow]:
    return [flow for flow in facts.flows if flow.required]


def _family(flow: SettledFlow) -> Family:
    return flow.cause.family if flow.cause is not None else Family.UNKNOWN


def _unmeasurable(
    rank: int, policy: Policy, code: ReasonCode, message: str, flows: Sequence[SettledFlow] = ()
) -> Weighed:
    match policy.undecided:
        case WhenUndecided.CLOSED:
            return _closing(rank, ExitCode.UNDECIDED, code, message, flows)
        case WhenUndecided.OPEN:
            return _warning(rank, code, f"{message}; the policy opens the gate all the same", flows)


def _closing(
    rank: int, exit_code: ExitCode, code: ReasonCode, message: str, flows: Sequence[SettledFlow] = ()
) -> Weighed:
    verdict = Verdict.BLOCKED if exit_code is ExitCode.BLOCKED else Verdict.UNDECIDED
    reason = Reason(code=code, message=message, flows=tuple(flow.name for flow in flows))
    return Weighed(rank=rank, verdict=verdict, exit_code=exit_code, reason=reason)


def _warning(rank: int, code: ReasonCode, message: str, flows: Sequence[SettledFlow] = ()) -> Weighed:
    reason = Reason(code=code, message=message, flows=tuple(flow.name for flow in flows))
    return Weighed(rank=rank, verdict=Verdict.APPROVED_WITH_WARNINGS, exit_code=ExitCode.OPEN, reason=reason)

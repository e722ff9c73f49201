"""Facts in, reasons out: each says what counts against the gate, with its numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from validator.gates.conditions import conditions
from validator.gates.facts import Facts
from validator.gates.policy import Policy
from validator.gates.standing import Standing, standing
from validator.gates.traffic_reasons import traffic
from validator.gates.weighed import Weighed, closing, unmeasurable, warning
from validator.model.build import Severity
from validator.model.causes import Family
from validator.model.decision import ExitCode, Reason, ReasonCode, SettledFlow, Verdict
from validator.model.events import StopReason
from validator.model.flow import FlowOutcome


def weigh(facts: Facts, policy: Policy, now: datetime) -> tuple[Weighed, ...]:
    """All reasons, worst first; an error never masks a failure.

    The order: changed deployment, failed required flow, missing flow, build, flow, unknown, infrastructure, throttled,
    flaky, passed.

    Args:
        facts: What was recorded.
        policy: What is tolerated.
        now: The moment of the decision, UTC.
    """
    flows = standing(facts, policy, now.date())
    found = [
        *_changed(facts, policy),
        *_failed(flows, policy),
        *_missing(facts, flows),
        *_narrowed(flows),
        *_build(facts),
        *_stage(facts, flows, policy),
        *_unmeasured(flows, policy),
        *_stopped(facts),
        *_flaky(flows, policy),
        *conditions(facts, policy, flows, now),
        *traffic(facts, policy),
        *_informational(flows),
    ]
    if flows.counting and all(weighed.verdict.opens for weighed in found):
        found.extend(_passed(flows))
    return tuple(sorted(found, key=lambda weighed: (weighed.verdict.opens, weighed.rank)))


def _changed(facts: Facts, policy: Policy) -> Iterable[Weighed]:
    """Before all else: what failed may have failed because of the change, and what passed may not pass any more."""
    if facts.changes:
        message = f"the deployment changed while flows ran: {'; '.join(facts.changes)}"
        yield unmeasurable(-1, policy, ReasonCode.DEPLOYMENT_CHANGED, message)


def _failed(flows: Standing, policy: Policy) -> Iterable[Weighed]:
    failed = flows.ended(FlowOutcome.FAILED)
    for family, limit, code in (
        (Family.PRODUCT, policy.limits.product, ReasonCode.PRODUCT_FAILURES),
        (Family.BACKEND, policy.limits.backend, ReasonCode.BACKEND_FAILURES),
        (Family.BUILD, 0, ReasonCode.BUILD_FINDINGS),
    ):
        critical, others = flows.parted(flow for flow in failed if _blame(flow) is family)
        if critical:
            message = f"{family} failures of critical flows ({len(critical)}) > limit (0)"
            yield closing(0, ExitCode.BLOCKED, code, message, critical)
        if len(others) > limit:
            message = f"{family} failures ({len(others)}) > limit ({limit})"
            yield closing(0, ExitCode.BLOCKED, code, message, others)
        elif others:
            yield warning(0, code, f"{family} failures ({len(others)}), limit ({limit})", others)


def _blame(flow: SettledFlow) -> Family:
    """A failed flow counts against the product unless its cause says backend or build: no failure goes uncounted."""
    family = _family(flow)
    return family if family in (Family.BACKEND, Family.BUILD) else Family.PRODUCT


def _missing(facts: Facts, flows: Standing) -> Iterable[Weighed]:
    critical, others = flows.parted(flows.ended(FlowOutcome.MISSING))
    critical = [*critical, *flows.absent]
    if critical:
        message = f"critical flows that did not run ({len(critical)}) > limit (0)"
        yield closing(1, ExitCode.MISSING, ReasonCode.MISSING_FLOWS, message, critical)
    if facts.stage is not None:
        return  # flows are missing because the stage failed, which is the reason that counts
    if others:
        message = f"expected flows that did not run ({len(others)}) > limit (0)"
        yield closing(1, ExitCode.MISSING, ReasonCode.MISSING_FLOWS, message, others)
    if not flows.counting:
        resting = len(flows.quarantined)
        why = f"all required flows are in quarantine ({resting})" if resting else "no required flow was selected"
        yield closing(1, ExitCode.MISSING, ReasonCode.NO_FLOWS, f"{why}, so nothing was measured")


def _narrowed(flows: Standing) -> Iterable[Weighed]:
    """A run to try some flows says nothing about the others, whatever the policy makes of doubt."""
    if flows.left_out:
        left_out = len(flows.left_out)
        required = left_out + len(flows.counting) + len(flows.quarantined)
        message = f"required flows that the command line left out ({left_out} of {required}) > limit (0)"
        yield closing(1, ExitCode.MISSING, ReasonCode.NARROWED, message, flows.left_out)


def _build(facts: Facts) -> Iterable[Weighed]:
    errors = [finding for finding in facts.findings if finding.severity is Severity.ERROR]
    if errors and facts.stage is None:  # a stage that failed for them is told instead
        message = f"the APK is not the production build ({len(errors)} findings): " + "; ".join(
            finding.message for finding in errors
        )
        yield closing(2, ExitCode.BLOCKED, ReasonCode.BUILD_FINDINGS, message)
    warnings = [finding for finding in facts.findings if finding.severity is Severity.WARNING]
    if warnings:
        message = "the APK differs from what is expected: " + "; ".join(finding.message for finding in warnings)
        yield warning(7, ReasonCode.BUILD_FINDINGS, message)


def _stage(facts: Facts, flows: Standing, policy: Policy) -> Iterable[Weighed]:
    if facts.stage is None:
        return
    unseen = not flows.counting or bool(flows.ended(FlowOutcome.MISSING))
    message = f"{facts.stage.cause}: {facts.stage.message}"
    match facts.stage.cause.family:
        case Family.PRODUCT | Family.BACKEND | Family.BUILD:
            yield closing(2, ExitCode.BLOCKED, ReasonCode.STAGE_FAILED, message)
        case Family.THROTTLED | Family.INFRASTRUCTURE | Family.FLOW | Family.UNKNOWN:
            if unseen:  # no policy takes what nobody has tried for measured
                yield closing(5, ExitCode.UNDECIDED, ReasonCode.STAGE_FAILED, message)
            else:
                yield unmeasurable(5, policy, ReasonCode.STAGE_FAILED, message)


def _unmeasured(flows: Standing, policy: Policy) -> Iterable[Weighed]:
    for rank, family, code, words in (
        (3, Family.FLOW, ReasonCode.FLOW_ERRORS, "flows that cannot run as written"),
        (4, Family.PRODUCT, ReasonCode.UNCONFIRMED, "flows whose failure could not be confirmed"),
        (4, Family.BACKEND, ReasonCode.UNCONFIRMED, "flows that the backend kept from an outcome"),
        (4, Family.UNKNOWN, ReasonCode.UNKNOWN_FAILURES, "flows that failed for an unknown reason"),
        (5, Family.INFRASTRUCTURE, ReasonCode.INFRASTRUCTURE_FAILURES, "flows stopped by infrastructure"),
        (6, Family.THROTTLED, ReasonCode.THROTTLED, "flows stopped by production's rate limits"),
    ):
        doubtful = [flow for flow in flows.ended(FlowOutcome.INCONCLUSIVE) if _doubt(flow) is family]
        critical, others = flows.parted(doubtful)
        limit = _tolerated(family, policy)
        if critical:
            message = f"critical {words} ({len(critical)}) > limit (0)"
            yield closing(rank, ExitCode.UNDECIDED, code, message, critical)
        message = f"{words} ({len(others)}) > limit ({limit})"
        if others and code is ReasonCode.UNCONFIRMED:  # something did fail: no policy takes that for not measured
            yield closing(rank, ExitCode.UNDECIDED, code, message, others)
        elif len(others) > limit:
            yield unmeasurable(rank, policy, code, message, others)
        elif others:
            yield warning(rank, code, f"{words} ({len(others)}), limit ({limit})", others)


def _tolerated(family: Family, policy: Policy) -> int:
    """How many flows may stay without an outcome because of this kind of doubt."""
    limits = policy.limits
    match family:
        case Family.FLOW:
            return limits.flow
        case Family.UNKNOWN:
            return limits.unknown
        case Family.INFRASTRUCTURE:
            return limits.infrastructure
        case Family.THROTTLED:
            return limits.throttled
        case Family.PRODUCT | Family.BACKEND | Family.BUILD:
            return 0


def _doubt(flow: SettledFlow) -> Family:
    """The kind of doubt; a build failure that was not confirmed is doubted like a product failure."""
    family = _family(flow)
    return Family.PRODUCT if family is Family.BUILD else family


def _stopped(facts: Facts) -> Iterable[Weighed]:
    words = {
        StopReason.INTERRUPTED: "the run was interrupted before it was over",
        StopReason.TERMINATED: "the run was terminated before it was over",
        StopReason.DEADLINE: "the run's deadline passed before it was over",
        StopReason.MISUSED: "the configuration has a mistake that ended the run",
    }
    codes = {StopReason.INTERRUPTED: ExitCode.INTERRUPTED, StopReason.TERMINATED: ExitCode.TERMINATED}
    if facts.stop in words:
        code = codes.get(facts.stop, ExitCode.UNDECIDED)
        yield closing(5, code, ReasonCode.INTERRUPTED, words[facts.stop])


def _flaky(flows: Standing, policy: Policy) -> Iterable[Weighed]:
    limit, words = policy.limits.flaky, "flows that passed only after failing"
    critical, others = flows.parted(flows.ended(FlowOutcome.FLAKY))
    if critical:
        message = f"critical {words} ({len(critical)}) > limit (0)"
        yield closing(7, ExitCode.UNDECIDED, ReasonCode.FLAKY_FLOWS, message, critical)
    if len(others) > limit:
        yield unmeasurable(7, policy, ReasonCode.FLAKY_FLOWS, f"{words} ({len(others)}) > limit ({limit})", others)
    elif others:
        yield warning(7, ReasonCode.FLAKY_FLOWS, f"{words} ({len(others)}), limit ({limit})", others)


def _informational(flows: Standing) -> Iterable[Weighed]:
    names = [flow.name for flow in flows.aside if flow.outcome is not FlowOutcome.PASSED]
    if names:
        message = f"flows that do not count and did not pass ({len(names)})"
        yield warning(8, ReasonCode.INFORMATIONAL, message, names)


def _passed(flows: Standing) -> Iterable[Weighed]:
    """Nothing closes the gate so far. It stays closed when none passed at all, whatever was tolerated."""
    passed, expected = len(flows.ended(FlowOutcome.PASSED)) + len(flows.ended(FlowOutcome.FLAKY)), len(flows.counting)
    if not passed:
        message = f"required flows that passed (0 of {expected}): nothing was seen to work"
        yield closing(5, ExitCode.UNDECIDED, ReasonCode.NO_FLOWS, message)
    if passed == expected:
        reason = Reason(code=ReasonCode.ALL_PASSED, message=f"{passed} of {passed} required flows passed")
        yield Weighed(rank=9, verdict=Verdict.APPROVED, exit_code=ExitCode.OPEN, reason=reason)


def _family(flow: SettledFlow) -> Family:
    return flow.cause.family if flow.cause is not None else Family.UNKNOWN

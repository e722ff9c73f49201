"""The decision table: facts and a policy, and the verdict, reasons and exit code that follow from them."""

# ruff: noqa: E501 - a row of the table is one line, so that rows can be compared

from __future__ import annotations

import pytest

from tests.gates.table import Row, accounted, finding, stage, took
from validator.model.build import Severity
from validator.model.causes import Cause
from validator.model.decision import Purpose, ReasonCode
from validator.model.events import StopReason
from validator.model.traffic import WhenUnmarked

OPEN, WARNED, BLOCKED, UNDECIDED = "approved", "approved_with_warnings", "blocked", "undecided"
LENIENT = "undecided: open"
QUARANTINE = 'quarantine: [{flow: b, owner: "@shop", ticket: SHOP-12, until: 2027-01-15}]'
EXPIRED = 'quarantine: [{flow: b, owner: "@shop", ticket: SHOP-12, until: 2026-11-20}]'
LAST_DAY = 'quarantine: [{flow: b, owner: "@shop", ticket: SHOP-12, until: 2026-11-21}]'
CRITICAL = "flows: {critical: [b]}"
GENEROUS = "limits: {product: 9, backend: 9, flaky: 9, infrastructure: 9, throttled: 9, flow: 9, unknown: 9}"
SLOW = {"timings": (took("a", 41.0, 12.4),)}
SHOWN = "b (@shop, SHOP-12, until 2027-01-15)"


def row(flows: str, policy: str, verdict: str, code: int, *reasons: str, **facts: object) -> Row:
    return Row(flows=flows, policy=policy, verdict=verdict, code=code, reasons=reasons, facts=facts)


OUTCOMES = {
    "all passed": row("a passed, b passed", "", OPEN, 0, "all_passed: 2 of 2 required flows passed"),
    "nothing ran": row("", "", UNDECIDED, 4, "no_flows: no required flow was selected, so nothing was measured"),
    "none required": row("a? passed", "", UNDECIDED, 4, "no_flows: no required flow was selected"),
    "a crash": row("a passed, b crashed", "", BLOCKED, 1, "product_failures: product failures (1) > limit (0)"),
    "two crashes": row("a crashed, b asserted", "", BLOCKED, 1, "product_failures: product failures (2) > limit (0)"),
    "no cause": row("a passed, b unnamed", "", BLOCKED, 1, "product_failures: product failures (1) > limit (0)"),
    "backend": row("a passed, b backend", "", BLOCKED, 1, "backend_failures: backend failures (1) > limit (0)"),
    "build": row("a passed, b staging", "", BLOCKED, 1, "build_findings: build failures (1) > limit (0)"),
    "missing": row("a passed, b missing", "", UNDECIDED, 4, "missing_flows: expected flows that did not run (1) > limit"),
    "lost": row("a passed, b lost", "", UNDECIDED, 3, "infrastructure_failures: flows stopped by infrastructure (1) >"),
    "throttled": row("a passed, b throttled", "", UNDECIDED, 3, "throttled: flows stopped by production's rate limits"),
    "invalid": row("a passed, b invalid", "", UNDECIDED, 3, "flow_errors: flows that cannot run as written (1) > limit"),
    "unknown": row("a passed, b unknown", "", UNDECIDED, 3, "unknown_failures: flows that failed for an unknown reason"),
    "doubtful": row("a passed, b doubtful", "", UNDECIDED, 3, "unconfirmed_failures: flows whose failure could not be"),
    "unserved": row("a passed, b unserved", "", UNDECIDED, 3, "unconfirmed_failures: flows that the backend kept from"),
    "flaky": row("a passed, b flaky", "", WARNED, 0, "flaky_flows: flows that passed only after failing (1), limit (2)", "all"),
    "informational": row("a passed, b? crashed", "", WARNED, 0, "informational: flows that do not count and", "all_passed"),
    "failed beats all": row(
        "a lost, b missing, c crashed, d throttled, e invalid, f unknown, g flaky", "", BLOCKED, 1,
        "product_failures", "missing_flows", "flow_errors", "unknown_failures", "infrastructure_failures", "throttled",
        "flaky_flows",
    ),
    "missing beats lost": row("a lost, b missing", "", UNDECIDED, 4, "missing_flows", "infrastructure_failures"),
    "unknown beats lost": row("a lost, b unknown", "", UNDECIDED, 3, "unknown_failures", "infrastructure_failures"),
    "lost beats throttled": row("a lost, b throttled", "", UNDECIDED, 3, "infrastructure_failures", "throttled"),
}  # fmt: skip

BESIDE_FLOWS = {
    "no device": row("a missing", "", UNDECIDED, 3, "stage_failed: no_device: it failed", stage=stage(Cause.NO_DEVICE)),
    "no device, where doubt opens": row("a missing", LENIENT, UNDECIDED, 3, "stage_failed: no_device", stage=stage(Cause.NO_DEVICE)),
    "no device before any flow was known, where doubt opens": row("", LENIENT, UNDECIDED, 3, "stage_failed", stage=stage(Cause.NO_DEVICE)),
    "the only flow failed, and that is tolerated": row("a crashed", "limits: {product: 1}", UNDECIDED, 3, "no_flows", "product_failures"),
    "not production": row("", "", BLOCKED, 1, "stage_failed: not_production", stage=stage(Cause.NOT_PRODUCTION)),
    "backend away": row("a missing", "", BLOCKED, 1, "stage_failed", stage=stage(Cause.BACKEND_UNAVAILABLE)),
    "debuggable": row("a passed", "", BLOCKED, 1, "build_findings: the APK is not the production", findings=(finding(),)),
    "differs": row(
        "a passed", "", WARNED, 0, "build_findings: the APK differs", "all_passed", findings=(finding(Severity.WARNING),)
    ),
    "interrupted": row("a passed", "", UNDECIDED, 130, "interrupted", stop=StopReason.INTERRUPTED),
    "terminated after a crash": row("a crashed", "", BLOCKED, 143, "product_", "interrupted", stop=StopReason.TERMINATED),
    "late": row("a passed", "", UNDECIDED, 3, "interrupted: the run's deadline passed", stop=StopReason.DEADLINE),
    "changed": row("a crashed", "", UNDECIDED, 3, "deployment_changed", "product_failures", changes=("x said 1, now 2",)),
    "narrowed": row("a passed", "", UNDECIDED, 4, "narrowed: required flows that the command line left out (1 of 2)", left_out=("b",)),
    "narrowed and lenient": row("a passed", LENIENT, UNDECIDED, 4, "narrowed", left_out=("b",)),
    "only what does not count was left out": row(
        "a passed", "flows: {informational: [b]}", OPEN, 0, "all_passed", left_out=("b",)
    ),
}  # fmt: skip

LIMITS = {
    "product limit": row("a crashed, b passed", "limits: {product: 1}", WARNED, 0, "product_failures: product failures (1), limit (1)"),
    "product over": row("a crashed, b asserted", "limits: {product: 1}", BLOCKED, 1, "product_failures: product failures (2) > limit (1)"),
    "backend limit": row("a backend, b passed", "limits: {backend: 1}", WARNED, 0, "backend_failures: backend failures (1), limit (1)"),
    "flaky over": row("a flaky, b passed", "limits: {flaky: 0}", UNDECIDED, 3, "flaky_flows: flows that passed only after failing (1) > limit (0)"),
    "lost limit": row("a lost, b passed", "limits: {infrastructure: 1}", WARNED, 0, "infrastructure_failures: flows stopped by infrastructure (1), limit (1)"),
    "lost over": row("a lost, b lost, c passed", "limits: {infrastructure: 1}", UNDECIDED, 3, "infrastructure_failures: flows stopped by infrastructure (2) > limit (1)"),
    "throttled limit": row("a throttled, b passed", "limits: {throttled: 1}", WARNED, 0, "throttled: flows stopped by production's rate limits (1), limit (1)"),
    "throttled over": row("a throttled, b throttled, c passed", "limits: {throttled: 1}", UNDECIDED, 3, "throttled: flows stopped by production's rate limits (2) > limit (1)"),
    "invalid limit": row("a invalid, b passed", "limits: {flow: 1}", WARNED, 0, "flow_errors: flows that cannot run as written (1), limit (1)"),
    "unknown limit": row("a unknown, b passed", "limits: {unknown: 1}", WARNED, 0, "unknown_failures: flows that failed for an unknown reason (1), limit (1)"),
    "limits of other kinds": row("a lost, b passed", "limits: {throttled: 5, unknown: 5}", UNDECIDED, 3, "infrastructure_failures"),
    "no limit for doubt": row("a doubtful, b passed", GENEROUS, UNDECIDED, 3, "unconfirmed_failures: flows whose failure could not be confirmed (1) > limit (0)"),
    "nothing passed": row("a lost, b throttled", GENEROUS, UNDECIDED, 3, "no_flows: required flows that passed (0 of 2)", "infra", "throttled"),
    "missing has no limit": row("a missing, b passed", GENEROUS, UNDECIDED, 4, "missing_flows"),
    "lenient": row("a lost, b passed", LENIENT, WARNED, 0, "infrastructure_failures: flows stopped by infrastructure (1) > limit (0); the policy opens"),
    "lenient crash": row("a crashed, b lost", LENIENT, BLOCKED, 1, "product_failures", "infrastructure_failures"),
    "lenient missing": row("a passed, b missing", LENIENT, UNDECIDED, 4, "missing_flows"),
}  # fmt: skip

CRITICAL_FLOWS = {
    "critical passed": row("a passed, b passed", CRITICAL, OPEN, 0, "all_passed"),
    "critical crash": row("a passed, b crashed", f"{CRITICAL}\n{GENEROUS}", BLOCKED, 1, "product_failures: product failures of critical flows (1) > limit (0)"),
    "critical and other": row("a crashed, b crashed", f"{CRITICAL}\nlimits: {{product: 1}}", BLOCKED, 1, "product_failures: product failures of critical", "product_failures: product failures (1), limit (1)"),
    "critical flaky": row("a passed, b flaky", f"{CRITICAL}\n{GENEROUS}\n{LENIENT}", UNDECIDED, 3, "flaky_flows: critical flows that passed only after failing (1) > limit (0)"),
    "critical lost": row("a passed, b lost", f"{CRITICAL}\n{GENEROUS}\n{LENIENT}", UNDECIDED, 3, "infrastructure_failures: critical flows stopped by infrastructure (1) > limit (0)"),
    "critical gone": row("a passed", f"{CRITICAL}\n{LENIENT}", UNDECIDED, 4, "missing_flows: critical flows that did not run (1) > limit (0)"),
    "critical missing behind a failed stage": row("a missing, b missing", f"{CRITICAL}\n{LENIENT}", UNDECIDED, 4, "missing_flows: critical", "stage_failed", stage=stage(Cause.NO_DEVICE)),
    "critical in quarantine": row("a passed, b crashed", f"{CRITICAL}\n{QUARANTINE}", BLOCKED, 1, "product_failures", "quarantine_void: quarantine entries that do nothing (1): b is critical"),
    "critical although not required": row("a passed, b? crashed", CRITICAL, BLOCKED, 1, "product_failures"),
    "informational by policy": row("a passed, b crashed", "flows: {informational: [b]}", WARNED, 0, "informational: flows that do not count and did not pass (1)"),
    "informational missing": row("a passed, b missing", "flows: {informational: [b]}", WARNED, 0, "informational"),
    "all informational": row("a passed", "flows: {informational: [a]}", UNDECIDED, 4, "no_flows: no required flow was selected"),
}  # fmt: skip

QUARANTINED = {
    "quarantined crash": row("a passed, b crashed", QUARANTINE, WARNED, 0, f"quarantined: flows in quarantine that did not pass (1): {SHOWN}", "all_passed: 1 of 1"),
    "quarantined lost": row("a passed, b lost", QUARANTINE, WARNED, 0, "quarantined: flows in quarantine that did not pass (1)"),
    "quarantined flaky": row("a passed, b flaky", f"{QUARANTINE}\nlimits: {{flaky: 0}}", WARNED, 0, "quarantined"),
    "quarantined and passed": row("a passed, b passed", QUARANTINE, OPEN, 0, "all_passed: 1 of 1"),
    "quarantined and missing": row("a passed, b missing", QUARANTINE, UNDECIDED, 4, "missing_flows: expected flows that did not run (1)"),
    "another one crashed": row("a crashed, b crashed", QUARANTINE, BLOCKED, 1, "product_failures: product failures (1) > limit (0)", "quarantined"),
    "last day": row("a passed, b crashed", LAST_DAY, WARNED, 0, "quarantined"),
    "expired": row("a passed, b crashed", EXPIRED, BLOCKED, 1, "product_failures", "quarantine_expired: quarantine entries that have expired (1), so that the flows count again: b (@shop"),
    "expired and passed": row("a passed, b passed", EXPIRED, WARNED, 0, "quarantine_expired", "all_passed: 2 of 2"),
    "no such flow": row("a passed", QUARANTINE, WARNED, 0, "quarantine_void: quarantine entries that do nothing (1): b is no flow of this run"),
    "does not count anyway": row("a passed, b? crashed", QUARANTINE, WARNED, 0, "quarantine_void: quarantine entries that do nothing (1): b does not count anyway", "informational"),
    "all in quarantine": row("b crashed", QUARANTINE, UNDECIDED, 4, "no_flows: all required flows are in quarantine (1), so nothing was measured", "quarantined"),
    "all in quarantine and passed": row("b passed", QUARANTINE, UNDECIDED, 4, "no_flows: all required flows are in quarantine (1)"),
}  # fmt: skip

CONDITIONS = {
    "slow warns": row("a passed", "durations: {}", WARNED, 0, "slow_flows: flows that took more than 2 times as long as usual (1): a 41.0 s, usually 12.4 s (20 runs)", **SLOW),
    "slow blocks": row("a passed", "durations: {then: block}", BLOCKED, 1, "slow_flows: flows that took more than 2 times as long as usual (1) > limit (0): a 41.0 s", **SLOW),
    "slow unjudged": row("a passed", "", OPEN, 0, "all_passed", **SLOW),
    "slow but allowed": row("a passed", "durations: {slower_than: 4.0}", OPEN, 0, "all_passed", **SLOW),
    "slow by too little": row("a passed", "durations: {then: block}", OPEN, 0, "all_passed", timings=(took("a", 5.0, 2.0),)),
    "no baseline": row("a passed", "durations: {then: block}", OPEN, 0, "all_passed", timings=(took("a", 500.0),)),
    "too few runs": row("a passed", "durations: {then: block}", OPEN, 0, "all_passed", timings=(took("a", 500.0, 9.0, runs=4),)),
    "slow and does not count": row("a passed, b? passed", "durations: {then: block}", OPEN, 0, "all_passed", timings=(took("b", 500.0, 9.0),)),
    "lost beats slow": row("a passed, b lost", "durations: {then: block}", UNDECIDED, 3, "infrastructure", "slow_flows", **SLOW),
    "stale": row("a passed", "freshness: 6h", UNDECIDED, 3, "stale: the run began 2d1h before this decision > limit (6h)", began="2026-11-19T11:00:00.000Z"),
    "stale and lenient": row("a passed", f"freshness: 6h\n{LENIENT}", UNDECIDED, 3, "stale", began="2026-11-19T11:00:00.000Z"),
    "stale crash": row("a crashed", "freshness: 6h", BLOCKED, 1, "product_failures", "stale", began="2026-11-19T11:00:00.000Z"),
    "fresh": row("a passed", "freshness: 6h", OPEN, 0, "all_passed", began="2026-11-21T06:00:00.000Z"),
    "age unknown": row("a passed", "freshness: 6h", OPEN, 0, "all_passed"),
    "traffic without its mark": row("a passed", "", WARNED, 0, "traffic: test traffic is not told from real users: requests of this run without its mark (2) > limit (0)", traffic=accounted(WhenUnmarked.WARN, leaks=2)),
    "traffic that must be marked": row("a passed", "", UNDECIDED, 3, "traffic: test traffic is not told", traffic=accounted(WhenUnmarked.UNDECIDED, leaks=2)),
    "marks of others": row("a passed", "", WARNED, 0, "traffic: requests of others that carry the mark of this run (1) > limit (0)", traffic=accounted(WhenUnmarked.WARN, foreign=1)),
    "prerequisite": row("a passed", "requires: [unit-tests, apply]", UNDECIDED, 3, "prerequisites: earlier stages of which nobody said that they passed (1 of 2) > limit (0): unit-tests", passed=("apply",)),
    "prerequisites passed": row("a passed", "requires: [unit-tests]", OPEN, 0, "all_passed", passed=("unit-tests", "other")),
    "prerequisite and lenient": row("a passed", f"requires: [unit-tests]\n{LENIENT}", UNDECIDED, 3, "prerequisites"),
}  # fmt: skip

TABLE = OUTCOMES | BESIDE_FLOWS | LIMITS | CRITICAL_FLOWS | QUARANTINED | CONDITIONS
"""All rows by name."""


@pytest.mark.parametrize("name", TABLE)
def test_the_decision_is_that_of_the_table(name: str):
    expected = TABLE[name]
    decision = expected.decide()
    told = [f"{reason.code}: {reason.message}" for reason in decision.reasons]
    assert (decision.verdict.value, decision.exit_code.value) == (expected.verdict, expected.code), told
    assert len(told) >= len(expected.reasons)
    assert all(found.startswith(wanted) for found, wanted in zip(told, expected.reasons, strict=False)), told


@pytest.mark.parametrize("name", TABLE)
def test_a_rollback_is_never_blocked_and_tells_the_same_reasons(name: str):
    expected = TABLE[name]
    decision = Row(**{**vars(expected), "purpose": Purpose.ROLLBACK}).decide()
    assert decision.verdict.opens
    assert decision.blocks == ()
    told = {reason.code for reason in decision.reasons}
    assert {reason.code for reason in expected.decide().reasons} - {ReasonCode.ALL_PASSED} <= told
    assert decision.exit_code.value in (0, 130, 143)


def test_the_table_has_a_row_for_every_reason():
    told = {reason.code for each in TABLE.values() for reason in each.decide().reasons}
    assert told == set(ReasonCode) - {ReasonCode.ROLLBACK}
    assert len(TABLE) >= 60
    assert len(TABLE) == sum(map(len, (OUTCOMES, BESIDE_FLOWS, LIMITS, CRITICAL_FLOWS, QUARANTINED, CONDITIONS)))

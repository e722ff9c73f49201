"""Every rule carries an example that must match and a near miss that must not; this replays both."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from validator.failures.classify import classify
from validator.failures.rules import built_in_rules
from validator.model.attempt import (
    AppEvidence,
    DeviceEvidence,
    DeviceState,
    Evidence,
    RunnerEnd,
    RunnerReport,
    Scene,
    SignIn,
)
from validator.model.causes import Cause
from validator.model.deployment import ProbeResult
from validator.model.rules import Source

RULES = built_in_rules()
by_id = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@by_id
def test_the_example_of_a_rule_matches_it(rule):
    assert rule.pattern.search(rule.example)


@by_id
def test_the_near_miss_of_a_rule_does_not_match_it(rule):
    assert not rule.pattern.search(rule.near_miss)


def test_rule_ids_are_unique():
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))


@by_id
def test_evidence_that_holds_only_the_example_is_classified_by_its_rule(rule):
    failure = classify(evidence_with(rule.source, rule.example), RULES).failure
    assert failure is not None
    assert failure.cause is (rule.cause or Cause(rule.pattern.search(rule.example).group(1)))
    assert failure.quotes


@by_id
def test_a_near_miss_alone_is_never_classified_by_its_rule(rule):
    failure = classify(evidence_with(rule.source, rule.near_miss), RULES).failure
    assert failure is not None
    assert failure.rule != rule.id


REPORT = RunnerReport(runner="maestro-runner 1.1.27", end=RunnerEnd.EXITED, exit_code=1, passed=False, complete=True)
NOTHING = Evidence(runner=REPORT, device=DeviceEvidence(state=DeviceState.HEALTHY))


def evidence_with(source: Source, line: str) -> Evidence:
    """A failed attempt in which only this one line speaks."""
    match source:
        case Source.EXIT_INFO:
            return replace(NOTHING, app=AppEvidence(exit_info=(line,)))
        case Source.CRASH_LOG:
            return replace(NOTHING, app=AppEvidence(crash_log=(line,)))
        case Source.HTTP:
            return replace(NOTHING, app=AppEvidence(http_log=(line,)))
        case Source.FOCUS:
            focused = line.removeprefix("another app: ")
            return replace(NOTHING, app=AppEvidence(focused_package=focused, package="com.example.shop"))
        case Source.SCENE:
            return scene_that_shows(line)
        case Source.PREPARATION:
            return replace(NOTHING, preparation=line)
        case Source.DEVICE:
            return device_that_shows(line)
        case Source.BACKEND:
            words, _, detail = line.partition(": ")
            ready, url = not words.startswith("not ready "), words.split()[-1]
            return replace(NOTHING, backend=(ProbeResult(url=url, ready=ready, detail=detail),))
        case Source.RUNNER:
            return runner_that_shows(line)


def runner_that_shows(line: str) -> Evidence:
    """What a runner wrote, alone or beside what is known of the flow."""
    if line.startswith("launch_failed="):
        return launch_that_shows(line)
    if (message := line.removeprefix("sign_in_flow: ")) != line:
        return replace(NOTHING, runner=report_that_shows(f"message: {message}"), sign_in=SignIn(flow=True))
    return replace(NOTHING, runner=report_that_shows(line))


def device_that_shows(line: str) -> Evidence:
    """What our watch saw of a device, or could not read."""
    name, _, value = line.partition("=")
    if name == "unread":
        return replace(NOTHING, app=AppEvidence(unread=value))
    state, _, detail = value.partition(": ")
    return replace(NOTHING, device=DeviceEvidence(state=DeviceState(state), detail=detail))


def scene_that_shows(line: str) -> Evidence:
    """A scene of which this is one of the lines."""
    name, _, value = line.partition("=")
    if name == "text":
        return replace(NOTHING, scene=Scene(texts=(value,)))
    if name == "sign_in_failed":
        return replace(NOTHING, sign_in=SignIn(failed=(value,)))
    fields: dict[str, Any] = {name: int(value) if name in ("free_mb", "clock_off") else value}
    if name == "clock":
        refused = AppEvidence(
            http_log=("I okhttp: <-- HTTP FAILED: javax.net.ssl.SSLException: Chain validation failed",)
        )
        return replace(NOTHING, app=refused, scene=Scene(clock_off=int(value.split()[0])))
    return replace(NOTHING, scene=Scene(**fields))


def launch_that_shows(line: str) -> Evidence:
    """A runner that could not launch the app under test, where the device says this about the app."""
    said = "launchApp: all launch methods failed for 'com.example.shop'. The app may not be installed"
    there = line.partition("(")[2].removesuffix(")")
    return replace(
        NOTHING,
        runner=replace(REPORT, message=said),
        app=AppEvidence(package="com.example.shop"),
        scene=Scene(app="" if there == "unknown" else there),
    )


def report_that_shows(line: str) -> RunnerReport:
    """A runner's report of which this is one of the lines."""
    name, separator, text = line.partition(": ") if ": " in line else line.partition("=")
    if separator == "=":
        values: dict[str, Callable[[str], Any]] = {
            "end": RunnerEnd,
            "complete": lambda value: value == "true",
            "transport_errors": int,
        }
        return replace(REPORT, **{name: values[name](text)})
    changes: dict[str, Any] = {name: (text,) if name == "output" else text}
    return replace(REPORT, **changes)

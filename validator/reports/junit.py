"""`junit.xml`: what every CI system reads. junit-xml writes the cases; properties and reruns are added to its tree.

Sources: the Maven Surefire report format for `flakyFailure`, `flakyError`, `rerunFailure` and `rerunError` with their
`stackTrace`; GitLab's unit test reports, which read the text of `failure` and `error` (not their attributes) and show a
screenshot named as `[[ATTACHMENT|path]]` in `system-out`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from junit_xml import TestCase, TestSuite

from validator.reports.junit_cases import Case, Kind, Problem, cases, subject_properties
from validator.reports.state import RunState
from validator.reports.words import NO_DECISION, subject_words
from validator.support.text import one_line

_COUNTS = ("tests", "failures", "errors", "skipped", "time")


def render_junit(state: RunState, attachments: str = "") -> bytes:
    """The file's content.

    Args:
        state: The run; one without a decision, or interrupted, has errors for everything that was not measured.
        attachments: The run's folder as CI sees it, ending in `/`; stands before the paths of screenshots.
    """
    found = cases(state, attachments)
    suite = TestSuite(
        name=one_line(f"production validation: {state.environment}", 300),
        test_cases=[_test_case(case) for case in found],
        timestamp=state.started_at[:19],
        properties=_suite_properties(state),
    ).build_xml_doc()
    for case, element in zip(found, suite.iter("testcase"), strict=True):
        _complete(element, case)
    root = ET.Element("testsuites", {name: suite.get(name, "0") for name in _COUNTS})
    root.set("name", suite.get("name", ""))
    root.append(suite)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _test_case(case: Case) -> object:
    test = TestCase(
        name=case.name,
        classname=case.classname,
        elapsed_sec=round(case.seconds, 3),
        file=case.file or None,
        stdout=case.output or None,
    )
    if case.problem is not None:
        add = {
            Kind.FAILURE: test.add_failure_info,
            Kind.ERROR: test.add_error_info,
            Kind.SKIPPED: lambda message, output, _type: test.add_skipped_info(message, output),
        }[case.problem.kind]
        add(case.problem.message, case.problem.text, case.problem.type)
    return test


def _suite_properties(state: RunState) -> dict[str, str]:
    decision, started = state.decision, state.started
    found = {
        **subject_properties(state),
        "tenant": state.tenant,
        "environment": state.environment,
        "subject": subject_words(state),
        "decision": decision.verdict.value if decision is not None else NO_DECISION.lower(),
        "gate": "open" if decision is not None and decision.verdict.opens else "closed",
        "policy": started.policy.name if started is not None else "",
        "validator.version": started.validator_version if started is not None else "",
    }
    return {name: one_line(value, 2_000) for name, value in found.items() if value}


def _complete(element: ET.Element, case: Case) -> None:
    """Add what junit-xml does not know, and the time that it leaves out when it is 0."""
    element.attrib.setdefault("time", "0")
    if case.properties:
        properties = ET.Element("properties")
        for name, value in case.properties:
            ET.SubElement(properties, "property", {"name": name, "value": value})
        element.insert(0, properties)
    position = len(element) - len(element.findall("system-out"))
    for offset, problem in enumerate(case.reruns):
        element.insert(position + offset, _rerun(problem, passed=case.problem is None))


def _rerun(problem: Problem, *, passed: bool) -> ET.Element:
    kind = "Failure" if problem.kind is Kind.FAILURE else "Error"
    name = f"flaky{kind}" if passed else f"rerun{kind}"
    element = ET.Element(name, {"message": problem.message, "type": problem.type})
    ET.SubElement(element, "stackTrace").text = problem.text
    return element

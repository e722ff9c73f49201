"""References are read when the file is read, and a wrong one is told at its own line and column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.documents import Complain, Load
from validator.config.references import Reference, ReferenceSyntaxError, Scheme, Template

KNOWN = "write ${env:NAME}, ${env:NAME:-default}, ${file:path} or ${terraform:output}; or write $${ for a plain ${"


def shown(text: str) -> list[object]:
    """The parts of a template: texts, and references as (scheme, name, default)."""
    parts = Template.parse(text).parts
    return [(part.scheme, part.name, part.default) if isinstance(part, Reference) else part for part in parts]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("plain", ["plain"]),
        ("", []),
        ("${env:GIT_SHA}", [(Scheme.ENV, "GIT_SHA", None)]),
        ("${env:A:-b}", [(Scheme.ENV, "A", "b")]),
        ("${env:A:-}", [(Scheme.ENV, "A", "")]),
        ("${env:A:-http://x:80/-}", [(Scheme.ENV, "A", "http://x:80/-")]),
        ("${file:/run/secrets/x}", [(Scheme.FILE, "/run/secrets/x", None)]),
        ("${terraform:api-url}/health", [(Scheme.TERRAFORM, "api-url", None), "/health"]),
        ("a${env:B}c${env:D}", ["a", (Scheme.ENV, "B", None), "c", (Scheme.ENV, "D", None)]),
        ("$${HOME}", ["${", "HOME}"]),
        ("$$${env:A}", ["$", "${", "env:A}"]),
        ("$HOME costs 5$ {x} $", ["$HOME costs 5$ {x} $"]),
    ],
)
def test_a_text_is_read_into_its_parts(text: str, parts: list[object]) -> None:
    assert shown(text) == parts


@pytest.mark.parametrize(
    ("reference", "message", "remedy"),
    [
        ("${env:X", "${ is never closed", "close it with }, or write $${ for a plain ${"),
        ("${}", "${} is no reference", KNOWN),
        ("${evn:X}", "${evn:X} is no reference (did you mean 'env'?)", KNOWN),
        ("${vault:a/b}", "${vault:a/b} is no reference", KNOWN),
        (
            "${SLACK_TOKEN}",
            "${SLACK_TOKEN} does not say where from",
            "write ${env:SLACK_TOKEN} for the variable SLACK_TOKEN, or write $${ for a plain ${",
        ),
        ("${env:}", "${env:} names nothing", "put the name behind env:"),
        ("${file: }", "${file:} names nothing", "put the name behind file:"),
        ("${env}", "${env} is no reference (did you mean 'env'?)", KNOWN),
        (
            "${env:MY-VAR}",
            "'MY-VAR' cannot be the name of a variable",
            "use letters, digits and _; a default stands behind :-",
        ),
        (
            "${terraform:url:-x}",
            "'url:-x' cannot be the name of an output",
            "use letters, digits, - and _; outputs cannot have a default",
        ),
        ("${env:A:-${env:B}}", "references cannot stand within references", "write the value out"),
    ],
)
def test_a_wrong_reference_is_told(complain: Complain, reference: str, message: str, remedy: str) -> None:
    assert complain(f'deployment: {{id: "at {reference}"}}') == f"1:22: deployment.id: {message}\n  -> {remedy}"


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ("tenant: x\ndeployment:\n  id: a ${evn:B}", "3:9"),
        ("deployment:\n  id: 'it''s ${evn:B}'", "2:14"),
        ('deployment:\n  id: "a\\t${evn:B}"', "2:11"),
        ("deployment:\n  id: |\n    one\n    two ${evn:B}", "4:9"),
        ("deployment:\n  id: >-\n    one\n    two ${env:A} ${evn:B}", "4:18"),
        ("deployment:\n  id: one\n    two ${evn:B}", "3:9"),
        ("deployment: {id: '$${x} ${evn:B}'}", "1:25"),
        ('deployment: {id: "\\x24{evn:B}"}', "1:18"),
    ],
    ids=["plain", "single quotes", "double quotes", "literal", "folded", "continued", "after an escape", "disguised"],
)
def test_the_place_of_a_reference_is_exact_however_the_text_is_written(
    complain: Complain, lines: str, place: str
) -> None:
    assert complain(lines).startswith(f"{place}: deployment.id: ")


@pytest.mark.parametrize(
    "lines",
    [
        "adb: {path: '${terraform:adb}'}",
        "devices: [{serial: '${terraform:serial}'}]",
        "flows: {workspace: '${terraform:flows}'}",
        "gate: ${terraform:gate}",
        "alerts: [{slack: {channel: c, token: '${terraform:token}'}}]",
        "deployment: {terraform: {directory: '${terraform:x}'}}",
    ],
)
def test_what_is_needed_before_the_deployment_is_observed_takes_no_outputs(complain: Complain, lines: str) -> None:
    told = complain(lines)
    assert "is not known yet when this key is read" in told
    assert told.endswith("  -> write the value, or take it from ${env:…} or ${file:…}")


def test_outputs_need_a_place_that_they_come_from(complain: Complain) -> None:
    assert complain("readiness: [{url: '${terraform:api_url}'}]") == (
        "1:20: readiness[0].url: ${terraform:api_url}: there is no deployment.terraform to take it from\n"
        "  -> add deployment: {terraform: {directory: …}}, {outputs_file: …}, {state_file: …}, or {outputs: {…}}"
    )


def test_outputs_that_come_from_somewhere_are_taken(load: Load) -> None:
    config = load("deployment: {terraform: {directory: infra}}\nreadiness: [{url: '${terraform:api_url}'}]").value
    (reference,) = config.asked[0].url.template.references
    assert str(reference) == "${terraform:api_url}"


@given(st.text(alphabet="${}:-envfile terraform\\AB_", max_size=40) | st.text(max_size=40))
def test_every_text_is_read_or_refused_with_advice(text: str) -> None:
    try:
        template = Template.parse(text)
    except ReferenceSyntaxError as error:
        assert error.remedy  # noqa: PT017 - refusing is one of two right answers
        return
    written = "".join("$" + part if part == "${" else str(part) for part in template.parts)
    assert Template.parse(written).source == written
    if "${" not in text:
        assert template.literal == text

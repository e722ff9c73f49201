"""A JUnit file of one flow: believed only when it is about one test case, and consistent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.flows.junit import JunitError, Verdict, read

PASSED = b"""<?xml version='1.0' encoding='UTF-8'?>
<testsuites><testsuite name="Test Suite" device="Pixel" tests="1" failures="0" time="3.1">
<testcase id="Login" name="Login" classname="Login" time="3.1" status="SUCCESS"/></testsuite></testsuites>"""
FAILED = b"""<testsuites><testsuite name="Test Suite" tests="1" failures="1">
<testcase id="Login" name="Login" status="ERROR"><properties><property name="tags" value="a, b"/></properties>
<failure>Assertion is false: "Hi" is &lt;visible&gt;</failure></testcase></testsuite></testsuites>"""


def test_one_passed_case_is_a_pass() -> None:
    assert read(PASSED) == Verdict(passed=True, failure="")


def test_one_failed_case_is_a_failure_with_its_text() -> None:
    assert read(FAILED) == Verdict(passed=False, failure='Assertion is false: "Hi" is <visible>')


def test_an_error_with_its_text_in_an_attribute_is_a_failure() -> None:
    text = FAILED.replace(b"<failure>", b'<error message="gone: ">').replace(b"</failure>", b"</error>")

    assert read(text).failure.startswith("gone: Assertion")


def test_a_failure_without_a_text_is_still_a_failure() -> None:
    assert not read(FAILED.replace(b'Assertion is false: "Hi" is &lt;visible&gt;', b"")).passed
    assert not read(PASSED.replace(b'status="SUCCESS"/>', b'status="SUCCESS"><skipped/></testcase>')).passed


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"not xml",
        b"<testsuites/>",
        PASSED[:-30],
        PASSED.replace(b'failures="0"', b'failures="1"'),
        PASSED.replace(b'tests="1"', b'tests="2"'),
        PASSED.replace(b'status="SUCCESS"', b'status="CANCELED"'),
        FAILED.replace(b'failures="1"', b'failures="7"'),
        PASSED.replace(b"</testsuite>", b'<testcase name="second" status="SUCCESS"/></testsuite>'),
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><testsuites>&a;</testsuites>",
        b"<a>" * 100_000,
        PASSED.replace(b"Login", b"Log\xff"),
    ],
)
def test_what_is_no_consistent_report_of_one_case_is_refused(text: bytes) -> None:
    with pytest.raises(JunitError):
        read(text)


@pytest.mark.parametrize("encoding", [b"UTF-99", b"utf-16", b"shift_jis", b"hex"])
def test_the_encoding_that_it_declares_changes_nothing(encoding: bytes) -> None:
    assert read(PASSED.replace(b"UTF-8", encoding)).passed


def test_a_bomb_of_entities_is_refused_before_it_is_expanded() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))

    with pytest.raises(JunitError, match="document type"):
        read(f'<!DOCTYPE x [<!ENTITY e0 "boom">{entities}]><testsuites>&e11;</testsuites>'.encode())


def test_an_endless_failure_is_cut() -> None:
    assert len(read(FAILED.replace(b"Assertion", b"x" * 1_000_000)).failure) <= 20_000


@given(st.integers(0, len(FAILED)), st.binary(max_size=10))
def test_any_damage_is_a_failure_or_refused(place: int, noise: bytes) -> None:
    try:
        verdict = read(FAILED[:place] + noise + FAILED[place + len(noise) :])
    except JunitError:
        return
    assert not verdict.passed

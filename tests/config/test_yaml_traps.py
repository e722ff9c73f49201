"""What YAML 1.1 and YAML 1.2 read differently is refused, not guessed."""

import re
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.config.documents import Complain
from validator.config.nodes import plain
from validator.config.source_text import decode_source
from validator.config.yaml_scalars import Trap, read_scalar
from validator.config.yaml_source import compose


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("yes", "yes is true in YAML 1.1 and a text in YAML 1.2"),
        ("on", "on is true in YAML 1.1"),
        ("No", "No is false in YAML 1.1"),
        ("OFF", "OFF is false in YAML 1.1"),
        ("010", "010 begins with a zero: YAML 1.1 reads it as an octal number"),
        ("-007", "-007 begins with a zero"),
        ("0x1F", "0x1F is a number to some readers of YAML and a text to others"),
        ("0o17", "0o17 is a number to some"),
        ("0b11", "0b11 is a number to some"),
        ("12:30", "12:30 is a number in base 60 in YAML 1.1"),
        ("1:30:00.5", "1:30:00.5 is a number in base 60"),
        ("1e3", "1e3 is a text in YAML 1.1 and a number in YAML 1.2"),
        ("1234567e8", "1234567e8 is a text in YAML 1.1"),
        ("-2.5E+7", "-2.5E+7 is a text in YAML 1.1"),
        ("-.5", "-.5 is a text in YAML 1.1 and a number in YAML 1.2"),
        ("1_000", "1_000 is a number in YAML 1.1 and a text in YAML 1.2"),
        (".inf", ".inf is not a number that can be used here"),
        ("-.NaN", "-.NaN is not a number"),
        ("12345678901234567890", "12345678901234567890 has too many digits for a number"),
        ("2027-02-30", "2027-02-30 is not a date"),
        ("2027-02-20T10:00:00Z", "2027-02-20T10:00:00Z is a time stamp in YAML 1.1"),
        ("2027-02-20 10:00:00", "2027-02-20 10:00:00 is a time stamp"),
    ],
)
def test_an_ambiguous_value_is_refused_with_what_it_could_be(written: str, message: str) -> None:
    trap = read_scalar(written)
    assert isinstance(trap, Trap)
    assert trap.message.startswith(message)
    assert trap.remedy


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-12", -12),
        ("+5", 5),
        ("1.5", 1.5),
        (".5", 0.5),
        ("2027-02-28", date(2027, 2, 28)),
        ("y", "y"),
        ("5m", "5m"),
        ("1.10.3", "1.10.3"),
        ("127.0.0.1:5555", "127.0.0.1:5555"),
        ("emulator-5554", "emulator-5554"),
        ("1c8a0e5d7b3f", "1c8a0e5d7b3f"),
        ("nullable", "nullable"),
        ("_", "_"),
        ("0-1", "0-1"),
    ],
)
def test_what_all_readers_agree_about_is_taken(written: str, value: object) -> None:
    read = read_scalar(written)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("build: {file: a, expect: {debuggable: no}}", "1:39: no is false in YAML 1.1 and a text in YAML 1.2"),
        ("flows: {workspace: w, timeout: 12:30}", "1:32: 12:30 is a number in base 60 in YAML 1.1"),
        ("flows: {workspace: w, environment: {NO: '1'}}", "1:37: NO is false in YAML 1.1 and a text in YAML 1.2"),
        ("deployment: {id: 1234567e8}", "1:18: 1234567e8 is a text in YAML 1.1 and a number in YAML 1.2"),
    ],
)
def test_a_trap_hides_what_the_schema_thinks_of_the_same_value(complain: Complain, lines: str, told: str) -> None:
    message, remedy = complain(lines).splitlines()
    assert message == told
    assert remedy.startswith("  -> write ")


@pytest.mark.parametrize("quoted", ["'010'", '"no"', "'12:30'", '"1e3"', "|\n    on\n"])
def test_a_quoted_value_is_a_text(quoted: str) -> None:
    composed = compose(decode_source("x", f"a: {quoted}".encode()))
    assert composed.problems == ()
    assert plain(composed.root) == {"a": yaml.safe_load(quoted)}


scalars = st.text(alphabet="0123456789+-.:_eExXoObBnNaAiIfFyYsSTZtrueal", max_size=12) | st.text(max_size=20)
CORE = {
    r"null|Null|NULL|~|": type(None),
    r"true|True|TRUE|false|False|FALSE": bool,
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+": int,
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)": float,
}
"""The core schema of YAML 1.2.2, section 10.3.2."""


@given(scalars)
def test_a_value_that_is_taken_means_the_same_to_a_reader_of_yaml_1_1(text: str) -> None:
    value = read_scalar(text)
    resolved = yaml.resolver.Resolver().resolve(yaml.ScalarNode, text, (True, False))
    kinds = {"null": type(None), "bool": bool, "int": int, "float": float, "timestamp": date}
    if not isinstance(value, Trap):
        assert type(value) is kinds.get(resolved.rpartition(":")[2], str)


@given(scalars)
def test_a_value_that_is_taken_means_the_same_to_a_reader_of_yaml_1_2(text: str) -> None:
    value = read_scalar(text)
    kind = next((kind for pattern, kind in CORE.items() if re.fullmatch(pattern, text)), str)
    if not isinstance(value, Trap | date):  # a date is a text there, and is taken only where a date is asked for
        assert type(value) is kind

"""No file, however hostile, costs more than a moment and a few megabytes."""

import time

import pytest

from tests.config.documents import MINIMAL, complaints
from validator.config.source_text import LARGEST
from validator.config.yaml_source import DEEPEST, MOST_VALUES

FULL = LARGEST - 1024


def bomb(fan: int, levels: int) -> bytes:
    lines = [f"a0: &a0 [{', '.join(['x'] * fan)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * fan)}]" for n in range(1, levels)]
    return "\n".join(lines).encode()


def test_aliases_that_multiply_are_refused_before_they_are_written_out() -> None:
    (only,) = complaints(bomb(9, 12))
    assert "holds more than 20000 values when aliases are written out" in only
    assert only.startswith("x.yaml:5:")


def test_merges_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 {" + ", ".join(f"k{n}: [1, 2, 3]" for n in range(40)) + "}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 40)}]}}" for n in range(1, 20)]
    (only,) = complaints("\n".join(lines).encode())
    assert "holds more than 20000 values" in only


def test_a_document_deeper_than_any_configuration_is_refused() -> None:
    assert complaints(b"a: " + b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1)) == [
        f"x.yaml:1:{4 + DEEPEST}: is nested deeper than {DEEPEST} levels\n  -> flatten it"
    ]


def test_a_document_with_too_many_values_is_refused() -> None:
    (only,) = complaints(b"a: [" + b"1," * MOST_VALUES + b"]")
    assert f"holds more than {MOST_VALUES} values" in only


def test_a_file_of_more_than_a_mebibyte_is_refused_unread() -> None:
    assert complaints(b"#" * (LARGEST + 1)) == [
        "x.yaml: is larger than 1 MiB\n  -> a configuration is a short text; is this the right file?"
    ]


def test_a_long_comment_is_no_mistake() -> None:
    assert complaints(MINIMAL.encode() + b"#" * FULL) == []


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "content",
    [
        b"[" * FULL,
        b"{" * FULL,
        b"- " * (FULL // 2),
        b"? " * (FULL // 2),
        b"a: " * (FULL // 3),
        b"a: '" + b"''" * (FULL // 2),
        b'a: "' + b"\\x41" * (FULL // 4),
        b"a: |\n" + b" x\n" * (FULL // 3),
        b"a: &" + b"x" * FULL,
        b"a: ${" + b"$" * FULL,
        b"environment: " + b"${" * (FULL // 2),
        b"app: {id: '" + b"${env:X}" * (FULL // 8) + b"'}",
        b"!" * FULL,
        b"&a " * (FULL // 3),
        b"\n" * FULL + b"a: [",
        b"x: 1\n" * 9_000,
        b"".join(b"k%d: 1\n" % number for number in range(9_000)),
        b"%TAG ! a\n" * (FULL // 9),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_a_hostile_file_is_answered_within_seconds(content: bytes) -> None:
    begin = time.monotonic()
    assert complaints(content)
    assert time.monotonic() - begin < 10

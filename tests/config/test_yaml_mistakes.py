"""What is no YAML, or YAML that cannot be a configuration, is told in plain words at its place."""

import pytest

from tests.config.documents import complaints

BRACKETS = "put texts with , [ ] { } in quotes"
INDENTATION = "indent keys of one mapping alike"

MISTAKES = {
    "nothing": ("", "x.yaml: is empty", "write at least the required keys"),
    "comments only": ("# later\n", "x.yaml: is empty", "write at least the required keys"),
    "an empty document": ("---\n", "x.yaml:1:1: the document is empty", "write at least the required keys"),
    "a list": (
        "- a\n",
        "x.yaml:1:1: the document is a list, not a mapping (key: value)",
        "begin with a key: environment: production",
    ),
    "a word": (
        "hello\n",
        "x.yaml:1:1: the document is a single value, not a mapping (key: value)",
        "begin with a key: environment: production",
    ),
    "two documents": ("a: 1\n---\nb: 1\n", "x.yaml:2:1: a second document begins here", "keep one document per file"),
    "tab": ("a:\n\tb: 1\n", "x.yaml:2:1: not YAML: a tab cannot indent or separate here", "use spaces"),
    "two colons": (
        "a: b: c\n",
        "x.yaml:1:5: not YAML: ': ' cannot stand here",
        f"put a text that holds ': ' in quotes; give the line above its own ': '; {INDENTATION}",
    ),
    "open bracket": (
        "a: 1\nb: [1, 2\n",
        "x.yaml:2:4: not YAML: a bracket is never closed",
        "close it with ] or }",
    ),
    "open quote": ('a: "x\nb: 1\n', "x.yaml:1:4: not YAML: a quote is never closed", "close it with the same quote"),
    "missing comma": (
        "a: {b: 1 c: 2}\n",
        "x.yaml:1:11: not YAML: a ',' or a closing bracket is missing here",
        BRACKETS,
    ),
    "bare reference": (
        "a: {b: ${env:X}}\n",
        "x.yaml:1:9: a reference within { } or [ ] must be quoted",
        'write it as "${env:NAME}"',
    ),
    "at sign": (
        "a: @shop\n",
        "x.yaml:1:4: not YAML: a text cannot begin with @ or ` unless it is quoted",
        "put the text in quotes",
    ),
    "unknown escape": (
        'a: "C:\\dir"\n',
        "x.yaml:1:8: not YAML: this \\ escape does not exist in double quotes",
        "use single quotes, or write \\\\ for one backslash",
    ),
    "escape of no character": (
        'a: "\\UFFFFFFFF"\n',
        "x.yaml:1:2: not YAML: an escape after this place names no character",
        "write the character itself",
    ),
    "half a character": (
        'a: "\\ud83d"\n',
        "x.yaml:1:4: holds half a character (a lone surrogate)",
        "write the character itself",
    ),
    "key among list entries": (
        "- a\nb: 1\n",
        "x.yaml:2:1: not YAML: a key where a list goes on",
        "indent keys and - alike",
    ),
    "indentation": (
        "a:\n    b: 1\n  c: 2\n",
        "x.yaml:3:3: not YAML: the indentation does not fit the lines above",
        INDENTATION,
    ),
    "other YAML": (
        "%YAML 3.0\n---\na: 1\n",
        "x.yaml:1:1: not YAML: this is not YAML 1.1 or 1.2",
        "remove the %YAML line",
    ),
    "tag": (
        "environment: !!python/object:os.system x\n",
        "x.yaml:1:14: the tag !!python/object:os.system is not allowed",
        "remove it; put a value in quotes to make it a text",
    ),
    "alias to nothing": (
        "environment: *x\n",
        "x.yaml:1:14: *x refers to no anchor above it",
        "write the value out, or put &x before the one meant",
    ),
    "alias to itself": (
        "readiness: &x [*x]\n",
        "x.yaml:1:16: *x refers to the value that it is part of",
        "write the value out, or put &x before the one meant",
    ),
    "number as key": ("5: x\n", "x.yaml:1:1: a key must be a text", 'write "5" in quotes'),
    "merge of a text": (
        "app: {<<: x}\n",
        "x.yaml:1:11: << takes in mappings only",
        "write <<: *name, where &name stands before a mapping",
    ),
}
"""What stands in the file, how the first mistake is told, and what is advised."""


@pytest.mark.parametrize(("text", "message", "remedy"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_yaml_is_told_in_plain_words(text: str, message: str, remedy: str) -> None:
    assert f"{message}\n  -> {remedy}" in complaints(text.encode())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"tenant: a\nname: caf\xe9\n", "x.yaml:2:10: byte 0xe9 is not UTF-8\n  -> save the file as UTF-8"),
        ("a: ü\n".encode("utf-16"), "x.yaml: is UTF-16, not UTF-8\n  -> save it as UTF-8"),
        (b"a: \x1b[31m\n", "x.yaml:1:4: the character U+001B cannot stand in YAML\n  -> remove it"),
        (b"a: 1\nb: \x00\n", "x.yaml:2:4: the character U+0000 cannot stand in YAML\n  -> remove it"),
        (b"PK\x03\x04" + bytes(20), "x.yaml:1:3: the character U+0003 cannot stand in YAML\n  -> remove it"),
        (b"a: \xef\xbb\xbfx\n", "x.yaml:1:4: the character U+FEFF cannot stand in YAML\n  -> remove it"),
    ],
    ids=["latin-1", "utf-16", "escape", "nul", "zip file", "byte order mark within"],
)
def test_bytes_that_are_no_text_are_told_with_their_place(content: bytes, message: str) -> None:
    assert complaints(content) == [message]


def test_mistakes_before_a_syntax_error_are_told_too() -> None:
    first, second = complaints(b"tenant: no\nbuild: [\n")
    assert first.startswith("x.yaml:1:9: no is false in YAML 1.1")
    assert second.startswith("x.yaml:2:8: not YAML: a bracket is never closed")

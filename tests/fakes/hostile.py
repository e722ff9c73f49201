"""Runs in which every text that comes from outside carries something nasty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from hypothesis import strategies as st

from validator.model.events import Record

T = TypeVar("T")

OURS = {"type", "kind", "command", "at", "id", "decided_at", "expires_at", "not_before"}
"""Fields that this program writes itself, in a form of its own."""

NASTY = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="<>&\"'`*_|[](){}#!-+=~\\$@\n\r\t :/.0123456789", max_size=60),
    st.sampled_from(
        [
            "]]>",
            "</pre><script>alert(1)</script>",
            "<!-- ",
            "\x1b[2J\x1b]0;title\x07",
            "\x9b31m",
            "\x00\x01\x08\x0b\x0c\x1f\x7f",
            "\ud800",
            "\ufffe\uffff",
            "\u202eevil",
            "[bold red]markup[/]",
            "{{ 7 * 7 }}{% raw %}",
            "| a | b |",
            "\n\n# heading\n\n- list\n\n```\n",
            "`" * 7,
            "@everyone #1 https://evil.example www.evil.example",
            "javascript:alert(1)",
            "../../../etc/passwd",
            "//evil.example/x",
            "\N{FAMILY}\N{ZERO WIDTH JOINER}\N{GIRL}\N{COMBINING ACUTE ACCENT}" * 3,
            "漢字" * 20,
        ]
    ),
)


def poisoned(records: Iterable[Record], text: str) -> list[Record]:
    """The records with the text in front of every text of theirs; names that were equal stay equal."""
    return [replace(record, event=_poison(record.event, text)) for record in records]


def _poison(value: T, text: str) -> T:
    if isinstance(value, tuple):
        poison: object = tuple(_poison(each, text) for each in value)
        return poison  # type: ignore[return-value]  # a tuple of the same length and kinds
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: _poison(getattr(value, field.name), text) for field in fields(value) if field.name not in OURS
        }
        return replace(value, **changed)
    if type(value) is str and value:  # not an enum, which is a str too
        return f"{text}{value}"  # type: ignore[return-value]  # a str, as the value was
    return value

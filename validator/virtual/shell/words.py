"""Raw words to parts: quotes removed, expansions recognised."""

from __future__ import annotations

import re
from collections.abc import Callable

from validator.virtual.shell.lexer import unit_end
from validator.virtual.shell.syntax import (
    Arithmetic,
    Literal,
    Part,
    Script,
    Substitution,
    SyntaxProblemError,
    Variable,
    Word,
)

_NAME = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*|[0-9?$!#@*-])")
_BRACED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*|[0-9?$!#@*-])(?::?-(.*))?", re.DOTALL)
Parse = Callable[[str], Script]


def read_word(raw: str, parse: Parse) -> Word:
    """Split a raw word into its parts; `parse` reads the scripts inside `$(…)`.

    Raises:
        SyntaxProblemError: a `${…}` or an inner script cannot be read.
    """
    parts: list[Part] = []
    at = 0
    while at < len(raw):
        if raw[at] == '"':
            end = unit_end(raw, at)
            parts.extend(_inside_double_quotes(raw[at + 1 : end - 1], parse))
        else:
            end, part = _unit(raw, at, parse, quoted=False)
            parts.append(part)
        at = end
    return _merged(parts)


def _inside_double_quotes(text: str, parse: Parse) -> list[Part]:
    parts: list[Part] = [Literal(text="", quoted=True)]  # so that "" is a word
    at = 0
    part: Part
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] not in ("$", "`", '"', "\\", "\n"):
            at, part = at + 1, Literal(text="\\", quoted=True)
        elif text[at] in "'\"":
            at, part = at + 1, Literal(text=text[at], quoted=True)
        else:
            at, part = _expansion(text, at, parse, quoted=True)
        parts.append(part)
    return parts


def _unit(raw: str, at: int, parse: Parse, *, quoted: bool) -> tuple[int, Part]:
    if raw[at] == "'":
        end = unit_end(raw, at)
        return end, Literal(text=raw[at + 1 : end - 1], quoted=True)
    return _expansion(raw, at, parse, quoted=quoted)


def _expansion(raw: str, at: int, parse: Parse, *, quoted: bool) -> tuple[int, Part]:
    end = unit_end(raw, at)
    if raw[at] == "\\":
        escaped = raw[at + 1 : at + 2]
        return end, Literal(text="" if escaped == "\n" else escaped, quoted=True)
    if raw.startswith("$((", at) and raw.endswith("))", at, end):
        return end, Arithmetic(expression=raw[at + 3 : end - 2], quoted=quoted)
    if raw.startswith("$(", at):
        return end, Substitution(script=parse(raw[at + 2 : end - 1]), quoted=quoted)
    if raw[at] == "`":
        return end, Substitution(script=parse(raw[at + 1 : end - 1]), quoted=quoted)
    if raw.startswith("${", at):
        return end, _braced(raw[at + 2 : end - 1], quoted=quoted)
    if (name := _NAME.match(raw, at)) is not None:
        return name.end(), Variable(name=name[1], quoted=quoted)
    return end, Literal(text=raw[at:end], quoted=quoted)


def _braced(inner: str, *, quoted: bool) -> Part:
    found = _BRACED.fullmatch(inner)
    if found is None:
        raise SyntaxProblemError(f"${{{inner}}}: bad substitution")
    return Variable(name=found[1], quoted=quoted, default=found[2] or "")


def _merged(parts: list[Part]) -> Word:
    """Neighbouring literals of the same quoting become one."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, Literal) and isinstance(last, Literal) and part.quoted == last.quoted:
            merged[-1] = Literal(text=last.text + part.text, quoted=part.quoted)
        else:
            merged.append(part)
    return tuple(merged)

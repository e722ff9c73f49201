"""Says in plain words what PyYAML's parser found wrong, and what to do about it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import yaml

from validator.config.errors import Position, Problem
from validator.config.source_text import SourceText


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    pattern: str
    """Searched for in `context; problem`, PyYAML's own words."""
    message: str
    remedy: str


_RULES: Final = tuple(
    _Rule(pattern=pattern, message=message, remedy=remedy)
    for pattern, message, remedy in (
        (r"character '\\t'", "a tab cannot indent or separate here", "use spaces"),
        (r"character '[@`]'", "a text cannot begin with @ or ` unless it is quoted", "put the text in quotes"),
        (r"character '%'", "a text cannot begin with % unless it is quoted", "put the text in quotes"),
        (
            "mapping values are not allowed",
            "': ' cannot stand here",
            "put a text that holds ': ' in quotes; give the line above its own ': '; indent keys of one mapping alike",
        ),
        (r"flow (?:sequence|mapping|node); .*'<stream end>'", "a bracket is never closed", "close it with ] or }"),
        (
            r"flow (?:sequence|mapping)",
            "a ',' or a closing bracket is missing here",
            "put texts with , [ ] { } in quotes",
        ),
        ("quoted scalar; found unexpected", "a quote is never closed", "close it with the same quote"),
        (
            "double-quoted scalar; found unknown escape",
            "this \\ escape does not exist in double quotes",
            "use single quotes, or write \\\\ for one backslash",
        ),
        ("could not find expected ':'", "a line without ': '", "write key: value, with a space after the colon"),
        (r"block collection; .*but found '\?'", "a key where a list goes on", "indent keys and - alike"),
        (
            "block (?:mapping|collection)",
            "the indentation does not fit the lines above",
            "indent keys of one mapping alike",
        ),
        ("incompatible YAML document", "this is not YAML 1.1 or 1.2", "remove the %YAML line"),
        ("block scalar", "what follows | or > is not understood", "write only | or > there, and the text below it"),
    )
)


def explain_syntax(error: yaml.YAMLError, source: SourceText, read: int) -> Problem:
    """The problem behind an error of PyYAML's parser, which had understood the text up to the character `read`."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    index = mark.index if isinstance(mark, yaml.Mark) else 0
    position = source.position(index) if mark else Position(file=source.file)
    if _is_bare_reference(source.text, index):
        message = "a reference within { } or [ ] must be quoted"
        return Problem.at(position, message, remedy='write it as "${env:NAME}"')
    words = "; ".join(str(part) for part in (getattr(error, "context", ""), getattr(error, "problem", "")) if part)
    for rule in _RULES:
        if re.search(rule.pattern, words):
            return Problem.at(
                _opening(error, source, read) or position, f"not YAML: {rule.message}", remedy=rule.remedy
            )
    return Problem.at(position, f"not YAML: {words or error}", remedy="compare with the lines above")


def _is_bare_reference(text: str, index: int) -> bool:
    """Whether the parser stumbled over the brace of an unquoted `${…}`: the mistake most often made with references."""
    return text[index : index + 1] == "{" and text[max(0, index - 1) : index] == "$"


def _opening(error: yaml.YAMLError, source: SourceText, read: int) -> Position | None:
    """Where the bracket or quote was opened that is never closed: the end of the file helps nobody."""
    problem, mark = getattr(error, "problem", None), getattr(error, "context_mark", None)
    if not (isinstance(problem, str) and re.search("'<stream end>'|unexpected end of stream", problem)):
        return None
    if getattr(error, "context", None) == "while parsing a flow node":  # its mark is the end of the file itself
        return source.position(max(0, read - 1))
    return source.position(mark.index) if isinstance(mark, yaml.Mark) else None

"""Characters to tokens, as mksh (Android's shell) splits them: operators, and words with their quoting."""

from __future__ import annotations

from dataclasses import dataclass

_OPERATORS = ("&&", "||", ">>", ">&", "<&", ";;", "&>", ";", "&", "|", "(", ")", "<", ">", "\n")
_WORD_ENDS = frozenset(" \t\n;&|()<>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An operator, or a raw word whose quotes and expansions are still in it. `at` is its offset in the script."""

    text: str
    operator: bool
    at: int


class UnfinishedError(Exception):
    """A quote or bracket is still open at the end of the script."""


def tokens(script: str) -> list[Token]:
    """Split a script.

    Raises:
        UnfinishedError: a quote or `$(` is not closed.
    """
    found: list[Token] = []
    at = 0
    while at < len(script):
        if script[at] in " \t" or script.startswith("\\\n", at):
            at += 2 if script[at] == "\\" else 1
        elif script[at] == "#":
            at = _line_end(script, at)
        else:
            token = _token(script, at)
            found.append(token)
            at += len(token.text)
    return found


def _token(script: str, at: int) -> Token:
    for operator in _OPERATORS:
        if script.startswith(operator, at):
            return Token(text=operator, operator=True, at=at)
    end = word_end(script, at)
    return Token(text=script[at:end], operator=False, at=at)


def _line_end(script: str, at: int) -> int:
    end = script.find("\n", at)
    return len(script) if end < 0 else end


def word_end(script: str, at: int) -> int:
    """Where the word that starts at `at` ends.

    Raises:
        UnfinishedError: the script ends inside a quote or a bracket.
    """
    while at < len(script) and script[at] not in _WORD_ENDS:
        at = unit_end(script, at)
    return at


def unit_end(script: str, at: int) -> int:
    """The end of what starts at `at`: a character, an escape, a quoted piece, or an expansion with its brackets.

    Raises:
        UnfinishedError: the script ends inside it.
    """
    if script[at] == "\\":
        return min(at + 2, len(script))
    if script[at] == "'":
        return _closing(script, at + 1, "'")
    if script[at] == '"':
        return _closing_double_quote(script, at + 1)
    if script.startswith("$(", at):
        return _closing_bracket(script, at + 2)
    if script.startswith("${", at):
        return _closing(script, at + 2, "}")
    if script[at] == "`":
        return _closing(script, at + 1, "`")
    return at + 1


def _closing(script: str, at: int, end: str) -> int:
    found = script.find(end, at)
    if found < 0:
        raise UnfinishedError(end)
    return found + 1


def _closing_double_quote(script: str, at: int) -> int:
    while at < len(script):
        if script[at] == '"':
            return at + 1
        # Inside double quotes an apostrophe is an ordinary character.
        at = at + 1 if script[at] == "'" else unit_end(script, at)
    raise UnfinishedError('"')


def _closing_bracket(script: str, at: int) -> int:
    depth = 1
    while at < len(script):
        if script[at] == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        depth += script[at] == "("
        at = unit_end(script, at)
    raise UnfinishedError(")")

"""The `flows:` patterns of a Maestro workspace. Pure.

The language is that of Java's `PathMatcher` globs, which Maestro uses: `*` and `?` stay within one folder, `**` crosses
folders, `[a-c]`, `[!a]` and `{login,checkout}` choose. Two things are more generous than there, so that a flow is
rather expected than forgotten: `**/` also stands for no folder at all, and a leading `!` takes files out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

DEFAULT = ("*",)
"""Without `flows:` only the files at the top of the workspace are flows."""

_LONGEST = 500
"""Characters; no path is longer in practice, and matching stays fast."""


class GlobError(ValueError):
    """A pattern that cannot be read; the text says why."""


class Globs:
    """The patterns of one workspace."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = texts = tuple(patterns)
        wanted = [text for text in texts if not text.startswith("!")] or list(DEFAULT)
        self._wanted = [_compile(text) for text in wanted]
        self._unwanted = [_compile(text[1:]) for text in texts if text.startswith("!")]
        self.deep = any("/" in text or "**" in text for text in wanted)
        """Whether a file below the top can match at all."""

    def match(self, path: str) -> bool:
        """Whether the file, relative to the workspace and with `/`, is a flow."""
        return not self.why_not(path)

    def why_not(self, path: str) -> str:
        """Why the file is no flow; empty when it is."""
        if not any(pattern.fullmatch(path) for pattern in self._wanted):
            return "`flows` does not name it" if self.patterns else "below the top, and no `flows` names it"
        gone = any(pattern.fullmatch(path) for pattern in self._unwanted)
        return "`flows` takes it out" if gone else ""


def matches(pattern: str, path: str) -> bool:
    """Whether one pattern, with or without `!`, matches the path.

    Raises:
        GlobError: It cannot be read.
    """
    return _compile(pattern.removeprefix("!")).fullmatch(path) is not None


_PIECE = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]]+\]|\\.|[{},]|.", re.DOTALL)


def _compile(glob: str) -> re.Pattern[str]:
    if not glob or len(glob) > _LONGEST:
        raise GlobError("a pattern must have 1 to 500 characters")
    parts: list[str] = []
    choosing = False
    for piece in _PIECE.findall(glob.removeprefix("./")):
        if piece in ("{", "}"):
            if choosing == (piece == "{"):
                raise GlobError("`{` and `}` must come in pairs, and not inside each other")
            choosing = not choosing
        parts.append(_translate(piece, choosing=choosing))
    if choosing:
        raise GlobError("`{` has no `}`")
    return _checked("".join(parts))


def _translate(piece: str, *, choosing: bool) -> str:
    simple = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}
    if piece in simple:
        return simple[piece]
    if piece == "," and choosing:
        return "|"
    if piece[0] == "[" and len(piece) > 1:
        inner = piece[1:-1].replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
        return f"(?!/)[^{inner[1:]}]" if inner[0] == "!" and len(inner) > 1 else f"(?!/)[{inner}]"
    return re.escape(piece[1] if piece[0] == "\\" and len(piece) == 2 else piece)


def _checked(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression, re.DOTALL)
    except re.error as error:
        raise GlobError(str(error)) from error

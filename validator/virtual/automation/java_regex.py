r"""Java's regular expressions, as selectors use them, in Python's syntax.

Covered: `\Q...\E`, inline flags anywhere (Python allows them only in front), named groups, `\p{...}` for the usual
classes (letters by ranges, which is close but not exact), `\h`, `\R`, `\z`. Class intersections (`[a-z&&[^b]]`) are
not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_LETTERS = r"A-Za-z\u00aa-\u02af\u0370-\u1fff\u2c00-\ud7ff\uf900-\ufffd"
_CLASSES = {
    "L": _LETTERS,
    "Alpha": "A-Za-z",
    "Lu": r"A-Z\u00c0-\u00de",
    "Upper": "A-Z",
    "Ll": r"a-z\u00df-\u00ff",
    "Lower": "a-z",
    "N": "0-9",
    "Nd": "0-9",
    "Digit": "0-9",
    "Alnum": "A-Za-z0-9",
    "P": r"!-/:-@\[-`{-~\u2010-\u2027",
    "Punct": r"!-/:-@\[-`{-~",
    "Z": r"\s",
    "Zs": r" \u00a0\u2000-\u200a",
    "Space": r"\s",
    "Sc": r"$\u00a2-\u00a5\u20a0-\u20bf",
}
_PIECE = re.compile(
    r"""\\Q(?P<quoted>.*?)(?:\\E|$)
      | \(\?(?P<flags>[imsxu]+)\)
      | \\(?P<negated>[pP])\{(?:Is)?(?P<property>\w+)\}
      | \(\?<(?P<group>[A-Za-z]\w*)>
      | \\k<(?P<reference>\w+)>
      | (?P<special>\\[hRz])
      | (?P<escaped>\\.)
      | (?P<bracket>\[\^?\]?|\])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_SPECIAL = {"\\h": r"[ \t\u00a0\u2000-\u200a]", "\\R": r"(?:\r\n|[\n\r\u2028\u2029])", "\\z": r"\Z"}


@lru_cache(maxsize=1024)
def compile_java(pattern: str) -> re.Pattern[str]:
    """The pattern for `fullmatch`, which is what Java's `matches` does.

    Raises:
        re.error: it is not a regular expression, or uses something that is not covered.
    """
    flags: set[str] = set()
    body = "".join(_translated(pattern, flags))
    try:
        return re.compile(f"(?{''.join(sorted(flags))}){body}" if flags else body)
    except (OverflowError, RecursionError) as error:
        raise re.error(f"{type(error).__name__} in a pattern of {len(pattern)} characters") from error


def _translated(pattern: str, flags: set[str]) -> Iterator[str]:
    inside = False
    for piece in _PIECE.finditer(pattern):
        kind = piece.lastgroup or ""
        text = piece[0]
        if kind == "quoted":
            yield re.escape(piece["quoted"])
        elif kind == "flags" and not inside:
            flags.update(piece["flags"].replace("u", ""))
        elif kind == "property":
            yield _property(piece["property"], negated=piece["negated"] == "P", inside=inside)
        elif kind == "group" and not inside:
            yield f"(?P<{piece['group']}>"
        elif kind == "reference":
            yield f"(?P={piece['reference']})"
        elif kind == "special":
            yield _SPECIAL[text] if not inside else text.replace("\\h", r" \t")
        elif kind == "bracket":
            # A second [ inside a class is a literal for Python, and a ] right after the first one as well.
            yield f"\\{text[0]}{text[1:]}" if inside and text[0] == "[" else text
            inside = text[0] == "[" or (inside and text[0] != "]")
        else:
            yield text


def _property(name: str, *, negated: bool, inside: bool) -> str:
    ranges = _CLASSES.get(name)
    if ranges is None:
        raise re.error(f"Unknown character property name {{{name}}}")
    if inside:
        if negated:
            raise re.error(f"\\P{{{name}}} inside brackets is not covered")
        return ranges
    return f"[{'^' if negated else ''}{ranges}]"

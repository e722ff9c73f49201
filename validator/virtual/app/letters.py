"""What the built-in font can draw, and how the rest is put together from it.

Pillow's own font (Aileron, a subset) has Basic Latin and a few signs. Accented letters are drawn as letter and accent,
some currency signs as letter and bars, typographic signs as their plain relatives, and anything else as a dot.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from PIL import ImageFont

MEASURED_SIZE = 100
"""The text size at which the font is measured."""

DOT = "dot"
BARS = "bars"
BAR = "bar"
SLASH = "slash"

_PLAIN = {
    **dict.fromkeys("\u00d7\u2715\u2716\u2717\u2718\u274c", "x"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2022\u25cf\u30fb", "\u00b7"),
    **dict.fromkeys("\u2713\u2714\u2705", "v"),
    **dict.fromkeys("\u2192\u2794\u203a\u25b6", ">"),
    **dict.fromkeys("\u2190\u2039\u25c0", "<"),
    **dict.fromkeys("\u2605\u2606\u2b50", "*"),
    **dict.fromkeys("\u201a\u2032", ","),
    "\u201e": '"',
    "\u2033": '"',
    "\u00df": "ss",
    "\u00e6": "ae",
    "\u00c6": "AE",
    "\u0153": "oe",
    "\u0152": "OE",
}
_MARKED = {
    "\u20ac": ("C", BARS),
    "\u00a5": ("Y", BARS),
    "\u00a3": ("L", BAR),
    "\u0142": ("l", BAR),
    "\u0141": ("L", BAR),
    "\u0111": ("d", BAR),
    "\u00f8": ("o", SLASH),
    "\u00d8": ("O", SLASH),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """How a character is drawn: letters of the font, and a mark over the first: an accent, bars, a slash or a dot."""

    base: str
    mark: str = ""


@lru_cache(maxsize=8192)
def letter(character: str) -> Letter:
    """How a character is drawn. What cannot be seen has no base."""
    if not character.isprintable() or unicodedata.combining(character) or unicodedata.category(character) == "Mn":
        return Letter(" " if character.isspace() else "")
    if has(character):
        return Letter(character)
    if character in _PLAIN:
        return Letter(_PLAIN[character])
    if character in _MARKED:
        return Letter(*_MARKED[character])
    return _decomposed(character)


def drawn(text: str) -> str:
    """The letters of the font that a text is drawn with, without the marks."""
    return "".join([letter(character).base for character in text])


@lru_cache(maxsize=8192)
def has(character: str) -> bool:
    """Whether the font has a picture of the character."""
    face = measured_font()
    if face is None:
        return character.isascii()
    return character == " " or bytes(face.getmask(character)) != bytes(face.getmask("\uffff"))


@lru_cache(maxsize=1)
def measured_font() -> ImageFont.FreeTypeFont | None:
    """The font at the measured size; None without FreeType, where Pillow has a bitmap font only."""
    font = ImageFont.load_default(MEASURED_SIZE)
    return font if isinstance(font, ImageFont.FreeTypeFont) else None


def _decomposed(character: str) -> Letter:
    parts = unicodedata.normalize("NFKD", character)
    base = "".join(_PLAIN.get(part, part) for part in parts if not unicodedata.combining(part))
    if not base or not all(has(part) for part in base):
        return Letter("  ", DOT)
    marks = [part for part in parts if unicodedata.combining(part)]
    return Letter(base, marks[0] if marks else "")

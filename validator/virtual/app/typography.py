"""How text is measured and broken into lines, by the layout and by the pictures made of it."""

from __future__ import annotations

from functools import lru_cache

from validator.virtual.app.letters import MEASURED_SIZE, letter, measured_font

LINE_HEIGHT = 1.35
"""Height of a line as a multiple of the text size, as Android's Roboto has it with its font padding."""

BUTTON_SIZES = (44, 36, 30)
"""Text sizes of buttons, the usual one first."""

BUTTON_PADDING = 12
"""Pixels kept free at the left and right of a button's text."""

_FALLBACK_ADVANCE = 0.6


def line_height(size: int) -> int:
    """The height of one line of text, in pixels."""
    return round(size * LINE_HEIGHT)


def text_width(text: str, size: int) -> float:
    """The width of a text on one line, in pixels, without kerning."""
    return sum(map(_advance, text)) * size


@lru_cache(maxsize=4096)
def wrap(text: str, size: int, width: int) -> tuple[str, ...]:
    """The lines of a text at a size, in a width, broken between words where that is possible. Never empty."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_paragraph(paragraph, size, width))
    return tuple(lines)


def button_size(text: str, width: int) -> int:
    """The largest text size at which no word of a button's text has to be broken."""
    for size in BUTTON_SIZES[:-1]:
        if all(text_width(word, size) <= width for word in text.split()):
            return size
    return BUTTON_SIZES[-1]


def _wrap_paragraph(paragraph: str, size: int, width: int) -> list[str]:
    if text_width(paragraph, size) <= width:
        return [paragraph]
    lines: list[str] = []
    line = ""
    for word in paragraph.split(" "):
        candidate = f"{line} {word}" if line else word
        if text_width(candidate, size) <= width:
            line = candidate
            continue
        if line:
            lines.append(line)
        *full, line = _break_word(word, size, width)
        lines.extend(full)
    return [*lines, line]


def _break_word(word: str, size: int, width: int) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and text_width(pieces[-1] + character, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


@lru_cache(maxsize=8192)
def _advance(character: str) -> float:
    """The width of a character as a fraction of the text size."""
    base = letter(character).base
    font = measured_font()
    return _FALLBACK_ADVANCE * len(base) if font is None else font.getlength(base) / MEASURED_SIZE

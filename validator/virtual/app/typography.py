"""How text is measured and broken into lines, by the layout and by the pictures made of it."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

LINE_HEIGHT = 1.35
"""Height of a line as a multiple of the text size, as Android's Roboto has it with its font padding."""

_MEASURED_SIZE = 100
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
    if not character.isprintable():
        return 0.0
    font = _font()
    return _FALLBACK_ADVANCE if font is None else font.getlength(character) / _MEASURED_SIZE


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont | None:
    font = ImageFont.load_default(_MEASURED_SIZE)
    # Without FreeType, Pillow has only a bitmap font of one size: text is then measured roughly.
    return font if isinstance(font, ImageFont.FreeTypeFont) else None

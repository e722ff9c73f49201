"""A picture of a screen in the making: text, shapes and small symbols."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from validator.virtual.app.letters import drawn, letter
from validator.virtual.app.typography import line_height, text_width, wrap
from validator.virtual.automation.colours import Colour, palette
from validator.virtual.automation.marks import Cell, draw_mark
from validator.virtual.ports import Rect

SIZES = (72, 60, 56, 44, 36)
"""Text sizes that apps use, largest first."""

NORMAL = 44
BOLD_FROM = 56
ELLIPSIS = "..."


class Canvas:
    """Draws on a picture of a given size and gives it as PNG."""

    def __init__(self, size: tuple[int, int], background: Colour) -> None:
        self._image = Image.new("RGB", size, background)
        self._draw = ImageDraw.Draw(self._image)

    def png(self) -> bytes:
        """The picture with the phone's palette, packed quickly rather than tightly."""
        stream = io.BytesIO()
        reduced = self._image.quantize(palette=palette(), dither=Image.Dither.NONE)
        reduced.save(stream, "PNG", compress_level=1)
        return stream.getvalue()

    def fill(self, area: Rect, colour: Colour) -> None:
        """A plain rectangle."""
        if area.right > area.left and area.bottom > area.top:
            self._draw.rectangle((area.left, area.top, area.right - 1, area.bottom - 1), colour)

    def box(
        self, area: Rect, colour: Colour | None, *, radius: int = 24, outline: Colour | None = None, width: int = 2
    ) -> None:
        """A rectangle with round corners."""
        if area.right - area.left < 2 or area.bottom - area.top < 2:
            return
        radius = min(radius, (area.right - area.left) // 2, (area.bottom - area.top) // 2)
        edges = (area.left, area.top, area.right - 1, area.bottom - 1)
        self._draw.rounded_rectangle(edges, radius, colour, outline, width)

    def line(self, points: list[tuple[int, int]], colour: Colour, width: int) -> None:
        """A line through points."""
        self._draw.line(points, colour, width, joint="curve")

    def disc(self, center: tuple[int, int], radius: int, colour: Colour) -> None:
        """A filled circle."""
        x, y = center
        self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)

    def polygon(self, points: list[tuple[int, int]], colour: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon(points, colour)

    def arc(self, center: tuple[int, int], radius: int, degrees: tuple[int, int], colour: Colour) -> None:
        """A part of a circle's edge."""
        x, y = center
        self._draw.arc((x - radius, y - radius, x + radius, y + radius), *degrees, colour, 9)

    def paragraph(self, text: str, area: Rect, colour: Colour) -> None:
        """Text as high as its area says, wrapped; what does not fit is cut off at the edge."""
        width, height = area.right - area.left, area.bottom - area.top
        size = _fitting_size(text, width, height)
        lines = wrap(text, size, width)
        if len(lines) * line_height(size) <= height + 4:
            self._lines(self._draw, (area.left, area.top), lines, size, colour)
            return
        region = self._image.crop((area.left, area.top, area.right, area.bottom))
        self._lines(ImageDraw.Draw(region), (0, 0), lines, size, colour)
        self._image.paste(region, (area.left, area.top))

    def label(self, text: str, area: Rect, colour: Colour, *, size: int = NORMAL, centered: bool = True) -> None:
        """One or more lines in the vertical middle of an area, centered or from its left edge."""
        width = area.right - area.left
        if area.bottom - area.top < size or width < size // 2:
            return
        lines = wrap(text, size, width)
        room = max(1, (area.bottom - area.top) // line_height(size))
        if len(lines) > room:
            lines = (*lines[: room - 1], _shortened(" ".join(lines[room - 1 :]), size, width))
        y = (area.top + area.bottom - len(lines) * line_height(size)) // 2
        for line in lines:
            x = area.left + (max(0, width - round(text_width(line, size))) // 2 if centered else 0)
            self._lines(self._draw, (x, y), (line,), size, colour)
            y += line_height(size)

    @staticmethod
    def _lines(
        draw: ImageDraw.ImageDraw, at: tuple[int, int], lines: tuple[str, ...], size: int, colour: Colour
    ) -> None:
        # The built-in font has no bold face: a thin outline of the same colour stands for it.
        stroke = 1 if size >= BOLD_FROM else 0
        x, y = at
        for line in lines:
            if line.strip():
                draw.text((x, y + round(size * 0.1)), drawn(line), colour, _font(size), stroke_width=stroke)
                _marks(draw, (x, y), line, size, colour)
            y += line_height(size)


def _marks(draw: ImageDraw.ImageDraw, at: tuple[int, int], line: str, size: int, colour: Colour) -> None:
    for index, character in enumerate(line):
        shape = letter(character)
        if shape.mark:
            left = at[0] + draw.textlength(drawn(line[:index]), _font(size))
            draw_mark(draw, shape, Cell(left, at[1], text_width(character, size), size), colour)


def _fitting_size(text: str, width: int, height: int) -> int:
    for size in SIZES:
        if len(wrap(text, size, width)) * line_height(size) == height:
            return size
    fitting = [size for size in SIZES if len(wrap(text, size, width)) * line_height(size) <= height]
    return min(NORMAL, fitting[0]) if fitting else NORMAL


def _shortened(line: str, size: int, width: int) -> str:
    if text_width(line, size) <= width:
        return line
    while line and text_width(line + ELLIPSIS, size) > width:
        line = line[:-1]
    return line + ELLIPSIS


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)

"""Accents and other marks drawn over the letters of a font that lacks them."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import ImageDraw

from validator.virtual.app.letters import BAR, BARS, DOT, SLASH, Letter
from validator.virtual.automation.colours import Colour

BASELINE = 1.07
"""Where letters stand, below the top of their line, as a multiple of the text size."""

LOW, HIGH = 0.56, 0.74
"""The height of small and of tall letters, as a multiple of the text size."""

_TALL = frozenset("bdfhijklt")
_CURVES: dict[str, tuple[tuple[float, float], ...]] = {
    "\u0300": ((-0.12, 0.18), (0.02, 0.06)),
    "\u0301": ((-0.02, 0.06), (0.12, 0.18)),
    "\u0302": ((-0.12, 0.06), (0.0, 0.17), (0.12, 0.06)),
    "\u0303": ((-0.15, 0.08), (-0.06, 0.14), (0.06, 0.08), (0.15, 0.14)),
    "\u0304": ((-0.14, 0.1), (0.14, 0.1)),
    "\u0306": ((-0.12, 0.17), (0.0, 0.08), (0.12, 0.17)),
    "\u030b": ((-0.1, 0.06), (0.0, 0.18), (0.06, 0.06), (0.16, 0.18)),
    "\u030c": ((-0.12, 0.17), (0.0, 0.06), (0.12, 0.17)),
}
"""Accents as lines: from the middle of the letter to the right, from its top upwards."""

_BELOW = frozenset("\u0323\u0326\u0327\u0328")


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a character is: left edge, top of its line, width, and text size, in pixels."""

    left: float
    top: int
    width: float
    size: int

    def at(self, right: float, up: float) -> tuple[float, float]:
        """A point by its share of the width from the left edge, and its height over the baseline in text sizes."""
        return self.left + right * self.width, self.top + (BASELINE - up) * self.size


def draw_mark(draw: ImageDraw.ImageDraw, letter: Letter, cell: Cell, colour: Colour) -> None:
    """Draw the mark of a letter over the letter itself."""
    stroke = max(2, cell.size // 15)
    match letter.mark:
        case str() if letter.mark == BARS:
            for height in (0.3, 0.44):
                draw.line((cell.at(-0.06, height), cell.at(0.62, height)), colour, stroke)
        case str() if letter.mark == BAR:
            draw.line((cell.at(-0.1, 0.34), cell.at(0.6, 0.44)), colour, stroke)
        case str() if letter.mark == SLASH:
            draw.line((cell.at(0.08, -0.03), cell.at(0.92, 0.6)), colour, stroke)
        case str() if letter.mark == DOT:
            _disc(draw, cell.at(0.5, 0.35), cell.size * 0.24, colour)
        case accent:
            _accent(draw, letter.base, accent, cell, colour)


def _accent(draw: ImageDraw.ImageDraw, base: str, accent: str, cell: Cell, colour: Colour) -> None:
    stroke = max(2, cell.size // 16)
    tall = base[0].isupper() or base[0] in _TALL
    x, y = cell.at(0.5, HIGH if tall else LOW)
    if accent in _CURVES:
        points = [(x + dx * cell.size, y - dy * cell.size) for dx, dy in _CURVES[accent]]
        draw.line(points, colour, stroke, joint="curve")
    elif accent == "\u030a":
        radius = cell.size * 0.075
        center = (x, y - 0.12 * cell.size)
        draw.ellipse((center[0] - radius, center[1] - radius, center[0] + radius, center[1] + radius), None, colour, 2)
    elif accent in _BELOW:
        draw.line((cell.at(0.52, 0.0), cell.at(0.6, -0.1), cell.at(0.42, -0.15)), colour, stroke, joint="curve")
    else:
        spread = 0.1 * cell.size if accent == "\u0308" else 0.0
        for side in {-spread, spread}:
            _disc(draw, (x + side, y - 0.12 * cell.size), cell.size * 0.05, colour)


def _disc(draw: ImageDraw.ImageDraw, center: tuple[float, float], radius: float, colour: Colour) -> None:
    x, y = center
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)

"""The parts of a picture that are the phone's and not an app's."""

from __future__ import annotations

import time

from validator.virtual.automation.canvas import Canvas
from validator.virtual.automation.colours import (
    INK,
    KEYBOARD,
    PRIMARY,
    SURFACE,
    WALLPAPER_BOTTOM,
    WALLPAPER_TOP,
    Colour,
    mix,
)
from validator.virtual.ports import Node, Rect

STATUS_BAR = 63
"""Pixels at the top of the display that belong to the system."""

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def keyboard(canvas: Canvas, window: Node) -> None:
    """The soft keyboard, as letters: what its keys are called is not known."""
    board = window.bounds
    canvas.fill(board, KEYBOARD)
    height, width = (board.bottom - board.top - 40) // 4, (board.right - board.left) // 10
    for row, keys in enumerate(KEYS):
        left = board.left + (board.right - board.left - width * len(keys)) // 2
        top = board.top + 20 + row * height
        for position, key in enumerate(keys):
            x = left + position * width
            area = Rect(left=x + 7, top=top + 9, right=x + width - 7, bottom=top + height - 9)
            canvas.box(area, SURFACE, radius=14)
            canvas.label(key, area, INK)
    top, bottom = board.top + 29 + 3 * height, board.top + 11 + 4 * height
    space = Rect(left=board.left + 2 * width, top=top, right=board.right - 3 * width, bottom=bottom)
    enter = Rect(left=space.right + 30, top=top, right=board.right - 20, bottom=bottom)
    canvas.box(space, SURFACE, radius=14)
    canvas.box(enter, PRIMARY, radius=50)
    canvas.label("Enter", enter, SURFACE, size=36)


def wallpaper(canvas: Canvas, area: Rect) -> None:
    """What lies behind a launcher."""
    bands = 30
    height = (area.bottom - area.top) // bands + 1
    for band in range(bands):
        top = area.top + band * height
        colour = mix(WALLPAPER_TOP, WALLPAPER_BOTTOM, band / (bands - 1))
        canvas.fill(Rect(left=area.left, top=top, right=area.right, bottom=min(area.bottom, top + height)), colour)


def status_bar(canvas: Canvas, size: tuple[int, int], *, dark: bool) -> None:
    """The clock, and how well the phone is connected and charged."""
    colour = SURFACE if dark else INK
    clock = Rect(left=48, top=0, right=300, bottom=STATUS_BAR)
    canvas.label(time.strftime("%H:%M"), clock, colour, size=36, centered=False)
    right = size[0] - 48
    canvas.box(Rect(left=right - 26, top=16, right=right, bottom=48), colour, radius=6)
    canvas.fill(Rect(left=right - 19, top=11, right=right - 7, bottom=17), colour)
    canvas.polygon([(right - 76, 48), (right - 44, 48), (right - 44, 16)], colour)
    for radius in (30, 19, 8):
        canvas.arc((right - 118, 44), radius, (225, 315), colour)


def landscape(canvas: Canvas, area: Rect, light: Colour, dark: Colour) -> None:
    """What stands for a photograph."""
    x, y = area.center
    unit = min(area.right - area.left, area.bottom - area.top) // 8
    canvas.disc((x + 2 * unit, y - 2 * unit), unit, mix(light, dark, 0.4))
    canvas.polygon([(x - 4 * unit, y + 2 * unit), (x - unit, y - 2 * unit), (x + 2 * unit, y + 2 * unit)], dark)
    soft = mix(light, dark, 0.7)
    canvas.polygon([(x, y + 2 * unit), (x + 2 * unit, y - unit // 2), (x + 4 * unit, y + 2 * unit)], soft)

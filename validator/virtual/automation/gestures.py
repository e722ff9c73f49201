"""The geometry of gestures (androidx.test.uiautomator.Gestures): where a finger goes down and where it goes up."""

from __future__ import annotations

from enum import StrEnum

from validator.virtual.ports import Rect

MARGIN = 5
"""Pixels kept from the edges of an element, as UiObject2 does (DEFAULT_GESTURE_MARGIN)."""

Path = tuple[int, int, int, int]
"""From x, y to x, y."""


class Direction(StrEnum):
    """Where a finger goes."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"

    @property
    def opposite(self) -> Direction:
        """The finger goes against the direction in which content is scrolled."""
        return _OPPOSITES[self]


_OPPOSITES = {
    Direction.UP: Direction.DOWN,
    Direction.DOWN: Direction.UP,
    Direction.LEFT: Direction.RIGHT,
    Direction.RIGHT: Direction.LEFT,
}


def inset(bounds: Rect, margin: int = MARGIN) -> Rect:
    """The rectangle without its margin; never inverted."""
    width, height = bounds.right - bounds.left, bounds.bottom - bounds.top
    dx, dy = min(margin, max(0, width - 1) // 2), min(margin, max(0, height - 1) // 2)
    return Rect(left=bounds.left + dx, top=bounds.top + dy, right=bounds.right - dx, bottom=bounds.bottom - dy)


def swipe_path(area: Rect, direction: Direction, percent: float) -> Path:
    """A swipe over a share of an area, starting at the edge that the finger leaves."""
    x, y = area.center
    width, height = round((area.right - area.left) * percent), round((area.bottom - area.top) * percent)
    match direction:
        case Direction.UP:
            return x, area.bottom - 1, x, max(area.top, area.bottom - 1 - height)
        case Direction.DOWN:
            return x, area.top, x, min(area.bottom - 1, area.top + height)
        case Direction.LEFT:
            return area.right - 1, y, max(area.left, area.right - 1 - width), y
        case Direction.RIGHT:
            return area.left, y, min(area.right - 1, area.left + width), y

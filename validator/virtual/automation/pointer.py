"""W3C actions (w3.org/TR/webdriver2/#actions): fingers and keys, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from validator.virtual.automation.errors import InvalidArgumentError
from validator.virtual.automation.request import Request

TOUCH_SLOP = 24
"""Pixels that a finger may move and still tap (ViewConfiguration.getTouchSlop, 8 dp)."""

LONG_PRESS = 400.0
"""Milliseconds after which a press is a long one (ViewConfiguration.getLongPressTimeout)."""

MOST_STEPS = 20_000

_SPECIAL_KEYS = {"\ue003": 67, "\ue004": 61, "\ue006": 66, "\ue007": 66, "\ue00c": 111, "\ue017": 112}
"""WebDriver's key values to Android's key codes; `\\ue00d` is a space."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A finger that went down, perhaps moved, and up again."""

    start: tuple[int, int]
    end: tuple[int, int]
    milliseconds: float

    @property
    def moves(self) -> bool:
        """Whether it is a swipe and not a tap."""
        return max(abs(self.start[0] - self.end[0]), abs(self.start[1] - self.end[1])) > TOUCH_SLOP

    @property
    def is_long(self) -> bool:
        """Whether it is a long press."""
        return self.milliseconds >= LONG_PRESS


@dataclass(frozen=True, slots=True)
class Typed:
    """Characters typed one after the other."""

    text: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is not a character."""

    code: int


Gesture = Touch | Typed | Key
Origin = Callable[[Request], tuple[int, int]]
"""The middle of the element that a move is relative to."""


def read_actions(body: Request, origin: Origin) -> list[Gesture]:
    """What a body of actions means. Input sources are played one after the other.

    Raises:
        InvalidArgumentError: the body is not as the standard says.
    """
    gestures: list[Gesture] = []
    for source in body.objects("actions"):
        steps = source.objects("actions")
        if len(steps) > MOST_STEPS:
            raise InvalidArgumentError(f"more than {MOST_STEPS} actions")
        kind = source.text("type", "none")
        if kind == "pointer":
            gestures.extend(_touches(steps, origin))
        elif kind == "key":
            gestures.extend(_keys(steps))
    return gestures


def _touches(steps: list[Request], origin: Origin) -> Iterator[Touch]:
    at, down, held = (0, 0), None, 0.0
    for step in steps:
        match step.text("type"):
            case "pointerMove":
                at = _moved(step, at, origin)
                held += step.number("duration", 0)
            case "pause":
                held += step.number("duration", 0)
            case "pointerDown":
                down, held = at, 0.0
            case "pointerUp":
                if down is not None:
                    yield Touch(down, at, held)
                down = None
            case "pointerCancel":
                down = None
            case other:
                raise InvalidArgumentError(f"unknown pointer action '{other}'")


def _moved(step: Request, at: tuple[int, int], origin: Origin) -> tuple[int, int]:
    x, y = round(step.number("x", 0)), round(step.number("y", 0))
    relative = step.body.get("origin", "viewport")
    if relative == "pointer":
        return at[0] + x, at[1] + y
    if isinstance(relative, dict):
        middle = origin(Request(body=relative))
        return middle[0] + x, middle[1] + y
    return x, y


def _keys(steps: list[Request]) -> Iterator[Typed | Key]:
    text = ""
    for step in steps:
        if step.text("type") != "keyDown":
            continue
        value = step.text("value").replace("\ue00d", " ")
        if value in _SPECIAL_KEYS:
            if text:
                yield Typed(text)
            text = ""
            yield Key(_SPECIAL_KEYS[value])
        elif not "\ue000" <= value[:1] <= "\uf8ff":
            text += value
    if text:
        yield Typed(text)

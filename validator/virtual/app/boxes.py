"""Elements measured for a width: what they show now, how high that is, and what lies inside them.

All lengths are pixels of a 1080 px wide display at 420 dpi.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from validator.virtual.app.actions import DialogButton
from validator.virtual.app.elements import (
    Button,
    Element,
    Group,
    Image,
    ListElement,
    Progress,
    Row,
    Spacer,
    TextElement,
    Toggle,
)
from validator.virtual.app.nodes import node_of
from validator.virtual.app.state import Focus, Scope
from validator.virtual.app.typography import BUTTON_PADDING, button_size, line_height, wrap
from validator.virtual.ports import Node

GAP = 24
GROUP_GAP = 12
CARD_PADDING = 36
ROW_PADDING = 24
NORMAL = 44
TEXT_SIZES = {"small": 36, "normal": NORMAL, "large": 56, "title": 72}
BUTTON_HEIGHT = 132
TOGGLE_HEIGHT = 120
ICON_SIZE = 144
FIXED_HEIGHTS = {"input": 144, "image": 360, "progress": 120, "divider": 3}


@dataclass(frozen=True, slots=True)
class UpButton:
    """The arrow in the toolbar."""


Pressable = Element | UpButton | DialogButton


@dataclass(frozen=True, slots=True)
class Target:
    """What a tap on a node means: what is pressed, the names known there, and the row of the list (-1 outside)."""

    node: Node
    pressed: Pressable
    scope: Scope
    row: int = -1


@dataclass(slots=True)
class Box:
    """Something of a known size that is not placed yet. Without a node it is only space."""

    width: int
    height: int
    node: Node | None = None
    target: Target | None = None
    children: list[tuple[int, int, Box]] = field(default_factory=list)
    scrolls: str = ""
    furthest: int = 0

    def top_of(self, focus: Focus) -> tuple[int, int] | None:
        """Top and bottom of the focused input relative to this box, when it is inside."""
        if self.target and focus.on(self.target.pressed, self.target.row):
            return 0, self.height
        for _, dy, child in self.children:
            found = child.top_of(focus)
            if found is not None:
                return found[0] + dy, found[1] + dy
        return None


def build(element: Element, scope: Scope, width: int, row: int = -1) -> Box | None:
    """Measure an element for a width, or None when it is not visible now. A list is as high as its rows."""
    if element.visible_when is not None and not element.visible_when.evaluate(scope):
        return None
    if isinstance(element, Spacer):
        return Box(width, GAP if element.height is None else element.height)
    node = node_of(element, scope, row)
    children, height = _inside(element, node, scope, width, row)
    if element.height is not None:
        height = element.height
    return Box(width, height, node, Target(node, element, scope, row), children)


def column(elements: Sequence[Box], gap: int) -> tuple[list[tuple[int, int, Box]], int]:
    """The boxes one below the other, and their height together."""
    placed: list[tuple[int, int, Box]] = []
    y = 0
    for box in elements:
        placed.append((0, y, box))
        y += box.height + gap
    return placed, max(0, y - gap)


def text_height(text: str, size: int, width: int) -> int:
    """The height of a text wrapped to a width."""
    return len(wrap(text, size, max(1, width))) * line_height(size)


def _inside(element: Element, node: Node, scope: Scope, width: int, row: int) -> tuple[list[tuple[int, int, Box]], int]:
    match element:
        case Row():
            return _row(element, scope, width, row)
        case Group():
            return _group(element, scope, width, row)
        case ListElement():
            rows = [box for box in _list_rows(element, scope, width) if box is not None]
            return column(rows, GROUP_GAP)
        case _:
            return [], _leaf_height(element, node, width)


def _leaf_height(element: Element, node: Node, width: int) -> int:
    match element:
        case TextElement():
            return text_height(node.text, TEXT_SIZES[element.size], width)
        case Button():
            inner = width - 2 * BUTTON_PADDING
            return max(BUTTON_HEIGHT, text_height(node.text, button_size(node.text, inner), inner) + 60)
        case Toggle():
            return max(TOGGLE_HEIGHT, text_height(node.text, NORMAL, width - 180) + 48)
        case _:
            return FIXED_HEIGHTS[element.type]


def _row(element: Row, scope: Scope, width: int, row: int) -> tuple[list[tuple[int, int, Box]], int]:
    padding = ROW_PADDING if element.on_tap else 0
    visible = [each for each in element.elements if each.visible_when is None or each.visible_when.evaluate(scope)]
    boxes = [
        _square(build(each, scope, share, row), each)
        for each, share in zip(visible, _shares(visible, width - 2 * padding), strict=True)
    ]
    inner = max((box.height for box in boxes), default=0)
    placed, x = [], padding
    for box in boxes:
        placed.append((x, padding + (inner - box.height) // 2, box))
        x += box.width + GAP
    return placed, inner + 2 * padding


def _square(box: Box | None, element: Element) -> Box:
    if box is None:
        return Box(0, 0)
    if isinstance(element, Image) and element.height is None:
        box.height = box.width
    return box


def _shares(elements: Sequence[Element], width: int) -> list[int]:
    fixed = [_fixed_width(element) for element in elements]
    weights = sum(element.weight for element, known in zip(elements, fixed, strict=True) if known is None)
    spare = max(0, width - sum(known or 0 for known in fixed) - GAP * max(0, len(elements) - 1))
    return [
        max(1, spare * element.weight // weights if known is None else known)
        for element, known in zip(elements, fixed, strict=True)
    ]


def _fixed_width(element: Element) -> int | None:
    if element.width is not None:
        return element.width
    return ICON_SIZE if isinstance(element, Image | Progress) else None


def _group(element: Group, scope: Scope, width: int, row: int) -> tuple[list[tuple[int, int, Box]], int]:
    padding = CARD_PADDING if element.card or element.on_tap else 0
    inner = max(1, width - 2 * padding)
    boxes = [box for each in element.elements if (box := build(each, scope, inner, row)) is not None]
    placed, height = column(boxes, GROUP_GAP)
    return [(x + padding, y + padding, box) for x, y, box in placed], height + 2 * padding


def _list_rows(element: ListElement, scope: Scope, width: int) -> Iterator[Box | None]:
    items = element.items.evaluate(scope)
    for index, item in enumerate(items if isinstance(items, list) else []):
        yield build(element.row, scope.having(**{element.item_name: item, "index": index}), width, index)

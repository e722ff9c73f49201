"""Dialogs of the system that cover whatever is in front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from validator.virtual.ports import Node, Rect

_CARD_MARGIN = 60
_LINE = 132
_PACKAGE = "android"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button of a dialog: its resource id, its text and what pressing it does."""

    resource_id: str
    text: str
    press: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """A dialog in front. It takes every tap; only its buttons do something. `owner` is the package it is about."""

    title: str
    owner: str
    buttons: tuple[Button, ...]

    def node(self, size: tuple[int, int]) -> Node:
        """The window as a view tree, with the ids of Android's layouts (`app_anr_dialog.xml`, `alert_dialog.xml`)."""
        width, height = size
        lines = 1 + len(self.buttons)
        top = (height - lines * _LINE) // 2
        left, right = _CARD_MARGIN, width - _CARD_MARGIN
        card = _view("android.widget.LinearLayout", Rect(left=left, top=top, right=right, bottom=top + lines * _LINE))
        card.resource_id = "android:id/parentPanel"
        card.children = [self._title(left, top, right), *self._buttons(left, top + _LINE, right)]
        whole = Rect(left=0, top=0, right=width, bottom=height)
        window = _view("android.widget.FrameLayout", whole)
        window.children = [card]
        return window

    def button_at(self, x: int, y: int, size: tuple[int, int]) -> Button | None:
        """The button under a finger."""
        card = self.node(size).children[0]
        for button, node in zip(self.buttons, card.children[1:], strict=True):
            if node.bounds.contains(x, y):
                return button
        return None

    def _title(self, left: int, top: int, right: int) -> Node:
        title = _view("android.widget.TextView", Rect(left=left, top=top, right=right, bottom=top + _LINE))
        title.resource_id, title.text = "android:id/alertTitle", self.title
        return title

    def _buttons(self, left: int, top: int, right: int) -> list[Node]:
        nodes = []
        for number, button in enumerate(self.buttons):
            start = top + number * _LINE
            node = _view("android.widget.Button", Rect(left=left, top=start, right=right, bottom=start + _LINE))
            node.resource_id, node.text, node.clickable, node.focusable = button.resource_id, button.text, True, True
            nodes.append(node)
        return nodes


def not_responding(label: str, package: str, *, close: Callable[[], None], wait: Callable[[], None]) -> Dialog:
    """The dialog about an app whose main thread is blocked."""
    return Dialog(
        title=f"{label} isn't responding",
        owner=package,
        buttons=(
            Button(resource_id="android:id/aerr_close", text="Close app", press=close),
            Button(resource_id="android:id/aerr_wait", text="Wait", press=wait),
        ),
    )


def _view(cls: str, bounds: Rect) -> Node:
    return Node(cls=cls, bounds=bounds, package=_PACKAGE)

"""The window of an app: toolbar, body, footer, dialog and toasts, as a view tree inside a viewport."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from validator.virtual.app.actions import DialogButton
from validator.virtual.app.boxes import (
    GAP,
    NORMAL,
    Box,
    Target,
    UpButton,
    build,
    column,
    text_height,
)
from validator.virtual.app.elements import Element, ListElement, Spacer
from validator.virtual.app.nodes import UNPLACED
from validator.virtual.app.state import OpenDialog, OpenScreen, OpenToast, Scope, State
from validator.virtual.app.typography import line_height, text_width
from validator.virtual.ports import Node, Rect

MARGIN = 48
PADDING = 36
TOOLBAR_HEIGHT = 168
TITLE_SIZE = 60
DIALOG_WIDTH = 960
DIALOG_PADDING = 64
DIALOG_TITLE_SIZE = 56
DIALOG_BUTTON_HEIGHT = 120
TOAST_HEIGHT = 108
BODY = "body"


@dataclass(frozen=True, slots=True)
class ScrollArea:
    """A part of the window that a swipe moves; `furthest` is the largest offset that shows anything new."""

    key: str
    bounds: Rect
    furthest: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the window: the view tree, what can be tapped (topmost last), and what scrolls."""

    root: Node
    targets: list[Target] = field(default_factory=list)
    areas: list[ScrollArea] = field(default_factory=list)

    def target_at(self, x: int, y: int) -> Target | None:
        """The topmost thing under a finger that reacts to it."""
        under = [target for target in self.targets if target.node.bounds.contains(x, y) and _reacts(target.node)]
        return under[-1] if under else None

    def area_at(self, x: int, y: int) -> ScrollArea | None:
        """The innermost part under a finger that scrolls."""
        under = [area for area in self.areas if area.bounds.contains(x, y)]
        return under[-1] if under else None


def lay_out(state: State, viewport: Rect) -> Frame:
    """The window as it is now. Corrects scroll offsets that content or viewport no longer allow."""
    frame = Frame(Node(cls="android.widget.FrameLayout", bounds=viewport, package=state.host.package))
    if state.dialog is not None:
        _place_dialog(frame, state.dialog, viewport)
    elif state.screen is not None:
        frame.root.resource_id = "android:id/content"
        _place_screen(frame, state, state.screen, viewport)
    for toast in state.toasts[-1:]:
        _place_toast(frame, toast, viewport)
    return frame


def _reacts(node: Node) -> bool:
    return node.clickable or node.long_clickable


def _place(frame: Frame, box: Box, at: tuple[int, int], clip: Rect, parent: Node) -> None:
    x, y = at
    bounds = Rect(
        left=max(x, clip.left),
        top=max(y, clip.top),
        right=min(x + box.width, clip.right),
        bottom=min(y + box.height, clip.bottom),
    )
    if box.node is None or bounds.right <= bounds.left or bounds.bottom <= bounds.top:
        return
    box.node.bounds = bounds
    parent.children.append(box.node)
    if box.target is not None:
        frame.targets.append(box.target)
    if box.scrolls:
        frame.areas.append(ScrollArea(box.scrolls, bounds, box.furthest))
    for dx, dy, child in box.children:
        _place(frame, child, (x + dx, y + dy), bounds, box.node)


def _place_screen(frame: Frame, state: State, screen: OpenScreen, viewport: Rect) -> None:
    scope = state.scope()
    width = viewport.right - viewport.left
    top, bottom = viewport.top, viewport.bottom
    if screen.description.title is not None or screen.description.up:
        _place(frame, _toolbar(screen, scope, width), (viewport.left, top), viewport, frame.root)
        top += TOOLBAR_HEIGHT
    footer = _footer(screen, scope, width)
    if footer is not None:
        bottom -= footer.height
        _place(frame, footer, (viewport.left, bottom), viewport, frame.root)
    body = _body(state, screen, scope, width, max(0, bottom - top))
    _place(frame, body, (viewport.left, top), viewport, frame.root)


def _toolbar(screen: OpenScreen, scope: Scope, width: int) -> Box:
    package = scope.state.host.package
    children: list[tuple[int, int, Box]] = []
    x = MARGIN
    if screen.description.up:
        button = Node(
            cls="android.widget.ImageButton",
            bounds=UNPLACED,
            package=package,
            content_desc="Navigate up",
            clickable=True,
            focusable=True,
        )
        children.append((0, 0, Box(TOOLBAR_HEIGHT, TOOLBAR_HEIGHT, button, Target(button, UpButton(), scope))))
        x = TOOLBAR_HEIGHT + GAP
    if screen.description.title is not None:
        title = Node(
            cls="android.widget.TextView", bounds=UNPLACED, package=package, text=screen.description.title.text(scope)
        )
        height = line_height(TITLE_SIZE)
        children.append((x, (TOOLBAR_HEIGHT - height) // 2, Box(width - x - MARGIN, height, title)))
    bar = Node(cls="android.view.ViewGroup", bounds=UNPLACED, package=package, resource_id=f"{package}:id/toolbar")
    return Box(width, TOOLBAR_HEIGHT, bar, children=children)


def _footer(screen: OpenScreen, scope: Scope, width: int) -> Box | None:
    boxes = [box for each in screen.description.footer if (box := build(each, scope, width - 2 * MARGIN)) is not None]
    if not boxes:
        return None
    placed, height = column(boxes, GAP)
    node = Node(cls="android.view.ViewGroup", bounds=UNPLACED, package=scope.state.host.package)
    return Box(width, height + 2 * GAP, node, children=[(MARGIN, y + GAP, box) for _, y, box in placed])


def _body(state: State, screen: OpenScreen, scope: Scope, width: int, height: int) -> Box:
    boxes = _body_boxes(state, screen, scope, width - 2 * MARGIN, height - 2 * PADDING)
    placed, content = column(boxes, GAP)
    node = Node(cls="android.view.ViewGroup", bounds=UNPLACED, package=state.host.package)
    body = Box(width, height, node, children=[(MARGIN, y + PADDING, box) for _, y, box in placed])
    if not any(isinstance(element, ListElement) for element in screen.description.elements):
        node.cls = "android.widget.ScrollView"
        _scroll(state, screen, body, BODY, content + 2 * PADDING)
    return body


def _body_boxes(state: State, screen: OpenScreen, scope: Scope, width: int, height: int) -> list[Box]:
    shown = [(each, box) for each in screen.description.elements if (box := build(each, scope, width)) is not None]
    flexible = [box for each, box in shown if _takes_the_rest(each)]
    fixed = sum(box.height for each, box in shown if not _takes_the_rest(each)) + GAP * max(0, len(shown) - 1)
    for box in flexible:
        content, box.height = box.height, max(0, height - fixed) // len(flexible)
        if box.node is None:
            box.height = max(content, box.height)
    for index, (element, box) in enumerate(shown):
        if isinstance(element, ListElement):
            _scroll(
                state, screen, box, str(index), box.children[-1][1] + box.children[-1][2].height if box.children else 0
            )
    return [box for _, box in shown]


def _takes_the_rest(element: Element) -> bool:
    return (isinstance(element, ListElement) and element.height is None) or (
        isinstance(element, Spacer) and element.fill
    )


def _scroll(state: State, screen: OpenScreen, box: Box, key: str, content: int) -> None:
    box.furthest = max(0, content - box.height)
    offset = screen.offsets.get(key, 0)
    focused = box.top_of(state.focus) if state.focus and state.reveal_focus else None
    if focused is not None:
        offset = max(min(offset, focused[0] - GAP), focused[1] + GAP - box.height)
    offset = min(max(0, offset), box.furthest)
    screen.offsets[key] = offset
    box.children = [(x, y - offset, child) for x, y, child in box.children]
    box.scrolls = key
    if box.node is not None:
        box.node.scrollable = box.furthest > 0


def _place_dialog(frame: Frame, dialog: OpenDialog, viewport: Rect) -> None:
    width = min(DIALOG_WIDTH, viewport.right - viewport.left - 2 * MARGIN)
    card = Box(width, 0, _part(dialog, "parentPanel", "android.widget.FrameLayout"))
    inner = width - 2 * DIALOG_PADDING
    y = DIALOG_PADDING
    for name, text, size in (
        ("alertTitle", dialog.description.title.text(dialog.scope), DIALOG_TITLE_SIZE),
        ("message", dialog.description.text.text(dialog.scope), NORMAL),
    ):
        if text:
            box = Box(inner, text_height(text, size, inner), _part(dialog, name, "android.widget.TextView", text))
            card.children.append((DIALOG_PADDING, y, box))
            y += box.height + GAP
    card.height = _add_dialog_buttons(card, dialog, y + GAP) + GAP
    top = (viewport.top + viewport.bottom - card.height) // 2
    left = (viewport.left + viewport.right - width) // 2
    _place(frame, card, (left, max(viewport.top, top)), viewport, frame.root)


def _add_dialog_buttons(card: Box, dialog: OpenDialog, y: int) -> int:
    """Side by side from the right edge, the confirming one last; one below the other when they do not fit."""
    boxes = [_dialog_button(dialog, index, each) for index, each in enumerate(dialog.description.buttons)]
    available = card.width - 2 * GAP
    if sum(box.width for box in boxes) > available:
        for box in boxes:
            box.width = available
            card.children.append((GAP, y, box))
            y += box.height
        return y
    x = card.width - GAP
    for box in boxes:
        x -= box.width
        card.children.append((x, y, box))
    return y + DIALOG_BUTTON_HEIGHT


def _dialog_button(dialog: OpenDialog, index: int, button: DialogButton) -> Box:
    text = button.text.text(dialog.scope)
    node = _part(dialog, f"button{index + 1}", "android.widget.Button", text)
    node.clickable = node.focusable = True
    width = ceil(text_width(text, NORMAL)) + 2 * MARGIN
    return Box(width, DIALOG_BUTTON_HEIGHT, node, Target(node, button, dialog.scope))


def _part(dialog: OpenDialog, name: str, cls: str, text: str = "") -> Node:
    return Node(
        cls=cls, bounds=UNPLACED, package=dialog.scope.state.host.package, resource_id=f"android:id/{name}", text=text
    )


def _place_toast(frame: Frame, toast: OpenToast, viewport: Rect) -> None:
    width = min(ceil(text_width(toast.text, NORMAL)) + 2 * MARGIN, viewport.right - viewport.left - 2 * MARGIN)
    node = Node(cls="android.widget.Toast", bounds=UNPLACED, package=frame.root.package, text=toast.text)
    left = (viewport.left + viewport.right - width) // 2
    top = viewport.bottom - 2 * TOAST_HEIGHT
    height = max(TOAST_HEIGHT, text_height(toast.text, NORMAL, width - 2 * MARGIN) + 48)
    _place(frame, Box(width, height, node), (left, top - height), viewport, frame.root)

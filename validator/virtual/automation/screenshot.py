"""A picture of what is on the screen, drawn from the view tree alone."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

from PIL import Image

from validator.virtual.app.typography import BUTTON_PADDING, button_size
from validator.virtual.automation.canvas import NORMAL, Canvas
from validator.virtual.automation.colours import (
    DISABLED,
    DISABLED_INK,
    INK,
    LINE,
    NIGHT,
    PRIMARY,
    PRIMARY_SOFT,
    SCRIM,
    SOFT_INK,
    SURFACE,
    TINTS,
    WINDOW,
    Colour,
)
from validator.virtual.automation.matching import ROOT_CLASS
from validator.virtual.automation.scenery import keyboard, landscape, status_bar, wallpaper
from validator.virtual.ports import Node, Rect

BULLET = "\u2022"
CARD_PADDING = 20
"""A container whose content starts so far inside is drawn as a card."""


def render(tree: Node, size: tuple[int, int]) -> bytes:
    """A PNG picture of a view tree.

    Args:
        tree: the root above all windows, topmost last, or a single window.
        size: width and height in pixels.
    """
    canvas = Canvas(size, WINDOW)
    windows = tree.children if tree.cls == ROOT_CLASS else [tree]
    for window in windows:
        _window(canvas, window, size)
    status_bar(canvas, size, dark=bool(windows) and _is_launcher(windows[0]))
    return canvas.png()


def crop(png: bytes, area: Rect) -> bytes:
    """A part of a picture, as PNG."""
    stream = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        right, bottom = min(area.right, image.width), min(area.bottom, image.height)
        image.crop((area.left, area.top, max(right, area.left + 1), max(bottom, area.top + 1))).save(stream, "PNG")
    return stream.getvalue()


def _window(canvas: Canvas, window: Node, size: tuple[int, int]) -> None:
    whole = Rect(left=0, top=0, right=size[0], bottom=size[1])
    if "inputmethod" in window.package:
        keyboard(canvas, window)
    elif _is_launcher(window):
        wallpaper(canvas, whole)
        _children(canvas, window)
    elif _dialog_card(window) is not None:
        canvas.fill(whole, SCRIM)
        _children(canvas, window)
    else:
        canvas.fill(window.bounds, WINDOW)
        _node(canvas, window, None)


def _children(canvas: Canvas, node: Node) -> None:
    for child in node.children:
        _node(canvas, child, node)


def _node(canvas: Canvas, node: Node, parent: Node | None) -> None:
    _PAINTERS.get(node.cls, _view)(canvas, node, parent)
    _children(canvas, node)


def _view(canvas: Canvas, node: Node, parent: Node | None) -> None:
    """A container, or anything unknown: a card when it can be tapped or keeps its content off its edges."""
    del parent
    own_id = node.resource_id.rpartition("/")[2]
    if own_id == "toolbar":
        canvas.fill(node.bounds, SURFACE)
        canvas.fill(_strip(node.bounds, bottom=3), LINE)
    elif own_id == "parentPanel":
        canvas.box(node.bounds, SURFACE, radius=56)
    elif node.children and (node.clickable or _is_padded(node)):
        canvas.box(node.bounds, PRIMARY_SOFT if node.selected else SURFACE, radius=28, outline=LINE)
    elif not node.children and node.text:
        canvas.paragraph(node.text, node.bounds, INK if node.enabled else DISABLED_INK)


def _divider(canvas: Canvas, node: Node, parent: Node | None) -> None:
    del parent
    if not node.children and node.bounds.bottom - node.bounds.top <= 8:
        canvas.fill(node.bounds, LINE)


def _text(canvas: Canvas, node: Node, parent: Node | None) -> None:
    if parent is not None and _is_launcher(parent):
        _launcher_icon(canvas, node)
        return
    if parent is not None and parent.resource_id.endswith("/parentPanel") and parent.bounds.left == node.bounds.left:
        canvas.label(node.text, _inside(node.bounds, 48), INK, size=56, centered=False)
        return
    colour = (PRIMARY if node.clickable else INK) if node.enabled else DISABLED_INK
    beside_buttons = parent is not None and any(child.cls == "android.widget.Button" for child in parent.children)
    side_by_side = parent is not None and parent.children[0].bounds.right <= parent.children[-1].bounds.left
    if beside_buttons and side_by_side:
        canvas.label(node.text, node.bounds, colour)
    else:
        canvas.paragraph(node.text, node.bounds, colour)


def _launcher_icon(canvas: Canvas, node: Node) -> None:
    light, dark = _tint(node.text or node.content_desc)
    x, y = node.bounds.center
    tile = Rect(left=x - 72, top=y - 90, right=x + 72, bottom=y + 54)
    canvas.box(tile, light, radius=44)
    canvas.label(_initial(node.text or node.content_desc), tile, dark, size=72)
    name = Rect(left=node.bounds.left, top=tile.bottom + 6, right=node.bounds.right, bottom=tile.bottom + 66)
    canvas.label(node.text or node.content_desc, name, SURFACE, size=36)


def _tint(description: str) -> tuple[Colour, Colour]:
    return TINTS[zlib.crc32(description.encode("utf-8", "replace")) % len(TINTS)]


def _button(canvas: Canvas, node: Node, parent: Node | None) -> None:
    in_dialog = parent is not None and parent.resource_id.endswith("/parentPanel")
    row = [child for child in parent.children if child.cls == node.cls] if parent is not None else []
    together = sum(child.bounds.top == node.bounds.top for child in row) > 1
    fill, ink = (PRIMARY_SOFT, PRIMARY) if together and not node.selected else (PRIMARY, SURFACE)
    if not node.enabled:
        fill, ink = DISABLED, DISABLED_INK
    if in_dialog:
        ink = PRIMARY if node.enabled else DISABLED_INK
    else:
        canvas.box(node.bounds, fill, radius=66)
    inner = _inside(node.bounds, BUTTON_PADDING)
    text = node.text or node.content_desc
    size = min((button_size(each.text, inner.right - inner.left) for each in row if each.text), default=44)
    canvas.label(text, inner, ink, size=size if together else button_size(text, inner.right - inner.left))


def _input(canvas: Canvas, node: Node, parent: Node | None) -> None:
    del parent
    canvas.box(
        node.bounds, SURFACE, radius=20, outline=PRIMARY if node.focused else LINE, width=6 if node.focused else 3
    )
    inner = _inside(node.bounds, 36)
    if node.password and node.text and not node.text.strip(BULLET) and inner.bottom - inner.top > NORMAL:
        # The built-in font has no bullet.
        for index in range(min(len(node.text), 24)):
            canvas.disc((inner.left + 14 + 36 * index, inner.center[1]), 9, INK)
        return
    hinting = node.text == node.hint
    canvas.label(node.text, inner, SOFT_INK if hinting or not node.enabled else INK, centered=False)


def _image(canvas: Canvas, node: Node, parent: Node | None) -> None:
    del parent
    light, dark = _tint(node.content_desc)
    canvas.box(node.bounds, light, radius=28)
    width, height = node.bounds.right - node.bounds.left, node.bounds.bottom - node.bounds.top
    if min(width, height) < 60:
        return
    if max(width, height) <= 240:
        canvas.label(_initial(node.content_desc), node.bounds, dark, size=60)
    else:
        landscape(canvas, node.bounds, light, dark)


def _image_button(canvas: Canvas, node: Node, parent: Node | None) -> None:
    del parent
    x, y = node.bounds.center
    if node.content_desc == "Navigate up":
        canvas.line([(x - 26, y), (x + 28, y)], INK, 7)
        canvas.line([(x, y - 26), (x - 26, y), (x, y + 26)], INK, 7)
    else:
        canvas.disc((x, y), 40, PRIMARY_SOFT)
        canvas.label(_initial(node.content_desc), node.bounds, PRIMARY)


def _toggle(canvas: Canvas, node: Node, parent: Node | None) -> None:
    del parent
    colour = PRIMARY if node.enabled else DISABLED_INK
    _, y = node.bounds.center
    if node.cls == "android.widget.Switch":
        right = node.bounds.right
        track = Rect(left=right - 120, top=y - 36, right=right, bottom=y + 36)
        canvas.box(track, colour if node.checked else DISABLED, radius=36)
        canvas.disc((right - 36 if node.checked else right - 84, y), 26, SURFACE)
        text = Rect(left=node.bounds.left, top=node.bounds.top, right=right - 150, bottom=node.bounds.bottom)
    else:
        left = node.bounds.left
        box = Rect(left=left + 6, top=y - 28, right=left + 62, bottom=y + 28)
        canvas.box(box, colour if node.checked else SURFACE, radius=10, outline=colour, width=5)
        if node.checked:
            canvas.line([(left + 18, y), (left + 30, y + 13), (left + 51, y - 13)], SURFACE, 8)
        text = Rect(left=left + 96, top=node.bounds.top, right=node.bounds.right, bottom=node.bounds.bottom)
    canvas.label(node.text, text, INK if node.enabled else DISABLED_INK, centered=False)


def _progress(canvas: Canvas, node: Node, parent: Node | None) -> None:
    del parent
    canvas.arc(node.bounds.center, 44, (0, 360), PRIMARY_SOFT)
    canvas.arc(node.bounds.center, 44, (-90, 160), PRIMARY)


def _toast(canvas: Canvas, node: Node, parent: Node | None) -> None:
    del parent
    canvas.box(node.bounds, NIGHT, radius=60)
    canvas.label(node.text, _inside(node.bounds, 36), SURFACE)


def _initial(description: str) -> str:
    subject = description.rpartition(" of ")[2] or description
    return next((character.upper() for character in subject if character.isalnum()), "")


def _is_launcher(node: Node) -> bool:
    return "launcher" in node.package


def _dialog_card(window: Node) -> Node | None:
    return next((child for child in window.children if child.resource_id.endswith("/parentPanel")), None)


def _is_padded(node: Node) -> bool:
    inside = min(child.bounds.left for child in node.children) - node.bounds.left
    return CARD_PADDING < inside < 48 and node.cls == "android.view.ViewGroup"


def _inside(area: Rect, padding: int) -> Rect:
    return Rect(left=area.left + padding, top=area.top, right=area.right - padding, bottom=area.bottom)


def _strip(area: Rect, bottom: int) -> Rect:
    return Rect(left=area.left, top=area.bottom - bottom, right=area.right, bottom=area.bottom)


_PAINTERS: dict[str, Callable[[Canvas, Node, Node | None], None]] = {
    "android.widget.TextView": _text,
    "android.widget.Button": _button,
    "android.widget.EditText": _input,
    "android.widget.ImageView": _image,
    "android.widget.ImageButton": _image_button,
    "android.widget.CheckBox": _toggle,
    "android.widget.Switch": _toggle,
    "android.widget.ProgressBar": _progress,
    "android.widget.Toast": _toast,
    "android.view.View": _divider,
}

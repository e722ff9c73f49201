"""The windows that belong to no app: launcher, browser, keyboard. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from validator.virtual.ports import Node, Rect

STATUS_BAR = 63
"""Pixels at the top that belong to the status bar: 24 dp at 420 dpi."""
LAUNCHER = "com.google.android.apps.nexuslauncher"
LAUNCHER_ACTIVITY = ".NexusLauncherActivity"
BROWSER = "com.android.chrome"
BROWSER_ACTIVITY = "com.google.android.apps.chrome.Main"
KEYBOARD = "com.google.android.inputmethod.latin"
_COLUMNS = 4
_ROW = 260
_KEYBOARD_SHARE = 0.38


@dataclass(frozen=True, slots=True, kw_only=True)
class Icon:
    """An app on the launcher."""

    package: str
    label: str


def keyboard_bounds(size: tuple[int, int]) -> Rect:
    """Where the soft keyboard lies while it is shown."""
    width, height = size
    return Rect(left=0, top=height - int(height * _KEYBOARD_SHARE), right=width, bottom=height)


def viewport(size: tuple[int, int], *, keyboard: bool) -> Rect:
    """What an app may draw on: below the status bar, above the keyboard (`adjustResize`)."""
    width, height = size
    bottom = keyboard_bounds(size).top if keyboard else height
    return Rect(left=0, top=STATUS_BAR, right=width, bottom=bottom)


def keyboard(size: tuple[int, int]) -> Node:
    """The soft keyboard's window."""
    return Node(cls="android.widget.FrameLayout", bounds=keyboard_bounds(size), package=KEYBOARD)


def blank(package: str, size: tuple[int, int]) -> Node:
    """The window of an app that has not drawn anything yet."""
    return Node(cls="android.widget.FrameLayout", bounds=viewport(size, keyboard=False), package=package)


def browser(url: str, size: tuple[int, int]) -> Node:
    """A browser showing an address; the page itself is not loaded."""
    window = blank(BROWSER, size)
    top = window.bounds.top
    bar = Rect(left=0, top=top, right=size[0], bottom=top + 147)
    window.children = [
        Node(cls="android.widget.EditText", bounds=bar, package=BROWSER, text=url, resource_id=f"{BROWSER}:id/url_bar")
    ]
    return window


def launcher(icons: Sequence[Icon], size: tuple[int, int]) -> Node:
    """The home screen with an icon for every app that can be started."""
    window = blank(LAUNCHER, size)
    width = size[0] // _COLUMNS
    for number, icon in enumerate(icons):
        column, row = number % _COLUMNS, number // _COLUMNS
        top = STATUS_BAR + 200 + row * _ROW
        cell = Rect(left=column * width, top=top, right=(column + 1) * width, bottom=top + _ROW)
        if cell.bottom <= size[1]:
            window.children.append(_icon(icon, cell))
    return window


def icon_at(icons: Sequence[Icon], x: int, y: int, size: tuple[int, int]) -> Icon | None:
    """The icon under a finger."""
    for icon, node in zip(icons, launcher(icons, size).children, strict=False):
        if node.bounds.contains(x, y):
            return icon
    return None


def _icon(icon: Icon, bounds: Rect) -> Node:
    return Node(
        cls="android.widget.TextView",
        bounds=bounds,
        package=LAUNCHER,
        text=icon.label,
        content_desc=icon.label,
        resource_id=f"{LAUNCHER}:id/icon",
        clickable=True,
        focusable=True,
        long_clickable=True,
    )

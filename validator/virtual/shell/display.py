"""`screencap`, `uiautomator` and `wm`: what is on the display, and how large it is."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree as ET

from validator.virtual.automation.screenshot import render
from validator.virtual.ports import Node, Rect
from validator.virtual.shell.command import Command, Commands, Invocation
from validator.virtual.shell.options import split

_DUMP_PATH = "/sdcard/window_dump.xml"


async def _screencap(call: Invocation) -> int:
    """`screencap [-p] [FILE]`, always as PNG."""
    options = split(call.args, valued=("-d",))
    screen = call.device.screen
    tree, size = screen.tree(), screen.size
    # Drawing takes tens of milliseconds; in a thread the other devices go on meanwhile.
    picture = await asyncio.to_thread(render, tree, size)
    if not options.rest:
        await call.stdout.write(picture)
        return 0
    try:
        call.device.files.write(call.path(options.rest[0]), picture)
    except OSError as problem:
        return await call.fail(f"Error opening file: {options.rest[0]} ({problem.strerror})")
    return 0


async def _uiautomator(call: Invocation) -> int:
    if call.args[:1] != ("dump",):
        return await call.fail("Usage: uiautomator <subcommand> [options]")
    options = split(call.args[1:])
    path = options.rest[0] if options.rest else _DUMP_PATH
    text = hierarchy(call.device.screen.tree())
    if path == "/dev/tty":
        await call.print(text + f"UI hierchary dumped to: {path}")
        return 0
    try:
        call.device.files.write(call.path(path), text.encode())
    except OSError as problem:
        return await call.fail(f"ERROR: could not write {path}: {problem.strerror}")
    await call.print(f"UI hierchary dumped to: {path}")  # the typo is Android's, and tools look for it
    return 0


def hierarchy(root: Node) -> str:
    """A view tree as the XML of `uiautomator dump`."""
    top = ET.Element("hierarchy", rotation="0")
    for number, window in enumerate(root.children):
        top.append(_element(window, number))
    text = ET.tostring(top, encoding="unicode")
    return f"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>{text}"


def _element(node: Node, index: int) -> ET.Element:
    flags = {
        "checkable": node.checkable,
        "checked": node.checked,
        "clickable": node.clickable,
        "enabled": node.enabled,
        "focusable": node.focusable,
        "focused": node.focused,
        "scrollable": node.scrollable,
        "long-clickable": node.long_clickable,
        "password": node.password,
        "selected": node.selected,
    }
    element = ET.Element(
        "node",
        {
            "index": str(index),
            "text": _printable(node.text or node.hint),
            "resource-id": node.resource_id,
            "class": node.cls,
            "package": node.package,
            "content-desc": _printable(node.content_desc),
            **{name: str(value).lower() for name, value in flags.items()},
            "bounds": _bounds(node.bounds),
        },
    )
    element.extend(_element(child, number) for number, child in enumerate(node.children))
    return element


def _printable(text: str) -> str:
    """Characters that XML cannot hold become `?`, as in UiAutomator's own dump."""
    return "".join("?" if ord(character) < 32 and character not in "\t\n\r" else character for character in text)


def _bounds(bounds: Rect) -> str:
    return f"[{bounds.left},{bounds.top}][{bounds.right},{bounds.bottom}]"


async def _wm(call: Invocation) -> int:
    profile = call.device.profile
    match call.args:
        case ("size",):
            await call.print(f"Physical size: {profile.width}x{profile.height}")
        case ("density",):
            await call.print(f"Physical density: {profile.density}")
        case ("size" | "density", _) | ("dismiss-keyguard",):
            pass  # accepted; the simulated layout keeps its size
        case _:
            return await call.fail("Unknown command: " + " ".join(call.args[:1]), 255)
    return 0


COMMANDS: Commands = {
    "screencap": Command(run=_screencap, needs_framework=True),
    "uiautomator": Command(run=_uiautomator, needs_framework=True),
    "wm": Command(run=_wm, needs_framework=True),
}

"""The page source: the view tree as XML.

Form: AccessibilityNodeInfoDumper and UiElementSnapshot of appium-uiautomator2-server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from validator.virtual.automation.matching import windows
from validator.virtual.ports import Node

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")
_BREAKS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def bounds_text(node: Node) -> str:
    """The bounds as Android's `Rect.toShortString` writes them."""
    rect = node.bounds
    return f"[{rect.left},{rect.top}][{rect.right},{rect.bottom}]"


def page_source(tree: Node, size: tuple[int, int]) -> str:
    """The XML document: one element per node, named by its class, topmost window first."""
    head = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n"
    root = f'<hierarchy index="0" class="hierarchy" rotation="0" width="{size[0]}" height="{size[1]}">'
    body = "".join(part for index, window in enumerate(windows(tree)) for part in _element(window, index, "  "))
    return f"{head}{root}\n{body}</hierarchy>"


def _element(node: Node, index: int, indent: str) -> Iterator[str]:
    name = element_name(node.cls)
    attributes = "".join(f" {key}={_quoted(value)}" for key, value in _attributes(node, index) if value is not None)
    if not node.children:
        yield f"{indent}<{name}{attributes} />\n"
        return
    yield f"{indent}<{name}{attributes}>\n"
    for position, child in enumerate(node.children):
        yield from _element(child, position, indent + "  ")
    yield f"{indent}</{name}>\n"


def _attributes(node: Node, index: int) -> Iterator[tuple[str, str | None]]:
    yield "index", str(index)
    yield "package", node.package
    yield "class", node.cls
    yield "text", node.text
    yield "content-desc", node.content_desc or None
    yield "resource-id", node.resource_id or None
    for name, value in flags(node):
        yield name, "true" if value else "false"
    yield "bounds", bounds_text(node)
    yield "displayed", "true"
    yield "hint", node.hint or None


def flags(node: Node) -> Iterator[tuple[str, bool]]:
    """The attributes of a node that are true or false, under their names in the XML."""
    yield "checkable", node.checkable
    yield "checked", node.checked
    yield "clickable", node.clickable
    yield "enabled", node.enabled
    yield "focusable", node.focusable
    yield "focused", node.focused
    yield "long-clickable", node.long_clickable
    yield "password", node.password
    yield "scrollable", node.scrollable
    yield "selected", node.selected


def element_name(cls: str) -> str:
    """A class as an XML name: inner classes lose their `$`, and anything that XML forbids is replaced."""
    name = re.sub(r"\.+", ".", re.sub(r"[$@#&]", ".", cls)).strip(".")
    name = _NOT_IN_NAMES.sub("_", name)
    if not name:
        return "android.view.View"
    return name if name[0].isalpha() or name[0] == "_" else f"_{name}"


def _quoted(value: str) -> str:
    return quoteattr(_NOT_XML.sub("?", value), _BREAKS)

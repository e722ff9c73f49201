"""Attributes of elements by the names that `GET element/ID/attribute/NAME` knows.

Names and aliases: app/src/main/java/io/appium/uiautomator2/utils/Attribute.java of appium-uiautomator2-server.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from validator.virtual.automation.errors import InvalidArgumentError
from validator.virtual.automation.source import bounds_text, flags
from validator.virtual.ports import Node


def attribute(node: Node, name: str) -> str:
    """An attribute as text.

    Raises:
        InvalidArgumentError: there is no attribute of that name.
    """
    wanted = name.lower()
    read = _TEXTS.get(wanted)
    if read is not None:
        return read(node)
    for flag, value in flags(node):
        if wanted in (flag, flag.replace("-", "")):
            return "true" if value else "false"
    known = ", ".join(sorted([*_TEXTS, *(flag for flag, _ in flags(node))]))
    raise InvalidArgumentError(
        f"'{name}' attribute is unknown for the element. Only the following attributes are supported: [{known}]"
    )


def _content_size(node: Node) -> str:
    rect = node.bounds
    return json.dumps(
        {
            "width": rect.right - rect.left,
            "height": rect.bottom - rect.top,
            "top": rect.top,
            "left": rect.left,
            "scrollableOffset": 0,
            "touchPadding": 0,
        }
    )


_TEXTS: dict[str, Callable[[Node], str]] = {
    "text": lambda node: node.text,
    "original-text": lambda node: node.text,
    "name": lambda node: node.content_desc or node.text,
    "content-desc": lambda node: node.content_desc,
    "contentdescription": lambda node: node.content_desc,
    "class": lambda node: node.cls,
    "classname": lambda node: node.cls,
    "resource-id": lambda node: node.resource_id,
    "resourceid": lambda node: node.resource_id,
    "package": lambda node: node.package,
    "hint": lambda node: node.hint,
    "bounds": bounds_text,
    "displayed": lambda node: "true" if node.bounds.right > node.bounds.left else "false",
    "contentsize": _content_size,
}

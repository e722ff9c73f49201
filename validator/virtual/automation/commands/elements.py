"""Commands about one element."""

from __future__ import annotations

import base64

from pydantic import JsonValue as Json

from validator.virtual.automation.attributes import attribute
from validator.virtual.automation.commands.context import Context
from validator.virtual.automation.errors import InvalidElementStateError, NoSuchElementError
from validator.virtual.automation.matching import walk
from validator.virtual.automation.request import Request
from validator.virtual.automation.screenshot import crop
from validator.virtual.ports import Node

ENTER = 66
ENTER_MARK = "\\n"
"""A backslash and an n at the end of a text mean the enter key (handler/SendKeysToElement.java)."""


async def text(context: Context, request: Request) -> Json:
    """The element's text."""
    return context.element(request).text


async def name(context: Context, request: Request) -> Json:
    """The element's content description."""
    return context.element(request).content_desc


async def get_attribute(context: Context, request: Request) -> Json:
    """One attribute as text."""
    return attribute(context.element(request), request.path["name"])


async def rect(context: Context, request: Request) -> Json:
    """Where the element is and how large, in pixels."""
    return {**_location(context.element(request)), **_size(context.element(request))}


async def location(context: Context, request: Request) -> Json:
    """The element's upper left corner."""
    return _location(context.element(request))


async def size(context: Context, request: Request) -> Json:
    """The element's size."""
    return _size(context.element(request))


async def displayed(context: Context, request: Request) -> Json:
    """Whether the element can be seen: what is in the tree can."""
    context.element(request)
    return True


async def enabled(context: Context, request: Request) -> Json:
    """Whether the element is enabled."""
    return context.element(request).enabled


async def selected(context: Context, request: Request) -> Json:
    """Whether the element is selected or checked."""
    node = context.element(request)
    return node.selected or node.checked


async def screenshot(context: Context, request: Request) -> Json:
    """A picture of the element, PNG in base64."""
    node = context.element(request)
    return base64.b64encode(crop(context.screen.png(), node.bounds)).decode()


async def click(context: Context, request: Request) -> Json:
    """Tap the middle of the element."""
    await context.screen.tap(*context.element(request).bounds.center)
    return None


async def clear(context: Context, request: Request) -> Json:
    """Empty an input."""
    await context.screen.set_text(_editable(context.element(request)), "")
    return None


async def send_keys(context: Context, request: Request) -> Json:
    """Append text to an input, or replace its text when the body says `replace`."""
    await _send(context, _editable(context.element(request)), request)
    return None


async def send_keys_to_active(context: Context, request: Request) -> Json:
    """Append text to the input that has the focus."""
    for node, _, _ in walk(context.screen.tree()):
        if node.focused:
            await _send(context, _editable(node), request)
            return None
    raise NoSuchElementError


async def _send(context: Context, node: Node, request: Request) -> None:
    typed = request.text("text")
    line = typed.removesuffix(ENTER_MARK)
    if request.body.get("replace") in (True, "true"):
        await context.screen.set_text(node, line)
    elif node.focused or node.password:
        # What a password input shows is not what it holds: appending is left to the app.
        if not node.focused:
            await context.screen.tap(*node.bounds.center)
        await context.screen.type_text(line)
    else:
        shown = "" if node.text == node.hint else node.text
        await context.screen.set_text(node, shown + line)
    if line != typed:
        await context.screen.key(ENTER)


def _editable(node: Node) -> Node:
    if node.cls != "android.widget.EditText":
        raise InvalidElementStateError(
            f"Cannot set the element of class {node.cls} to a text. Did you interact with the correct element?"
        )
    return node


def _location(node: Node) -> dict[str, Json]:
    return {"x": node.bounds.left, "y": node.bounds.top}


def _size(node: Node) -> dict[str, Json]:
    return {"width": node.bounds.right - node.bounds.left, "height": node.bounds.bottom - node.bounds.top}

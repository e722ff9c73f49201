"""Commands that find elements."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from pydantic import JsonValue as Json

from validator.virtual.automation.commands.context import ELEMENT_KEY, W3C_ELEMENT_KEY, Context
from validator.virtual.automation.errors import InvalidSelectorError, NoSuchElementError
from validator.virtual.automation.matching import find_all, find_inside
from validator.virtual.automation.request import Request
from validator.virtual.automation.selector import Selector, read_selector
from validator.virtual.automation.session import Element, Finder
from validator.virtual.ports import Node, Screen

POLL = 0.05
"""Seconds between two looks while a lookup waits."""


async def find(context: Context, request: Request) -> Json:
    """The first element that matches, waiting for it as long as the session's implicit wait says."""
    locator, finder = _locator(context, request)
    await context.screen.happened("find", locator)
    nodes = await _wait_for(context, finder, most=1)
    if not nodes:
        raise NoSuchElementError
    return _hand_out(context, locator, finder, 0, nodes[0])


async def find_every(context: Context, request: Request) -> Json:
    """All elements that match; none is not an error."""
    locator, finder = _locator(context, request)
    await context.screen.happened("find", locator)
    nodes = await _wait_for(context, finder, most=1000)
    return [_hand_out(context, locator, finder, position, node) for position, node in enumerate(nodes)]


async def active(context: Context, request: Request) -> Json:
    """The element that has the focus."""
    del request
    selector = read_selector("new UiSelector().focused(true)")
    for node in find_all(context.screen.tree(), selector):
        return _hand_out(context, "focused", lambda tree: find_all(tree, selector), 0, node)
    raise NoSuchElementError


async def _wait_for(context: Context, finder: Finder, *, most: int) -> list[Node]:
    deadline = time.monotonic() + context.session.implicit_wait
    while True:
        nodes = [node for node, _ in zip(finder(context.screen.tree()), range(most), strict=False)]
        left = deadline - time.monotonic()
        if nodes or left <= 0:
            return nodes
        await asyncio.sleep(min(POLL, left))


def _hand_out(context: Context, locator: str, finder: Finder, position: int, node: Node) -> Json:
    element_id = context.session.remember(Element(locator, finder, position, node))
    return {ELEMENT_KEY: element_id, W3C_ELEMENT_KEY: element_id}


def _locator(context: Context, request: Request) -> tuple[str, Finder]:
    strategy = request.text("strategy", request.text("using", ""))
    text = request.text("selector", request.text("value", ""))
    selector = _selector(context.screen, strategy, text)
    inside = request.path.get("element", "") or request.text("context", "")
    if not inside:
        return text, lambda tree: find_all(tree, selector)

    def within(tree: Node) -> Iterator[Node]:
        del tree
        return find_inside(context.session.current(inside, context.screen), selector)

    return text, within


def _selector(screen: Screen, strategy: str, text: str) -> Selector:
    match strategy:
        case "-android uiautomator":
            return read_selector(text)
        case "id":
            # A bare id is one of the app in front, as By.res is used by the real server.
            full = text if ":" in text else f"{screen.focused_package()}:id/{text}"
            return Selector((lambda node: node.resource_id == full,))
        case "accessibility id":
            return Selector((lambda node: bool(text) and node.content_desc == text,))
        case "class name":
            return Selector((lambda node: node.cls == text,))
        case _:
            known = "-android uiautomator, id, accessibility id, class name"
            raise InvalidSelectorError(
                f"the strategy '{strategy}' is not supported by the virtual device, only: {known}"
            )

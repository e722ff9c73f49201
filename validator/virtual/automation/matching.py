"""Finding nodes of a view tree."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from validator.virtual.automation.selector import Selector
from validator.virtual.ports import Node

ROOT_CLASS = "hierarchy"
"""The class of the node above all windows, which is not an element itself."""

Found = tuple[Node, Node | None, int]
"""A node, its parent, and its position among its parent's children."""


def windows(tree: Node) -> list[Node]:
    """The windows of a display, topmost first, which is the order in which elements are looked for."""
    return tree.children[::-1] if tree.cls == ROOT_CLASS else [tree]


def walk(tree: Node) -> Iterator[Found]:
    """All nodes of all windows, parents before children."""
    for index, window in enumerate(windows(tree)):
        yield from _walk(window, None, index)


def find_all(tree: Node, selector: Selector) -> Iterator[Node]:
    """The nodes that match, in the order of the tree."""
    for node, _, _ in _matching(walk(tree), selector):
        yield node


def find_inside(node: Node, selector: Selector) -> Iterator[Node]:
    """The descendants of a node that match."""
    for found, _, _ in _matching(_below(node), selector):
        yield found


def _matching(candidates: Iterator[Found], selector: Selector) -> Iterator[Found]:
    hits = (found for found in candidates if _fits(found, selector))
    if selector.child is None and selector.sibling is None:
        yield from islice(hits, max(0, selector.instance), None)
        return
    for node, parent, _ in islice(hits, max(0, selector.instance), None):
        if selector.child is not None:
            yield from _matching(_below(node), selector.child)
        elif selector.sibling is not None and parent is not None:
            yield from _matching(_below(parent), selector.sibling)


def _fits(found: Found, selector: Selector) -> bool:
    node, _, index = found
    return (selector.index is None or selector.index == index) and all(each(node) for each in selector.criteria)


def _below(node: Node) -> Iterator[Found]:
    for index, child in enumerate(node.children):
        yield from _walk(child, node, index)


def _walk(node: Node, parent: Node | None, index: int) -> Iterator[Found]:
    stack: list[Found] = [(node, parent, index)]
    while stack:
        found = stack.pop()
        yield found
        above = found[0]
        stack.extend((child, above, position) for position, child in reversed(list(enumerate(above.children))))

"""What the automation server remembers between requests: the session, its settings, and the elements handed out."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue as Json

from validator.virtual.automation.errors import NoSuchElementError, NoSuchSessionError, StaleElementError
from validator.virtual.automation.matching import walk
from validator.virtual.ports import Node, Screen

MOST_ELEMENTS = 500
"""Elements remembered; the oldest are forgotten first."""

LONGEST_WAIT = 60.0
"""Seconds that a lookup waits at most, whatever the settings say."""

Finder = Callable[[Node], Iterator[Node]]
"""Finds the nodes that a locator means in a view tree."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element handed out: how it was found, which of the matches it was, and what it was then."""

    locator: str
    finder: Finder
    position: int
    node: Node


@dataclass(slots=True)
class Session:
    """The one session of a server. Settings are kept and told, but only `implicitWait` changes anything."""

    session_id: str = ""
    implicit_wait: float = 0.0
    settings: dict[str, Json] = field(default_factory=dict)
    _elements: OrderedDict[str, Element] = field(default_factory=OrderedDict)

    def begin(self) -> str:
        """Start anew; an earlier session is over."""
        self.session_id = str(uuid.uuid4())
        self.implicit_wait = 0.0
        self.settings.clear()
        self._elements.clear()
        return self.session_id

    def end(self) -> None:
        """Forget everything."""
        self.begin()
        self.session_id = ""

    def require(self) -> None:
        """Refuse a command that comes without a session. As on a device, any id will do while there is one."""
        if not self.session_id:
            raise NoSuchSessionError

    def wait_for(self, seconds: float) -> None:
        """Set how long lookups wait for an element to appear."""
        self.implicit_wait = min(max(0.0, seconds), LONGEST_WAIT)

    def remember(self, element: Element) -> str:
        """Hand out an element under a new id."""
        element_id = str(uuid.uuid4())
        self._elements[element_id] = element
        while len(self._elements) > MOST_ELEMENTS:
            self._elements.popitem(last=False)
        return element_id

    def current(self, element_id: str, screen: Screen) -> Node:
        """What an element handed out earlier is now.

        Raises:
            NoSuchElementError: no such id was handed out.
            StaleElementError: it is not on the screen any more.
        """
        element = self._elements.get(element_id)
        if element is None:
            raise NoSuchElementError
        tree = screen.tree()
        for node, _, _ in walk(tree):
            if _is_same(node, element.node):
                return node
        for position, node in enumerate(element.finder(tree)):
            if position == element.position:
                return node
        raise StaleElementError(element.locator)


def _is_same(node: Node, earlier: Node) -> bool:
    """Whether a node is the same view as before: same place, and same id, or same text where there is no id."""
    if node.cls != earlier.cls or node.bounds != earlier.bounds or node.resource_id != earlier.resource_id:
        return False
    return bool(node.resource_id) or (node.text, node.content_desc) == (earlier.text, earlier.content_desc)

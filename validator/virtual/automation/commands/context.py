"""What every command works on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pydantic import JsonValue as Json

from validator.virtual.automation.errors import InvalidArgumentError
from validator.virtual.automation.request import Request
from validator.virtual.automation.session import Session
from validator.virtual.ports import Node, Screen

ELEMENT_KEY = "ELEMENT"
W3C_ELEMENT_KEY = "element-6066-11e4-a52e-4f735466cecf"
"""The name of an element's id in W3C WebDriver (w3.org/TR/webdriver2/#elements)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The device's screen, the session, and what the device says about itself."""

    screen: Screen
    device_name: str
    sdk: int
    session: Session = field(default_factory=Session)

    def element(self, request: Request) -> Node:
        """The element in the path of a request, as it is now."""
        return self.session.current(request.path["element"], self.screen)

    def origin(self, request: Request) -> Node | None:
        """The element that a gesture starts from, when its body names one under `origin`."""
        named = request.mapping("origin")
        return None if named is None else self.named(named)

    def named(self, reference: Request) -> Node:
        """The element that an object such as `{"ELEMENT": ID}` names."""
        for key in (W3C_ELEMENT_KEY, ELEMENT_KEY):
            if key in reference.body:
                return self.session.current(reference.text(key), self.screen)
        raise InvalidArgumentError("an element is named by its id under 'ELEMENT'")


Command = Callable[[Context, Request], Awaitable[Json]]
"""A command: does its work and gives the value to answer with, or raises an `AutomationError`."""

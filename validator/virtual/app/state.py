"""What a running app remembers: its variables, the screens it has open, and what is in front of them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from validator.virtual.app.actions import Dialog
from validator.virtual.app.description import ScreenDescription
from validator.virtual.app.elements import Input
from validator.virtual.app.reading import App
from validator.virtual.app.values import Json, dig
from validator.virtual.ports import AppHost


@dataclass(frozen=True, slots=True)
class Focus:
    """The input that has the focus: the element, and the row of the list that it is in (-1 outside lists)."""

    element: Input
    row: int

    def on(self, element: object, row: int) -> bool:
        """Whether it is this very element in this row; two inputs may be described alike."""
        return self.element is element and self.row == row


@dataclass(slots=True)
class OpenScreen:
    """A screen on the stack. Offsets are pixels scrolled, by what scrolls: `body`, or the index of a list."""

    name: str
    description: ScreenDescription
    params: dict[str, Json]
    offsets: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenDialog:
    """A dialog in front of the screen, with the names known where it was opened."""

    description: Dialog
    scope: Scope


@dataclass(frozen=True, slots=True)
class OpenToast:
    """A message shown until a time of the monotonic clock, in seconds."""

    text: str
    until: float


class State:
    """Everything that changes while the app runs."""

    def __init__(self, app: App, host: AppHost, extras: Mapping[str, str | int | float | bool]) -> None:
        self.app = app
        self.host = host
        self.extras: dict[str, Json] = dict(extras)
        self.stack: list[OpenScreen] = []
        self.focus: Focus | None = None
        self.reveal_focus = False
        self.keyboard = False
        self.dialog: OpenDialog | None = None
        self._toasts: list[OpenToast] = []
        self._variables: dict[str, Json] = {}
        self._load()

    @property
    def screen(self) -> OpenScreen | None:
        """The screen in front, once there is one."""
        return self.stack[-1] if self.stack else None

    @property
    def toasts(self) -> list[OpenToast]:
        """The messages that are shown now."""
        now = time.monotonic()
        self._toasts = [toast for toast in self._toasts if toast.until > now]
        return self._toasts

    def show_toast(self, text: str, seconds: float) -> None:
        """Show a message that goes away by itself."""
        self._toasts.append(OpenToast(text, time.monotonic() + seconds))

    def get(self, variable: str) -> Json:
        """A variable's value."""
        return self._variables.get(variable)

    def set(self, variable: str, value: Json) -> None:
        """Assign a variable, and store it when it is a persistent one."""
        self._variables[variable] = value
        if variable in self.app.description.persistent:
            self.host.storage[variable] = json.dumps(value)

    def scope(self, **local: Json) -> Scope:
        """The names known on the screen in front."""
        params: dict[str, Json] = self.screen.params if self.screen else {}
        return Scope(self, {"params": dict(params), **local})

    def blur(self) -> None:
        """Take the focus from its input and put the keyboard away."""
        self.focus = None
        self.keyboard = False

    def _load(self) -> None:
        scope = Scope(self, {})
        for name, initial in self.app.description.variables.items():
            stored = self.host.storage.get(name) if name in self.app.description.persistent else None
            self._variables[name] = initial.evaluate(scope) if stored is None else json.loads(stored)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression may read: those of its surroundings first, then the app's."""

    state: State
    local: Mapping[str, Json]

    def having(self, **local: Json) -> Scope:
        """This scope with more names."""
        return Scope(self.state, {**self.local, **local})

    def read(self, path: tuple[str, ...]) -> Json:
        """The value at a dotted name; null when there is none."""
        root, rest = path[0], path[1:]
        if root in self.local:
            return dig(self.local[root], rest)
        match root:
            case "system":
                return self.state.host.system_value(".".join(rest))
            case "config":
                return dig(dict(self.state.app.config), rest)
            case "extra":
                return dig(self.state.extras, rest)
            case "app" | "now" | "random":
                return self._moment(root, rest)
            case _:
                return dig(self.state.get(root), rest)

    def _moment(self, root: str, rest: tuple[str, ...]) -> Json:
        now = datetime.now(UTC)
        screen = self.state.screen
        known: dict[str, dict[str, Json]] = {
            "app": {"package": self.state.host.package, "screen": screen.name if screen else ""},
            "now": {"iso": now.isoformat(timespec="milliseconds"), "ms": int(now.timestamp() * 1000)},
            "random": {"uuid": str(uuid.uuid4())},
        }
        return dig(known[root], rest)

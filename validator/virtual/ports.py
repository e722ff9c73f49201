"""The seam between the simulated Android system and the app that runs on it.

`device`, `daemon` and `shell` play Android; `app` plays the application described in an APK's assets; `automation`
plays the on-device UI automation server. They meet in these types only.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Death(StrEnum):
    """Why a process ended, in the words of Android's `android.app.ApplicationExitInfo`."""

    EXIT_SELF = "EXIT_SELF"
    SIGNALED = "SIGNALED"
    LOW_MEMORY = "LOW_MEMORY"
    CRASH = "CRASH"
    CRASH_NATIVE = "CRASH_NATIVE"
    ANR = "ANR"
    USER_REQUESTED = "USER_REQUESTED"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    """A rectangle in pixels of the display; `right` and `bottom` are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def center(self) -> tuple[int, int]:
        """The middle, where a tap lands."""
        return (self.left + self.right) // 2, (self.top + self.bottom) // 2

    def contains(self, x: int, y: int) -> bool:
        """Whether the pixel lies inside."""
        return self.left <= x < self.right and self.top <= y < self.bottom


@dataclass(slots=True, kw_only=True)
class Node:
    """One element of the visible view tree, as UiAutomator would report it. Elements out of view are absent."""

    cls: str
    bounds: Rect
    package: str
    text: str = ""
    resource_id: str = ""
    content_desc: str = ""
    hint: str = ""
    clickable: bool = False
    enabled: bool = True
    focused: bool = False
    focusable: bool = False
    scrollable: bool = False
    checkable: bool = False
    checked: bool = False
    selected: bool = False
    password: bool = False
    long_clickable: bool = False
    children: list[Node] = field(default_factory=list)


class AppHost(Protocol):
    """What the simulated system offers to the one app process that runs on it."""

    @property
    def package(self) -> str:
        """The application id."""
        ...

    @property
    def pid(self) -> int:
        """The process id, as it appears in the log."""
        ...

    @property
    def storage(self) -> MutableMapping[str, str]:
        """The app's private data: survives a force-stop, wiped by `pm clear` and by uninstalling."""
        ...

    def log(self, priority: str, tag: str, message: str) -> None:
        """Write one logcat line (priority is one of V D I W E F)."""
        ...

    def network_available(self) -> bool:
        """Whether the device reaches any network now (airplane mode, the no-network fault)."""
        ...

    def refuses(self, *, secure: bool) -> str:
        """Why the device itself lets no call of this kind end well, as Java prints it; empty when it does."""
        ...

    def system_value(self, name: str) -> str:
        """A system property, or `settings get global NAME` where no such property is set; empty when neither is."""
        ...

    def died(self, death: Death, *, reason: str, details: str = "") -> None:
        """The app's process has ended by itself: crash text to the crash buffer, exit-info, launcher to the front."""
        ...

    def not_responding(self, reason: str) -> None:
        """The app blocks its main thread: the system records an ANR and shows its dialog in front."""
        ...

    async def happened(self, event: str, text: str) -> None:
        """Tell the fault switchboard that something is about to be done.

        `event` is one of launch, tap, find, input, key, swipe, screen, http; `text` says on what (the text or id
        tapped, the selector looked for, the screen opened, the URL called). An armed fault that matches strikes
        before this returns.
        """
        ...


class AppProcess(Protocol):
    """A running app: its window and what fingers do to it. Implemented by `validator.virtual.app`."""

    @property
    def activity(self) -> str:
        """The activity in front, such as `.MainActivity`."""
        ...

    def tree(self, viewport: Rect) -> Node:
        """The app's window as a view tree inside the viewport."""
        ...

    def keyboard_shown(self) -> bool:
        """Whether an input is focused and the soft keyboard is up."""
        ...

    def hide_keyboard(self) -> None:
        """Put the keyboard away; the input keeps its text."""
        ...

    async def tap(self, x: int, y: int, *, long: bool = False) -> None:
        """A finger at the pixel. Focuses inputs, presses buttons. Runs the action to its end, HTTP calls excepted."""
        ...

    async def swipe(self, x1: int, y1: int, x2: int, y2: int) -> None:
        """A finger that moves: scrolls the list under it."""
        ...

    async def type_text(self, text: str) -> None:
        """Append text to the focused input."""
        ...

    async def set_text(self, node: Node, text: str) -> None:
        """Replace the text of an input (automation's `value` and `clear`)."""
        ...

    async def key(self, code: int) -> bool:
        """An Android key code (4 back, 66 enter, 67 delete). False: left to the system."""
        ...

    async def close(self) -> None:
        """Stop without a word: cancel running actions and calls (force-stop, or the process was killed)."""
        ...


class Screen(Protocol):
    """What automation, `input` and `screencap` see of a device. Implemented by `validator.virtual.device`."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        ...

    def tree(self) -> Node:
        """Everything in front, topmost last: launcher or app, keyboard, system dialogs."""
        ...

    def keyboard_shown(self) -> bool:
        """Whether the soft keyboard is up."""
        ...

    def hide_keyboard(self) -> None:
        """Put the keyboard away."""
        ...

    def focused_package(self) -> str:
        """The package of the window in front."""
        ...

    async def tap(self, x: int, y: int, *, long: bool = False) -> None:
        """Tap whatever is in front there (a system dialog eats it)."""
        ...

    async def swipe(self, x1: int, y1: int, x2: int, y2: int) -> None:
        """Swipe whatever is in front there."""
        ...

    async def type_text(self, text: str) -> None:
        """Type into the focused input."""
        ...

    async def set_text(self, node: Node, text: str) -> None:
        """Replace the text of an input."""
        ...

    async def key(self, code: int) -> None:
        """Press a key."""
        ...

    async def launch(self, package: str, extras: dict[str, str | int | float | bool]) -> bool:
        """Start the package's launchable activity; False when it is not installed."""
        ...

    async def happened(self, event: str, text: str) -> None:
        """Offer an event to the fault switchboard (see `AppHost.happened`)."""
        ...

    def png(self) -> bytes:
        """The screen as a PNG picture."""
        ...

    def clipboard(self) -> str:
        """The clipboard's text."""
        ...

    def set_clipboard(self, text: str) -> None:
        """Replace the clipboard's text."""
        ...

    def set_orientation(self, landscape: bool) -> None:
        """Turn the display."""
        ...

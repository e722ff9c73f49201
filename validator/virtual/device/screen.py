"""The display: what is in front, and where fingers and keys go. Implements `validator.virtual.ports.Screen`."""

from __future__ import annotations

from collections.abc import Callable

from validator.virtual.automation.screenshot import render
from validator.virtual.device import windows
from validator.virtual.device.apps import Apps
from validator.virtual.device.dialogs import Dialog, not_responding
from validator.virtual.device.hosted_app import HostedApp
from validator.virtual.device.installed import InstalledApps
from validator.virtual.device.services import Services
from validator.virtual.device.windows import Icon
from validator.virtual.faults import Event
from validator.virtual.ports import AppProcess, Node, Rect

HOME, BACK = 3, 4
_SYSTEM_KEYS = frozenset({24, 25, 26, 27, 82, 164, 187, 223, 224})
"""Volume, power, camera, menu, mute, recents, sleep, wake up: taken by the system, without effect here."""
_BLOCKED_REASON = "Input dispatching timed out ({component} (server) is not responding. Waited 5001ms for MotionEvent)"


class DeviceScreen:
    """The screen of one device. Input goes to the topmost dialog, else to the app, else to launcher or browser."""

    def __init__(self, services: Services, apps: Apps, installed: InstalledApps) -> None:
        self._services = services
        self._apps = apps
        self._installed = installed
        self._dialogs: list[Dialog] = []
        self._clipboard = ""
        self._landscape = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as the display is turned now."""
        profile = self._services.profile
        return (profile.height, profile.width) if self._landscape else (profile.width, profile.height)

    @property
    def dialog(self) -> Dialog | None:
        """The system dialog in front."""
        return self._dialogs[-1] if self._dialogs else None

    def show(self, dialog: Dialog) -> None:
        """Put a dialog in front."""
        self._dialogs.append(dialog)

    def dismiss(self, dialog: Dialog) -> None:
        """Take a dialog away."""
        if dialog in self._dialogs:
            self._dialogs.remove(dialog)

    def dismiss_about(self, package: str) -> None:
        """Take away the dialogs about a package."""
        self._dialogs = [dialog for dialog in self._dialogs if dialog.owner != package]

    def dismiss_all(self) -> None:
        """Take every dialog away."""
        self._dialogs.clear()

    def show_not_responding(self, label: str, package: str, *, close: Callable[[], None]) -> None:
        """Show the dialog about an app that does not respond, once."""
        if not any(dialog.owner == package for dialog in self._dialogs):
            wait = lambda: self.dismiss_about(package)  # noqa: E731 - a button's one-line action
            self.show(not_responding(label, package, close=close, wait=wait))

    def tree(self) -> Node:
        """Everything in front, topmost last."""
        width, height = self.size
        root = Node(cls="hierarchy", bounds=Rect(left=0, top=0, right=width, bottom=height), package="android")
        root.children.append(self._window())
        if self.keyboard_shown():
            root.children.append(windows.keyboard(self.size))
        root.children += [dialog.node(self.size) for dialog in self._dialogs]
        return root

    def keyboard_shown(self) -> bool:
        """Whether the soft keyboard is up."""
        process = self._process()
        return process is not None and process.keyboard_shown()

    def hide_keyboard(self) -> None:
        """Put the keyboard away."""
        if (process := self._process()) is not None:
            process.hide_keyboard()

    def focused_package(self) -> str:
        """The package of the window in front."""
        return "android" if self._dialogs else self.focused_component().partition("/")[0]

    def focused_component(self) -> str:
        """`package/activity` of the activity in front, below any dialog."""
        running = self._apps.in_front()
        if running is not None:
            return f"{running.package}/{_full(running.package, running.activity)}"
        if self._apps.browsing is not None:
            return f"{windows.BROWSER}/{windows.BROWSER_ACTIVITY}"
        return f"{windows.LAUNCHER}/{windows.LAUNCHER}{windows.LAUNCHER_ACTIVITY}"

    async def tap(self, x: int, y: int, *, long: bool = False) -> None:
        """Tap whatever is in front there."""
        if (dialog := self.dialog) is not None:
            await self._tap_dialog(dialog, x, y)
        elif (running := self._apps.in_front()) is not None:
            await self._tap_app(running, x, y, long=long)
        elif self._apps.browsing is None:
            await self._tap_launcher(x, y)

    async def swipe(self, x1: int, y1: int, x2: int, y2: int) -> None:
        """Swipe whatever is in front there."""
        if (process := self._receiver()) is not None:
            await process.swipe(x1, y1, x2, y2)

    async def type_text(self, text: str) -> None:
        """Type into the focused input."""
        if (process := self._receiver()) is not None:
            await process.type_text(text)

    async def set_text(self, node: Node, text: str) -> None:
        """Replace the text of an input."""
        if (process := self._receiver()) is not None:
            await process.set_text(node, text)

    async def key(self, code: int) -> None:
        """Press a key: home and back are the system's, the rest goes to the app."""
        if code == HOME:
            await self._services.happened(Event.KEY, str(code))
            self._apps.to_background()
        elif code in _SYSTEM_KEYS or self._dialogs:
            return
        elif code == BACK and self.keyboard_shown():
            self.hide_keyboard()
        elif (process := self._receiver()) is not None:
            if not await process.key(code) and code == BACK:
                self._apps.to_background()
        elif code == BACK:
            self._apps.to_background()

    async def launch(self, package: str, extras: dict[str, str | int | float | bool]) -> bool:
        """Start the package's launchable activity; False when it is not installed or has none."""
        app = self._installed.get(package)
        if app is None or app.component is None:
            return False
        await self._apps.launch(app, extras)
        return True

    async def happened(self, event: str, text: str) -> None:
        """Offer an event to the fault switchboard."""
        await self._services.happened(Event(event), text)

    def png(self) -> bytes:
        """The screen as a PNG picture."""
        return render(self.tree(), self.size)

    def clipboard(self) -> str:
        """The clipboard's text."""
        return self._clipboard

    def set_clipboard(self, text: str) -> None:
        """Replace the clipboard's text."""
        self._clipboard = text

    def set_orientation(self, landscape: bool) -> None:
        """Turn the display."""
        self._landscape = landscape

    def _process(self) -> AppProcess | None:
        running = self._apps.in_front()
        return None if running is None else running.process

    def _receiver(self) -> AppProcess | None:
        """The app that gets input now: the one in front, unless a dialog covers it or it does not respond."""
        running = self._apps.in_front()
        if self._dialogs or running is None or not running.responding:
            return None
        return running.process

    def _window(self) -> Node:
        running = self._apps.in_front()
        if running is None:
            if self._apps.browsing is not None:
                return windows.browser(self._apps.browsing, self.size)
            return windows.launcher(self._icons(), self.size)
        if running.process is None:
            return windows.blank(running.package, self.size)
        return running.process.tree(windows.viewport(self.size, keyboard=running.process.keyboard_shown()))

    def _icons(self) -> list[Icon]:
        return [
            Icon(package=app.package, label=app.label) for app in self._installed.all() if app.component is not None
        ]

    async def _tap_dialog(self, dialog: Dialog, x: int, y: int) -> None:
        button = dialog.button_at(x, y, self.size)
        await self._services.happened(Event.TAP, button.text if button else dialog.title)
        if button is not None and dialog in self._dialogs:
            self.dismiss(dialog)
            button.press()

    async def _tap_app(self, running: HostedApp, x: int, y: int, *, long: bool) -> None:
        if not running.responding:
            self._apps.block(running, _BLOCKED_REASON.format(component=self.focused_component()))
        elif self.keyboard_shown() and windows.keyboard_bounds(self.size).contains(x, y):
            return  # a key of the soft keyboard; its layout is not simulated
        elif running.process is not None:
            await running.process.tap(x, y, long=long)

    async def _tap_launcher(self, x: int, y: int) -> None:
        icon = windows.icon_at(self._icons(), x, y, self.size)
        await self._services.happened(Event.TAP, icon.label if icon else "")
        if icon is not None:
            await self.launch(icon.package, {})


def _full(package: str, activity: str) -> str:
    return package + activity if activity.startswith(".") else activity

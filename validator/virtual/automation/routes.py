"""Which request is which command (server/AppiumServlet.java of appium-uiautomator2-server)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from validator.virtual.automation.commands import device, elements, lookups, sessions, touches
from validator.virtual.automation.commands.context import Command

_WITHOUT_SESSION: dict[str, Command] = {
    "GET /status": sessions.status,
    "GET /sessions": sessions.sessions,
    "POST /session": sessions.create,
}

_IN_SESSION: dict[str, Command] = {
    "GET ": sessions.details,
    "DELETE ": sessions.delete,
    "GET /appium/settings": sessions.get_settings,
    "POST /appium/settings": sessions.update_settings,
    "POST /timeouts": sessions.set_timeouts,
    "POST /timeouts/implicit_wait": sessions.set_implicit_wait,
    "POST /element": lookups.find,
    "POST /elements": lookups.find_every,
    "GET /element/active": lookups.active,
    "POST /element/:element/element": lookups.find,
    "POST /element/:element/elements": lookups.find_every,
    "GET /element/:element/text": elements.text,
    "GET /element/:element/name": elements.name,
    "GET /element/:element/attribute/:name": elements.get_attribute,
    "GET /element/:element/rect": elements.rect,
    "GET /element/:element/location": elements.location,
    "GET /element/:element/size": elements.size,
    "GET /element/:element/displayed": elements.displayed,
    "GET /element/:element/enabled": elements.enabled,
    "GET /element/:element/selected": elements.selected,
    "GET /element/:element/screenshot": elements.screenshot,
    "POST /element/:element/click": elements.click,
    "POST /element/:element/clear": elements.clear,
    "POST /element/:element/value": elements.send_keys,
    "POST /keys": elements.send_keys_to_active,
    "POST /appium/tap": touches.tap,
    "POST /appium/gestures/click": touches.click,
    "POST /appium/gestures/double_click": touches.double_click,
    "POST /appium/gestures/long_click": touches.long_click,
    "POST /appium/gestures/swipe": touches.swipe,
    "POST /appium/gestures/scroll": touches.scroll,
    "POST /appium/gestures/fling": touches.fling,
    "POST /appium/gestures/drag": touches.drag,
    "POST /appium/gestures/pinch_open": touches.pinch,
    "POST /appium/gestures/pinch_close": touches.pinch,
    "POST /actions": touches.actions,
    "POST /back": touches.back,
    "POST /appium/device/press_keycode": touches.press_keycode,
    "POST /appium/device/long_press_keycode": touches.press_keycode,
    "GET /source": device.source,
    "GET /screenshot": device.screenshot,
    "GET /orientation": device.get_orientation,
    "POST /orientation": device.set_orientation,
    "GET /rotation": device.get_rotation,
    "GET /window/:window/size": device.window_size,
    "GET /window/rect": device.window_size,
    "GET /alert/text": device.alert_text,
    "POST /alert/accept": device.accept_alert,
    "POST /alert/dismiss": device.dismiss_alert,
    "GET /appium/device/info": device.info,
    "GET /appium/device/battery_info": device.battery,
    "GET /appium/device/display_density": device.density,
    "GET /appium/device/pixel_ratio": device.pixel_ratio,
    "GET /appium/device/system_bars": device.system_bars,
    "GET /appium/device/current_package": device.current_package,
    "POST /appium/device/launch_app": device.launch_app,
    "POST /appium/device/get_clipboard": device.get_clipboard,
    "POST /appium/device/set_clipboard": device.set_clipboard,
    "POST /appium/device/open_notifications": device.open_notifications,
}


@dataclass(frozen=True, slots=True)
class Route:
    """A command, the variable parts of the path, and whether it needs a session."""

    command: Command
    parameters: dict[str, str]
    in_session: bool


@lru_cache(maxsize=1)
def _table() -> list[tuple[str, list[str], Command, bool]]:
    table = []
    for known, prefix, in_session in ((_WITHOUT_SESSION, "", False), (_IN_SESSION, "/session/:session", True)):
        for key, command in known.items():
            method, _, path = key.partition(" ")
            table.append((method, (prefix + path).split("/"), command, in_session))
    return table


def route(method: str, target: str) -> Route | None:
    """The command for a request line, or None. A path may begin with `/wd/hub` or not."""
    path = target.partition("?")[0].removeprefix("/wd/hub")
    parts = (path.rstrip("/") or "/").split("/")
    for known_method, pattern, command, in_session in _table():
        if method == known_method and len(parts) == len(pattern):
            parameters = _match(pattern, parts)
            if parameters is not None:
                return Route(command, parameters, in_session)
    return None


def _match(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for wanted, given in zip(pattern, parts, strict=True):
        if wanted.startswith(":"):
            parameters[wanted[1:]] = unquote(given)
        elif wanted != given:
            return None
    return parameters

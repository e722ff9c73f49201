"""Commands about the device: source, picture, clipboard, orientation, dialogs, launching apps."""

from __future__ import annotations

import base64
import binascii
import json

from pydantic import JsonValue as Json

from validator.virtual.automation.commands.context import Context
from validator.virtual.automation.commands.sessions import STATUS_BAR_HEIGHT
from validator.virtual.automation.errors import AutomationError, InvalidArgumentError, NoSuchAlertError
from validator.virtual.automation.matching import walk
from validator.virtual.automation.request import Request
from validator.virtual.automation.source import page_source
from validator.virtual.ports import Node

DENSITY = 420
_RELEASES = {26: "8.0.0", 28: "9", 29: "10", 30: "11", 31: "12", 32: "12", 33: "13", 34: "14", 35: "15", 36: "16"}


async def source(context: Context, request: Request) -> Json:
    """Everything on the screen as XML."""
    del request
    return page_source(context.screen.tree(), context.screen.size)


async def screenshot(context: Context, request: Request) -> Json:
    """The screen as a PNG picture in base64."""
    del request
    return base64.b64encode(context.screen.png()).decode()


async def info(context: Context, request: Request) -> Json:
    """What the device is."""
    del request
    width, height = context.screen.size
    return {
        "androidId": "validatorvirtual",
        "manufacturer": "validator",
        "model": context.device_name,
        "brand": "validator",
        "apiVersion": str(context.sdk),
        "platformVersion": _RELEASES.get(context.sdk, str(context.sdk)),
        "carrierName": "",
        "realDisplaySize": f"{width}x{height}",
        "displayDensity": DENSITY,
        "networks": [],
    }


async def battery(context: Context, request: Request) -> Json:
    """The battery: full, on mains (BatteryManager.BATTERY_STATUS_FULL)."""
    del context, request
    return {"level": 1.0, "status": 5}


async def density(context: Context, request: Request) -> Json:
    """Dots per inch."""
    del context, request
    return DENSITY


async def pixel_ratio(context: Context, request: Request) -> Json:
    """Pixels per density-independent pixel."""
    del context, request
    return DENSITY / 160


async def system_bars(context: Context, request: Request) -> Json:
    """The status bar's height in pixels."""
    del context, request
    return {"statusBar": STATUS_BAR_HEIGHT}


async def window_size(context: Context, request: Request) -> Json:
    """The size of the display in pixels."""
    del request
    width, height = context.screen.size
    return {"x": 0, "y": 0, "width": width, "height": height}


async def current_package(context: Context, request: Request) -> Json:
    """The package of the window in front."""
    del request
    return context.screen.focused_package()


async def launch_app(context: Context, request: Request) -> Json:
    """Start an app's launchable activity with the arguments as extras."""
    package = request.text("appId")
    arguments = request.mapping("arguments")
    extras = {name: _extra(value) for name, value in (arguments.body if arguments else {}).items()}
    if not await context.screen.launch(package, extras):
        raise AutomationError(f"Cannot launch '{package}': it is not installed or has no launchable activity")
    return None


async def get_clipboard(context: Context, request: Request) -> Json:
    """The clipboard's text in base64."""
    del request
    return base64.b64encode(context.screen.clipboard().encode("utf-8", "replace")).decode()


async def set_clipboard(context: Context, request: Request) -> Json:
    """Replace the clipboard's text, given in base64."""
    try:
        content = base64.b64decode(request.text("content"), validate=False)
    except (binascii.Error, ValueError) as error:
        raise InvalidArgumentError(f"'content' must be base64: {error}") from error
    context.screen.set_clipboard(content.decode("utf-8", "replace"))
    return None


async def get_orientation(context: Context, request: Request) -> Json:
    """PORTRAIT or LANDSCAPE."""
    del request
    width, height = context.screen.size
    return "LANDSCAPE" if width > height else "PORTRAIT"


async def set_orientation(context: Context, request: Request) -> Json:
    """Turn the display."""
    wanted = request.text("orientation").upper()
    if wanted not in ("PORTRAIT", "LANDSCAPE"):
        raise InvalidArgumentError(f"'orientation' must be PORTRAIT or LANDSCAPE, not '{wanted}'")
    context.screen.set_orientation(wanted == "LANDSCAPE")
    return wanted


async def get_rotation(context: Context, request: Request) -> Json:
    """The rotation in degrees."""
    del request
    width, height = context.screen.size
    return {"x": 0, "y": 0, "z": 90 if width > height else 0}


async def open_notifications(context: Context, request: Request) -> Json:
    """Pull the notification shade down. The virtual device has none; the real server answers true as well."""
    del context, request
    return True


async def alert_text(context: Context, request: Request) -> Json:
    """The texts of the dialog in front."""
    del request
    _alert_buttons(context)
    texts = [_named(context, name) for name in ("alertTitle", "message")]
    return "\n".join(node.text for node in texts if node is not None)


async def accept_alert(context: Context, request: Request) -> Json:
    """Press the confirming button of the dialog in front."""
    del request
    await context.screen.tap(*_alert_buttons(context)[0].bounds.center)
    return None


async def dismiss_alert(context: Context, request: Request) -> Json:
    """Press the declining button of the dialog in front, or its only one."""
    del request
    buttons = _alert_buttons(context)
    await context.screen.tap(*buttons[min(1, len(buttons) - 1)].bounds.center)
    return None


def _alert_buttons(context: Context) -> list[Node]:
    buttons = [node for node in (_named(context, f"button{number}") for number in (1, 2, 3)) if node is not None]
    if not buttons:
        raise NoSuchAlertError
    return buttons


def _named(context: Context, name: str) -> Node | None:
    wanted = f"android:id/{name}"
    return next((node for node, _, _ in walk(context.screen.tree()) if node.resource_id == wanted), None)


def _extra(value: Json) -> str | int | float | bool:
    return value if isinstance(value, str | int | float | bool) else json.dumps(value)

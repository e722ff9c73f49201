"""Commands about the session: its beginning and end, settings and waits."""

from __future__ import annotations

from pydantic import JsonValue as Json

from validator.virtual.automation.commands.context import Context
from validator.virtual.automation.errors import InvalidArgumentError
from validator.virtual.automation.request import Request, as_number

STATUS_BAR_HEIGHT = 63


async def status(context: Context, request: Request) -> Json:
    """Whether the server is ready. Always, once it answers."""
    del context, request
    return {
        "ready": True,
        "message": "UiAutomator2 Server is ready to accept commands",
        "build": {"version": "9.11.1", "versionCode": 236},
    }


async def create(context: Context, request: Request) -> Json:
    """Begin a session; an earlier one ends."""
    if request.mapping("capabilities") is None:
        raise InvalidArgumentError("'capabilities' are required")
    session_id = context.session.begin()
    return {"sessionId": session_id, "capabilities": _details(context)}


async def details(context: Context, request: Request) -> Json:
    """What the session is about."""
    del request
    return _details(context)


async def sessions(context: Context, request: Request) -> Json:
    """All sessions: none or one."""
    del request
    session_id = context.session.session_id
    return [{"id": session_id, "capabilities": _details(context)}] if session_id else []


async def delete(context: Context, request: Request) -> Json:
    """End the session."""
    del request
    context.session.end()
    return None


async def get_settings(context: Context, request: Request) -> Json:
    """The settings given so far."""
    del request
    return dict(context.session.settings)


async def update_settings(context: Context, request: Request) -> Json:
    """Change settings. `implicitWait` is in milliseconds."""
    settings = request.mapping("settings")
    if settings is None:
        raise InvalidArgumentError("'settings' are required")
    if "implicitWait" in settings.body:
        context.session.wait_for(as_number(settings.body["implicitWait"], "implicitWait") / 1000)
    context.session.settings.update(settings.body)
    return dict(context.session.settings)


async def set_timeouts(context: Context, request: Request) -> Json:
    """Set the implicit wait, in milliseconds (W3C)."""
    if "implicit" in request.body:
        context.session.wait_for(request.number("implicit") / 1000)
    return None


async def set_implicit_wait(context: Context, request: Request) -> Json:
    """Set the implicit wait, in milliseconds (JSON Wire Protocol)."""
    context.session.wait_for(request.number("ms") / 1000)
    return None


def _details(context: Context) -> dict[str, Json]:
    width, height = context.screen.size
    return {
        "platformName": "Android",
        "deviceName": context.device_name,
        "deviceApiLevel": context.sdk,
        "deviceScreenSize": f"{width}x{height}",
        "deviceScreenDensity": 420,
        "pixelRatio": 2.625,
        "statBarHeight": STATUS_BAR_HEIGHT,
        "viewportRect": {"left": 0, "top": STATUS_BAR_HEIGHT, "width": width, "height": height - STATUS_BAR_HEIGHT},
    }

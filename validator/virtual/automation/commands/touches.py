"""Commands that move fingers and press keys."""

from __future__ import annotations

from pydantic import JsonValue as Json

from validator.virtual.automation.commands.context import Context
from validator.virtual.automation.errors import InvalidArgumentError
from validator.virtual.automation.gestures import Direction, inset, swipe_path
from validator.virtual.automation.pointer import Key, Touch, Typed, read_actions
from validator.virtual.automation.request import Request
from validator.virtual.ports import Node, Rect

BACK = 4


async def click(context: Context, request: Request) -> Json:
    """Tap an element, a point, or a point inside an element."""
    await context.screen.tap(*_point(context, request))
    return None


async def double_click(context: Context, request: Request) -> Json:
    """Tap twice."""
    at = _point(context, request)
    await context.screen.tap(*at)
    await context.screen.tap(*at)
    return None


async def long_click(context: Context, request: Request) -> Json:
    """Press for a while."""
    if request.number("duration", 500) < 0:
        raise InvalidArgumentError("Long click duration cannot be negative")
    await context.screen.tap(*_point(context, request), long=True)
    return None


async def tap(context: Context, request: Request) -> Json:
    """Tap a point (the older form)."""
    await context.screen.tap(round(request.number("x")), round(request.number("y")))
    return None


async def swipe(context: Context, request: Request) -> Json:
    """Swipe over an element or an area; the direction is the finger's."""
    path = swipe_path(_area(context, request), _direction(request), _percent(request))
    await context.screen.swipe(*path)
    return None


async def scroll(context: Context, request: Request) -> Json:
    """Scroll an element or an area; the direction is what comes into sight. Tells whether there is more."""
    area, direction = _area(context, request), _direction(request).opposite
    before = context.screen.tree()
    await context.screen.swipe(*swipe_path(area, direction, _percent(request)))
    return context.screen.tree() != before


async def fling(context: Context, request: Request) -> Json:
    """Scroll over the whole element or area. Tells whether there is more."""
    return await scroll(context, Request(path=request.path, body={**request.body, "percent": 1.0}))


async def drag(context: Context, request: Request) -> Json:
    """Drag from an element or point to a point."""
    start = _point(context, request, offset="start")
    end = request.mapping("end")
    target = end if end is not None else Request(body={"x": request.body.get("endX"), "y": request.body.get("endY")})
    await context.screen.swipe(*start, round(target.number("x")), round(target.number("y")))
    return None


async def pinch(context: Context, request: Request) -> Json:
    """Pinch an element or area. Nothing on the virtual device can be zoomed, so nothing happens."""
    _area(context, request)
    _percent(request)
    return None


async def actions(context: Context, request: Request) -> Json:
    """W3C actions."""
    for gesture in read_actions(request, lambda reference: context.named(reference).bounds.center):
        match gesture:
            case Touch() if gesture.moves:
                await context.screen.swipe(*gesture.start, *gesture.end)
            case Touch():
                await context.screen.tap(*gesture.start, long=gesture.is_long)
            case Typed():
                await context.screen.type_text(gesture.text)
            case Key():
                await context.screen.key(gesture.code)
    return None


async def back(context: Context, request: Request) -> Json:
    """The back key."""
    del request
    await context.screen.key(BACK)
    return True


async def press_keycode(context: Context, request: Request) -> Json:
    """A key by its Android code."""
    await context.screen.key(round(request.number("keycode")))
    return None


def _point(context: Context, request: Request, offset: str = "offset") -> tuple[int, int]:
    origin, given = context.origin(request), request.mapping(offset)
    if origin is None and given is None:
        raise InvalidArgumentError(f"'origin' or '{offset}' is required")
    if given is None:
        return _center(origin)
    x, y = round(given.number("x")), round(given.number("y"))
    return (x, y) if origin is None else (origin.bounds.left + x, origin.bounds.top + y)


def _center(node: Node | None) -> tuple[int, int]:
    return (0, 0) if node is None else node.bounds.center


def _area(context: Context, request: Request) -> Rect:
    origin, area = context.origin(request), request.mapping("area")
    if origin is not None:
        return inset(origin.bounds)
    if area is None:
        raise InvalidArgumentError("'origin' or 'area' is required")
    left, top = round(area.number("left")), round(area.number("top"))
    width, height = round(area.number("width")), round(area.number("height"))
    if width < 1 or height < 1:
        raise InvalidArgumentError("an area must be at least one pixel wide and high")
    return Rect(left=left, top=top, right=left + width, bottom=top + height)


def _direction(request: Request) -> Direction:
    text = request.text("direction").lower()
    if text not in list(Direction):
        raise InvalidArgumentError(f"'direction' must be one of {', '.join(Direction)}, not '{text}'")
    return Direction(text)


def _percent(request: Request) -> float:
    percent = request.number("percent", 1.0)
    if not 0 <= percent <= 1:
        raise InvalidArgumentError("Percent must be between 0.0f and 1.0f")
    return percent

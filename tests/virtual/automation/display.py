"""A display with one app on it, and a client of its automation server on a real port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from tests.virtual.app.phone import Phone, app, open_app
from validator.virtual.automation import AutomationServer
from validator.virtual.automation.screenshot import render
from validator.virtual.ports import Node, Rect


@dataclass
class Display:
    """Implements `Screen` for one app. What was launched, pressed and looked for is kept."""

    phone: Phone
    landscape: bool = False
    copied: str = ""
    launched: list[tuple[str, Mapping[str, str | int | float | bool]]] = field(default_factory=list)
    installed: frozenset[str] = frozenset({"com.example.shop"})
    keys: list[int] = field(default_factory=list)
    looked_for: list[str] = field(default_factory=list)
    strike: Callable[[], Awaitable[None]] | None = None

    @property
    def size(self) -> tuple[int, int]:
        return (1920, 1080) if self.landscape else (1080, 1920)

    def tree(self) -> Node:
        width, height = self.size
        bounds = Rect(left=0, top=0, right=width, bottom=height)
        window = self.phone.app.tree(Rect(left=0, top=63, right=width, bottom=height))
        return Node(cls="hierarchy", bounds=bounds, package="android", children=[window])

    def keyboard_shown(self) -> bool:
        return self.phone.app.keyboard_shown()

    def hide_keyboard(self) -> None:
        self.phone.app.hide_keyboard()

    def focused_package(self) -> str:
        return self.phone.system.package

    async def tap(self, x: int, y: int, *, long: bool = False) -> None:
        await self.phone.app.tap(x, y, long=long)

    async def swipe(self, x1: int, y1: int, x2: int, y2: int) -> None:
        await self.phone.app.swipe(x1, y1, x2, y2)

    async def type_text(self, text: str) -> None:
        await self.phone.app.type_text(text)

    async def set_text(self, node: Node, text: str) -> None:
        await self.phone.app.set_text(node, text)

    async def key(self, code: int) -> None:
        self.keys.append(code)
        await self.phone.app.key(code)

    async def launch(self, package: str, extras: dict[str, str | int | float | bool]) -> bool:
        self.launched.append((package, extras))
        return package in self.installed

    async def happened(self, event: str, text: str) -> None:
        assert event == "find"
        self.looked_for.append(text)
        if self.strike is not None:
            await self.strike()

    def png(self) -> bytes:
        return render(self.tree(), self.size)

    def clipboard(self) -> str:
        return self.copied

    def set_clipboard(self, text: str) -> None:
        self.copied = text

    def set_orientation(self, landscape: bool) -> None:
        self.landscape = landscape


YES = {"text": "Yes", "actions": [{"do": "set", "values": {"paid": 100}}]}
LEAVE = {"do": "dialog", "title": "Leave?", "text": "Really.", "buttons": [YES, {"text": "No"}]}
LATER = [{"do": "wait", "ms": 150}, {"do": "set", "values": {"email": "came"}}]
ROW = {"type": "row", "id": "row_{index}", "elements": [{"type": "text", "text": "Row {item}", "height": 150}]}
ELEMENTS: list[object] = [
    {"type": "text", "id": "title", "text": "Corner Shop", "size": "large"},
    {"type": "image", "description": "Shop logo", "height": 60},
    {"type": "input", "id": "email", "bind": "email", "hint": "Email"},
    {"type": "input", "id": "pin", "bind": "pin", "hint": "PIN", "password": True},
    {"type": "checkbox", "id": "agree", "text": "I agree", "bind": "agreed"},
    {"type": "button", "id": "pay", "text": "Pay now", "on_tap": [{"do": "increment", "variable": "paid"}]},
    {"type": "button", "id": "off", "text": "Pay later", "enabled_when": "false"},
    {"type": "text", "id": "paid", "text": "Paid {paid} {pin}"},
    {"type": "button", "id": "leave", "text": "Leave", "on_tap": [LEAVE]},
    {"type": "button", "text": "Later", "on_tap": LATER},
    {"type": "text", "id": "odd", "text": '<a & "b">\n\u0001\t\u00dc'},
    {"type": "list", "id": "rows", "items": "rows", "height": 400, "row": ROW},
]
VARIABLES = {"email": "", "pin": "", "agreed": False, "paid": 0, "rows": list(range(20))}


async def a_display() -> Display:
    return Display(await open_app(app(ELEMENTS, variables=VARIABLES)))


class Client:
    """Talks to the automation server as a test runner does."""

    def __init__(self, display: Display, http: httpx.AsyncClient, port: int) -> None:
        self.display = display
        self.http = http
        self.port = port
        self.session = ""

    async def begin(self) -> None:
        body = {"capabilities": {"platformName": "Android", "deviceName": "x"}}
        self.session = (await self.http.post("/session", json=body)).json()["value"]["sessionId"]

    async def get(self, path: str) -> object:
        return value(await self.http.get(f"/wd/hub/session/{self.session}{path}"))

    async def post(self, path: str, body: Mapping[str, object] | None = None) -> object:
        return value(await self.http.post(f"/session/{self.session}{path}", json=body or {}))

    async def find(self, selector: str, strategy: str = "-android uiautomator", inside: str = "") -> str:
        path = f"/element/{inside}/element" if inside else "/element"
        found = await self.post(path, {"strategy": strategy, "selector": selector})
        assert isinstance(found, dict)
        assert found["ELEMENT"] == found["element-6066-11e4-a52e-4f735466cecf"]
        return str(found["ELEMENT"])

    async def by_id(self, name: str) -> str:
        return await self.find(f'new UiSelector().resourceId("com.example.shop:id/{name}")')

    async def text(self, name: str) -> object:
        return await self.get(f"/element/{await self.by_id(name)}/text")


class RefusedError(Exception):
    """An error that the server answered with."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message


def value(response: httpx.Response) -> object:
    answered = response.json()["value"]
    if response.status_code >= 400:
        assert set(answered) == {"error", "message", "stacktrace"}
        raise RefusedError(response.status_code, answered["error"], answered["message"])
    return answered


@asynccontextmanager
async def served(display: Display) -> AsyncIterator[int]:
    """The port of an automation server for a display."""
    server = AutomationServer(display, "Virtual Phone", 34)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def write(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        try:
            await server.serve(reader, write)
        finally:
            writer.close()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]


@asynccontextmanager
async def a_client() -> AsyncIterator[Client]:
    """A client with a session."""
    display = await a_display()
    async with served(display) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        client = Client(display, http, port)
        await client.begin()
        yield client
    await display.phone.app.close()

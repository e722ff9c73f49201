"""A phone for one app: the system that it runs on, and a finger."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from validator.virtual.app import start_app
from validator.virtual.ports import AppProcess, Death, Node, Rect

VIEWPORT = Rect(left=0, top=63, right=1080, bottom=1920)
DOCUMENT = Path(__file__).parents[3] / "docs" / "virtual-app.md"


@dataclass
class System:
    """What an app sees of the device. Everything the app says is kept."""

    package: str = "com.example.shop"
    pid: int = 4321
    storage: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    online: bool = True
    refused: str = ""
    """What becomes of every call by TLS."""
    lines: list[str] = field(default_factory=list)
    deaths: list[tuple[Death, str, str]] = field(default_factory=list)
    unresponsive: list[str] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    strike: Callable[[str, str], Awaitable[None]] | None = None

    def log(self, priority: str, tag: str, message: str) -> None:
        self.lines.append(f"{priority} {tag}: {message}")

    def network_available(self) -> bool:
        return self.online

    def refuses(self, *, secure: bool) -> str:
        return self.refused if secure else ""

    def system_value(self, name: str) -> str:
        return self.properties.get(name, "")

    def died(self, death: Death, *, reason: str, details: str = "") -> None:
        self.deaths.append((death, reason, details))

    def not_responding(self, reason: str) -> None:
        self.unresponsive.append(reason)

    async def happened(self, event: str, text: str) -> None:
        self.events.append((event, text))
        if self.strike is not None:
            await self.strike(event, text)


class Phone:
    """One running app, and what a person would do with it."""

    def __init__(self, system: System, app: AppProcess) -> None:
        self.system = system
        self.app = app
        self.viewport = VIEWPORT

    @property
    def nodes(self) -> list[Node]:
        return list(flat(self.app.tree(self.viewport)))

    @property
    def texts(self) -> list[str]:
        return [node.text for node in self.nodes if node.text]

    def node(self, text_or_id: str) -> Node:
        for node in self.nodes:
            if text_or_id in (node.text, node.content_desc, node.hint, node.resource_id.rpartition("/")[2]):
                return node
        raise AssertionError(f"{text_or_id!r} is not on the screen: {self.texts}")

    async def tap(self, text_or_id: str, *, long: bool = False) -> None:
        await self.app.tap(*self.node(text_or_id).bounds.center, long=long)

    async def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)

    async def shows(self, text: str, seconds: float = 10.0) -> None:
        await self.until(lambda: text in self.texts, seconds)


def flat(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from flat(child)


def files(description: Mapping[str, object], **config: str) -> dict[str, bytes]:
    return {
        "assets/virtual-app.json": json.dumps(description).encode(),
        "assets/app-config.json": json.dumps(config).encode(),
    }


def app(elements: list[object], **rest: object) -> dict[str, object]:
    """A description with one screen, `home`, of these elements."""
    screens = {"home": {"elements": elements}}
    given = rest.pop("screens", {})
    assert isinstance(given, dict)
    return {
        "format": "virtual-app/1",
        "name": "Test App",
        "first_screen": "home",
        "screens": {**screens, **given},
        **rest,
    }


async def open_app(
    description: Mapping[str, object],
    system: System | None = None,
    extras: Mapping[str, str | int | float | bool] | None = None,
    **config: str,
) -> Phone:
    system = system or System()
    return Phone(system, await start_app(files(description, **config), system, extras or {}))


def documented_app() -> dict[str, object]:
    """The complete app of the documentation."""
    blocks = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    loaded: dict[str, object] = json.loads(blocks[-1])
    return loaded

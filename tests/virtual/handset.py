"""A simulated device with the tiny app on it, and a finger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

from tests.virtual.apks import PACKAGE, tiny
from tests.virtual.console import a_device, out
from validator.virtual.device.device import Device
from validator.virtual.device.installed import InstallOptions
from validator.virtual.device.profile import DeviceProfile
from validator.virtual.ports import Node


@asynccontextmanager
async def with_app(profile: DeviceProfile | None = None, *, launched: bool = True) -> AsyncIterator[Device]:
    async with a_device(profile) as device:
        await device.installer.install([tiny()], InstallOptions())
        if launched:
            assert await device.screen.launch(PACKAGE, {})
        yield device


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def texts(device: Device) -> list[str]:
    """Every text on the screen, from back to front."""
    return [node.text for node in nodes(device.screen.tree()) if node.text]


async def tap(device: Device, text: str) -> None:
    """Tap the topmost element with that text."""
    found = [node for node in nodes(device.screen.tree()) if text in (node.text, node.hint)]
    assert found, f"{text!r} is not among {texts(device)}"
    await device.screen.tap(*found[-1].bounds.center)


async def exit_info(device: Device) -> str:
    return await out(device, f"dumpsys activity exit-info {PACKAGE}")


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)

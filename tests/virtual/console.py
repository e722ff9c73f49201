"""Scripts run on a simulated device, without adb between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from validator.virtual.device.device import Device
from validator.virtual.device.profile import DeviceProfile
from validator.virtual.shell.commands import COMMANDS
from validator.virtual.shell.interpreter import Interpreter
from validator.virtual.shell.pipes import Captured, Given
from validator.virtual.shell.state import Files

SECONDS = 10


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@asynccontextmanager
async def a_device(profile: DeviceProfile | None = None) -> AsyncIterator[Device]:
    device = Device(profile or DeviceProfile())
    try:
        yield device
    finally:
        await device.close()


async def run(device: Device, script: str, stdin: bytes = b"") -> Ran:
    """Run a script to its end."""
    out, err = Captured(), Captured()
    async with asyncio.timeout(SECONDS):
        code = await Interpreter(device, COMMANDS).run_text(script, Files(stdin=Given(stdin), stdout=out, stderr=err))
    return Ran(code, out.data.decode("utf-8", "surrogateescape"), err.data.decode("utf-8", "surrogateescape"))


async def out(device: Device, script: str) -> str:
    """What a script prints, without the last line end."""
    return (await run(device, script)).out.rstrip("\n")


def ran(script: str, stdin: bytes = b"") -> Ran:
    """Run a script on a new device."""

    async def once() -> Ran:
        async with a_device() as device:
            return await run(device, script, stdin)

    return asyncio.run(once())

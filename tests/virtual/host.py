"""The host's side: real adb binaries, a fleet in a thread of its own, and what people do with them."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import adbutils
import pytest

from validator.virtual import fleet as fleets
from validator.virtual.control import ControlClient
from validator.virtual.device.device import Device
from validator.virtual.device.profile import DeviceProfile
from validator.virtual.fleet import FleetOptions, SerialStyle

ROOT = Path(__file__).parents[2]
DRIVERS = ROOT / "node_modules" / "@devicelab" / "maestro-runner-linux-x64" / "drivers" / "android"
DEADLINE_S = 30.0
T = TypeVar("T")


def bundled_adb() -> str:
    return str(Path(adbutils.__file__).parent / "binaries" / "adb")


def adb_binaries() -> list[object]:
    """The bundled adb, and as a slow variant the system's when it is another one."""
    found: list[object] = [pytest.param(bundled_adb(), id="bundled")]
    system = shutil.which("adb")
    if system is not None:
        found.append(pytest.param(system, id="system", marks=pytest.mark.slow))
    return found


@dataclass(frozen=True)
class Adb:
    """adb for one device."""

    binary: Path
    server_port: int
    serial: str

    def __call__(self, *words: str, data: bytes | None = None) -> subprocess.CompletedProcess[str]:
        """Run an adb command to its end."""
        done = self.raw(*words, data=data)
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        )

    def raw(self, *words: str, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        command = [str(self.binary), "-s", self.serial, *words]
        env = self.environment()
        return subprocess.run(command, input=data or b"", capture_output=True, timeout=DEADLINE_S, env=env, check=False)

    def shell(self, script: str) -> str:
        """What a script prints on the device, without the last line end."""
        return self("shell", script).stdout.rstrip("\n")

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """An adb command that goes on by itself; it is ended with the block."""
        command = [str(self.binary), "-s", self.serial, *words]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment(),
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def state(self) -> str:
        return self("get-state").stdout.strip() or "gone"

    def environment(self) -> dict[str, str]:
        return os.environ | {"ANDROID_ADB_SERVER_PORT": str(self.server_port)}


class Fleet:
    """A fleet that runs in a thread of its own, so that tests may block."""

    def __init__(self, running: fleets.Fleet, loop: asyncio.AbstractEventLoop, binary: Path) -> None:
        self._running = running
        self._loop = loop
        self._binary = binary
        self.control = ControlClient(running.control_url)
        self.serials = running.serials
        self.server_port = running.server_port

    def adb(self, index: int) -> Adb:
        return Adb(binary=self._binary, server_port=self.server_port, serial=self.serials[index])

    def ask(self, question: Callable[[Device], T], index: int = 0) -> T:
        """Ask the simulated system itself something, in its own thread."""
        device = self._running.devices[index].virtual.device

        async def answer() -> T:
            return question(device)

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result(DEADLINE_S)

    def reattach(self) -> None:
        """Bring devices back to adb that a test has taken away."""
        for index, serial in enumerate(self.serials):
            if self.adb(index).state() != "device":
                work = self._running.devices[index].attach()
                asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE_S)
                assert serial in self.serials


@contextmanager
def started_fleet(
    binary: Path,
    devices: int = 1,
    style: SerialStyle = SerialStyle.TCP,
    profile: DeviceProfile | None = None,
) -> Iterator[Fleet]:
    """A fleet with a private adb server of that binary."""
    options = FleetOptions(adb=binary, devices=devices, style=style, profile=profile or DeviceProfile())
    started: list[Fleet] = []
    failed: list[BaseException] = []
    ready = threading.Event()
    finish: list[Callable[[], object]] = []

    async def serve() -> None:
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        async with fleets.running_fleet(options) as running:
            started.append(Fleet(running, loop, binary))
            finish.append(lambda: loop.call_soon_threadsafe(over.set))
            ready.set()
            await over.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as problem:  # noqa: BLE001 - handed to the test's thread
            failed.append(problem)
        ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(DEADLINE_S)
    try:
        if not started:
            raise failed[0] if failed else TimeoutError("the fleet did not start")
        yield started[0]
    finally:
        for end in finish:
            end()
        thread.join(DEADLINE_S)
    if failed:
        raise failed[0]


def wait_for(condition: Callable[[], bool], what: str, within: float = 10.0) -> None:
    """Ask again and again; the devices are real programs that nobody can be notified by."""
    ends = time.monotonic() + within
    while not condition():
        assert time.monotonic() < ends, f"{what} did not come true within {within} s"
        time.sleep(0.02)

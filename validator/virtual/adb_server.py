"""The adb server on the host, spoken to in its own protocol: each request preceded by its length in four hex digits.

Source: AOSP `packages/modules/adb/OVERVIEW.TXT`, `SERVICES.TXT`; `host:emulator:` is what emulators send at boot.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

_REQUEST_DEADLINE_S = 5.0
_ATTACH_DEADLINE_S = 10.0
_POLL_S = 0.01


class AdbServerError(Exception):
    """The adb server refused, or did not answer; the text says what and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdbServer:
    """An adb server on the loopback interface."""

    port: int

    async def version(self) -> int:
        """The server's internal version, 41 for every release since 2019.

        Raises:
            AdbServerError: nothing answers, or it is no adb server.
        """
        return int(await self._ask("host:version"), 16)

    async def connect(self, port: int) -> str:
        """`adb connect` to a loopback port; returns the serial.

        Raises:
            AdbServerError: it did not connect.
        """
        answer = await self._ask(f"host:connect:127.0.0.1:{port}")
        if not answer.startswith(("connected to", "already connected to")):
            raise AdbServerError(answer)
        return f"127.0.0.1:{port}"

    async def announce_emulator(self, port: int) -> str:
        """Tell the server that an emulator's adb daemon listens on a port; returns the serial.

        Raises:
            AdbServerError: nothing answers.
        """
        await self._ask(f"host:emulator:{port}", answered=False)
        return f"emulator-{port - 1}"

    async def disconnect(self, serial: str) -> None:
        """`adb disconnect`. Without effect when the server does not know the serial."""
        try:
            await self._ask(f"host:disconnect:{serial}")
        except AdbServerError:
            return

    async def wait_until_attached(self, serial: str) -> None:
        """Wait until the server calls the device `device`.

        Raises:
            AdbServerError: it did not within ten seconds.
        """
        ends = time.monotonic() + _ATTACH_DEADLINE_S
        state = ""
        while state != "device":
            if time.monotonic() > ends:
                raise AdbServerError(f"{serial} did not attach within {_ATTACH_DEADLINE_S:.0f} s ({state})")
            try:
                state = await self._ask(f"host-serial:{serial}:get-state")
            except AdbServerError as problem:
                state = str(problem)
            await asyncio.sleep(_POLL_S)

    async def _ask(self, request: str, *, answered: bool = True) -> str:
        try:
            async with asyncio.timeout(_REQUEST_DEADLINE_S):
                return await self._exchange(request, answered=answered)
        except TimeoutError:
            raise AdbServerError(f"the adb server on port {self.port} does not answer") from None
        except (OSError, EOFError, ValueError) as problem:
            raise AdbServerError(f"no adb server answers on port {self.port}: {problem}") from None

    async def _exchange(self, request: str, *, answered: bool) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"{len(request):04x}{request}".encode())
            if not answered:
                await reader.read()  # the server hangs up when it has taken note
                return ""
            status = await reader.readexactly(4)
            text = (await reader.readexactly(int(await reader.readexactly(4), 16))).decode("utf-8", "replace")
        finally:
            writer.close()
            # An abort, not a graceful end: nothing is left to send, and nobody waits.
            writer.transport.abort()
        if status != b"OKAY":
            raise AdbServerError(text)
        return text

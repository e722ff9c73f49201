"""The shell that a person gets with `adb shell` alone: prompt, echo and line editing of a plain terminal."""

from __future__ import annotations

import asyncio
import contextlib

from validator.virtual.shell.interpreter import Interpreter
from validator.virtual.shell.pipes import Nothing
from validator.virtual.shell.state import Files

_PROMPT = b"emu64x:/ $ "
_END, _INTERRUPT, _ERASE, _ERASE_LINE = 0x04, 0x03, (0x08, 0x7F), 0x15


class Terminal:
    """Reads keys, runs lines. While a command runs, Ctrl-C ends it and other keys wait."""

    def __init__(self, interpreter: Interpreter, files: Files) -> None:
        self._interpreter = interpreter
        self._files = files
        self._line = bytearray()
        self._waiting = bytearray()
        self._status = 0

    async def run(self) -> int:
        """Serve until `exit`, Ctrl-D or the end of input; returns the last exit code."""
        await self._files.stdout.write(_PROMPT)
        while True:
            if not self._waiting:
                self._waiting += await self._files.stdin.read()
                if not self._waiting:
                    return self._status
            key = self._waiting.pop(0)
            if key == _END and not self._line:
                return self._status
            if key in b"\r\n":
                if await self._enter():
                    return self._status
            else:
                await self._edit(key)

    async def _edit(self, key: int) -> None:
        if key in _ERASE:
            if self._line:
                self._line.pop()
                await self._files.stdout.write(b"\b \b")
        elif key == _ERASE_LINE:
            await self._files.stdout.write(b"\b \b" * len(self._line))
            self._line.clear()
        elif key == _INTERRUPT:
            self._line.clear()
            await self._files.stdout.write(b"^C\n" + _PROMPT)
        elif key >= 0x20:
            self._line.append(key)
            await self._files.stdout.write(bytes([key]))

    async def _enter(self) -> bool:
        """Run the line; True when it was `exit`."""
        text = self._line.decode("utf-8", "replace").strip()
        self._line.clear()
        await self._files.stdout.write(b"\n")
        if text == "exit":
            return True
        if text:
            await self._run(text)
        await self._files.stdout.write(_PROMPT)
        return False

    async def _run(self, text: str) -> None:
        files = Files(stdin=Nothing(), stdout=self._files.stdout, stderr=self._files.stderr)
        loop = asyncio.get_running_loop()
        running = loop.create_task(self._interpreter.run_text(text, files))
        interrupt = loop.create_task(self._interrupted())
        try:
            await asyncio.wait({running, interrupt}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await self._files.stdout.write(b"^C\n")
                self._status = 130
        finally:
            interrupt.cancel()
            running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            self._status = await running

    async def _interrupted(self) -> None:
        """Wait for Ctrl-C and keep the other keys for later. The end of input lets the command run to its own end."""
        while piece := await self._files.stdin.read():
            if _INTERRUPT in piece:
                return
            self._waiting += piece
        await asyncio.get_running_loop().create_future()

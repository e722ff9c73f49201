"""Running the backend as a process of its own, for a demo or a test."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from validator.demo.backend.client import SwitchClient

READY_WITHIN_S = 15.0
STOP_WITHIN_S = 5.0


class BackendStartError(Exception):
    """The backend process ended, or said nothing, before it was ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendOptions:
    """How to start the backend; the defaults are those of `python -m validator.demo.backend`."""

    revision: str
    log: Path | None = None
    version: str = ""
    port: int = 0
    accounts_per_hour: int | None = None
    requests_per_second: float | None = None
    requests_burst: int | None = None
    admin_token: str = ""
    """Handed over in the environment, never on the command line."""

    def command(self) -> list[str]:
        """The command line."""
        options: dict[str, object] = {
            "--port": self.port,
            "--revision": self.revision,
            "--version": self.version or None,
            "--log": self.log,
            "--accounts-per-hour": self.accounts_per_hour,
            "--requests-per-second": self.requests_per_second,
            "--requests-burst": self.requests_burst,
        }
        given = [part for name, value in options.items() if value is not None for part in (name, str(value))]
        return [sys.executable, "-m", "validator.demo.backend", "--exit-with-parent", *given]


class BackendProcess:
    """A backend process that is ready; leave the context to stop it."""

    def __init__(self, options: BackendOptions) -> None:
        """Start it and wait until it is ready.

        Raises:
            BackendStartError: It ended, or was not ready within 15 s; the message carries what it wrote.
        """
        self._process = subprocess.Popen(
            options.command(),
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"SHOP_ADMIN_TOKEN": options.admin_token},
            # Ctrl-C in a terminal is for the starter alone, which still needs the backend while it winds up.
            start_new_session=True,
        )
        try:
            ready = _ready_line(self._process, deadline=time.monotonic() + READY_WITHIN_S)
        except BaseException:
            self.stop()
            raise
        self.url = ready["url"]
        self.switches = SwitchClient(ready["admin"])

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """SIGTERM, five seconds, SIGKILL. May be called again."""
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _ready_line(process: subprocess.Popen[bytes], *, deadline: float) -> dict[str, str]:
    if process.stdout is None:
        raise BackendStartError("the backend has no output to read")
    try:
        ready: object = json.loads(_read_line(process.stdout, deadline))
    except ValueError:
        ready = None
    if not isinstance(ready, dict):
        raise BackendStartError(f"the backend did not get ready: {_ending(process)}")
    return {str(key): str(value) for key, value in ready.items()}


def _ending(process: subprocess.Popen[bytes]) -> str:
    try:
        return f"it exited with {process.wait(timeout=1)}; its last words are on standard error"
    except subprocess.TimeoutExpired:
        return f"nothing was heard of it within {READY_WITHIN_S:.0f} s"


def _read_line(stream: IO[bytes], deadline: float) -> bytes:
    line = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(timeout=max(0.0, deadline - time.monotonic())):
                break
            chunk = os.read(stream.fileno(), 4096)
            if not chunk:
                break
            line += chunk
    return bytes(line)

"""What goes wrong on the machine that runs the flows: the adb server is ended, the flow runner dies or hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from validator.demo.scenarios.scenario import Sabotage, Target

RUNNER: Final = "maestro-runner"
_EVERY_SECONDS: Final = 0.1
_PROGRAM_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where it happens."""

    serials: Sequence[str]
    """The devices of this demo alone: by them its runners are told from anybody else's."""
    adb: str
    adb_port: int


class Saboteur:
    """Strikes each runner of the scene once, a while after it was started, until the block ends."""

    def __init__(self, sabotage: Sabotage, scene: Scene) -> None:
        self._sabotage = sabotage
        self._scene = scene
        self._over = threading.Event()
        self._seen: dict[int, float] = {}
        self._strikes = 0
        self._thread = threading.Thread(target=self._lie_in_wait, name="saboteur", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(_PROGRAM_SECONDS)
        if self._sabotage.target is Target.ADB_SERVER_ENDS:
            self._end_adb_server()  # the next adb that a runner called has started another one, which nobody owns

    def _lie_in_wait(self) -> None:
        while not self._over.wait(_EVERY_SECONDS) and self._strikes < self._sabotage.times:
            now = time.monotonic()
            fresh = [pid for pid in runners(self._scene.serials) if self._seen.setdefault(pid, now) is not None]
            due = [pid for pid in fresh if 0 <= now - self._seen[pid] - self._sabotage.after_s < _PROGRAM_SECONDS]
            if due:
                self._strike(due)

    def _strike(self, pids: Sequence[int]) -> None:
        self._strikes += 1
        for pid in pids:
            self._seen[pid] = float("-inf")  # not a second time
        match self._sabotage.target:
            case Target.RUNNER_DIES:
                _signal(pids, signal.SIGKILL)
            case Target.RUNNER_HANGS:
                _signal(pids, signal.SIGSTOP)
            case Target.ADB_SERVER_ENDS:
                self._end_adb_server()

    def _end_adb_server(self) -> None:
        _output([self._scene.adb, "-P", str(self._scene.adb_port), "kill-server"])


def runners(serials: Sequence[str]) -> list[int]:
    """The runners that drive one of these devices now."""
    lines = (line.split(None, 1) for line in _output(["ps", "-A", "-ww", "-o", "pid=,args="]).splitlines())
    return [
        int(pid)
        for pid, *command in lines
        if command and RUNNER in command[0] and any(f" {serial} " in command[0] for serial in serials)
    ]


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(pid, number)


def _output(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PROGRAM_SECONDS, check=False)
    return done.stdout

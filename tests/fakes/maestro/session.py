"""What the stand-in keeps between its runs: sessions with heartbeats, and whether the driver runs on a device.

SessionStore.kt, MaestroSessionManager.kt: a heartbeat every 5 s for `ANDROID_<serial>_<uuid>` in
`${user.home}/.maestro/sessions`; another key of the same device that is younger than 21 s makes a run connect to "the
existing session", which means that it neither installs nor starts the driver. Only an exit that runs the shutdown hook
removes the key.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from pathlib import Path

EVERY_SECONDS = 5.0
ACTIVE_SECONDS = 21.0


class Session:
    """One run's key in the store; `ends` is the shutdown hook."""

    def __init__(self, user_home: Path, serial: str) -> None:
        self._store = user_home / ".maestro" / "sessions"
        self._store.parent.mkdir(parents=True, exist_ok=True)
        self._device = f"ANDROID_{serial}_"
        self._key = f"{self._device}{uuid.uuid4()}"
        self._over = threading.Event()
        self.connects_to_existing = any(key.startswith(self._device) for key in self._active())
        self._beat()
        threading.Thread(target=self._keep_beating, daemon=True).start()

    def ends(self) -> None:
        self._over.set()
        self._write({key: at for key, at in self._read().items() if key != self._key})

    def _keep_beating(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            self._beat()

    def _beat(self) -> None:
        self._write({**{key: at for key, at in self._read().items() if key in self._active()}, self._key: _now()})

    def _active(self) -> set[str]:
        return {key for key, at in self._read().items() if _now() - at < ACTIVE_SECONDS * 1000}

    def _read(self) -> dict[str, int]:
        if not self._store.exists():
            return {}
        pairs = (line.split("=", 1) for line in self._store.read_text(encoding="utf-8").splitlines() if "=" in line)
        return {key: int(at) for key, at in pairs}

    def _write(self, keys: dict[str, int]) -> None:
        self._store.write_text("".join(f"{key}={at}\n" for key, at in keys.items()), encoding="utf-8")


class Driver:
    """The driver on one device, which lives no longer than the run that started it."""

    def __init__(self, folder: Path, serial: str) -> None:
        self._file = folder / f"driver-{serial.replace(':', '-')}"

    def start(self) -> None:
        self._file.write_text(str(os.getpid()), encoding="ascii")

    @property
    def alive(self) -> bool:
        try:
            owner = int(self._file.read_text(encoding="ascii"))
            os.kill(owner, 0)
            state = Path(f"/proc/{owner}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, ValueError):
            return False
        return state != "Z"


def _now() -> int:
    return int(time.time() * 1000)

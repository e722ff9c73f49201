"""The scene of a failure: what a device shows and lacks right after a flow has failed on it.

Everything is asked within one span of time, and nothing more once a question got no answer: a device that dies must not
keep the verdict waiting.
"""

from __future__ import annotations

import logging
import shlex
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from validator.devices.adb import Adb, AdbError
from validator.devices.health import focused_window, free_mb
from validator.devices.pulse import AIRPLANE_QUESTION, NETWORK_SECONDS
from validator.devices.shell_frames import ShellResult
from validator.model.attempt import Scene
from validator.support.files import write_atomic

SECONDS = 15.0
"""For all of it."""
_SEPARATOR = "@@validator@@"
_QUESTIONS = (
    "dumpsys window | grep mCurrentFocus",
    "df -k /data",
    f'dumpsys -t {NETWORK_SECONDS} connectivity 2>/dev/null | grep "Active default network"',
    AIRPLANE_QUESTION,
    "date +%s",
)
_MISSING = "no"
_ASKING_SECONDS = 5.0
_PICTURE_SECONDS = 10.0
_PICTURE_LIMIT = 64 * 1024 * 1024
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
_DUMP = "/data/local/tmp/validator-hierarchy.xml"
_DUMP_SECONDS = 8.0
"""`uiautomator dump` takes 2 s, and waits for up to 10 s for a screen that never comes to rest."""
_DUMP_LIMIT = 4 * 1024 * 1024
_XML_STARTS, _XML_END = (b"<?xml", b"<hierarchy"), b"</hierarchy>"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Somebody who looks at one device."""

    adb: Adb
    serial: str
    package: str
    redact: Callable[[str], str]

    def look(self, folder: Path, *, pictured: bool) -> Scene | None:
        """See `Device.scene`."""
        ends = time.monotonic() + SECONDS
        try:
            scene = read_scene(self._ask(_script(self.package), _ASKING_SECONDS).text, time.time())
        except AdbError:
            return None
        with suppress(AdbError):
            if not pictured:
                self._keep(folder / "screenshot.png", self._picture())
                self._keep(folder / "hierarchy.xml", self._hierarchy(min(_DUMP_SECONDS, ends - time.monotonic())))
        return scene

    def _picture(self) -> bytes:
        return read_picture(self._ask("screencap -p", _PICTURE_SECONDS, _PICTURE_LIMIT).data)

    def _hierarchy(self, seconds: float) -> bytes:
        script = f"uiautomator dump {_DUMP} >/dev/null 2>&1 && cat {_DUMP}; rm -f {_DUMP}"
        found = read_hierarchy(self._ask(script, max(0.1, seconds), _DUMP_LIMIT).data)
        return self.redact(found.decode("utf-8", "replace")).encode("utf-8", "replace")

    def _ask(self, script: str, seconds: float, limit: int = 64 * 1024) -> ShellResult:
        return self.adb.shell(self.serial, script, seconds=seconds, limit=limit)

    def _keep(self, file: Path, content: bytes) -> None:
        try:
            if content:
                write_atomic(file, content)
        except OSError as error:
            log.warning("%s: %s cannot be written: %s", self.serial, file, error.strerror)


def _script(package: str) -> str:
    """The questions; the last one tells a package that is not there from a package manager that does not answer."""
    there = f"pm path android >/dev/null 2>&1 && {{ pm path {shlex.quote(package)} || echo {_MISSING}; }}"
    return f"; echo; echo {_SEPARATOR}; ".join((*_QUESTIONS, there))


def read_scene(answers: str, now: float = 0.0) -> Scene:
    """What the output of the questions says, as far as it makes sense; `now` is our clock, seconds since 1970."""
    parts = [part.strip() for part in answers.split(_SEPARATOR)]
    window, storage, network, airplane, clock, app = (*parts, *[""] * 6)[:6]
    name = network.partition(":")[2].strip()[:40]
    return Scene(
        window=focused_window(window)[:200],
        free_mb=free_mb(storage),
        network="airplane mode" if name == "none" and airplane == "1" else name,
        app="installed" if app.startswith("package:") else "missing" if app == _MISSING else "",
        clock_off=int(clock) - round(now) if now and clock.isdecimal() and len(clock) < 12 else None,
    )


def read_picture(data: bytes) -> bytes:
    """The PNG picture in what `screencap` wrote: some devices print warnings around it. Empty when there is none."""
    start, end = data.find(_PNG), data.rfind(_PNG_END)
    return data[start : end + len(_PNG_END)] if 0 <= start < end else b""


def read_hierarchy(data: bytes) -> bytes:
    """The XML document in what a dump wrote, whole; empty when there is none. It is kept, never parsed."""
    starts = [place for start in _XML_STARTS if (place := data.find(start)) >= 0]
    end = data.rfind(_XML_END)
    return data[min(starts) : end + len(_XML_END)] if starts and min(starts) < end else b""

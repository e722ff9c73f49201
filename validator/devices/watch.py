"""A watch over one device: asks it every second whether it is still there, and still the same.

Nothing else would tell. adb keeps a frozen device as `device` for ever, some versions of it report a lost one only when
it comes back, and a flow runner waits for either without end, or takes silence for a passed assertion.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from validator.devices.adb import Adb, AdbError, SilentError
from validator.devices.heartbeat import Answered, Beat, Condition, Refused, Silent
from validator.model.attempt import DeviceEvidence, DeviceState
from validator.support.stop import Stop

INTERVAL = 1.0
"""Seconds between an answer and the next question."""
PATIENCE = 4.5
"""Seconds until silence means frozen. With the interval, a device that freezes at any moment is found within 6 s."""

_MARK_REMOTE = "tcp:1"
"""Where the marking forward leads: nowhere. It exists to be dropped together with the connection."""
_QUESTION = "cat /proc/sys/kernel/random/boot_id 2>/dev/null; echo here"


@contextmanager
def watching(adb: Adb, serial: str, stop: Stop, patience: float = PATIENCE) -> Iterator[DeviceWatch]:
    """Watch the device while the block runs."""
    watch = DeviceWatch(adb, serial, stop, patience)
    watch.start()
    try:
        yield watch
    finally:
        watch.end()


class DeviceWatch:
    """The watch that `watching` starts and ends."""

    def __init__(self, adb: Adb, serial: str, stop: Stop, patience: float) -> None:
        self._adb = adb
        self._serial = serial
        self._patience = patience
        self._stop = Stop(stop)
        self._over = threading.Event()
        self._asking = threading.Lock()
        self._answered_at = 0.0
        self._condition = Condition(boot_id="")
        self._mark = ""
        self._thread = threading.Thread(target=self._run, name=f"watch over {serial}", daemon=True)

    @property
    def stop(self) -> Stop:
        """Set as soon as the device is lost, frozen, rebooted or reconnected, or the given stop is set."""
        return self._stop

    @property
    def answering(self) -> bool:
        """Whether the device answered when it was last asked."""
        return self._condition.state not in (DeviceState.LOST, DeviceState.FROZEN)

    def start(self) -> None:
        """Learn how the device is now, and begin to ask."""
        with suppress(AdbError):  # the first answer will say the same
            self._mark = self._adb.forward(self._serial, _MARK_REMOTE)
        first = self._ask()
        boot_id = first.boot_id if isinstance(first, Answered) else ""
        self._condition = Condition(boot_id=boot_id)
        self._take(first)
        self._thread.start()

    def end(self) -> None:
        """Stop asking and remove what marked the connection."""
        self._over.set()
        self._thread.join()  # a question in flight ends within the patience
        self._stop.detach()
        if self._mark and self._condition.state is DeviceState.HEALTHY:
            with suppress(AdbError):
                self._adb.remove_forward(self._serial, self._mark)

    def evidence(self) -> DeviceEvidence:
        """Ask the device once more, unless an answer just came or none will, and say what became of it."""
        wanted = time.monotonic()
        with self._asking:
            if self._answered_at < wanted and not self._frozen:
                self._take(self._ask())
            return self._condition.evidence()

    def _run(self) -> None:
        while not self._frozen and not self._over.wait(INTERVAL):
            with self._asking:
                self._take(self._ask())

    @property
    def _frozen(self) -> bool:
        """Asking a frozen device again costs the whole patience and changes nothing."""
        return self._condition.state is DeviceState.FROZEN

    def _take(self, beat: Beat) -> None:
        self._answered_at = time.monotonic()
        self._condition = self._condition.after(beat)
        condition = self._condition
        if condition.state is not DeviceState.HEALTHY:
            self._stop.set(f"device {self._serial} is {condition.state}: {condition.detail}")

    def _ask(self) -> Beat:
        try:
            result = self._adb.shell(self._serial, _QUESTION, seconds=self._patience)
            *boot_id, _ = result.text.split() or [""]
            marks = self._adb.forwards(self._serial)
        except SilentError:
            return self._explain_silence()
        except AdbError as error:
            return Refused(why=error.what)
        return Answered(boot_id="".join(boot_id), forwarded=self._mark in marks)

    def _explain_silence(self) -> Beat:
        with suppress(AdbError):
            state = self._adb.state(self._serial)
            if state != "device":
                return Refused(why=f"adb says {state}")
        return Silent(seconds=self._patience)

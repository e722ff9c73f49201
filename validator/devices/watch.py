"""A watch over one device: asks it every second whether it is still there, and still the same.

Nothing else would tell. adb keeps a frozen device as `device` for ever, some versions of it report a lost one only when
it comes back, and a flow runner waits for either without end, or takes silence for a passed assertion.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from validator.devices.adb import Adb, AdbError, SilentError
from validator.devices.heartbeat import Answered, Beat, Condition, Network, Refused, Silent
from validator.devices.pulse import AIRPLANE_QUESTION, NETWORK_QUESTION, NETWORK_SECONDS, QUESTION, read_answer
from validator.model.attempt import DeviceEvidence, DeviceState
from validator.support.stop import Stop

INTERVAL = 1.0
"""Seconds between an answer and the next question."""
PATIENCE = 4.0
"""Seconds until silence means frozen. With the interval, and with what a runner takes to be ended, the attempt on a
device that freezes at any moment is over within 6 s."""

_MARK_REMOTE = "tcp:1"
"""Where the marking forward leads: nowhere. It exists to be dropped together with the connection."""
_NETWORK_EVERY = 2
"""Beats between two questions about the network: they are dearer, and a loss of it is still found within 6 s."""


@contextmanager
def watching(  # noqa: PLR0913 - nearly all by keyword, with a default
    adb: Adb,
    serial: str,
    stop: Stop,
    *,
    patience: float = PATIENCE,
    networked: bool | None = None,
    hopeless: Callable[[], str] = str,
) -> Iterator[DeviceWatch]:
    """Watch the device while the block runs.

    Args:
        adb: The server that knows it.
        serial: The device.
        stop: Whoever waits for the device's work waits for this too.
        patience: Seconds of silence that mean a frozen device.
        networked: Watch whether the device keeps its network, too; whether it is known to have one. None: do not.
        hopeless: Asked with every beat; why there is nothing left to wait for, empty when there is. What it says has
            to hold for two beats, so that what else belongs to it can still come.
    """
    watch = DeviceWatch(adb, serial, stop, patience, networked=networked, hopeless=hopeless)
    watch.start()
    try:
        yield watch
    finally:
        watch.end()


class DeviceWatch:
    """The watch that `watching` starts and ends."""

    def __init__(  # noqa: PLR0913 - the parameters of `watching`
        self, adb: Adb, serial: str, stop: Stop, patience: float, *, networked: bool | None, hopeless: Callable[[], str]
    ) -> None:
        self._adb = adb
        self._serial = serial
        self._patience = patience
        self._networked = networked
        self._hopeless = hopeless
        self._beats = 0
        self._stop = Stop(stop)
        self._over = threading.Event()
        self._asking = threading.Lock()
        self._answered_at = 0.0
        self._condition = Condition(boot_id="")
        self._mark = ""
        self._thread = threading.Thread(target=self._run, name=f"watch over {serial}", daemon=True)

    @property
    def stop(self) -> Stop:
        """Set as soon as the device cannot go on, the cause looks hopeless, or the given stop is set."""
        return self._stop

    @property
    def answering(self) -> bool:
        """Whether the device answered when it was last asked."""
        return self._condition.state not in (DeviceState.LOST, DeviceState.FROZEN)

    @property
    def networked(self) -> bool:
        """Whether the device is known to have a network, or to have had one that nobody has switched off."""
        return self._condition.had_network

    def start(self) -> None:
        """Learn how the device is now, and begin to ask."""
        with suppress(AdbError):  # the first answer will say the same
            self._mark = self._adb.forward(self._serial, _MARK_REMOTE)
        first = self._ask()
        boot_id = first.boot_id if isinstance(first, Answered) else ""
        self._condition = Condition(boot_id=boot_id, had_network=bool(self._networked))
        self._take(first)
        self._thread.start()

    def end(self) -> None:
        """Stop asking and remove what marked the connection."""
        self._over.set()
        self._thread.join()  # a question in flight ends within the patience
        self._stop.detach()
        if self._mark and self._condition.state in (DeviceState.HEALTHY, DeviceState.NO_NETWORK):
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
        seen = ""
        while not self._frozen and not self._over.wait(INTERVAL):
            with self._asking:
                self._take(self._ask())
            before, seen = seen, self._hopeless()
            if before and seen:
                self._stop.set(seen)

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
        self._beats += 1
        network = self._networked is not None and self._beats % _NETWORK_EVERY == 0
        question = f"{QUESTION}; {NETWORK_QUESTION}" if network else QUESTION
        try:
            result = self._adb.shell(self._serial, question, seconds=self._patience)
            marks = self._adb.forwards(self._serial)
        except SilentError:
            return self._explain_silence()
        except AdbError as error:
            return Refused(why=error.what)
        answer = read_answer(result.text, forwarded=self._mark in marks)
        return replace(answer, network=self._explain_loss()) if answer.network is Network.GONE else answer

    def _explain_loss(self) -> Network:
        """Somebody may have switched the network off, and then its absence says nothing against the device."""
        try:
            said = self._adb.shell(self._serial, AIRPLANE_QUESTION, seconds=NETWORK_SECONDS).text.strip()
        except AdbError:
            return Network.NOT_ASKED
        return Network.GONE if said in ("0", "null") else Network.SWITCHED_OFF

    def _explain_silence(self) -> Beat:
        with suppress(AdbError):
            state = self._adb.state(self._serial)
            if state != "device":
                return Refused(why=f"adb says {state}")
        return Silent(seconds=self._patience)

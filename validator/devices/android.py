"""An Android device over adb: a virtual one, an emulator and a phone alike."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from validator.devices import installing, preparing
from validator.devices.adb import AdbError
from validator.devices.crashes import Crashes
from validator.devices.exit_info import exit_records, newer, unanswered
from validator.devices.follower import LogFollower
from validator.devices.handset import Handset
from validator.devices.health import focused_package
from validator.devices.http_calls import HttpCalls
from validator.devices.port import Renew
from validator.devices.processes import ended_before, read_pids
from validator.devices.scene import Witness
from validator.devices.seat import Seat
from validator.devices.watch import DeviceWatch, watching
from validator.model.attempt import AppEvidence, Scene
from validator.model.causes import Cause
from validator.model.device import AdbAddress, DeviceInfo
from validator.model.errors import StageError
from validator.support.stop import Stop

_EVIDENCE_SECONDS = 5.0
_ANSWERS = 3
_TRIES = 2
"""How often Android is asked for its records: a pass without them says nothing about a crash."""
_SEPARATOR = "@@validator@@"

log = logging.getLogger(__name__)


class _Attempt:
    """What belongs to one attempt: its log, what is looked for in it, and what was known before."""

    def __init__(self, handset: Handset, package: str, before: Collection[int]) -> None:
        """Begin it; `before` are the app's processes of the attempts before it."""
        records, alive = _known(handset, package)
        self.known = records
        self.crashes = Crashes(package, ended_before(records, before, alive))
        self.http = HttpCalls(package)
        self.log = LogFollower(handset.adb, handset.serial, (self.crashes, self.http))
        self.log.begin()

    def hopeless(self) -> str:
        """Why there is nothing left to wait for; empty when there is.

        An app that has crashed or hung is a failure whatever the runner finds afterwards, and a runner may look for
        what can no longer come for 17 s per step.
        """
        return "the app has crashed or hung" if self.crashes.happened else ""


class AndroidDevice:
    """Implements `Device`. Used by one thread at a time; opened by `open_device`."""

    def __init__(self, handset: Handset, info: DeviceInfo, stop: Stop, redact: Callable[[str], str]) -> None:
        self._handset = handset
        self._info = info
        self._stop = stop
        self._redact = redact
        self.renew: Renew | None = None
        """Starts another device in its place; see the port. Set by a source that can."""
        self.needs_network = False
        """Whether it has had a network, and is looked at again before each attempt. Set by a source that knows."""
        self._attempt: _Attempt | None = None
        self._watch: DeviceWatch | None = None
        self._package = ""
        self._processes = frozenset[int]()
        """The app's processes of the attempts until now."""

    @property
    def info(self) -> DeviceInfo:
        """What the device said about itself when it was opened."""
        return self._info

    @property
    def answering(self) -> bool:
        """Whether it answered when it was last watched."""
        return self._watch is None or self._watch.answering

    @property
    def adb(self) -> AdbAddress:
        """The adb program and server that reach it."""
        return self._handset.adb.address

    @property
    def seat(self) -> Seat:
        """Where the programs run that drive it."""
        return self._handset.seat

    def install(self, apk: Path, package: str) -> None:
        """Install the APK; see the port."""
        installing.install(self._handset, apk, package, self._stop)

    def prepare(self, package: str, *, fresh_user: bool, marks: Sequence[tuple[str, str]]) -> None:
        """Make the device ready for one attempt; see the port. From here on its log is followed."""
        self._forget()
        preparing.make_healthy(self._handset, self._stop)
        if self.needs_network:
            preparing.require_network(self._handset, self._stop, unless_switched_off=True)
        if fresh_user:
            preparing.clear_data(self._handset, package)
        preparing.mark(self._handset, marks)
        self._package = package
        self._attempt = _Attempt(self._handset, package, self._processes)

    @contextmanager
    def watch(self, stop: Stop) -> Iterator[DeviceWatch]:
        """Watch the device until the block ends; see the port."""
        attempt = self._attempt
        hopeless = attempt.hopeless if attempt is not None else str
        adb, serial = self._handset.adb, self._handset.serial
        networked = self.needs_network or (self._watch is not None and self._watch.networked)
        with watching(adb, serial, stop, networked=networked, hopeless=hopeless) as self._watch:
            yield self._watch

    def app_evidence(self, package: str, folder: Path) -> AppEvidence:
        """What Android recorded about the app since `prepare`; see the port. Ends what `prepare` began."""
        attempt = self._attempt
        if attempt is None:
            return AppEvidence(package=package, unread="the attempt was not followed")
        answers = self.answering
        told = self._ask_about(package) if answers else _Told(unread="the device does not answer")
        for pid in told.pids:
            attempt.http.know(pid)
        log_unread = attempt.log.finish(answers=answers)
        self._save_log(attempt, folder / "logcat.txt")
        evidence = AppEvidence(
            exit_info=newer(told.exits, attempt.known, attempt.crashes.ended),
            crash_log=tuple(map(self._redact, attempt.crashes.lines)),
            http_log=tuple(map(self._redact, attempt.http.lines)),
            focused_package=told.focus,
            package=package,
            unread=self._redact(told.unread or log_unread),
        )
        self._forget()
        return evidence

    def scene(self, folder: Path, *, pictured: bool) -> Scene | None:
        """What the device is like right after a flow has failed; see the port."""
        if not self.answering:
            return None
        adb, serial = self._handset.adb, self._handset.serial
        witness = Witness(adb=adb, serial=serial, package=self._package, redact=self._redact)
        return witness.look(folder, pictured=pictured)

    def unmark(self, names: Sequence[str]) -> None:
        """Remove the marks that `prepare` set; see the port."""
        preparing.unmark(self._handset, names)

    def close(self) -> None:
        """Stop following its log."""
        self._forget()

    def _ask_about(self, package: str) -> _Told:
        """What Android says about the app now; asked again when it does not say it."""
        focus, pids = "dumpsys window | grep mCurrentFocus", f"pidof {shlex.quote(package)}"
        script = f"; echo {_SEPARATOR}; ".join((_exits_of(package), focus, pids))
        told = _Told()
        for _ in range(_TRIES):
            try:
                answer = self._handset.adb.shell(self._handset.serial, script, seconds=_EVIDENCE_SECONDS).text
            except AdbError as error:
                told = _Told(unread=f"its records of the app: {error.what}")
            else:
                told = _read_told(answer)
            if not told.unread:
                break
        return told

    def _save_log(self, attempt: _Attempt, path: Path) -> None:
        try:
            attempt.log.save(path, self._redact)
        except OSError as error:
            log.warning("%s: the log cannot be written to %s: %s", self._handset.name, path, error.strerror)

    def _forget(self) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            self._processes |= attempt.http.pids
            attempt.log.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What Android said about the app right after a flow."""

    exits: tuple[str, ...] = ()
    focus: str = ""
    pids: tuple[int, ...] = ()
    unread: str = ""


def _read_told(answer: str) -> _Told:
    parts = answer.split(_SEPARATOR)
    exits, window, processes = (*parts, "", "", "")[:3]
    silent = unanswered(exits) or ("its answer was cut short" if len(parts) != _ANSWERS else "")
    return _Told(
        exits=exit_records(exits),
        focus=focused_package(window),
        pids=read_pids(processes),
        unread=f"its records of the app: {silent}" if silent else "",
    )


def _known(handset: Handset, package: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The exit records that there are already, and the app's processes.

    Raises:
        StageError: `device_lost` when the device does not answer, `device_unhealthy` when it cannot tell.
    """
    exits, _, processes = handset.ask(
        f"{_exits_of(package)}; echo {_SEPARATOR}; pidof {shlex.quote(package)}"
    ).partition(_SEPARATOR)
    if silent := unanswered(exits):
        raise StageError(
            Cause.DEVICE_UNHEALTHY,
            f"Android does not tell how the app's processes ended: {silent}",
            where=handset.name,
            remedy="see that `adb shell dumpsys activity exit-info` answers; restart the device",
        )
    return exit_records(exits), read_pids(processes)


def _exits_of(package: str) -> str:
    return f"dumpsys activity exit-info {shlex.quote(package)}"

"""What can go wrong with a device, and when: armed faults and the events that set them off. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The ways in which a device, or the app on it, fails."""

    CRASH = "crash"
    NATIVE_CRASH = "native-crash"
    ANR = "anr"
    PROCESS_DEATH = "process-death"
    APP_EXIT = "app-exit"
    BACKGROUND = "background"
    DROP = "drop"
    BLIP = "blip"
    FREEZE = "freeze"
    REBOOT = "reboot"
    AUTOMATION_DEAD = "automation-dead"
    AUTOMATION_HUNG = "automation-hung"
    DRIVER_NEVER_STARTS = "driver-never-starts"
    DRIVER_INSTALL_REFUSED = "driver-install-refused"
    STORAGE_FULL = "storage-full"
    SLOW_BOOT = "slow-boot"
    NO_NETWORK = "no-network"
    SYSTEM_DIALOG = "system-dialog"
    FOREIGN_DIALOG = "foreign-dialog"
    APP_VANISHES = "app-vanishes"
    CONNECTIONS_BREAK = "connections-break"
    RECORDS_UNREAD = "records-unread"
    CLOCK_BEHIND = "clock-behind"


SENTENCES: dict[FaultKind, str] = {
    FaultKind.CRASH: "the app throws an exception that nobody catches",
    FaultKind.NATIVE_CRASH: "the app dies of SIGSEGV in native code",
    FaultKind.ANR: "the app's main thread blocks; the system shows its dialog",
    FaultKind.PROCESS_DEATH: "the low memory killer ends the app",
    FaultKind.APP_EXIT: "the app ends itself with System.exit",
    FaultKind.BACKGROUND: "the app goes to the background, the launcher is in front",
    FaultKind.DROP: "the adb connection dies and cannot be made again",
    FaultKind.BLIP: "the adb connection dies; adb reconnects, without its forwards",
    FaultKind.FREEZE: "the adb connection stays open and nothing is answered any more",
    FaultKind.REBOOT: "the device restarts",
    FaultKind.AUTOMATION_DEAD: "the UI automation server's process dies",
    FaultKind.AUTOMATION_HUNG: "the UI automation server accepts requests and never answers",
    FaultKind.DRIVER_NEVER_STARTS: "the UI automation server is started and never listens",
    FaultKind.DRIVER_INSTALL_REFUSED: "the device refuses to install the driver's packages",
    FaultKind.STORAGE_FULL: "the data partition has no free byte",
    FaultKind.SLOW_BOOT: "Android's framework is away for a while, as during a boot",
    FaultKind.NO_NETWORK: "the device reaches no network",
    FaultKind.SYSTEM_DIALOG: "a dialog of the system is in front and takes every tap",
    FaultKind.FOREIGN_DIALOG: "another app does not respond; its dialog is in front and takes every tap",
    FaultKind.APP_VANISHES: "the app in front is uninstalled",
    FaultKind.CONNECTIONS_BREAK: "every connection of the app ends at once, though the device has a network",
    FaultKind.RECORDS_UNREAD: "the activity manager does not tell how processes ended",
    FaultKind.CLOCK_BEHIND: "the clock is two years behind",
}


class Event(StrEnum):
    """What can set off a fault. `time` is the passing of the trigger's delay and nothing else."""

    LAUNCH = "launch"
    TAP = "tap"
    FIND = "find"
    INPUT = "input"
    KEY = "key"
    SWIPE = "swipe"
    SCREEN = "screen"
    HTTP = "http"
    INSTALL = "install"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """When a fault strikes: at the `after`-th event that matches and at every one from then on, at most `times` times.

    `match` is a case-insensitive part of the event's text, empty for every event of that kind. `delay_s` is the time in
    seconds between the event and the strike.
    """

    event: Event
    match: str = ""
    after: int = 1
    times: int | None = None
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault to come. `seconds` is how long a reboot or a slow boot takes."""

    kind: FaultKind
    trigger: Trigger | None = None
    seconds: float = 3.0


class FaultError(Exception):
    """The fault asked for makes no sense; the text says why and what would."""


@dataclass(slots=True, kw_only=True)
class Armed:
    """A fault with a trigger, and how often it has been met."""

    number: int
    fault: Fault
    matched: int = 0
    struck: int = 0

    @property
    def spent(self) -> bool:
        """Whether it will not strike any more."""
        trigger = self.fault.trigger
        return trigger is not None and trigger.times is not None and self.struck >= trigger.times


class Switchboard:
    """The armed faults of one device."""

    def __init__(self) -> None:
        self._armed: list[Armed] = []
        self._numbers = 0

    @property
    def armed(self) -> tuple[Armed, ...]:
        """The faults that can still strike, in the order they were armed."""
        return tuple(self._armed)

    def arm(self, fault: Fault) -> Armed:
        """Add a fault that has a trigger."""
        self._numbers += 1
        armed = Armed(number=self._numbers, fault=fault)
        self._armed.append(armed)
        return armed

    def disarm(self, armed: Armed) -> None:
        """Take back one fault; without effect when it is spent already."""
        if armed in self._armed:
            self._armed.remove(armed)

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def happened(self, event: Event, text: str) -> list[Fault]:
        """Count an event; returns the faults that strike because of it, in the order they were armed."""
        striking = [armed for armed in self._armed if _meets(armed, event, text)]
        for armed in striking:
            armed.struck += 1
        self._armed = [armed for armed in self._armed if not armed.spent]
        return [armed.fault for armed in striking]


def _meets(armed: Armed, event: Event, text: str) -> bool:
    trigger = armed.fault.trigger
    if trigger is None or trigger.event is not event or trigger.match.casefold() not in text.casefold():
        return False
    armed.matched += 1
    return armed.matched >= trigger.after


def parse_fault(  # noqa: PLR0913 - one parameter for each word of the request
    *,
    kind: str,
    event: str | None = None,
    match: str = "",
    after: int = 1,
    times: int | None = None,
    delay_s: float = 0.0,
    seconds: float = 3.0,
) -> Fault:
    """A fault from its words, as the control API gets them.

    Raises:
        FaultError: an unknown word, or a number that makes no sense.
    """
    named = _word(kind, FaultKind, "fault")
    if event == Event.TIME and (match or after != 1 or times is not None):
        raise FaultError("the event 'time' comes once, after 'delay_s': leave out 'match', 'after' and 'times'")
    if after < 1 or (times is not None and times < 1):
        raise FaultError("'after' and 'times' count from 1")
    if not (0 <= delay_s <= 3600 and 0 <= seconds <= 3600):
        raise FaultError("'delay_s' and 'seconds' must lie between 0 and 3600")
    if event is None and (delay_s or match or after != 1 or times is not None):
        raise FaultError(
            "'match', 'after', 'times' and 'delay_s' need an 'event'; for a delay alone use the event 'time'"
        )
    trigger = None
    if event is not None:
        known = Event(_word(event, Event, "event"))
        trigger = Trigger(event=known, match=match, after=after, times=times, delay_s=delay_s)
    return Fault(kind=FaultKind(named), trigger=trigger, seconds=seconds)


def _word(word: str, known: Iterable[str], what: str) -> str:
    words = [str(entry) for entry in known]
    if word not in words:
        raise FaultError(f"unknown {what} {word!r}; known are: {', '.join(words)}")
    return word

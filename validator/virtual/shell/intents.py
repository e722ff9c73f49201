"""Reading an intent from the words of `am start`, and writing it as `am` shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from validator.virtual.device.device import Device
from validator.virtual.device.installed import InstalledApp
from validator.virtual.shell.options import UsageProblemError, number

Extra = str | int | float | bool
DATA_EXTRA = "android.intent.data"
"""The extra by which an app that was opened by a link learns the link."""
_IGNORED_WITH_VALUE = frozenset({"-t", "--user", "--display", "-i", "--activity-task-on-home", "--receiver-permission"})


@dataclass(slots=True, kw_only=True)
class Intent:
    """What shall be started."""

    action: str = ""
    categories: list[str] = field(default_factory=list)
    data: str = ""
    component: str = ""
    package: str = ""
    flags: int = 0
    extras: dict[str, Extra] = field(default_factory=dict)
    stop_first: bool = False

    def shown(self) -> str:
        """As in `Starting: Intent { … }`."""
        parts = [
            f"act={self.action}" if self.action else "",
            f"cat=[{','.join(self.categories)}]" if self.categories else "",
            f"dat={self.data}" if self.data else "",
            f"flg={self.flags:#x}" if self.flags else "",
            f"pkg={self.package}" if self.package and not self.component else "",
            f"cmp={self.component}" if self.component else "",
            "(has extras)" if self.extras else "",
        ]
        return "Intent { " + " ".join(part for part in parts if part) + " }"

    def target(self, device: Device) -> InstalledApp | None:
        """The installed app that this intent starts, None when there is none."""
        package = self.component.partition("/")[0] or self.package
        if package:
            app = device.installed.get(package)
            return app if app is not None and (not self.component or self._known(app)) else None
        address = urlsplit(self.data)
        for app in device.installed.all():
            for activity in app.manifest.activities:
                if any(entry.opens(address.scheme, address.hostname or "") for entry in activity.filters):
                    return app
        return None

    def _known(self, app: InstalledApp) -> bool:
        activity = self.component.partition("/")[2]
        full = app.package + activity if activity.startswith(".") else activity
        return any(entry.name == full for entry in app.manifest.activities)


def read_intent(words: Sequence[str]) -> Intent:
    """Read an intent.

    Raises:
        UsageProblemError: an option is unknown or its value is missing or wrong.
    """
    intent = Intent()
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word in _EXTRA_READERS:
            name = _value(queue, word)
            intent.extras[name] = _extra(word, name, _value(queue, word))
        elif word in _IGNORED_WITH_VALUE:
            _value(queue, word)
        elif word in ("-a", "-c", "-d", "-n", "-p", "-f"):
            _set(intent, word, _value(queue, word))
        elif word == "-S":
            intent.stop_first = True
        elif word == "--esn":
            _value(queue, word)
        elif not word.startswith("-"):
            _set_target(intent, word)
    return intent


_EXTRA_READERS = ("-e", "--es", "--ei", "--el", "--ef", "--ed", "--ez", "--eu")


def _extra(option: str, name: str, value: str) -> Extra:
    try:
        match option:
            case "--ei" | "--el":
                return int(value, 16 if value.startswith("0x") else 10)
            case "--ef" | "--ed":
                return float(value)
            case "--ez":
                return _truth(value)
            case _:
                return value
    except ValueError:
        raise UsageProblemError(f'For input string: "{value}" (extra {name})') from None


def _truth(value: str) -> bool:
    words = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
    if value.lower() not in words:
        raise UsageProblemError(f"Invalid boolean value: {value}")
    return words[value.lower()]


def _value(queue: list[str], option: str) -> str:
    if not queue:
        raise UsageProblemError(f'Argument expected after "{option}"')
    return queue.pop(0)


def _set(intent: Intent, option: str, value: str) -> None:
    match option:
        case "-a":
            intent.action = value
        case "-c":
            intent.categories.append(value)
        case "-d":
            intent.data = value
        case "-n":
            if "/" not in value:
                raise UsageProblemError(f"Bad component name: {value}")
            intent.component = value
        case "-p":
            intent.package = value
        case _:
            intent.flags = number(value)


def _set_target(intent: Intent, word: str) -> None:
    """The last word without an option: a component, an address or a package."""
    if ":" in word:
        intent.data = intent.data or word
        intent.action = intent.action or "android.intent.action.VIEW"
    elif "/" in word:
        intent.component = word
    else:
        intent.package = word

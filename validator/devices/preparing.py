"""Makes a device ready for one attempt: awake and healthy, the app fresh, the traffic marked."""

from __future__ import annotations

import logging
import re
import shlex
import time
from collections.abc import Iterable, Sequence

from validator.devices.handset import Handset
from validator.devices.health import SCRIPT, Health, check, read_health
from validator.devices.heartbeat import Network
from validator.devices.pulse import AIRPLANE_QUESTION, NETWORK_QUESTION, read_answer
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.stop import Stop

HEALTH_SECONDS = 10.0
_SETTLE_SECONDS = 10.0
"""How long a device that just booted, or just got rid of a dialog, may take to be as it should."""
_POLL_SECONDS = 0.3
_LEAVE_SECONDS = 3.0
_NETWORK_SECONDS = 15.0
"""How long a device that has just booted may take to find its network."""
_PROPERTY_MAX = 91
"""Bytes of a system property's value (bionic, PROP_VALUE_MAX less the final zero)."""
_MARK_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")

log = logging.getLogger(__name__)


def make_healthy(handset: Handset, stop: Stop) -> tuple[str, ...]:
    """See that flows can run: Android up, storage free, nothing of the system in front (what can be closed is closed).

    Returns:
        The windows that were closed.

    Raises:
        StageError: In the infrastructure family.
    """
    deadline = time.monotonic() + _SETTLE_SECONDS
    health = read_health(handset.ask(SCRIPT, HEALTH_SECONDS))
    closed: dict[str, None] = {}
    while (not health.up or health.covered) and time.monotonic() < deadline and not stop.is_set:
        if health.covered:
            if health.window not in closed:
                log.warning("%s: closing `%s`", handset.name, health.window)
            closed[health.window] = None
            _uncover(handset, health)
        stop.wait(_POLL_SECONDS)
        health = read_health(handset.ask(SCRIPT, HEALTH_SECONDS))
    check(health, handset.name)
    return tuple(closed)


def require_network(handset: Handset, stop: Stop, *, unless_switched_off: bool = False) -> None:
    """See that the device has a network; one that has just booted may take a while. One that does not tell passes.

    Args:
        handset: The device.
        stop: Ends the waiting.
        unless_switched_off: Airplane mode passes, too: a flow before this one may have wanted it so.

    Raises:
        StageError: `device_unhealthy` when it has none.
    """
    deadline = time.monotonic() + _NETWORK_SECONDS
    refused = (Network.GONE,) if unless_switched_off else (Network.GONE, Network.SWITCHED_OFF)
    while (network := _network(handset)) in refused:
        if time.monotonic() > deadline or stop.wait(_POLL_SECONDS):
            what = "in airplane mode" if network is Network.SWITCHED_OFF else "without a network"
            raise StageError(
                Cause.DEVICE_UNHEALTHY,
                f"it is {what}",
                where=handset.name,
                remedy="see that this machine has a network that emulators may use (`-http-proxy`, `-dns-server`); "
                "say `network: false` where no flow needs one",
            )


def _network(handset: Handset) -> Network:
    said = read_answer(handset.ask(NETWORK_QUESTION, HEALTH_SECONDS), forwarded=True).network
    if said is Network.GONE and handset.ask(AIRPLANE_QUESTION, HEALTH_SECONDS).strip() == "1":
        return Network.SWITCHED_OFF
    return said


def clear_data(handset: Handset, package: str) -> None:
    """Wipe the app's data, so that it starts as a new user.

    Raises:
        StageError: `device_unhealthy` when Android does not do it, `device_lost` when it does not answer.
    """
    result = handset.do("pm", "clear", package)
    if "Success" not in result.text:
        raise StageError(
            Cause.DEVICE_UNHEALTHY,
            f"`pm clear {package}` failed: {result.complaint}",
            where=handset.name,
            remedy="see that the app is installed on the device",
        )


def mark(handset: Handset, marks: Sequence[tuple[str, str]]) -> None:
    """Set each mark as system property `debug.validator.NAME` and as global setting `validator_NAME`.

    A value that a system property cannot hold is set as a setting only.

    Raises:
        StageError: `device_unhealthy` when the device refuses one.
    """
    commands = [command for name, value in marks for command in _mark_commands(_checked(name), value)]
    if commands:
        with handset.reached():
            result = handset.adb.shell(handset.serial, " && ".join(commands))
        if result.exit_code:
            raise StageError(
                Cause.DEVICE_UNHEALTHY,
                f"the traffic marks cannot be set: {result.complaint}",
                where=handset.name,
                remedy="use a device whose shell may call `setprop` and `settings`",
            )


def unmark(handset: Handset, names: Iterable[str]) -> None:
    """Remove the marks; a device that does not answer is left alone."""
    commands = [
        command
        for name in map(_checked, names)
        for command in (f"setprop debug.validator.{name} ''", f"settings delete global validator_{name}")
    ]
    if commands:
        handset.try_all(commands, _LEAVE_SECONDS)


def _mark_commands(name: str, value: str) -> list[str]:
    quoted = shlex.quote(value)
    commands = [f"settings put global validator_{name} {quoted}"]
    if len(value.encode()) <= _PROPERTY_MAX:
        commands.append(f"setprop debug.validator.{name} {quoted}")
    return commands


def _checked(name: str) -> str:
    if not _MARK_NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a mark")
    return name


def _uncover(handset: Handset, health: Health) -> None:
    """Close what the system has put in front.

    Only ending the app that an error dialog is about closes it for sure: the dialog ignores the back key.
    """
    commands = [
        "input keyevent 224",  # KEYCODE_WAKEUP
        "wm dismiss-keyguard",
        "cmd statusbar collapse",
        "am broadcast -a android.intent.action.CLOSE_SYSTEM_DIALOGS",
    ]
    owner = health.dialog_owner
    if owner and owner != "system":
        commands.append(f"am force-stop {shlex.quote(owner)}")
    handset.try_all(commands, HEALTH_SECONDS)

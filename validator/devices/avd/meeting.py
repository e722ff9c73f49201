"""Meets an emulator that has been started, here or on another machine: waits until flows can run on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Final

from validator.devices.adb import AdbError
from validator.devices.android import AndroidDevice
from validator.devices.avd.settings import Avd
from validator.devices.handset import Handset
from validator.devices.introduction import opened
from validator.devices.preparing import make_healthy, require_network
from validator.model.errors import StageError
from validator.support.stop import Stop

CONSOLE_PORTS: Final = range(5554, 5683, 2)
"""Ports that the emulator accepts for its console (developer.android.com/studio/run/emulator-commandline, -port)."""


@contextmanager
def met(  # noqa: PLR0913 - all but three by keyword
    handset: Handset,
    avd: Avd,
    lost: Stop,
    *,
    port: int,
    number: int,
    labels: Sequence[str],
    redact: Callable[[str], str],
    ended: Callable[[], StageError | None],
) -> Iterator[AndroidDevice]:
    """The emulator, ready, while the block runs.

    Args:
        handset: The emulator.
        avd: What it was booted from.
        lost: Set when it has ended; ends the waiting, and later the installations.
        port: Its console's; adb's is the next one.
        number: Which try it is: each may take as much longer as the first one may take.
        labels: What the configuration calls it.
        redact: Takes secrets out of every log line that is kept.
        ended: Why it has ended by itself; None while it has not.

    Raises:
        StageError: `no_device` or `device_unhealthy` when flows cannot run on it.
    """

    def introduce_to_server() -> None:  # most emulators do it themselves; twice does no harm
        with suppress(AdbError):
            handset.adb.attach_emulator(port + 1)

    device = opened(
        handset,
        lost,
        redact=redact,
        kind="emulator",
        labels=labels,
        boot_seconds=avd.boot_seconds * number,
        while_away=introduce_to_server,
        make_fit=partial(_made_fit, handset, avd, lost),
    )
    with ExitStack() as stack:
        try:
            found = stack.enter_context(device)
        except StageError as error:
            if (why := ended()) is None:
                raise
            raise why from error
        found.needs_network = avd.networked
        yield found


def _made_fit(handset: Handset, avd: Avd, lost: Stop) -> Sequence[str]:
    closed = make_healthy(handset, lost)
    if avd.networked:
        require_network(handset, lost)
    return closed

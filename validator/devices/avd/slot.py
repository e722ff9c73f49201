"""One place for an emulator: boots one in it, and another one when that is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from validator.devices.android import AndroidDevice
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.stop import Stop

REPLACEMENTS = 2
"""How often an emulator that was lost is replaced by another one, in one run and in one place."""

Boot = Callable[[Stop, int], AbstractContextManager[AndroidDevice]]
"""Boots one and ends it with the block; the number says which try it is, from 1."""

log = logging.getLogger(__name__)


class Slot:
    """Used by one thread at a time."""

    def __init__(self, boot: Boot, tries: int) -> None:
        self._boot = boot
        self._tries = tries
        self._replacements = REPLACEMENTS
        self._running = ExitStack()

    def start(self, stop: Stop) -> AndroidDevice:
        """Boot an emulator, again when that fails.

        Raises:
            StageError: `no_device` when no try had a device; what was wrong with the last one.
        """
        if stop.is_set:
            raise StageError(Cause.NO_DEVICE, stop.reason)
        for number in range(1, self._tries + 1):
            with ExitStack() as stack:
                try:
                    device = stack.enter_context(self._boot(stop, number))
                except StageError as error:
                    if number == self._tries or stop.is_set:
                        raise
                    log.warning("boots again (%d of %d): %s", number + 1, self._tries, error.diagnostics())
                    continue
                device.renew = self._renew if self._replacements else None
                self._running = stack.pop_all()
                return device
        raise AssertionError("there is at least one try")

    def _renew(self, stop: Stop) -> AndroidDevice:
        self._replacements -= 1
        self.close()
        return self.start(stop)

    def close(self) -> None:
        """End the emulator that runs in it."""
        self._running.close()

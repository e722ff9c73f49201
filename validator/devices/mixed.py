"""Devices of several kinds together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from validator.devices.port import Device, DeviceSource
from validator.devices.several import LeftOut, all_opened, warned
from validator.support.stop import Stop


class MixedSource:
    """Implements `DeviceSource` for all devices of several sources."""

    def __init__(self, sources: Sequence[DeviceSource], left_out: LeftOut = warned) -> None:
        self._sources = tuple(sources)
        self._left_out = left_out

    @contextmanager
    def open(self, stop: Stop) -> Iterator[Sequence[Device]]:
        """Open the sources side by side; see the port. A source that has no device is left out, which is told."""
        with all_opened([source.open(stop) for source in self._sources], self._left_out) as groups:
            yield [device for group in groups for device in group]

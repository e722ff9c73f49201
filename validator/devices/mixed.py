"""Devices of several kinds together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from validator.devices.port import Device, DeviceSource
from validator.devices.several import all_opened
from validator.support.stop import Stop


class MixedSource:
    """Implements `DeviceSource` for all devices of several sources."""

    def __init__(self, sources: Sequence[DeviceSource]) -> None:
        self._sources = tuple(sources)

    @contextmanager
    def open(self, stop: Stop) -> Iterator[Sequence[Device]]:
        """Open the sources side by side; see the port. A source that has no device is left out, with a warning."""
        with all_opened([source.open(stop) for source in self._sources]) as groups:
            yield [device for group in groups for device in group]

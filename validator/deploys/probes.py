"""All readiness probes of an environment together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from validator.deploys.readiness import Ask, Readiness, probe, wait_until_ready
from validator.model.deployment import ProbeResult
from validator.support.clock import Clock
from validator.support.stop import Stop


class Probes:
    """Asks every address of `readiness`: one after the other until each is ready, or all at once, once."""

    def __init__(self, addresses: Callable[[], tuple[Readiness, ...]], ask: Ask, clock: Clock) -> None:
        """Take what is asked.

        Args:
            addresses: Gives the addresses when they are needed; they may refer to outputs of the deployment.
            ask: Asks an address once.
            clock: Measures how long it took.
        """
        self._addresses = addresses
        self._get = ask
        self._clock = clock

    def wait(self, stop: Stop) -> Iterator[ProbeResult]:
        """Ask each until it is ready or its time is over; nothing more is asked once `stop` is set."""
        for address in self._addresses():
            if stop.is_set:
                return
            yield wait_until_ready(address, self._get, self._clock, stop)

    def ask(self) -> tuple[ProbeResult, ...]:
        """Ask all of them once, side by side."""
        addresses = self._addresses()
        with ThreadPoolExecutor(max_workers=max(1, len(addresses)), thread_name_prefix="probe") as pool:
            return tuple(pool.map(lambda address: probe(address, self._get), addresses))

"""Puts events into their envelopes and hands them to whoever listens, the journal first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from validator.model.events import Event, Record
from validator.support.clock import Clock, iso
from validator.support.codec import map_text
from validator.support.ids import new_id
from validator.support.text import encodable

PAYLOAD_VERSION = 1


class Observer(Protocol):
    """Consumes the events of a run; cannot change it."""

    def handle(self, record: Record) -> None:
        """Take one record."""
        ...

    def close(self) -> None:
        """Take note that no more will come."""
        ...


@dataclass(slots=True, kw_only=True)
class Recorder:
    """Numbers events and tells the observers, in their order.

    The journal must succeed: its error ends the run. An observer that cannot write its file is left out from then on
    and named in `failures`; the run goes on, because the journal has everything.
    """

    run: str
    tenant: str
    clock: Clock
    journal: Observer
    observers: Sequence[Observer]
    redact: Callable[[str], str] = str
    """Takes secrets out of every text of every event before anyone, the journal included, gets to see it."""
    failures: list[str] = field(default_factory=list)
    _next: int = 0
    _broken: set[int] = field(default_factory=set)

    def record(self, events: Iterable[Event]) -> Iterator[Record]:
        """Record each event as it comes, and pass it on."""
        for event in events:
            yield self._one(event)

    def replay(self, records: Sequence[Record]) -> None:
        """Tell the observers what is in the journal already, so that their files have all of it."""
        for record in records:
            self._observe(record)
        self._next = len(records)

    def _one(self, event: Event) -> Record:
        record = Record(
            id=new_id(),
            run=self.run,
            tenant=self.tenant,
            seq=self._next,
            at=iso(self.clock.now()),
            version=PAYLOAD_VERSION,
            event=map_text(event, self._clean),
        )
        self._next += 1
        self.journal.handle(record)
        self._observe(record)
        return record

    def _observe(self, record: Record) -> None:
        for position, observer in enumerate(self.observers):
            self._tell(position, observer, partial(observer.handle, record))

    def _clean(self, text: str) -> str:
        """Without secrets, and without what JSON cannot carry: file names of other encodings hold lone surrogates."""
        return encodable(self.redact(text))

    def close(self) -> None:
        """Tell every observer that the run is over; the journal last."""
        for position, observer in enumerate(self.observers):
            self._tell(position, observer, observer.close)
        self.journal.close()

    def _tell(self, position: int, observer: Observer, call: Callable[[], None]) -> None:
        if position in self._broken:
            return
        try:
            call()
        except OSError as error:
            self._broken.add(position)
            self.failures.append(f"{type(observer).__name__}: {error}")

"""What a run sent to production, and when and from where: read from its record. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from validator.model.device import DeviceInfo
from validator.model.errors import UsageError
from validator.model.events import AttemptFinished, AttemptStarted, DeviceLeased, Record, RunStarted
from validator.model.traffic import TrafficAccounted
from validator.support.clock import iso
from validator.traffic.marks import Channel, Marks
from validator.traffic.networks import checked_networks

MARGIN: Final = timedelta(seconds=15)
"""Before and after each attempt: clocks differ, and an app finishes its requests after its flow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When one attempt may have sent requests, its margin included. UTC, ISO 8601."""

    flow: str
    number: int
    serial: str
    began: str
    ended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything by which a run's requests can be recognised."""

    run: str
    environment: str
    marks: tuple[str, ...]
    """Ways by which its id travelled."""
    baggage: str
    """The `baggage` header of its requests, where the app passes the mark on; empty when headers are not marked."""
    trace: str
    """The trace id in the `traceparent` of validator's own requests; empty when headers are not marked."""
    windows: tuple[Window, ...]
    addresses: tuple[str, ...]
    """Addresses or networks that it came from, as far as they are configured or given."""
    users: tuple[str, ...]
    """Users that it signed in, as far as they are told."""
    devices: tuple[DeviceInfo, ...]

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """The windows in seconds since 1970, in order, those that overlap as one."""
        return merged((_seconds(window.began), _seconds(window.ended)) for window in self.windows)


def manifest_of(
    records: Sequence[Record], *, users: Iterable[str] = (), addresses: Iterable[str] = (), margin: timedelta = MARGIN
) -> Manifest:
    """The manifest of a recorded run.

    Args:
        records: The run's records, in order.
        users: More users than its record tells of.
        addresses: More addresses or networks than its record tells of.
        margin: Before and after each attempt.

    Raises:
        UsageError: The record has no beginning, or an address is none.
    """
    events = [record.event for record in records]
    started = next((event for event in events if isinstance(event, RunStarted)), None)
    if started is None:
        raise UsageError("the record does not begin with the run's beginning", remedy="the record was changed")
    accounted = next((event for event in reversed(events) if isinstance(event, TrafficAccounted)), None)
    channels = accounted.marks if accounted is not None else tuple(channel.value for channel in Channel)
    known = accounted.addresses if accounted is not None else ()
    proved = accounted.proof.user_ids if accounted is not None and accounted.proof is not None else ()
    told = (user for event in events if isinstance(event, AttemptFinished) for user in event.evidence.sign_in.users)
    signed_in = (*told, *proved)
    marks = Marks(run=records[0].run, channels=frozenset(Channel(name) for name in channels))
    headers = dict(marks.headers)
    devices = {event.device.serial: event.device for event in events if isinstance(event, DeviceLeased)}
    return Manifest(
        run=records[0].run,
        environment=started.environment,
        marks=channels,
        baggage=headers.get("baggage", ""),
        trace=marks.trace if headers else "",
        windows=tuple(_windows(records, margin)),
        addresses=checked_networks((*known, *addresses)),
        users=tuple(dict.fromkeys(user for user in (*signed_in, *users) if user)),
        devices=tuple(devices.values()),
    )


def merged(spans: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The spans in order, those that touch or overlap as one."""
    found: list[tuple[float, float]] = []
    for began, ended in sorted(spans):
        if found and began <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ended))
        else:
            found.append((began, ended))
    return tuple(found)


def _windows(records: Sequence[Record], margin: timedelta) -> Iterable[Window]:
    """One per attempt; an attempt under which the process died lasts to the last that is recorded."""
    ends = {
        (record.event.flow, record.event.number): record.at
        for record in records
        if isinstance(record.event, AttemptFinished)
    }
    for record in records:
        if isinstance(record.event, AttemptStarted):
            event = record.event
            ended = ends.get((event.flow, event.number), records[-1].at)
            yield Window(
                flow=event.flow,
                number=event.number,
                serial=event.serial,
                began=iso(datetime.fromisoformat(record.at) - margin),
                ended=iso(datetime.fromisoformat(ended) + margin),
            )


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).astimezone(UTC).timestamp()

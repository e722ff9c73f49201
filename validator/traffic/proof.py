"""Access logs held against a run: which requests are its own, and whether production could tell.

A log is read twice: users that requests with the run's mark name are its users, wherever in the log those stand.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

from validator.model.traffic import SeenRequest, TrafficProof
from validator.support.stop import Stop
from validator.support.text import one_line
from validator.traffic.log_entry import Entry, Read, moment
from validator.traffic.log_lines import log_lines
from validator.traffic.networks import Networks, network_of

EXAMPLES: Final = 5
MOST_USERS: Final = 100_000
"""Users that are remembered; what a stranger writes into a log must not fill the memory."""
_SHOWN: Final = 200
_NAMED: Final = 100
_BETWEEN_LOOKS: Final = 4096
_LONGEST_ID: Final = 256


class ReadingStoppedError(Exception):
    """Somebody asked to stop before the logs were read."""


class Kind(Enum):
    """What a request is to a run."""

    MARKED = "marked"
    UNMARKED = "unmarked"
    FOREIGN = "foreign"
    OTHER_RUN = "other_run"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """How a run's own requests are recognised."""

    run: str
    spans: Sequence[tuple[float, float]]
    """When it sent any: seconds since 1970, in order, none overlapping another."""
    addresses: Networks
    """Where from; empty when that is not known."""
    users: Collection[str]

    def was_running(self, seconds: float) -> bool:
        """Whether a moment lies in one of the spans."""
        at = bisect_right(self.spans, (seconds, float("inf"))) - 1
        return at >= 0 and seconds <= self.spans[at][1]

    def kind(self, entry: Entry, users: Collection[str]) -> Kind | None:
        """What a request is; None for one of a stranger.

        Args:
            entry: The request.
            users: The run's users.
        """
        ours = entry.run == self.run
        if not ours and not (entry.user and entry.user in users) and entry.address not in self.addresses:
            return Kind.OTHER_RUN if entry.run else None
        at = moment(entry.time)
        if at is None:
            return Kind.BROKEN
        if ours:
            known = self.was_running(at) and (not self.addresses or entry.address in self.addresses)
            return Kind.MARKED if known else Kind.FOREIGN
        if entry.run:
            return Kind.OTHER_RUN
        return Kind.UNMARKED if self.was_running(at) else None


@dataclass(frozen=True, slots=True)
class _Line:
    file: str
    number: int
    raw: bytes | None


@dataclass(slots=True, kw_only=True)
class _Count:
    redact: Callable[[str], str]
    stranger: bool = False
    """Whether these are requests of others, of whom no more is shown than is needed."""
    number: int = 0
    examples: list[SeenRequest] = field(default_factory=list)

    def add(self, line: _Line, entry: Entry | None) -> None:
        self.number += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(self._unread(line) if entry is None else self._shown(line, entry))

    def _unread(self, line: _Line) -> SeenRequest:
        words = (line.raw or b"")[: 8 * _SHOWN].decode("utf-8", "replace")
        request = self._safe(words) or "(longer than a line may be, or cut off)"
        return SeenRequest(file=self._safe(line.file), line=line.number, at="", request=request)

    def _shown(self, line: _Line, entry: Entry) -> SeenRequest:
        safe = self._safe
        return SeenRequest(
            file=safe(line.file),
            line=line.number,
            at=safe(str(entry.time)),
            request=safe(f"{entry.method[:32]} {entry.path} {entry.status[:16]}".strip()),
            user=safe(entry.user),
            address=network_of(entry.address) if self.stranger else safe(entry.address),
            run=safe(entry.run),
        )

    def _safe(self, text: str) -> str:
        # Cut before it is cleaned: a megabyte need not be searched for secrets to show two hundred characters of it.
        return one_line(self.redact(text[: 8 * _SHOWN]), _SHOWN)


def prove(files: Sequence[Path], own: Own, read: Read, redact: Callable[[str], str], stop: Stop) -> TrafficProof:
    """Read access logs for a run's requests.

    Args:
        files: Plain or gzip.
        own: How the run's requests are recognised.
        read: Reads a line.
        redact: Takes secrets out of what is shown.
        stop: Ends it.

    Raises:
        ReadingStoppedError: It was asked to stop.
        UsageError: A file cannot be read.
    """
    users = set(own.users) | _marked_users(files, own, read, stop)
    counts = {kind: _Count(redact=redact, stranger=kind is Kind.FOREIGN) for kind in Kind}
    lines = 0
    for path in files:
        for number, line in _numbered(path, stop):
            lines += 1
            entry = read(line) if line is not None else None
            kind = own.kind(entry, users) if entry is not None else _unread(line)
            if kind is not None:
                counts[kind].add(_Line(path.name, number, line), entry)
    return TrafficProof(
        files=tuple(one_line(path.name, _SHOWN) for path in files),
        lines=lines,
        marked=counts[Kind.MARKED].number,
        unmarked=counts[Kind.UNMARKED].number,
        foreign=counts[Kind.FOREIGN].number,
        other_runs=counts[Kind.OTHER_RUN].number,
        broken=counts[Kind.BROKEN].number,
        users=len(users),
        user_ids=tuple(sorted(user for user in users if one_line(user) == user))[:_NAMED],
        unmarked_examples=tuple(counts[Kind.UNMARKED].examples),
        foreign_examples=tuple(counts[Kind.FOREIGN].examples),
        broken_examples=tuple(counts[Kind.BROKEN].examples),
    )


def _numbered(path: Path, stop: Stop) -> Iterator[tuple[int, bytes | None]]:
    for number, line in enumerate(log_lines(path), 1):
        if number % _BETWEEN_LOOKS == 0 and stop.is_set:
            raise ReadingStoppedError
        yield number, line


def _unread(line: bytes | None) -> Kind | None:
    """An empty line says nothing and hides nothing."""
    return Kind.BROKEN if line is None or line.strip() else None


def _marked_users(files: Sequence[Path], own: Own, read: Read, stop: Stop) -> set[str]:
    """Only lines that hold the run's id are parsed, so that this costs little more than reading the files."""
    return set(_bounded(_users(files, own, read, stop))) if own.run else set()


def _users(files: Sequence[Path], own: Own, read: Read, stop: Stop) -> Iterator[str]:
    needle = own.run.encode("utf-8", "replace")
    for path in files:
        for _, line in _numbered(path, stop):
            entry = read(line) if line is not None and needle in line else None
            if entry is not None and entry.user and own.kind(entry, ()) is Kind.MARKED:
                yield entry.user


def _bounded(users: Iterator[str]) -> Iterator[str]:
    seen: set[str] = set()
    for user in users:
        if user not in seen and len(user) <= _LONGEST_ID:
            seen.add(user)
            yield user
        if len(seen) >= MOST_USERS:
            return

"""The account of a run's traffic: as it is recorded at the end of its flows, and made again later."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from validator.model.errors import UsageError
from validator.model.events import Record
from validator.model.traffic import TrafficAccounted, TrafficProof, WhenUnmarked
from validator.support.stop import Stop
from validator.traffic.fields import log_fields
from validator.traffic.log_entry import LogFormat, Read, reader
from validator.traffic.manifest import MARGIN, Manifest, merged
from validator.traffic.networks import Networks, checked_networks
from validator.traffic.proof import Own, ReadingStoppedError, prove

_MARGIN_S: Final = MARGIN.total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogToProve:
    """An access log that a run reads when its flows have ended."""

    files: tuple[Path, ...]
    form: LogFormat = LogFormat.AUTO
    names: tuple[tuple[str, str], ...] = ()
    """What it calls its fields: role and name, where the usual ones do not fit."""
    unmarked: WhenUnmarked = WhenUnmarked.WARN


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What is recorded of a run's traffic."""

    run: str
    marks: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    log: LogToProve | None = None
    redact: Callable[[str], str] = str

    def __call__(self, spans: Sequence[tuple[float, float]], users: Collection[str], stop: Stop) -> TrafficAccounted:
        """Account for what the run sent.

        Args:
            spans: When its attempts ran: seconds since 1970, from and to.
            users: Those that it is known to have signed in as; others are learned from marked requests.
            stop: Ends the reading of logs.
        """
        networks = checked_networks(self.addresses)
        if self.log is None:
            return TrafficAccounted(marks=self.marks, addresses=networks)
        widened = merged((began - _MARGIN_S, ended + _MARGIN_S) for began, ended in spans)
        own = Own(run=self.run, spans=widened, addresses=Networks(networks), users=frozenset(users))
        return TrafficAccounted(
            marks=self.marks,
            addresses=networks,
            unmarked=self.log.unmarked,
            proof=self._proof(own, self.log, stop),
            fields=self.log.names,
            form=self.log.form.value,
        )

    def _proof(self, own: Own, log: LogToProve, stop: Stop) -> TrafficProof:
        try:
            return prove(log.files, own, reader(log.form, log_fields(dict(log.names))), self.redact, stop)
        except ReadingStoppedError:
            return unproved(log.files, "the run was stopped while the access log was read")
        except UsageError as error:  # the log is production's: that it cannot be read is a finding, and no mistake
            return unproved(log.files, error.text)


def unproved(files: Sequence[Path], problem: str) -> TrafficProof:
    """A proof that could not be made, and why."""
    names = tuple(path.name for path in files)
    return TrafficProof(
        files=names, lines=0, marked=0, unmarked=0, foreign=0, other_runs=0, broken=0, users=0, problem=problem
    )


def proof_of(manifest: Manifest, files: Sequence[Path], read: Read, redact: Callable[[str], str]) -> TrafficProof:
    """Hold access logs against a recorded run.

    Raises:
        UsageError: A file cannot be read.
    """
    own = Own(
        run=manifest.run,
        spans=manifest.spans,
        addresses=Networks(manifest.addresses),
        users=frozenset(manifest.users),
    )
    return prove(files, own, read, redact, Stop())


def recorded_account(records: Sequence[Record]) -> TrafficAccounted:
    """What the run recorded of its traffic, how its access log is read included; empty when it recorded nothing."""
    accounts = [record.event for record in records if isinstance(record.event, TrafficAccounted)]
    return accounts[-1] if accounts else TrafficAccounted(marks=())


def form_of(given: str | None, account: TrafficAccounted) -> LogFormat:
    """How a log writes its lines: as given, else as recorded."""
    form = given or account.form
    return LogFormat(form) if form in set(LogFormat) else LogFormat.AUTO

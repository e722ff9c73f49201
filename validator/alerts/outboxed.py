"""A target with a memory: what has to go out is kept first, tried, and tried again by later runs until it arrived."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from validator.alerts.begun import Beginning
from validator.alerts.incident import Kind, beginning
from validator.alerts.message import AlertMessage, linked
from validator.alerts.port import Channel, OptionalAlertError, Outbox, PartlyDeliveredError, Told, Waiting
from validator.alerts.route import Route, resolved, wants, weighed
from validator.model.errors import PermanentError, RetryableError, ValidatorError
from validator.support.clock import Clock
from validator.support.codec import UndecodableError, decode, encode, map_text
from validator.support.stop import Stop

_PAUSES = (1.0, 2.0, 4.0, 8.0)
_LATER = 300.0
"""Seconds after which an alert may be tried again when its target did not say."""
_MOST_TRIES = 10
"""After so many runs an alert is tried by `deliver` alone: what a target never takes must not hold up the next ones."""
_LIGHT = (f" {Kind.START}", f" {Kind.ANSWER}")
"""Ends of the keys of what no run's exit code depends on."""
_KEPT = "it is kept, and goes out with the next run or with `validator alerts deliver`"


class OutboxedChannel:
    """Implements `Channel` over another one, with a route before it and an outbox between."""

    def __init__(  # noqa: PLR0913 - all by keyword
        self,
        channel: Channel,
        *,
        outbox: Outbox,
        route: Route,
        clock: Clock,
        patience: float = 90.0,
        pauses: Sequence[float] = _PAUSES,
        undecided_before: Callable[[AlertMessage], int] = lambda _: 0,
        redact: Callable[[str], str] = str,
        job_url: str = "",
        reports_url: str = "",
        workflow_run: str = "",
        name: str = "",
    ) -> None:
        """Prepare to send.

        Args:
            channel: The target.
            outbox: Where alerts are kept.
            route: Which alerts are for it.
            clock: Measures the patience.
            patience: Seconds that one call may take, waiting for the target included.
            pauses: Seconds between two tries of one call, where the target does not ask for more.
            undecided_before: How many runs before that of the message were undecided in a row.
            redact: Takes secrets out of every text of a message.
            job_url: The job of the CI pipeline.
            reports_url: Where the folder of reports is published.
            workflow_run: The id of the workflow run that waits for the target's answer.
            name: What to call it, where its own name is not the only one of its kind.
        """
        self._channel = channel
        self._outbox = outbox
        self._route = route
        self._clock = clock
        self.patience = patience
        """Seconds that one call may take."""
        self._pauses = tuple(pauses)
        self._undecided_before = undecided_before
        self._redact = redact
        self._job_url = job_url
        self._reports_url = reports_url
        self._workflow_run = workflow_run
        self._name = name or channel.name
        self._beginning: Beginning | None = None

    @property
    def name(self) -> str:
        """The target's, unless told otherwise."""
        return self._name

    @property
    def asks(self) -> bool:
        """Whether it tells nothing but that gates wait for a person."""
        return self._route.approvals

    def send(self, message: AlertMessage, stop: Stop) -> str:
        """Keep what this run has to tell, and try everything that waits, oldest first.

        In quiet hours what is not urgent goes on waiting, which is no failure.

        Returns:
            What the target said to the last alert of this run; empty when there was none for it.

        Raises:
            ValidatorError: An alert of this run did not go out; as `Channel.send` says.
        """
        if self._beginning is not None:
            self._beginning.settle()
            self._beginning = None
        try:
            own = self._keep(message)
        except ValidatorError:
            return self._unkept(message, stop)
        try:
            receipts = self._deliver(stop, run=message.run)
        except ValidatorError as error:
            raise self._undelivered(error) from error
        return receipts[-1] if own and receipts else ""

    def begin(self, message: AlertMessage, *, keep: bool) -> None:
        """Tell those who follow runs from their begin that one has begun; nobody waits for it, nothing depends on it.

        Args:
            message: With `Kind.START`.
            keep: Whether the record is there to keep it until it is taken.
        """
        if not wants(self._route, message):
            return
        clean = self._clean(message)
        if keep:
            with suppress(ValidatorError):  # the record is away: it is told once
                if not self._outbox.put(clean.run, key_of(clean), self.name, encode(clean).decode(), required=False):
                    return
        if self._route.quiet is None or not self._route.quiet.hold(clean.severity, self._clock.now()):
            self._beginning = Beginning(self._channel, clean, lambda receipt: self._begun(clean, receipt, kept=keep))

    def deliver(self, stop: Stop) -> int:
        """Try everything that waits.

        Returns:
            How many alerts went out.

        Raises:
            ValidatorError: One did not.
        """
        return len(self._deliver(stop, run=""))

    def _begun(self, message: AlertMessage, receipt: str, *, kept: bool) -> None:
        if kept:
            with suppress(ValidatorError):  # the target will know it again by its id
                self._outbox.delivered(message.run, key_of(message), self.name, self._redact(receipt))

    def _keep(self, message: AlertMessage) -> int:
        """Put in what is to be told; how many alerts that is."""
        clean = self._clean(message)
        told = list(self._told(clean))
        for each in told:
            self._outbox.put(each.run, key_of(each), self.name, encode(each).decode(), required=self._route.required)
        return len(told)

    def _clean(self, message: AlertMessage) -> AlertMessage:
        """The message with what is known of the pipeline now, and without secrets."""
        told = linked(message, job_url=self._job_url, reports_url=self._reports_url)
        return map_text(replace(told, workflow_run=self._workflow_run), self._redact)

    def _told(self, message: AlertMessage) -> Iterator[AlertMessage]:
        if message.ends and not self._route.every_run:
            for incident in self._open(message):
                if message.kind is Kind.PASS or incident != message.incident:
                    yield resolved(message, incident)
        weighty = weighed(self._route, message, self._undecided_before(message))
        if wants(self._route, weighty):
            yield weighty

    def _open(self, message: AlertMessage) -> tuple[str, ...]:
        return open_incidents(self._outbox.told(self.name, beginning(message.tenant, message.environment)))

    def _unkept(self, message: AlertMessage, stop: Stop) -> str:
        """The record is away: better told without memory than not at all."""
        clean = self._clean(message)
        if not wants(self._route, clean):
            return ""
        try:
            return self._patiently(clean, stop, self._clock.monotonic() + self.patience)
        except ValidatorError as error:
            raise self._undelivered(error, kept=False) from error

    def _deliver(self, stop: Stop, *, run: str) -> list[str]:
        """Try what waits. One that is refused lets the next ones pass; a target that is away ends it.

        Raises:
            ValidatorError: An alert of this run did not go out, or any one if no run is given.
        """
        end = self._clock.monotonic() + self.patience
        receipts: list[str] = []
        failure: ValidatorError | None = None
        for waiting in self._outbox.waiting(self.name):
            start = waiting.key.endswith(_LIGHT)
            concerned = (waiting.run == run and not start) or not run
            if self._quiet(waiting) or (not concerned and waiting.tries >= _MOST_TRIES):
                continue
            try:
                receipt = self._try(waiting, stop, end if not start else 0.0)
            except RetryableError as error:
                if start and run:  # of no weight beside what was decided
                    continue
                failure = error
                break
            except PermanentError as error:
                failure = error if concerned else failure
            else:
                receipts += [receipt] if concerned else []
        if failure is not None:
            raise failure
        return receipts

    def _quiet(self, waiting: Waiting) -> bool:
        quiet = self._route.quiet
        if quiet is None:
            return False
        try:
            severity = _read(waiting.body, self.name).severity
        except PermanentError:  # told where it is tried
            return False
        return quiet.hold(severity, self._clock.now())

    def _try(self, waiting: Waiting, stop: Stop, end: float) -> str:
        run, key = waiting.run, waiting.key
        try:
            message = _read(waiting.body, self.name)
            thread = message.thread or thread_of(self._outbox.told(self.name, message.incident), message.run)
            receipt = self._patiently(replace(message, thread=thread, tries=waiting.tries), stop, end)
        except PartlyDeliveredError as error:
            self._split(waiting, error)
            raise
        except ValidatorError as error:
            after = error.after if isinstance(error, RetryableError) and error.after else _LATER
            with suppress(ValidatorError):  # it waits anyway
                self._outbox.deferred(run, key, self.name, self._redact(error.what), after=after)
            raise
        with suppress(ValidatorError):  # the target has it, and will know it again by its id
            self._outbox.delivered(run, key, self.name, self._redact(receipt))
        return receipt

    def _split(self, waiting: Waiting, error: PartlyDeliveredError) -> None:
        """Go on with those who are left alone: whoever has the alert must not get it again."""
        left = replace(_read(waiting.body, self.name), only=error.left)
        body, required = encode(left).decode(), self._route.required
        with suppress(ValidatorError):  # the record is away: better told twice than not at all
            self._outbox.put(waiting.run, key_of(left), self.name, body, required=required)
            self._outbox.delivered(waiting.run, waiting.key, self.name, error.receipt)

    def _patiently(self, message: AlertMessage, stop: Stop, end: float) -> str:
        """Send, and send again while the target may come back in time."""
        for number, pause in enumerate((*self._pauses, None)):
            try:
                return self._channel.send(replace(message, tries=message.tries + number), stop) or "delivered"
            except RetryableError as error:
                wait = max(error.after, pause or 0.0)
                if pause is None or self._clock.monotonic() + wait >= end or stop.wait(wait):
                    raise
        raise AssertionError("the last try returns or raises")

    def _undelivered(self, error: ValidatorError, *, kept: bool = True) -> ValidatorError:
        remedy = f"{error.remedy}; {_KEPT}" if kept and error.remedy else error.remedy or _KEPT
        what = self._redact(error.what)
        if not self._route.required:
            return OptionalAlertError(what, where=self.name, remedy=remedy)
        if isinstance(error, RetryableError):
            return RetryableError(what, after=error.after, where=self.name, remedy=remedy)
        return PermanentError(what, where=self.name, remedy=remedy)


def open_incidents(told: Sequence[Told]) -> tuple[str, ...]:
    """Incidents that began and did not end yet, of alerts newest first."""
    latest: dict[str, str] = {}
    for each in told:
        incident, *_, kind = each.key.split(" ")
        latest.setdefault(incident, kind)
    return tuple(incident for incident, kind in latest.items() if kind == Kind.FIRE)


def thread_of(told: Sequence[Told], run: str) -> str:
    """What the target said to the first alert of an incident that goes on in this run; alerts newest first."""
    first = ""
    for each in told:
        if each.run < run and each.key.endswith(f" {Kind.RESOLVE}"):
            break
        first = each.receipt if each.run < run and each.receipt else first
    return first


def key_of(message: AlertMessage) -> str:
    """The incident first and the kind last; between them, whom alone it is for."""
    only = hashlib.sha256("\n".join(message.only).encode()).hexdigest()[:12] if message.only else ""
    return " ".join(part for part in (message.incident, only, message.kind) if part)


def _read(body: str, where: str) -> AlertMessage:
    try:
        return decode(AlertMessage, body)
    except UndecodableError as error:
        remedy = "it was kept by another version of this program; tell the team by another way"
        raise PermanentError(f"a kept alert cannot be read: {error}", where=where, remedy=remedy) from error

"""An outbox that a test can look into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from validator.alerts.port import Told, Waiting
from validator.model.errors import RetryableError


@dataclass
class Kept:
    run: str
    key: str
    channel: str
    body: str
    required: bool
    tries: int = 0
    receipt: str = ""
    reasons: list[str] = field(default_factory=list)


class MemoryOutbox:
    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.away = False

    def put(self, run: str, key: str, channel: str, body: str, *, required: bool) -> bool:
        self._require()
        if any((each.run, each.key, each.channel) == (run, key, channel) for each in self.kept):
            return False
        self.kept.append(Kept(run=run, key=key, channel=channel, body=body, required=required))
        return True

    def waiting(self, channel: str) -> Sequence[Waiting]:
        self._require()
        mine = [each for each in self.kept if each.channel == channel and not each.receipt]
        return [Waiting(run=each.run, key=each.key, body=each.body, tries=each.tries) for each in mine]

    def told(self, channel: str, beginning: str) -> Sequence[Told]:
        self._require()
        mine = [each for each in self.kept if each.channel == channel and each.key.startswith(beginning)]
        return [Told(run=each.run, key=each.key, receipt=each.receipt) for each in reversed(mine)]

    def delivered(self, run: str, key: str, channel: str, receipt: str) -> None:
        self._require()
        each = self._one(run, key, channel)
        each.receipt, each.tries = receipt, each.tries + 1

    def deferred(self, run: str, key: str, channel: str, reason: str, *, after: float) -> None:
        self._require()
        each = self._one(run, key, channel)
        each.tries += 1
        each.reasons.append(reason)

    def _one(self, run: str, key: str, channel: str) -> Kept:
        return next(each for each in self.kept if (each.run, each.key, each.channel) == (run, key, channel))

    def _require(self) -> None:
        if self.away:
            raise RetryableError("the record is away")

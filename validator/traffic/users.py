"""Asks the backend which users an attempt has created: an address of the team's own, asked once after each attempt.

An answer tells of users by the run's id and the time. Where attempts run side by side, a user is listed with each of
those that ran when it was created, unless the backend can tell devices apart by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final
from urllib.parse import quote

from validator.model.attempt import SignIn
from validator.model.errors import ValidatorError
from validator.support.clock import Clock
from validator.support.http import MIB, HttpAnswer, get
from validator.support.json_path import JsonList, scalar
from validator.support.text import one_line
from validator.support.throttling import asked_to_wait

MOST_USERS: Final = 20
_SECONDS: Final = 5.0
"""For one request; an attempt is not held up for longer."""
_LONGEST_USER: Final = 128
_SPARE: Final = timedelta(seconds=2)
"""Before and after an attempt: clocks differ."""

Get = Callable[[str], HttpAnswer]


@dataclass(slots=True, kw_only=True)
class UsersOverHttp:
    """Asks for the users of attempts. One per run, used by several threads at once."""

    url: str
    """With `{run}`, `{began}` and `{ended}` for what is asked about."""
    ids: JsonList
    headers: Mapping[str, str] = field(repr=False)
    run: str
    clock: Clock
    redact: Callable[[str], str] = str
    _not_before: float = 0.0
    """When the backend is asked again, on the monotonic clock: it may limit us."""
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, began: datetime, ended: datetime) -> SignIn:
        """Who was signed in by an attempt of that time. Never raises for what the backend does."""
        with self._lock:
            limited = self._not_before - self.clock.monotonic()
        if limited > 0:
            return SignIn(unread=f"not asked: the backend asks to wait {limited:.0f} s")
        try:
            return self._read(get(self._address(began, ended), deadline=_SECONDS, headers=self.headers, follow=False))
        except ValidatorError as error:
            return SignIn(unread=one_line(self.redact(error.text), 200))

    def _address(self, began: datetime, ended: datetime) -> str:
        asked = {"run": self.run, "began": _utc(began - _SPARE), "ended": _utc(ended + _SPARE)}
        address = self.url
        for name, value in asked.items():
            address = address.replace(f"{{{name}}}", quote(value, safe=""))
        return address

    def _read(self, answer: HttpAnswer) -> SignIn:
        wait = asked_to_wait(answer.status, answer.headers, answer.body, self.clock.now().timestamp())
        if wait is not None:
            with self._lock:
                self._not_before = self.clock.monotonic() + wait
        if answer.status != 200:
            return SignIn(unread=f"HTTP {answer.status}")
        if answer.truncated:
            return SignIn(unread=f"the answer is longer than {MIB} bytes")
        try:
            found = self.ids.find(json.loads(answer.body))
        except (ValueError, RecursionError):
            return SignIn(unread="the answer is no JSON")
        if found is None:
            return SignIn(unread=f"the answer has no list at {self.ids.text}")
        users = (one_line(text, _LONGEST_USER) for value in found if (text := scalar(value)))
        return SignIn(users=tuple(dict.fromkeys(user for user in users if user))[:MOST_USERS])


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""What an attempt's files tell of the app: texts on its last screen, users that it created, a failed sign-in."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

from validator.model.attempt import SignIn
from validator.support.text import one_line

MOST_TEXTS: Final = 100
MOST_USERS: Final = 20
_MOST_LINES: Final = 20
_LONGEST_LINE: Final = 1000
_LONGEST_TEXT: Final = 200
_LONGEST_USER: Final = 128
_LARGEST_SCREEN: Final = 4 * 1024 * 1024
_TEXT: Final = re.compile(r'\s(?:text|content-desc|hint)="([^"]{1,2000})"')
"""Read by pattern, not as XML: what stands on a screen may be anybody's."""


AskUsers: TypeAlias = Callable[[datetime, datetime], SignIn]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInReading:
    """How the app's sign-in is read back; None: not at all."""

    user_log: re.Pattern[str] | None = None
    """Has a group `user`."""
    failed_log: re.Pattern[str] | None = None
    failed_text: re.Pattern[str] | None = None
    flow_tag: str = ""
    """The tag of flows that do nothing but sign in; empty: there are none."""
    ask: AskUsers | None = None
    """Asks the backend who was created from one moment to another."""

    def read(self, log: Path, texts: Iterable[str], tags: Collection[str] = ()) -> SignIn:
        """Look for it in the log of an attempt, which has been redacted, on the screen, and among the flow's tags.

        Raises:
            OSError: The log is there and cannot be read.
        """
        users: dict[str, None] = {}
        failed: list[str] = []
        for line in _lines(log) if self.user_log is not None or self.failed_log is not None else ():
            if len(users) < MOST_USERS and (user := self._user(line)):
                users[user] = None
            if len(failed) < _MOST_LINES and self.failed_log is not None and self.failed_log.search(line):
                failed.append(one_line(line, _LONGEST_LINE))
        flow = bool(self.flow_tag) and self.flow_tag in tags
        return SignIn(users=tuple(users), failed=(*failed, *self._failed_texts(texts)), flow=flow)

    def asked(self, found: SignIn, began: datetime, ended: datetime) -> SignIn:
        """What was found, and the users that the backend names for an attempt of this time."""
        if self.ask is None:
            return found
        told = self.ask(began, ended)
        return replace(found, users=tuple(dict.fromkeys((*found.users, *told.users))), unread=told.unread)

    def _user(self, line: str) -> str:
        found = self.user_log.search(line) if self.user_log is not None else None
        return one_line(found["user"] or "", _LONGEST_USER) if found is not None else ""

    def _failed_texts(self, texts: Iterable[str]) -> Iterator[str]:
        pattern = self.failed_text
        return (f"on screen: {text}" for text in texts if pattern is not None and pattern.search(text))


READ_NOTHING: Final = SignInReading()


def screen_texts(folder: Path) -> tuple[str, ...]:
    """The texts of the latest hierarchy in an attempt's folder; none when there is none that can be read."""
    newest = max(_hierarchies(folder), default=None)
    if newest is None:
        return ()
    try:
        with newest[1].open("rb") as file:
            content = file.read(_LARGEST_SCREEN).decode("utf-8", "replace")
    except OSError:
        return ()
    return _texts(content)


def _texts(content: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for hit in _TEXT.finditer(content):
        text = one_line(html.unescape(hit[1]), _LONGEST_TEXT)
        if text:
            found[text] = None
        if len(found) == MOST_TEXTS:
            break
    return tuple(found)


def _hierarchies(folder: Path) -> Sequence[tuple[int, Path]]:
    files = (path for path in folder.rglob("*.xml") if path.is_file() and not path.is_symlink())
    return [(path.stat().st_mtime_ns, path) for path in files if not path.name.startswith("junit")]


def _lines(log: Path) -> Iterator[str]:
    try:
        file = log.open("rb")
    except FileNotFoundError:
        return
    with file:
        for line in iter(lambda: file.readline(1024 * 1024), b""):
            yield line[: 4 * _LONGEST_LINE].decode("utf-8", "replace")[:_LONGEST_LINE]

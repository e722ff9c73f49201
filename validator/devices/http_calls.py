"""Finds in a stream of log lines the app's failed HTTP calls. Pure.

OkHttp's HttpLoggingInterceptor writes `<-- 503 Service Unavailable URL (3ms…)` and `<-- HTTP FAILED: EXCEPTION` under
a tag that begins with `okhttp` (square/okhttp, okhttp-logging-interceptor); React Native's console goes to
`ReactNativeJS`.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from validator.devices.logline import LogLine
from validator.devices.processes import started_pid

MAX_LINES = 200
_MAX_LENGTH = 1000

_SPENT = (
    r"http-problem-types#|over_\w{1,20}_rate_limit|TOO_MANY_ATTEMPTS_TRY_LATER|too-many-requests|QUOTA_EXCEEDED"
    r"|RATE_LIMIT_EXCEEDED|error code: 10\d\d\b|Just a moment\.\.\.|Attention Required! \| Cloudflare"
    r"|errors\.edgesuite\.net|Incapsula incident ID"
)
"""What bodies say of limits and firewalls."""
_OKHTTP = re.compile(rf"<-- ([45]\d\d\b|HTTP FAILED: )|x-amzn-waf-action: |{_SPENT}", re.IGNORECASE)
_HEADER = re.compile(r"(retry-after|date|cf-mitigated|(x-)?ratelimit[\w-]*): ", re.IGNORECASE)
"""Headers that say something below the reply to a call that failed, and nothing below others."""
_REPLIED = re.compile(r"<-- (?!END)(?:([123])\d\d\b)?")
_REACT = re.compile(
    r"Network request failed|Network Error|AxiosError|Request failed with status code [45]\d\d|fetch failed"
    r"|ENETUNREACH|Network is unreachable|Software caused connection abort"
    rf"|{_SPENT}"
    r"|\bHTTP[ /][\d.]{0,4}\s?[45]\d\d\b",
    re.IGNORECASE,
)
_SENT = re.compile(r"--> ([A-Z]{1,20}) (https?://\S+)")
_ANSWERED = re.compile(r"<-- \d{3}\b.*? (https?://\S+) \(")
_FAILED = "<-- HTTP FAILED: "
_MOST_SENT = 200


class HttpCalls:
    """Collects the lines; the last `MAX_LINES` count, because a failure stands at the end of a flow."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._pids: set[int] = set()
        self._found: list[LogLine] = []
        self._sent: list[tuple[int, int, str, str]] = []
        """Requests without an answer yet: process, thread, method and address."""
        self._content: set[tuple[int, int]] = set()
        """Processes and threads whose latest reply was no failure."""

    @property
    def tags(self) -> Collection[str]:
        """What the tags of the lines begin with that it looks at."""
        return ("okhttp", "reactnative", "activitymanager")

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the app, in the order of the log; of all apps where nobody told which processes are ours."""
        ours = [line for line in self._found if not self._pids or line.pid in self._pids]
        return tuple(line.text[:_MAX_LENGTH] for line in ours[-MAX_LINES:])

    @property
    def pids(self) -> frozenset[int]:
        """The app's processes, as far as they are known."""
        return frozenset(self._pids)

    def know(self, pid: int) -> None:
        """The app has, or had, a process of this number."""
        self._pids.add(pid)

    def feed(self, line: LogLine) -> None:
        """Take the next line of the log."""
        tag = line.tag.lower()
        if tag.startswith("okhttp"):
            line = self._addressed(line)
            header = self._header(line)
            self._keep(line, _OKHTTP.search(line.message) or header)
        elif tag.startswith("reactnative"):
            self._keep(line, _REACT.search(line.message))
        elif (pid := started_pid(line, self._package)) is not None:
            self._pids.add(pid)

    def _header(self, line: LogLine) -> re.Match[str] | None:
        """A header below the reply to a call that failed."""
        writer = line.pid, line.tid
        if (replied := _REPLIED.match(line.message)) is not None:
            self._content.discard(writer)
            if replied[1] is not None and len(self._content) < _MOST_SENT:
                self._content.add(writer)
        return _HEADER.match(line.message) if writer not in self._content else None

    def _addressed(self, line: LogLine) -> LogLine:
        """The line; where it tells of a call without its address, followed by the call as its thread had sent it."""
        if (sent := _SENT.match(line.message)) is not None:
            if line.tid != line.pid:  # a thread of its own makes one call after the other
                self._sent = [call for call in self._sent if call[:2] != (line.pid, line.tid)]
            self._sent.append((line.pid, line.tid, sent[1], sent[2]))
            del self._sent[:-_MOST_SENT]
        elif (answered := _ANSWERED.match(line.message)) is not None:
            self._settle(line, answered[1])
        elif line.message.startswith(_FAILED):
            return self._completed(line)
        return line

    def _completed(self, line: LogLine) -> LogLine:
        open_calls = {(method, url) for pid, tid, method, url in self._sent if (pid, tid) == (line.pid, line.tid)}
        if len(open_calls) != 1:  # a log without threads: nobody can tell which one failed
            return line
        method, url = open_calls.pop()
        self._settle(line, url)
        return line._replace(text=f"{line.text[: _MAX_LENGTH // 2]} [{method} {url}]")

    def _settle(self, line: LogLine, url: str) -> None:
        for call in self._sent:
            if call[:2] == (line.pid, line.tid) and call[3] == url:
                self._sent.remove(call)
                return

    def _keep(self, line: LogLine, hit: re.Match[str] | None) -> None:
        if hit is not None:
            self._found.append(line)
            del self._found[: -2 * MAX_LINES]

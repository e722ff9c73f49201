"""Finds in a stream of log lines the app's failed HTTP calls. Pure.

OkHttp's HttpLoggingInterceptor writes `<-- 503 Service Unavailable URL (3ms…)` and `<-- HTTP FAILED: EXCEPTION` under
a tag that begins with `okhttp` (square/okhttp, okhttp-logging-interceptor); React Native's console goes to
`ReactNativeJS`.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from validator.devices.logline import LogLine

MAX_LINES = 200
_MAX_LENGTH = 1000

_OKHTTP = re.compile(r"<-- ([45]\d\d\b|HTTP FAILED: )|(retry-after|(x-)?ratelimit[\w-]*): ", re.IGNORECASE)
_REACT = re.compile(
    r"Network request failed|Network Error|AxiosError|Request failed with status code [45]\d\d|fetch failed"
    r"|over_request_rate_limit|TOO_MANY_ATTEMPTS_TRY_LATER|too-many-requests|QUOTA_EXCEEDED"
    r"|\bHTTP[ /][\d.]{0,4}\s?[45]\d\d\b",
    re.IGNORECASE,
)
_STARTED = re.compile(r"Start proc (\d+):([\w.]+)")


class HttpCalls:
    """Collects the lines; the last `MAX_LINES` count, because a failure stands at the end of a flow."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._pids: set[int] = set()
        self._found: list[LogLine] = []

    @property
    def tags(self) -> Collection[str]:
        """What the tags of the lines begin with that it looks at."""
        return ("okhttp", "reactnative", "activitymanager")

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the app, in the order of the log; of all apps where nobody told which processes are ours."""
        ours = [line for line in self._found if not self._pids or line.pid in self._pids]
        return tuple(line.text[:_MAX_LENGTH] for line in ours[-MAX_LINES:])

    def know(self, pid: int) -> None:
        """The app has, or had, a process of this number."""
        self._pids.add(pid)

    def feed(self, line: LogLine) -> None:
        """Take the next line of the log."""
        tag = line.tag.lower()
        if tag.startswith("okhttp"):
            self._keep(line, _OKHTTP.search(line.message))
        elif tag.startswith("reactnative"):
            self._keep(line, _REACT.search(line.message))
        elif line.tag == "ActivityManager":
            started = _STARTED.match(line.message)
            if started is not None and started[2] == self._package:
                self._pids.add(int(started[1]))

    def _keep(self, line: LogLine, hit: re.Match[str] | None) -> None:
        if hit is not None:
            self._found.append(line)
            del self._found[: -2 * MAX_LINES]

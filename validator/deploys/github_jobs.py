"""Which jobs of the GitHub Actions run that runs us have passed, as GitHub says.

Source: GitHub REST API, "List jobs for a workflow run" (`GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs`), which
a workflow's own token may read with `actions: read`; "Rate limits for the REST API" for when to come back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from validator.model.errors import PermanentError, RetryableError, UsageError
from validator.support.http import HttpAnswer, HttpFailedError
from validator.support.http_send import send
from validator.support.stop import Stop
from validator.support.text import one_line
from validator.support.throttling import asked_to_wait

PASSED: Final = "success"
"""The one conclusion that counts; a skipped or neutral job has shown nothing."""
_WHERE = "the jobs of this GitHub run"
_REMEDY = "look at the run on GitHub; without its answer no job counts as passed"
_VARIABLES = ("GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_TOKEN")
_PAGE, _PAGES = 100, 50
_PAUSE = 1.0
_CALL_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubRun:
    """One run of a workflow, and who may ask about it."""

    api: str
    repository: str
    run: str
    token: str

    def __repr__(self) -> str:
        return f"GitHubRun({self.repository}, {self.run})"


def github_run(variables: Mapping[str, str]) -> GitHubRun:
    """The run that set these variables.

    Raises:
        UsageError: It is none of GitHub Actions, or its token was not handed on.
    """
    missing = [name for name in _VARIABLES if not variables.get(name)]
    if missing:
        remedy = (
            "hand them on in the step's `env`: GITHUB_TOKEN: ${{ github.token }}, with `permissions: actions: read`"
        )
        raise UsageError(f"{', '.join(missing)} not set, so that GitHub cannot be asked", where=_WHERE, remedy=remedy)
    api = variables.get("GITHUB_API_URL") or "https://api.github.com"
    parts = urlsplit(api)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise UsageError("the token would be sent unencrypted", where="GITHUB_API_URL", remedy="use an https address")
    return GitHubRun(
        api=api.rstrip("/"),
        repository=quote(variables["GITHUB_REPOSITORY"], safe="/"),
        run=quote(variables["GITHUB_RUN_ID"], safe=""),
        token=variables["GITHUB_TOKEN"],
    )


def job_states(run: GitHubRun, stop: Stop, *, deadline: float = 60.0) -> Mapping[str, str]:
    """Job -> its conclusion, or its status while it has none. Of jobs of one name, one that has not passed counts.

    Args:
        run: Whose jobs.
        stop: Ends the asking.
        deadline: Seconds for everything; a rate limit or an outage is waited for within them.

    Raises:
        RetryableError: GitHub gave no answer in time.
        PermanentError: It refuses, or what answers is not GitHub.
    """
    end = time.monotonic() + deadline
    states: dict[str, str] = {}
    for name, state in _jobs(run, stop, end):
        states[name] = state if states.get(name, PASSED) == PASSED else states[name]
    return states


def _jobs(run: GitHubRun, stop: Stop, end: float) -> Iterator[tuple[str, str]]:
    seen = 0
    for page in range(1, _PAGES + 1):
        address = f"{run.api}/repos/{run.repository}/actions/runs/{run.run}/jobs"
        total, jobs = _read(_asked(f"{address}?filter=latest&per_page={_PAGE}&page={page}", run.token, stop, end))
        yield from jobs
        seen += len(jobs)
        if seen >= total:
            return
        if not jobs:
            break
    raise PermanentError(f"GitHub showed {seen} jobs and says that there are more", where=_WHERE, remedy=_REMEDY)


def _asked(url: str, token: str, stop: Stop, end: float) -> bytes:
    """The answer's body; outages and limits are waited for while there is time."""
    while True:
        left = end - time.monotonic()
        answer, trouble = _once(url, token, stop, min(left, _CALL_SECONDS)) if left > 0 else (None, "no answer in time")
        if answer is not None and answer.status == 200:
            return answer.body
        pause = _pause(answer)
        if pause is None:
            words = one_line(answer.body.decode("utf-8", "replace"), 120) if answer is not None else ""
            raise PermanentError(f"{trouble}: {words}" if words else trouble, where=_WHERE, remedy=_REMEDY)
        if time.monotonic() + pause >= end or stop.wait(pause):
            raise RetryableError(f"GitHub cannot be asked now: {trouble}", after=pause, where=_WHERE, remedy=_REMEDY)


def _once(url: str, token: str, stop: Stop, deadline: float) -> tuple[HttpAnswer | None, str]:
    headers = {
        "accept": "application/vnd.github+json",
        "authorization": f"Bearer {token}",
        "x-github-api-version": "2022-11-28",
    }
    try:
        answer = send("GET", url, deadline=deadline, stop=stop, headers=headers)
    except HttpFailedError as error:
        return None, error.what
    return answer, f"GitHub answered HTTP {answer.status}"


def _pause(answer: HttpAnswer | None) -> float | None:
    """Seconds until asking again can help; None when it cannot."""
    if answer is None or answer.status >= 500:
        return _PAUSE
    return asked_to_wait(answer.status, answer.headers, answer.body, time.time())


def _read(body: bytes) -> tuple[int, Sequence[tuple[str, str]]]:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    match value:
        case {"total_count": int(total), "jobs": list(jobs)}:
            return total, [_job(job) for job in jobs]
        case _:
            raise PermanentError("what answered is not GitHub", where=_WHERE, remedy=_REMEDY)


def _job(job: object) -> tuple[str, str]:
    match job:
        case {"name": str(name), "status": "completed", "conclusion": str(conclusion)}:
            return name, conclusion
        case {"name": str(name), "status": str(status)}:
            return name, "in progress" if status == "completed" else status.replace("_", " ")
        case _:
            raise PermanentError("what answered is not GitHub", where=_WHERE, remedy=_REMEDY)

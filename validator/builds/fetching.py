"""One file from the network: asked for with patience, gone on with after a cut, and whole or not there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from validator.builds.cache import Cache
from validator.model.causes import Cause
from validator.model.errors import PermanentError, RetryableError, StageError
from validator.support.files import sha256_file
from validator.support.http_download import Download
from validator.support.stop import Stop
from validator.support.throttling import asked_to_wait

T = TypeVar("T")

_LARGEST: Final = 4 * 1024 * 1024 * 1024
"""Bytes; Android's package installer takes no APK of 4 GiB."""
_TRIES: Final = 6
"""Requests in a row that may bring nothing."""
_PAUSES: Final = wait_exponential(multiplier=0.25, max=8.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file, and how to know it."""

    url: str
    sha256: str = ""
    """64 lower-case hexadecimal digits; empty: not known before it is here."""
    size: int | None = None
    """Bytes; None: not known."""
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Headers that only the address's own host may see."""

    @property
    def shown(self) -> str:
        """The address without its query, which may hold a signature."""
        return self.url.partition("?")[0]


class Patience:
    """How long something is asked for: until its deadline, a stop, or too many tries that brought nothing."""

    def __init__(self, seconds: float, stop: Stop) -> None:
        self.stop = stop
        self._seconds = seconds
        self._ends = time.monotonic() + seconds
        self._vain = 0

    @property
    def left(self) -> float:
        """Seconds left, at least a moment."""
        return max(0.01, self._ends - time.monotonic())

    def progress(self) -> None:
        """Something came: begin to count anew."""
        self._vain = 0

    def ask(self, attempt: Callable[[], T]) -> T:
        """Try until it succeeds; a `RetryableError` is waited for as long as it asks, if that is possible.

        Raises:
            StageError: `apk_missing`, with what the last try came to.
        """
        asking = Retrying(
            retry=retry_if_exception_type(RetryableError),
            wait=lambda state: max(_PAUSES(state), _after(state)),
            stop=self._over,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return asking(attempt)
        except RetryableError as error:
            raise missing(self._said(error), error.where, error.remedy) from error
        except StageError:
            raise
        except PermanentError as error:
            raise missing(error.what, error.where, error.remedy) from error

    def _sleep(self, seconds: float) -> None:
        self.stop.wait(seconds)

    def _over(self, state: RetryCallState) -> bool:
        self._vain += 1
        return self.stop.is_set or self._vain >= _TRIES or state.upcoming_sleep >= self._ends - time.monotonic()

    def _said(self, error: RetryableError) -> str:
        if self.stop.is_set:
            return f"fetching was ended: {self.stop.reason}"
        if error.after > self._ends - time.monotonic():
            return f"{error.what}; that is longer than fetching may take ({self._seconds:g} s, `build.timeout`)"
        return f"{error.what} ({self._vain} tries in vain)" if self._vain > 1 else error.what


def _after(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    return error.after if isinstance(error, RetryableError) else 0.0


def missing(what: str, where: str, remedy: str) -> StageError:
    """The error of a build that could not be fetched."""
    return StageError(Cause.APK_MISSING, what, where=where, remedy=remedy)


def fetch_file(wanted: Wanted, cache: Cache, patience: Patience) -> Path:
    """The file in the cache, fetched unless one of its digest is there.

    Raises:
        StageError: `apk_missing`: it cannot be had, or is not what was wanted.
    """
    known = cache.find(wanted.sha256) if wanted.sha256 else None
    if known is not None:
        return known
    with cache.receiving() as file:
        patience.ask(_Fetch(wanted, file, patience))
        digest = sha256_file(Path(file.name))
        if wanted.sha256 and digest != wanted.sha256:
            raise missing(
                f"what came has the digest sha256:{digest}, expected sha256:{wanted.sha256}",
                wanted.shown,
                "somebody replaced the file, or the digest is that of another one: find out which before you go on",
            )
        return cache.keep(file, digest)


class _Fetch:
    """One try after the other; what came before a cut stays."""

    def __init__(self, wanted: Wanted, file: BinaryIO, patience: Patience) -> None:
        self._wanted = wanted
        self._patience = patience
        self._download = Download(file, max_bytes=wanted.size if wanted.size is not None else _LARGEST)

    def __call__(self) -> None:
        before = self._download.size
        try:
            self._ask()
        except RetryableError:
            if self._download.size > before:
                self._patience.progress()
            raise

    def _ask(self) -> None:
        wanted, download = self._wanted, self._download
        answer = download.ask(
            wanted.url,
            deadline=self._patience.left,
            stop=self._patience.stop,
            headers=wanted.headers,
            credentials=wanted.credentials,
        )
        if answer.status == 416:  # what is asked for lies behind the file's end: it has changed, or came too short
            download.start_over()
            raise RetryableError("the server does not go on where it stopped", where=wanted.shown)
        if answer.status not in (200, 206):
            raise refusal(answer.status, answer.headers, answer.body, wanted.shown)
        if wanted.size is not None and download.size != wanted.size:
            came = download.size
            download.start_over()
            raise RetryableError(
                f"only {came} of {wanted.size} bytes came, and the server called that all",
                where=wanted.shown,
                remedy="upload the file again: what lies there is cut off",
            )


def refusal(status: int, headers: Mapping[str, str], body: bytes, where: str) -> RetryableError | PermanentError:
    """The error for an answer that is not what was asked for: worth waiting for, or not."""
    seconds = asked_to_wait(status, headers, body, time.time())
    if seconds is not None:
        return RetryableError(
            f"HTTP {status}: the rate limit lifts in {seconds:.0f} s",
            after=seconds,
            where=where,
            remedy="wait, or fetch with a token of your own, whose limit is higher",
        )
    if status >= 500 or status == 408:
        return RetryableError(f"HTTP {status}", where=where, remedy="look whether the service is up")
    return PermanentError(f"HTTP {status}", where=where, remedy=_remedy(status))


def _remedy(status: int) -> str:
    match status:
        case 401 | 403:
            return "check the token: it must be valid and allowed to read this"
        case 404 | 410:
            return "check the names in `build`; a private repository or store also says this to who has no token"
        case _:
            return "check the address"

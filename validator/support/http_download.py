"""Files fetched over HTTP: streamed to disk, within a deadline and a size, and gone on with after a cut."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, Final

import httpx

from validator.model.errors import PermanentError
from validator.support.http_connection import Deadline
from validator.support.http_errors import HttpFailedError, HttpFailure
from validator.support.http_transport import MAX_REDIRECTS, REDIRECTS, client, explained, parse_address, shown
from validator.support.stop import Stop

_LONGEST_WORDS: Final = 64 * 1024
"""Bytes of an answer that is not the file."""
_SILENCE: Final = 30.0
"""Seconds without a byte after which a connection is given up: another one may go on where it stood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadAnswer:
    """The answer to one request for the file."""

    status: int
    """200 or 206: the file has come to its end, as far as the server says. Anything else: the file is as it was."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""
    """What was said instead of the file, cut at 64 KiB."""


class Download:
    """One file, fetched in as many requests as it takes. What has come before a cut is kept, and asked for no more."""

    def __init__(self, file: BinaryIO, *, max_bytes: int) -> None:
        """Prepare to write.

        Args:
            file: Open for reading and writing, and empty.
            max_bytes: What it may come to.
        """
        self._file = file
        self._max_bytes = max_bytes
        self._mark = ""
        """What the server calls this version of the file; empty when it has no name that could be relied on."""
        self.size = 0
        """Bytes that have come."""

    def start_over(self) -> None:
        """Forget what has come."""
        self._file.seek(0)
        self._file.truncate()
        self.size, self._mark = 0, ""

    def ask(  # noqa: PLR0913 - all by keyword, half of them with a default
        self,
        url: str,
        *,
        deadline: float,
        stop: Stop,
        headers: Mapping[str, str] = MappingProxyType({}),
        credentials: Mapping[str, str] = MappingProxyType({}),
        silence: float = _SILENCE,
    ) -> DownloadAnswer:
        """Ask for the file, or for the rest of it.

        Redirects are followed to any host (at most five, never from https to http).

        Args:
            url: An absolute http or https address.
            deadline: Seconds for everything together.
            stop: Ends it within half a second.
            headers: Sent to every host.
            credentials: Headers that only the host of the address itself may see.
            silence: Seconds without a byte after which the connection counts as cut.

        Raises:
            HttpFailedError: The file did not come to its end; what has come is there.
            PermanentError: It is larger than allowed, cannot be written, or cannot be asked for.
        """
        target, timer = parse_address(url), Deadline(deadline, stop=stop, silence=silence)
        try:
            with explained(target, deadline):
                return self._follow(target, timer, headers, credentials)
        except HttpFailedError as error:
            if timer.silent:
                what = f"not a byte came for {silence:g} s"
                raise HttpFailedError(HttpFailure.TIMEOUT, what, where=error.where) from error
            raise
        finally:
            self._file.flush()

    def _follow(
        self, first: httpx.URL, timer: Deadline, headers: Mapping[str, str], credentials: Mapping[str, str]
    ) -> DownloadAnswer:
        target = first
        for _ in range(MAX_REDIRECTS + 1):
            known = {**headers, **(credentials if _origin(target) == _origin(first) else {})}
            with client(target, timer) as asking, asking.stream("GET", target, headers=known | self._rest()) as answer:
                onward = _onward(target, answer)
                if onward is None:
                    return self._take(answer, target)
            target = onward
        raise PermanentError(
            f"more than {MAX_REDIRECTS} redirects", where=shown(first), remedy="check the address with `curl -L`"
        )

    def _rest(self) -> dict[str, str]:
        if self.size and not self._mark:
            self.start_over()
        return {"range": f"bytes={self.size}-", "if-range": self._mark} if self.size else {}

    def _take(self, answer: httpx.Response, target: httpx.URL) -> DownloadAnswer:
        headers = MappingProxyType(dict(answer.headers.items()))
        wanted = f"bytes {self.size}-"
        if answer.status_code == 200:
            self.start_over()
            self._mark = _mark(headers)
        elif answer.status_code != 206 or not headers.get("content-range", "").startswith(wanted):
            return DownloadAnswer(status=answer.status_code, headers=headers, body=_words(answer.iter_raw()))
        for piece in answer.iter_raw():
            self._write(piece, target)
        return DownloadAnswer(status=answer.status_code, headers=headers)

    def _write(self, piece: bytes, target: httpx.URL) -> None:
        if self.size + len(piece) > self._max_bytes:
            raise PermanentError(
                f"it is larger than {self._max_bytes} bytes",
                where=shown(target),
                remedy="check that the address leads to the file that is meant",
            )
        try:
            self._file.seek(self.size)
            self._file.write(piece)
        except OSError as error:
            raise PermanentError(
                f"what came cannot be written: {os.strerror(error.errno or 0)}",
                where=str(self._file.name),
                remedy="check the permissions and the free space of that folder",
            ) from error
        self.size += len(piece)


def _words(chunks: Iterator[bytes]) -> bytes:
    words = bytearray()
    for chunk in chunks:
        words += chunk
        if len(words) > _LONGEST_WORDS:
            break
    return bytes(words[:_LONGEST_WORDS])


def _mark(headers: Mapping[str, str]) -> str:
    """What `If-Range` may name: a strong entity tag, or a date (RFC 9110, section 13.1.5)."""
    tag = headers.get("etag", "")
    return tag if tag.startswith('"') else headers.get("last-modified", "")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _onward(target: httpx.URL, answer: httpx.Response) -> httpx.URL | None:
    """Where a redirect leads, if it may be followed."""
    if answer.status_code not in REDIRECTS or "location" not in answer.headers:
        return None
    onward = parse_address(str(target.join(answer.headers["location"])))
    return None if (target.scheme, onward.scheme) == ("https", "http") else onward

"""Connections for `support/http.py` that keep one deadline over everything: names, connecting, TLS, every read.

A timeout per read is no deadline: a server that sends one byte a second never runs into it. So each operation of the
network is given the time that is left of the whole.
"""

from __future__ import annotations

import math
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

import httpcore

from validator.support.stop import Stop

_TICK: Final = 0.25
"""Seconds after which a silent connection is left for a moment, to see whether somebody wants to stop."""


class Deadline:
    """A moment by which all is over."""

    def __init__(self, seconds: float, *, stop: Stop | None = None, silence: float = math.inf) -> None:
        """Begin now.

        Args:
            seconds: Until all is over.
            stop: Ends it before.
            silence: Seconds without a byte that end it before.
        """
        self.seconds = seconds
        self.silence = silence
        self.silent = False
        """It was silence that ended it."""
        self._stop = stop
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left.

        Raises:
            httpcore.TimeoutException: None are.
        """
        left = self._end - time.monotonic()
        if left <= 0 or (self._stop is not None and self._stop.is_set):
            raise httpcore.TimeoutException
        return left

    def await_bytes(self, read: Callable[[float], bytes]) -> bytes:
        """Read in pieces of time.

        Raises:
            httpcore.TimeoutException: Nothing came in time.
        """
        if self._stop is None and math.isinf(self.silence):
            return read(self.left())
        began = time.monotonic()
        while True:
            try:
                return read(min(_TICK, self.left()))
            except httpcore.ReadTimeout:
                self.silent = time.monotonic() - began > self.silence
                if self.silent:
                    raise

    @property
    def spent(self) -> float:
        """Seconds since the beginning."""
        return self.seconds - (self._end - time.monotonic())


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens TCP connections within a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._tcp = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  part of the interface; the deadline stands in for it
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; each gets an equal share of the time left."""
        known = addresses(host, port, self._deadline)
        failure: Exception = httpcore.ConnectError("the name has no address")
        for position, address in enumerate(known):
            share = self._deadline.left() / (len(known) - position)
            try:
                stream = self._tcp.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _DeadlineStream(stream, self._deadline)
        raise failure


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose every operation ends with the deadline, whatever timeout it is asked for."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  see the class
        return self._deadline.await_bytes(lambda seconds: self._stream.read(max_bytes, seconds))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  see the class
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  see the class
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def addresses(host: str, port: int, deadline: Deadline) -> list[str]:
    """The addresses of a name, without repetition. The lookup has no timeout of its own, so a thread waits for it.

    Raises:
        socket.gaierror: There are none, or not in time.
    """
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(address[4][0]) for address in found)))
        except (OSError, UnicodeError) as error:  # UnicodeError: a label that IDNA refuses
            answers.put(error)

    threading.Thread(target=ask, name=f"lookup of {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise socket.gaierror(socket.EAI_AGAIN, "no answer in time") from None
    if isinstance(answer, UnicodeError):
        raise socket.gaierror(socket.EAI_NONAME, "not a host name")
    if isinstance(answer, Exception):
        raise answer
    return answer

"""Below HTTP: whether a name resolves, and whether somebody accepts connections."""

from __future__ import annotations

from typing import Final

import httpcore

from validator.support.http_connection import Deadline, DeadlineBackend, addresses
from validator.support.http_errors import explain

_FAILURES: Final = (httpcore.TimeoutException, httpcore.NetworkError, OSError)


def lookup(host: str, *, deadline: float) -> tuple[str, ...]:
    """The addresses of a name, as this machine resolves it.

    Raises:
        HttpFailedError: It has none, or not within so many seconds.
    """
    try:
        return tuple(addresses(host, 0, Deadline(deadline)))
    except _FAILURES as error:
        raise explain(error, deadline=deadline, where=host) from error


def connect(host: str, port: int, *, deadline: float) -> None:
    """Open a TCP connection and close it again. Nothing is sent.

    Raises:
        HttpFailedError: Nobody accepted it within so many seconds.
    """
    try:
        DeadlineBackend(Deadline(deadline)).connect_tcp(host, port).close()
    except _FAILURES as error:
        raise explain(error, deadline=deadline, where=f"{host}:{port}") from error

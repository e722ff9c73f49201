"""A machine by name, as people write it: `user@host:port`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from validator.model.errors import UsageError

REMEDY = "write user@host or user@host:port; user and port may be left out"
_NAME = re.compile(
    r"(?:(?P<user>[^@\s:]+)@)?(?P<host>\[[0-9A-Fa-f:.%]+\]|[^-@\s:\[\]/][^@\s:\[\]/]*)(?::(?P<port>\d{1,5}))?"
)
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class HostName:
    """A host, a user on it, and a port; what is empty or 0 is left to whoever connects."""

    host: str
    user: str = ""
    port: int = 0

    def __str__(self) -> str:
        """As people write it."""
        user, port = f"{self.user}@" if self.user else "", f":{self.port}" if self.port else ""
        return f"{user}{f'[{self.host}]' if ':' in self.host else self.host}{port}"


def parse_host(text: str) -> HostName:
    """Read it.

    Raises:
        UsageError: It is nothing of the kind.
    """
    found = _NAME.fullmatch(text)
    port = int(found["port"] or 0) if found is not None else 0
    if found is None or port > _LAST_PORT:
        raise UsageError(f"{text[:200]!r} is not a host", remedy=REMEDY)
    return HostName(host=found["host"].strip("[]"), user=found["user"] or "", port=port)

"""What a file with the keys of hosts says about one of them; the format is in sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.

Marks of certificate authorities are seen, so that it can be said that they do not count.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from binascii import Error as Base64Error
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from paramiko.hostkeys import HostKeyEntry, InvalidHostKey
from paramiko.pkey import PKey
from paramiko.ssh_exception import SSHException

_HASHED = re.compile(r"\|1\|([^|]+)\|([^|]+)")
_AUTHORITY = "@cert-authority"
_REVOKED = "@revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKeys:
    """What is known about a host."""

    keys: tuple[PKey, ...]
    revoked: frozenset[str]
    """Keys that nobody may have any more, in base64, whatever host they are marked for."""
    authority: bool
    """Whether certificates of an authority are said to be good for it."""


def known_keys(file: Path, name: str) -> KnownKeys:
    """Read what a file says about a host; what cannot be understood says nothing, as with OpenSSH.

    Args:
        file: The file; it need not be there.
        name: The host as the file names it: `emu1`, `[emu1]:2222`.
    """
    keys = list[PKey]()
    revoked = set[str]()
    authority = False
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    for line in map(str.strip, lines):
        mark, _, rest = line.partition(" ") if line.startswith("@") else ("", "", line)
        names, _, key = rest.strip().partition(" ")
        if mark == _REVOKED:
            revoked.update(key.split()[1:2])
        elif line and not line.startswith("#") and _is_meant(names, name):
            authority |= mark == _AUTHORITY
            keys += _key(line) if not mark else []
    return KnownKeys(keys=tuple(keys), revoked=frozenset(revoked), authority=authority)


def _key(line: str) -> list[PKey]:
    with suppress(InvalidHostKey, Base64Error, SSHException):
        entry = HostKeyEntry.from_line(line)
        if entry is not None and entry.key is not None:
            return [entry.key]
    return []


def _is_meant(names: str, host: str) -> bool:
    """Whether the first field of a line is about the host: one that is denied is not, whatever else matches."""
    found = False
    for pattern in names.split(","):
        if _matches(pattern.removeprefix("!"), host):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _matches(pattern: str, host: str) -> bool:
    if hashed := _HASHED.fullmatch(pattern):
        with suppress(ValueError):  # no base64
            return hmac.digest(b64decode(hashed[1]), host.encode(), "sha1") == b64decode(hashed[2])
        return False
    words = {"*": ".*", "?": "."}
    shape = "".join(words.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(shape, host, re.IGNORECASE) is not None

"""What a runner's process gets to see: an environment of our choosing, and a private folder that is gone afterwards.

Runners put values of their environment into flow texts (`$HOME`), into reports and into error reports to their makers,
so nothing of ours is passed on but what they cannot work without.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from validator.model.device import AdbAddress
from validator.support.guard import GUARD
from validator.support.machine import HERE, Machine

_PASSED: Final = (
    *("HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "USER", "LOGNAME"),
    # The scripts of flows make HTTP requests of their own.
    *(
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """For one process."""

    folder: Path
    """Private to this user, and removed when the process has ended, or when we are killed."""
    environment: Mapping[str, str]


def passed_on(*more: str, machine: Machine = HERE) -> dict[str, str]:
    """The part of a machine's environment that a runner gets: what any program needs, and the variables named."""
    given = machine.environment
    return {name: given[name] for name in (*_PASSED, *more) if name in given}


@contextmanager
def surroundings(adb: AdbAddress, environment: Mapping[str, str], machine: Machine = HERE) -> Iterator[Surroundings]:
    """Prepare what a process sees: `adb` on its PATH is the given program and talks to the given server.

    Runners and scripts look for `adb` on PATH; one of another version would restart the server under our feet.

    Args:
        adb: The program and server to use.
        environment: What else it sees.
        machine: Where it runs. The folder is one of ours even so, which it reads.
    """
    with _private_folder() as folder:
        programs = folder / "bin"
        programs.mkdir()
        _put_adb(programs / "adb", adb.path, machine)
        path = os.pathsep.join((str(programs), machine.environment.get("PATH", os.defpath)))
        own = {"PATH": path, "ANDROID_ADB_SERVER_PORT": str(adb.server_port)}
        yield Surroundings(folder=folder, environment={**environment, **own})


def _put_adb(file: Path, adb: str, machine: Machine) -> None:
    if not machine.name and adb:
        file.symlink_to(adb)
    if not (machine.name and adb):
        return
    # A link would be followed here, where that adb is not, or is another one.
    file.write_text(f'#!/bin/sh\nexec {shlex.quote(adb)} "$@"\n', encoding="utf-8")
    file.chmod(0o755)


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder that holds secrets and outlives neither the block nor us, not even when we are killed in it."""
    temporary = tempfile.TemporaryDirectory(prefix="validator-runner-")
    folder = Path(temporary.name)
    GUARD.add_folder(folder)
    try:
        with temporary:
            yield folder
    finally:
        GUARD.remove_folder(folder)

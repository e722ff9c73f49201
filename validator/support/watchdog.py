"""The watchdog's own program; `guard` starts it with a bare interpreter, so it imports nothing of ours.

It reads lines: `+GROUP` guard this process group, `-GROUP` no longer, `>FOLDER` (its path in hexadecimal digits) and
`<FOLDER` the same for a folder, `.` all is well, end. When the lines end without the full stop, whoever wrote them is
dead: the groups are killed, and whatever carries the mark (`NAME=TOKEN`, the only argument) in its environment, which
finds what was started in the very last moment and what left its group. Then the folders are removed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

_ROUNDS = 20
"""A marked process can start another one while we look; a round without a find ends the search."""


def main(mark: str) -> None:
    """Watch over standard input, as told above."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    folders: set[bytes] = set()
    for line in sys.stdin:
        if line.startswith("."):
            return
        if line[0] in "<>":
            change_folders = folders.add if line[0] == ">" else folders.discard
            change_folders(bytes.fromhex(line[1:]))
        else:
            change = groups.add if line[0] == "+" else groups.discard
            change(int(line[1:]))
    _end(groups, mark.encode())
    _remove(folders)


def _end(groups: set[int], mark: bytes) -> None:
    for group in groups:
        _kill(os.killpg, group)
    for _ in range(_ROUNDS):
        killed = [_kill(os.kill, process) for process in _marked(mark)]
        if not any(killed):
            return


def _remove(folders: set[bytes]) -> None:
    if folders:
        import shutil  # noqa: PLC0415 - it doubles the start-up time, and is nearly never needed

        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def _marked(mark: bytes) -> list[int]:
    """The processes that carry the mark; none where there is no /proc."""
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():  # noqa: PTH112, PTH208 - pathlib doubles the start-up time
        try:
            with open(f"/proc/{int(name)}/environ", "rb") as file:  # noqa: PTH123 - as above
                if mark in file.read().split(b"\0"):
                    found.append(int(name))
        except (ValueError, OSError):
            continue
    return found


def _kill(how: Callable[[int, int], None], whom: int) -> bool:
    try:
        how(whom, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1])

"""How full the device is."""

from __future__ import annotations

import errno

_SYSTEM_SHARE = 4
"""One part in four of the data partition is taken by the system's own data, about what a fresh emulator image shows."""


class Storage:
    """Counts bytes on the data partition. `full` pretends that nothing is free, whatever the count says."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.full = False
        self._used = total // _SYSTEM_SHARE

    @property
    def free(self) -> int:
        """Bytes that can still be written."""
        return 0 if self.full else max(0, self.total - self._used)

    @property
    def used(self) -> int:
        """Bytes taken."""
        return self.total - self.free

    def take(self, size: int) -> None:
        """Account for bytes to be written.

        Raises:
            OSError: ENOSPC, they do not fit.
        """
        if size > self.free:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._used += size

    def give_back(self, size: int) -> None:
        """Account for bytes removed."""
        self._used -= size

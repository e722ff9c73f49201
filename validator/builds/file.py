"""An APK that somebody else has built: a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from validator.builds.port import keep
from validator.support.stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBuild:
    """Implements `BuildSource`."""

    path: Path
    """Absolute."""

    @property
    def source(self) -> str:
        """The file."""
        return str(self.path)

    def fetch(self, folder: Path, stop: Stop) -> Path:  # noqa: ARG002 - a copy is short enough to be waited for
        """Copy the file into the folder.

        Raises:
            StageError: `apk_missing`: it is not there, no file, or cannot be copied.
        """
        return keep(self.path, folder)

"""What a build recipe offers the pipeline, and what all recipes share: the APK under test is a copy of our own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final, Protocol

from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.stop import Stop

APK_NAME: Final = "app.apk"
LOG_NAME: Final = "build.log"


class BuildSource(Protocol):
    """Where the APK under test comes from."""

    @property
    def source(self) -> str:
        """The recipe in a few words for a person: the command, or the file."""
        ...

    def fetch(self, folder: Path, stop: Stop) -> Path:
        """Make or get the APK, and put a copy of it into the folder.

        Args:
            folder: The run's `build` folder; logs of the recipe go there too.
            stop: Ends the recipe.

        Returns:
            `folder/app.apk`: the bytes that are read, installed and recorded from now on, whatever becomes of the
            original.

        Raises:
            StageError: `apk_missing`, with what the recipe said.
        """
        ...


def note(folder: Path, line: str) -> None:
    """Leave a line about where the APK comes from in the run's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LOG_NAME).write_text(f"{line}\n", encoding="utf-8")


def keep(apk: Path, folder: Path) -> Path:
    """Copy the APK into the run's folder.

    Raises:
        StageError: `apk_missing`: it is not there, no file, or cannot be copied.
    """
    target = folder / APK_NAME
    if not apk.is_file():
        what = "is a folder, not an APK" if apk.is_dir() else "does not exist"
        raise StageError(
            Cause.APK_MISSING,
            f"the APK {what}",
            where=str(apk),
            remedy="build it first, or correct the path in `build`",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(apk, target)
    except OSError as error:
        raise StageError(
            Cause.APK_MISSING,
            f"the APK cannot be copied to {target}: {error.strerror}",
            where=str(apk),
            remedy="check its permissions and the free space of the reports folder",
        ) from error
    return target

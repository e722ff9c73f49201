"""A copy of a flow's files to run from, because maestro-runner 1.1.27 writes beside the flows.

`takeScreenshot: here` and `assertScreenshot` write their images into the folder of the flow file, over what lies there
(measured). The team's files are the team's.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

_MOST_ENTRIES: Final = 50_000
"""As many as a workspace may have."""
_COPIED_BYTES: Final = 1024 * 1024
_MOST_PICTURES: Final = 100
_LARGEST_PICTURE: Final = 50 * 1024 * 1024
_PICTURES: Final = (".png", ".jpg", ".jpeg")
_VIDEO: Final = ".mp4"


@dataclass(slots=True)
class WorkspaceCopy:
    """Files under their whole path below another root: `/home/ci/shop/a.yaml` is `ROOT/home/ci/shop/a.yaml`."""

    root: Path
    records: bool = True
    """Whether the runner may write videos. Large files that it only reads are links: they are as good."""
    _folders: set[Path] = field(default_factory=set, init=False)
    _taken: int = field(default=0, init=False)
    _copies: dict[Path, int] = field(default_factory=dict, init=False)
    """Each picture as it was copied: its time of change, nanoseconds."""

    def place(self, file: Path) -> Path:
        """Where the copy of an absolute path lies."""
        return self.root / file.relative_to(file.anchor)

    def named(self, text: str) -> str:
        """A text in which the runner named copies, with the files that they are copies of."""
        return text.replace(f"{self.root}{os.sep}", os.sep)

    def take_files(self, files: Iterable[Path]) -> None:
        """Copy single files; those that are there already are passed over.

        Args:
            files: Absolute, without `..`.

        Raises:
            OSError: A file cannot be read or written.
        """
        for file in files:
            if not (copy := self.place(file)).exists():
                self._folder(copy.parent)
                self._file(file, copy, file.stat().st_size)

    def take_folder(self, folder: Path) -> None:
        """Copy a folder with all that is in it. 2,000 small files take about 0.3 s.

        Args:
            folder: Absolute. Linked folders in it are copied as well.

        Raises:
            OSError: A file cannot be read or written, or there are more than 50,000.
        """
        waiting, seen = [folder], {folder}
        while waiting:
            inner = set(self._copied(waiting.pop())) - seen
            seen |= inner
            waiting += inner

    def keep_pictures(self, workspace: Path, target: Path) -> None:
        """Keep what the runner wrote beside the flows: screenshots that they took, and videos.

        Args:
            workspace: The folder they are named by, absolute.
            target: Where they are kept, under their names in the workspace. At most 100, of 50 MiB each.

        Raises:
            OSError: One cannot be read or written.
        """
        place = self.place(workspace)
        written = (path for path in sorted(place.rglob("*")) if self._is_new(path))
        for path in islice(written, _MOST_PICTURES):
            kept = target / path.relative_to(place)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, kept)

    def _is_new(self, path: Path) -> bool:
        if path.suffix.lower() not in (*_PICTURES, _VIDEO) or path.is_symlink() or not path.is_file():
            return False
        found = path.stat()
        return found.st_size <= _LARGEST_PICTURE and self._copies.get(path) != found.st_mtime_ns

    def _copied(self, folder: Path) -> list[Path]:
        """Copy the files of a folder; the folders that are still to be copied."""
        target, inner = self.place(folder), list[Path]()
        self._folder(target)
        with os.scandir(folder) as entries:
            for entry in entries:
                self._count(folder)
                copy = target / entry.name
                if entry.is_file():
                    if not copy.exists():
                        self._file(Path(entry.path), copy, entry.stat().st_size)
                elif entry.is_dir() and not entry.is_symlink():
                    inner.append(Path(entry.path))
                elif entry.is_dir():
                    inner.append(linked := Path(entry.path).resolve())
                    copy.symlink_to(self.place(linked))
        return inner

    def _count(self, folder: Path) -> None:
        self._taken += 1
        if self._taken > _MOST_ENTRIES:
            raise OSError(f"{folder}: the workspace, with the folders that it links to, has over {_MOST_ENTRIES} files")

    def _folder(self, folder: Path) -> None:
        if folder not in self._folders:
            self._folders.add(folder)
            folder.mkdir(parents=True, exist_ok=True)

    def _file(self, file: Path, copy: Path, size: int) -> None:
        if size > _COPIED_BYTES and not self._is_written(file.suffix.lower()):
            copy.symlink_to(file.resolve())
        else:
            shutil.copyfile(file, copy)
            self._copies[copy] = copy.stat().st_mtime_ns

    def _is_written(self, ending: str) -> bool:
        return ending in _PICTURES or (ending == _VIDEO and self.records)

"""An APK made by the team's own build command: gradle, flutter, expo, a script, anything."""

from __future__ import annotations

import glob
import itertools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from validator.builds.port import LOG_NAME, keep
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.process import Completed, Ended, ProgramMissingError, run
from validator.support.stop import Stop
from validator.support.text import one_line

_LINES_SHOWN: Final = 8
_MOST_MATCHES: Final = 1_000
_LISTED: Final = 5
_MAX_LOG: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandBuild:
    """Implements `BuildSource`."""

    command: str
    """A line for `/bin/sh`."""
    directory: Path
    """Where it runs, and what the artefact's path is relative to; absolute."""
    artifact: str
    """The path of the APK, or a pattern (`**/*-release.apk`) that matches exactly one new file."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Added to our own environment."""
    seconds: float = 3600.0
    """How long it may take."""

    @property
    def source(self) -> str:
        """The command."""
        return f"`{self.command}`"

    def fetch(self, folder: Path, stop: Stop) -> Path:
        """Run the command, find what it made, and copy that into the folder; its log is `folder/build.log`.

        Raises:
            StageError: `apk_missing`: the command failed or ended late, or it did not make exactly one new APK.
        """
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / LOG_NAME
        log.touch()
        started = log.stat().st_mtime_ns  # the file system's own clock, which lags behind the system's by milliseconds
        completed = self._run(log, stop)
        if completed.ended is not Ended.EXITED or completed.exit_code != 0:
            raise self._failure(self._how(completed, stop), completed, log)
        return keep(self._artefact(started, completed, log), folder)

    def _run(self, log: Path, stop: Stop) -> Completed:
        try:
            return run(
                ("/bin/sh", "-c", self.command),
                deadline=self.seconds,
                stop=stop,
                env={**os.environ, **self.environment},
                cwd=self.directory,
                output=log,
                max_output=_MAX_LOG,
            )
        except (ProgramMissingError, OSError) as error:
            raise StageError(
                Cause.APK_MISSING,
                f"the build command cannot be started: {error}",
                where=str(self.directory),
                remedy="check that the directory of `build.command` exists",
            ) from error

    def _how(self, completed: Completed, stop: Stop) -> str:
        match completed.ended:
            case Ended.TIMED_OUT:
                return f"did not end within {self.seconds:g} s"
            case Ended.STOPPED:
                return f"was ended: {stop.reason}"
            case Ended.EXITED:
                return f"ended with status {completed.exit_code}"

    def _artefact(self, started: int, completed: Completed, log: Path) -> Path:
        pattern = str(Path(self.artifact).expanduser())
        # A path may hold characters that mean something in a pattern.
        found = [self.directory / pattern] if (self.directory / pattern).is_file() else self._matches(pattern)
        new = [path for path in found if _changed_since(path, started)]
        if len(new) == 1:
            return new[0]
        if new:
            what = f"made several files that match {self.artifact}: {_listed(new)}"
        elif found:
            what = f"did not write {self.artifact} anew; what lies there is older than this build: {_listed(found)}"
        else:
            what = f"made no file that matches {self.artifact} in {self.directory}"
        raise self._failure(what, completed, log)

    def _matches(self, pattern: str) -> list[Path]:
        found = glob.iglob(pattern, root_dir=self.directory, recursive=True)  # noqa: PTH207 - takes absolute patterns too
        paths = (self.directory / name for name in itertools.islice(found, _MOST_MATCHES))
        return sorted(path for path in paths if path.is_file())

    def _failure(self, what: str, completed: Completed, log: Path) -> StageError:
        words = [text for line in completed.tail if (text := one_line(line, 300))][-_LINES_SHOWN:]
        lines = "".join(f"\n  | {line}" for line in words)
        return StageError(
            Cause.APK_MISSING,
            f"the build command {what}" + (f"; its last lines:{lines}" if lines else "; it printed nothing"),
            where=f"`{self.command}`",
            remedy=f"see {log}, and correct `build.command` or `build.artifact` (a path or pattern for one new file)",
        )


def _changed_since(path: Path, started: int) -> bool:
    """Whether the file was written after that moment; some file systems keep whole seconds only."""
    changed = path.stat().st_mtime_ns
    whole_seconds = changed % 1_000_000_000 == 0
    return changed >= (started - started % 1_000_000_000 if whole_seconds else started)


def _listed(paths: Sequence[Path]) -> str:
    names = ", ".join(str(path) for path in paths[:_LISTED])
    return f"{names} and {len(paths) - _LISTED} more" if len(paths) > _LISTED else names

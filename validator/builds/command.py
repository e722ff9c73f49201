"""An APK made by the team's own build command: gradle, flutter, expo, a script, anything."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from validator.builds.artifacts import SearchEndedError, find_files
from validator.builds.port import LOG_NAME, keep
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.process import Completed, Ended, ProgramMissingError, run
from validator.support.stop import Stop
from validator.support.text import one_line

_LINES_SHOWN: Final = 8
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
    fresh: bool = True
    """Whether the file must be newer than the command's start; otherwise one that it left unchanged is taken, too."""

    @property
    def source(self) -> str:
        """The command."""
        return f"`{self.command}`"

    def fetch(self, folder: Path, stop: Stop) -> Path:
        """Run the command, find what it made, and copy that into the folder; its log is `folder/build.log`.

        Raises:
            StageError: `apk_missing`: the command failed or ended late, or did not make exactly one APK; `apk_stale`:
                all that matches is older than its start.
        """
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / LOG_NAME
        log.touch()
        started = log.stat().st_mtime_ns  # the file system's own clock, which lags behind the system's by milliseconds
        completed = self._run(log, stop)
        if completed.ended is not Ended.EXITED or completed.exit_code != 0:
            raise self._failure(self._how(completed, stop), completed, log)
        found = self._found(completed, log, stop)
        return keep(self._chosen(found, started, completed, log), folder)

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

    def _found(self, completed: Completed, log: Path, stop: Stop) -> list[Path]:
        try:
            return find_files(self.directory, str(Path(self.artifact).expanduser()), stop)
        except SearchEndedError as error:
            what = f"is done, but the search for {self.artifact} in {self.directory} was given up: {error}"
            raise self._failure(what, completed, log) from error

    def _chosen(self, found: Sequence[Path], started: int, completed: Completed, log: Path) -> Path:
        new = [path for path in found if _changed_since(path, started)]
        fit = new if new or self.fresh else found
        if len(fit) == 1:
            return fit[0]
        if fit:
            raise self._failure(f"made several files that match {self.artifact}: {_listed(fit)}", completed, log)
        if found:
            raise self._stale(found)
        raise self._failure(f"made no file that matches {self.artifact} in {self.directory}", completed, log)

    def _stale(self, found: Sequence[Path]) -> StageError:
        return StageError(
            Cause.APK_STALE,
            f"the build command did not write {self.artifact} anew; what lies there is older than this build: "
            f"{_listed(found)}",
            where=f"`{self.command}`",
            remedy="let the command delete it before it builds (`rm -f`, or gradle's `clean`); or, where the build "
            "leaves what is up to date as it is, set `build.fresh: false` and name in `build.expect` what only this "
            "deployment's APK contains",
        )

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
    try:
        changed = path.stat().st_mtime_ns
    except OSError:  # gone since it was found
        return False
    whole_seconds = changed % 1_000_000_000 == 0
    return changed >= (started - started % 1_000_000_000 if whole_seconds else started)


def _listed(paths: Sequence[Path]) -> str:
    names = ", ".join(str(path) for path in paths[:_LISTED])
    return f"{names} and {len(paths) - _LISTED} more" if len(paths) > _LISTED else names

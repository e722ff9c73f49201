"""The team's own command between two flows, such as a script that clears an emulator's data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from validator.flows.report import last_words
from validator.flows.surroundings import surroundings
from validator.model.causes import Cause
from validator.model.device import AdbAddress
from validator.model.errors import StageError
from validator.support.process import Completed, Ended, ProgramMissingError, run
from validator.support.stop import Stop

_LINES_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BetweenCommand:
    """What `flows.between` says."""

    command: str
    """A line for `/bin/sh`."""
    directory: Path
    """Where it runs; absolute."""
    environment: Mapping[str, str] = field(repr=False)
    """Added to our own environment: `SKIP_DATA_CLEANUP` and whatever else the flows get."""
    seconds: float
    """How long it may take."""

    def run(self, serial: str, adb: AdbAddress, output: Path, stop: Stop) -> None:
        """Run it for one device, whose serial is in `ANDROID_SERIAL`: a plain `adb shell …` reaches that device.

        Args:
            serial: The device that the last flow ran on and the next one will.
            adb: The `adb` on the command's PATH, and its server.
            output: A file that receives what it prints.
            stop: Ends it.

        Raises:
            StageError: `runner_failed`: it ended with another status than 0, or not in time; with its last lines.
        """
        environment = {**os.environ, **self.environment, "ANDROID_SERIAL": serial}
        try:
            with surroundings(adb, environment) as around:
                completed = run(
                    ("/bin/sh", "-c", self.command),
                    deadline=self.seconds,
                    stop=stop,
                    env=around.environment,
                    cwd=self.directory,
                    output=output,
                )
        except (ProgramMissingError, OSError) as error:
            raise self._failure(f"could not be started: {error}", "") from error
        if completed.ended is not Ended.EXITED or completed.exit_code != 0:
            words = "\n".join(f"  | {line}" for line in last_words(completed.tail)[-_LINES_SHOWN:])
            raise self._failure(self._how(completed, stop), words)

    def _how(self, completed: Completed, stop: Stop) -> str:
        match completed.ended:
            case Ended.TIMED_OUT:
                return f"did not end within {self.seconds:g} s"
            case Ended.STOPPED:
                return f"was ended: {stop.reason}"
            case Ended.EXITED:
                return f"ended with status {completed.exit_code}"

    def _failure(self, what: str, words: str) -> StageError:
        return StageError(
            Cause.RUNNER_FAILED,
            f"the command between two flows {what}" + (f"; its last lines:\n{words}" if words else ""),
            where=self.command,
            remedy=f"run it by hand in {self.directory}, and correct it or `flows.between`",
        )

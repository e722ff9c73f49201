"""Facts from Terraform (or OpenTofu): the outputs of what was applied, asked from the program or read from a file."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from validator.deploys.outputs import MAX_BYTES, MAX_STATE_BYTES, Hide, OutputsError, parse, parse_state
from validator.deploys.port import Outputs
from validator.model.causes import Cause
from validator.model.errors import StageError, UsageError
from validator.support.lines import MAX_LINE
from validator.support.process import Completed, Ended, ProgramMissingError, run
from validator.support.stop import Stop
from validator.support.text import one_line

_PROGRAMS: Final = ("terraform", "tofu")
_SECONDS: Final = 120.0
"""A remote state is one or two requests; a backend that needs longer is in trouble."""
_QUIET: Final = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
_LINES_SHOWN: Final = 6
_SAVE: Final = (
    'save what `terraform output -json` prints, or write an object such as {"api_url": "https://api.example.com"}'
)
_APPLY: Final = (
    "name the `terraform.tfstate` that `terraform apply` wrote; for a state that is kept elsewhere set "
    "`deployment.terraform.directory` instead"
)

# Standard output holds secrets in clear, so it never touches the disk; the messages come apart from it.
_APART: Final = 'exec "$0" output -json -no-color 2>"$VALIDATOR_MESSAGES"'


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformDirectory:
    """Implements `OutputSource`: asks `terraform output -json`, or `tofu`, in a directory."""

    directory: Path
    """Where `terraform init` and `apply` were run; absolute."""
    hide: Hide = field(repr=False)
    """Told every sensitive value before anything else gets to see it."""
    program: str = ""
    """The program; empty: `terraform` from PATH, or else `tofu`."""
    seconds: float = _SECONDS

    def read(self, stop: Stop) -> Outputs:
        """Ask for the outputs of the state.

        Raises:
            UsageError: The directory or the program is not there, or nothing was applied.
            StageError: `unknown`: it did not answer in time.
        """
        if not self.directory.is_dir():
            raise UsageError(
                "the Terraform directory does not exist",
                where=str(self.directory),
                remedy="correct `deployment.terraform.directory`",
            )
        program = self._found_program()
        lines = _Lines()
        with tempfile.TemporaryDirectory(prefix="validator-terraform-") as folder:
            messages = Path(folder, "messages.txt")
            completed = self._ask(program, messages, lines, stop)
            if completed.ended is not Ended.EXITED or completed.exit_code != 0:
                raise self._failure(program, completed, messages, stop)
        source = f"`{Path(program).name} output` in {self.directory}"
        outputs = _parsed(lines.text, source=source, where=str(self.directory), hide=self.hide)
        if not outputs.outputs:
            raise UsageError(
                "the state has no outputs: nothing was applied here, or another workspace is selected",
                where=str(self.directory),
                remedy=f"`{Path(program).name} apply` first, or leave `deployment.terraform` out",
            )
        return outputs

    def _found_program(self) -> str:
        names = (self.program,) if self.program else _PROGRAMS
        found = next((path for name in names if (path := shutil.which(name))), None)
        if found is None:
            raise UsageError(
                f"{' and '.join(names)} cannot be found on PATH",
                where="deployment.terraform.directory",
                remedy="install Terraform or OpenTofu, or save what `terraform output -json` prints elsewhere and set "
                "`deployment.terraform.outputs_file`",
            )
        return found

    def _ask(self, program: str, messages: Path, lines: _Lines, stop: Stop) -> Completed:
        environment = {**os.environ, **_QUIET, "VALIDATOR_MESSAGES": str(messages)}
        try:
            return run(
                ("/bin/sh", "-c", _APART, program),
                deadline=self.seconds,
                stop=stop,
                env=environment,
                cwd=self.directory,
                on_line=lines.take,
            )
        except OutputsError as error:
            raise _unusable(str(error), str(self.directory), _SAVE) from error
        except (ProgramMissingError, OSError) as error:
            raise UsageError(str(error), where=program, remedy="try to start it by hand") from error

    def _failure(self, program: str, completed: Completed, messages: Path, stop: Stop) -> StageError:
        name = Path(program).name
        if completed.ended is not Ended.EXITED:
            how = f"did not answer within {self.seconds:g} s" if completed.ended is Ended.TIMED_OUT else stop.reason
            remedy = f"check that its backend is reachable: run `{name} output` there by hand"
            return StageError(Cause.UNKNOWN, f"`{name} output` {how}", where=str(self.directory), remedy=remedy)
        said = "".join(f"\n  | {line}" for line in _last_lines(messages))
        return StageError(
            Cause.UNKNOWN,
            f"`{name} output` ended with status {completed.exit_code}" + (f":{said}" if said else ""),
            where=str(self.directory),
            remedy=f"run `{name} init` and `{name} output` there by hand, with the same environment",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputsFile:
    """Implements `OutputSource`: a file saved by `terraform output -json`, or a plain JSON object."""

    path: Path
    """Absolute."""
    hide: Hide = field(repr=False)
    """Told every sensitive value before anything else gets to see it."""

    def read(self, stop: Stop) -> Outputs:  # noqa: ARG002 - a small file is there at once
        """Read the file.

        Raises:
            UsageError: It is not there, or holds no outputs.
        """
        text = _text_of(self.path, MAX_BYTES, _SAVE)
        outputs = _read_by(parse, text, self.path, self.hide, _SAVE)
        if not outputs.outputs:
            raise _unusable("it holds no outputs", str(self.path), _SAVE)
        return outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFile:
    """Implements `OutputSource`: a local state of version 4, with lineage and serial beside the outputs."""

    path: Path
    """Absolute."""
    hide: Hide = field(repr=False)
    """Told every sensitive value before anything else gets to see it."""

    def read(self, stop: Stop) -> Outputs:  # noqa: ARG002 - a file is there at once
        """Read the file. Its resources may hold secrets in clear; nothing of them is kept.

        Raises:
            UsageError: It is not there, or is no state with outputs.
        """
        text = _text_of(self.path, MAX_STATE_BYTES, _APPLY)
        outputs = _read_by(parse_state, text, self.path, self.hide, _APPLY)
        if not outputs.outputs:
            raise _unusable(
                "the state has no outputs: nothing was applied, or all is destroyed", str(self.path), _APPLY
            )
        return outputs


def _text_of(path: Path, limit: int, remedy: str) -> str:
    try:
        if not path.is_file():
            raise _unusable("it is a folder" if path.is_dir() else "it does not exist", str(path), remedy)
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise _unusable(f"it cannot be read: {error.strerror}", str(path), remedy) from error
    if len(data) > limit:
        raise _unusable(f"it is larger than {limit // (1024 * 1024)} MiB", str(path), remedy)
    return data.decode("utf-8-sig", "replace")


class _Lines:
    """Collects standard output in memory, within bounds."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._room = MAX_BYTES

    @property
    def text(self) -> str:
        return "\n".join(self._lines)

    def take(self, line: str) -> None:
        size = len(line.encode("utf-8", "replace"))
        self._room -= size
        if size >= MAX_LINE or self._room < 0:
            raise OutputsError(f"an output is longer than {MAX_LINE} bytes, or all are longer than {MAX_BYTES}")
        self._lines.append(line)


class _Reader(Protocol):
    def __call__(self, text: str, *, source: str, hide: Hide) -> Outputs: ...


def _read_by(reader: _Reader, text: str, path: Path, hide: Hide, remedy: str) -> Outputs:
    try:
        return reader(text, source=path.name, hide=hide)
    except OutputsError as error:
        raise _unusable(str(error), str(path), remedy) from error


def _parsed(text: str, *, source: str, where: str, hide: Hide) -> Outputs:
    try:
        return parse(text, source=source, hide=hide)
    except OutputsError as error:
        raise _unusable(str(error), where, _SAVE) from error


def _unusable(reason: str, where: str, remedy: str) -> UsageError:
    return UsageError(f"no Terraform outputs can be read: {reason}", where=where, remedy=remedy)


def _last_lines(messages: Path) -> tuple[str, ...]:
    try:
        with messages.open("rb") as stream:
            text = stream.read(MAX_LINE).decode("utf-8", "replace")
    except OSError:
        return ()
    words = (one_line(line, 300) for line in text.splitlines())
    return tuple(line for line in words if any(character.isalnum() for character in line))[-_LINES_SHOWN:]

"""Whatever a command raises, as a message that teaches and an exit code. No traceback ever reaches the user."""

from __future__ import annotations

import contextlib
import os
import sys

import click

from validator.model.verdict import ExitCode


def guarded(command: click.Command) -> int:
    """Run the command line and return the exit code, whatever happens; 1, which means blocked, is only ever decided."""
    try:
        return _run(command)
    except BaseException as error:  # noqa: BLE001 - telling of an error failed too, on a full disk for one
        with contextlib.suppress(BaseException):
            os.write(2, f"validator: {type(error).__name__}; the gate stays closed\n".encode())
        return ExitCode.BUG


def _run(command: click.Command) -> int:
    try:
        result = command.main(prog_name="validator", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        return _misused(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except (BrokenPipeError, SystemExit):  # click turns a broken pipe into an exit with 1
        return _reader_left()
    except Exception as error:  # noqa: BLE001 - the last line of defence: anything else is a bug, and says so
        return _explain(error)
    return result if isinstance(result, int) else ExitCode.OPEN


def _misused(error: click.ClickException) -> int:
    with contextlib.suppress(OSError):
        error.show()
    return ExitCode.USAGE


def _explain(error: Exception) -> int:
    from validator.model.errors import UsageError, ValidatorError

    if isinstance(error, ValidatorError):
        # A mistake quotes what stands in a file, and people paste tokens into the wrong place.
        _say(f"validator: {error.diagnostics()}")
        return ExitCode.USAGE if isinstance(error, UsageError) else ExitCode.UNDECIDED
    return _bug(error)


def _say(text: str) -> None:
    from validator.support.redact import Redactor

    with contextlib.suppress(OSError):
        click.echo(Redactor().redact(text), err=True)


def _bug(error: Exception) -> int:
    """Keep the traceback in a file, because a terminal full of it helps nobody at 3 a.m."""
    _say(
        f"validator: this is a bug in validator: {type(error).__name__}: {error}\n"
        f"  -> the gate stays closed; please send {_kept(error)} with what you did"
    )
    return ExitCode.BUG


def _kept(error: Exception) -> str:
    """The file that holds the traceback, without secrets of a known shape; it may not be possible to write one."""
    import tempfile
    import traceback

    from validator.support.redact import Redactor

    try:
        handle, name = tempfile.mkstemp(prefix="validator-bug-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(Redactor().redact("".join(traceback.format_exception(error))))
    except OSError:
        return "this message"
    return name


def _reader_left() -> int:
    """Whoever read our output is gone (`validator ... | head`); say no more, and do not claim success."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
    return ExitCode.UNDECIDED

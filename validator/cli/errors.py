"""Whatever a command raises, as a message that teaches and an exit code. No traceback ever reaches the user."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import traceback

import click

from validator.model.decision import ExitCode


def guarded(command: click.Command) -> int:
    """Run the command line and return the exit code."""
    try:
        result = command.main(prog_name="validator", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except Exception as error:  # noqa: BLE001 - the last line of defence: anything else is a bug, and says so
        return _explain(error)
    return result if isinstance(result, int) else ExitCode.OPEN


def _explain(error: Exception) -> int:
    from validator.model.errors import ValidatorError
    from validator.support.redact import Redactor

    if isinstance(error, ValidatorError):
        # A mistake quotes what stands in a file, and people paste tokens into the wrong place.
        click.echo(f"validator: {Redactor().redact(error.diagnostics())}", err=True)
        return ExitCode.USAGE
    return _bug(error)


def _bug(error: Exception) -> int:
    """Keep the traceback in a file, because a terminal full of it helps nobody at 3 a.m."""
    handle, name = tempfile.mkstemp(prefix="validator-bug-", suffix=".txt")
    with contextlib.suppress(OSError), os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)))
    click.echo(
        f"validator: this is a bug in validator: {type(error).__name__}: {error}\n"
        f"  -> the gate stays closed; please send {name} with what you did",
        err=True,
    )
    return ExitCode.BUG


def _reader_left() -> int:
    """Whoever read our output is gone (`validator ... | head`); say no more, and do not claim success."""
    with contextlib.suppress(OSError):
        sys.stdout.close()
    return ExitCode.UNDECIDED

"""Checks that maestro-runner does not check.

maestro-runner 1.1.27 runs the commands of `onFlowComplete` and ignores how they end, without a trace in its reports
(measured). `assertScreenshot` without its image writes the image, whatever is on the screen, and passes. A flow that
relies on either would pass over a broken app, so it is not run with this runner.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from validator.flows.belongings import belongings
from validator.flows.flow_file import Command
from validator.flows.library import Library, ProblemError

_HARMLESS: Final = frozenset(
    {
        *("stopApp", "killApp", "clearState", "clearKeychain", "takeScreenshot", "startRecording", "stopRecording"),
        *("back", "hideKeyboard", "pressKey", "waitForAnimationToEnd", "setClipboard", "setPermissions"),
        *("setAirplaneMode", "toggleAirplaneMode", "setLocation", "setOrientation"),
    }
)
"""What cleans up and looks at nothing of the app."""
_NESTING: Final = ("runFlow", "repeat", "retry")
_SCRIPTS: Final = ("evalScript", "runScript")
_THROW: Final = re.compile(r"\bthrow\b")
"""How a script checks. One without it cleans up, and a mistake in it says nothing about the app."""
_LARGEST: Final = 1024 * 1024


def unchecked(file: Path, workspace: Path) -> str:
    """The first check of a flow that this runner would not check, as `FILE:LINE:COL: …`; empty when there is none.

    A file that the flow calls for and that is broken or absent counts as one: it may be such an image.

    Args:
        file: The flow, absolute.
        workspace: The folder it belongs to, absolute.
    """
    library = Library(workspace)
    try:
        belongings(file, library)
        found = unchecked_checks(file, library)
    except ProblemError as problem:
        return str(problem)
    except OSError:
        return ""  # what is wrong with it is told by whoever reads it to run it
    return next(map(str, found), "")


def unchecked_checks(file: Path, library: Library) -> tuple[ProblemError, ...]:
    """All checks of a flow that this runner would not check.

    Args:
        file: The flow, absolute.
        library: Has read it and all that it calls for, and nothing else.

    Raises:
        ProblemError: A file that the flow calls for is broken.
        OSError: A script cannot be read.
    """
    return (*_after(file, library), *_unnamed(library))


def _after(file: Path, library: Library) -> Iterator[ProblemError]:
    for where, command in _called(file, library.flow(file).on_complete, library, set()):
        if not _is_harmless(where, command):
            reason = (
                f"{command.name} in onFlowComplete is not checked by this runner: move the checks to the end of the "
                "flow, or set `flows.runner: maestro`"
            )
            yield library.problem(where, command.place, reason)


def _called(
    file: Path, commands: tuple[Command, ...], library: Library, seen: set[Path]
) -> Iterator[tuple[Path, Command]]:
    """The commands with the file that each stands in, and those of the flows that they call."""
    for command in commands:
        yield file, command
        target = Path(os.path.normpath(file.parent / command.file))
        if command.name in _NESTING and command.file and "${" not in command.file and target not in seen:
            seen.add(target)
            yield from _called(target, library.flow(target).commands, library, seen)


def _is_harmless(file: Path, command: Command) -> bool:
    if command.name in _SCRIPTS:
        return not _THROW.search(command.text if command.name == "evalScript" else _script(file, command.file))
    known = command.name in _HARMLESS or (command.name in _NESTING and "${" not in command.file)
    return known or command.optional


def _script(file: Path, name: str) -> str:
    if "${" in name:
        return "throw"  # which script it is only the running flow will know
    with (file.parent / name).open("rb") as stream:
        return stream.read(_LARGEST).decode("utf-8", "replace")


def _unnamed(library: Library) -> Iterator[ProblemError]:
    """Images that only the running flow will know."""
    for file, flow in library.flows.items():
        for command in (*flow.commands, *flow.on_start):
            if command.name == "assertScreenshot" and "${" in command.text:
                reason = (
                    f"the image {command.text} cannot be looked for before the flow runs, and where it is absent this "
                    "runner writes it and passes: name it in full, or set `flows.runner: maestro`"
                )
                yield library.problem(file, command.place, reason)

"""Variables that a flow uses and nobody sets.

maestro-runner 1.1.27 puts nothing in their place (measured). `assertVisible: Total ${SUM}` then fails as if the app
were broken; `assertNotVisible: ${SUM}` and a tap on the id `row_${SUM}` pass whatever is on screen. Neither says
anything about the app, so such a flow is not run.

What sets a variable is not always to be known without running scripts. So whatever may set one counts: a key of that
name, or an assignment to it, anywhere in the files that the flow calls for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from validator.flows.belongings import belongings
from validator.flows.library import Library, ProblemError
from validator.flows.yaml_source import Place

_USE = re.compile(r"(?<!\\)\$\{\s*([A-Za-z_]\w*)\s*\}")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_OTHER_USE = re.compile(r"\btrue\s*:|`")
"""A condition, which may ask whether a variable has a value; a template of JavaScript, which has its own variables."""
_SET = (
    re.compile(r"^[ \t]*(?:- *)?[\"']?([A-Za-z_]\w*)[\"']?[ \t]*:", re.MULTILINE),
    re.compile(r"[{,]\s*[\"']?([A-Za-z_]\w*)[\"']?\s*:"),
    re.compile(r"\b([A-Za-z_]\w*)\s*=(?!=)"),
)
_BUILT_IN: Final = frozenset({"output", "maestro", "undefined", "NaN", "Infinity", "true", "false", "null"})
_OF_THE_SHELL: Final = "MAESTRO_"
"""How variables begin that runners take from their own environment."""
_OF_THE_RUNNER: Final = frozenset(
    {"MAESTRO_FILENAME", "MAESTRO_DEVICE_UDID", "MAESTRO_SHARD_ID", "MAESTRO_SHARD_INDEX"}
)
"""Set by the runner itself: `Env.kt` of Maestro 2.8."""
_SCRIPT: Final = ".js"
_LARGEST: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Unset:
    """A use of a variable that nothing of the workspace sets."""

    problem: ProblemError
    of_the_shell: bool
    """Whether the environment of the runner may set it: `MAESTRO_…`."""


def unset_variable(file: Path, workspace: Path, given: Collection[str]) -> str:
    """The first use of a variable that nothing sets, as `FILE:LINE:COLUMN: …`; empty when there is none.

    Args:
        file: The flow, absolute.
        workspace: The folder it belongs to, absolute.
        given: The names that are set from outside.
    """
    library = Library(workspace)
    return next((str(each.problem) for each in unset_variables(file, library, given) if not each.of_the_shell), "")


def unset_variables(file: Path, library: Library, given: Collection[str]) -> Iterator[Unset]:
    """Each use of a variable that nothing sets; nothing for a flow that is broken otherwise.

    Args:
        file: The flow, absolute.
        library: The files of its workspace.
        given: The names that are set from outside.
    """
    try:
        needed = [Path(os.path.normpath(library.workspace / name)) for name in belongings(file, library)]
        flows = [each for each in needed if library.known(each)]
        texts = {each: _text(each) for each in needed if library.known(each) or each.name.endswith(_SCRIPT)}
    except (ProblemError, OSError):
        return  # what is wrong with it is told by whoever reads it to run it
    known = {*given, *_BUILT_IN, *_OF_THE_RUNNER, *(name for text in texts.values() for name in _names_set(text))}
    for source in flows:
        for place, used in _uses(texts[source]):
            if used not in known:
                problem = library.problem(source, place, f"${{{used}}} is used here, and nothing sets it")
                yield Unset(problem=problem, of_the_shell=used.startswith(_OF_THE_SHELL))


def _text(file: Path) -> str:
    with file.open("rb") as stream:
        return stream.read(_LARGEST).decode("utf-8", "replace")


def _names_set(text: str) -> Iterator[str]:
    for pattern in _SET:
        yield from pattern.findall(text)


def _uses(text: str) -> Iterator[tuple[Place, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        for use in _USE.finditer(_COMMENT.sub("", line)) if not _OTHER_USE.search(line) else ():
            yield Place(line=number, column=use.start() + 1), use[1]

"""What is wrong with a workspace, found before a device is touched: every mistake at its place, with what to do.

Reads what a run reads, by the same code (`survey`, `belongings`, `unset`, `unchecked`): what makes a flow inconclusive
in a run is a problem here. A note is what may be meant so.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from validator.flows.globs import matches
from validator.flows.library import Library
from validator.flows.lint_flow import Given, lint_files, lint_flow
from validator.flows.remark import Remark, Weight
from validator.flows.survey import Candidate, candidates, workspace_folder, yaml_files
from validator.flows.workspace import in_order, is_lost, selected
from validator.flows.workspace_config import WorkspaceConfig, load
from validator.flows.yaml_source import START


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the flows are to be held against."""

    include_tags: Collection[str] = ()
    exclude_tags: Collection[str] = ()
    app_id: str = ""
    """The app under test; empty when it is not known."""
    given: frozenset[str] = frozenset()
    """The variables that are set from outside."""
    given_is_all: bool = False
    """Whether these are known to be all."""
    checks_after: bool = True
    """Whether the runner checks what stands in `onFlowComplete`, and compares no screen with an absent image."""


def lint(workspace: Path, asked: Asked) -> tuple[Remark, ...]:
    """Look at the flows that a run would select, and at all that they call for.

    Args:
        workspace: The folder.
        asked: What is known of the run.

    Raises:
        UsageError: The workspace is not a folder that can be read, or its `config.yaml` is wrong.
    """
    folder = workspace_folder(workspace)
    config = load(folder)
    found = candidates(config, Library(folder))
    chosen = in_order(selected(found, config, asked.include_tags, asked.exclude_tags), config)
    library = Library(folder)
    given = Given(names=asked.given, all=asked.given_is_all, idle=frozenset(config.environment))
    remarks = [
        *_configuration(config, found, chosen, folder),
        *(remark for one in chosen for remark in lint_flow(one, library, given)),
        *lint_files(chosen, library, app_id=asked.app_id, checks_after=asked.checks_after),
    ]
    return tuple(sorted(dict.fromkeys(remarks), key=lambda each: (each.file, each.line, each.column, each.weight)))


def _configuration(
    config: WorkspaceConfig, found: Sequence[Candidate], chosen: Sequence[Candidate], folder: Path
) -> Iterator[Remark]:
    if not chosen:
        yield Remark.at(
            config.file or ".",
            START,
            Weight.PROBLEM,
            f"no flow is selected, of {len(found)} that could be",
            "mend `flows` and the tags in config.yaml, or `flows` in the configuration of validator"
            if config.patterns or found
            else 'without `flows` in a config.yaml only files at the top are flows: write `flows: ["**"]` into it',
        )
    yield from _order(config, found, chosen)
    for key in config.unread:
        what = f"Maestro does not read the key `{key.name}` here"
        yield Remark.at(config.file, key.place, Weight.NOTE, what, _where(key.name))
    names = [Path(file).relative_to(folder).as_posix() for file in yaml_files(folder, deep=True)]
    for pattern in config.patterns:
        if not any(matches(pattern.name, name) for name in names):
            what = f"no file matches the pattern `{pattern.name}`"
            inner = pattern.name.removeprefix("./").removeprefix(f"{folder.name}/")
            known = any(matches(inner, name) for name in names)
            remedy = f"patterns count from {folder.name}: write `{inner}`" if known else "correct it, or remove it"
            yield Remark.at(config.file, pattern.place, Weight.NOTE, what, remedy)


_KEYS = ("flows", "includeTags", "excludeTags", "executionOrder")
_IN_ORDER = ("flowsOrder", "continueOnFailure")


def _where(key: str) -> str:
    if key in _IN_ORDER:
        return "it belongs under `executionOrder`"
    near = difflib.get_close_matches(key, (*_KEYS, *_IN_ORDER), n=1)
    return f"did you mean `{near[0]}`?" if near else "remove it, or keep it if another tool reads it"


def _order(config: WorkspaceConfig, found: Sequence[Candidate], chosen: Sequence[Candidate]) -> Iterator[Remark]:
    running = {one.flow.name for one in chosen}
    for name in config.order:
        if name.name in running:
            continue
        if not is_lost(name.name, found, chosen):
            what, remedy = f"`flowsOrder` names {name.name!r}, which this run does not select", "nothing, if so meant"
            yield Remark.at(config.file, name.place, Weight.NOTE, what, remedy)
            continue
        remedy = _renamed(name.name, found)
        what = (
            f"`flowsOrder` names {name.name!r}, and no flow, or more than one, is called so: Maestro, by its version, "
            "refuses to run or runs all that follow in any order"
        )
        yield Remark.at(config.file, name.place, Weight.PROBLEM, what, remedy)


def _renamed(name: str, found: Sequence[Candidate]) -> str:
    """The flow that may be meant: the one of that file, or of nearly that name."""
    files = {str(PurePosixPath(one.flow.file).with_suffix("")): one.flow.name for one in found}
    own = files.get(str(PurePosixPath(name.removesuffix(".yaml").removesuffix(".yml"))), "")
    near = difflib.get_close_matches(PurePosixPath(name).stem, sorted(files.values()), n=1)
    if own or near:
        return f"did you mean {own or near[0]!r}? Flows go by their `name:`, or by their file names alone"
    return "correct it, or remove it: flows go by their `name:`, or by their file names alone"

"""Every file of a workspace that could be a flow: run, and when, or passed over, and why. Nothing is lost silently."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from validator.flows.library import Library, ProblemError, is_file
from validator.flows.survey import Candidate, candidates, walk, workspace_folder, yaml_files
from validator.flows.workspace import in_order, selected
from validator.flows.workspace_config import WorkspaceConfig, is_config, load
from validator.model.flow import Flow


class Why(StrEnum):
    """Why a file is not run as a flow."""

    SUBFLOW = "subflow"
    """A flow that is run calls it."""
    PATTERN = "pattern"
    """The patterns of `flows` do not take it."""
    TAGS = "tags"
    PLATFORM = "platform"
    CONFIGURATION = "configuration"
    LINK = "link"
    """A linked folder: Maestro does not enter it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A file that is not run as a flow."""

    file: str
    """Relative to the workspace, with `/`."""
    why: Why
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A file that a flow calls for, and what that one calls for."""

    file: str
    kind: str
    """`flow`, `script`, `media` or `image`."""
    problem: str = ""
    uses: tuple[Use, ...] = ()
    """Empty, too, where the flow stands elsewhere in the same tree with all that it uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A workspace as a run sees it."""

    flows: tuple[Flow, ...]
    """In the order in which they are run; those with a problem among them."""
    passed_over: tuple[PassedOver, ...]
    """In the order of their paths."""
    uses: Mapping[str, tuple[Use, ...]]
    """By the file of each flow that is run."""
    ordered: int
    """How many of the flows the workspace puts into an order; they are the first."""
    continue_on_failure: bool


def list_flows(workspace: Path, *, include_tags: Collection[str], exclude_tags: Collection[str]) -> Listing:
    """Look at every file.

    Args:
        workspace: The folder.
        include_tags: Only flows with one of these tags, or of those in the workspace's own `config.yaml`.
        exclude_tags: No flow with one of these.

    Raises:
        UsageError: The workspace is not a folder that can be read, or its `config.yaml` is wrong.
    """
    folder = workspace_folder(workspace)
    config, library = load(folder), Library(folder)
    found = candidates(config, library)
    chosen = in_order(selected(found, config, include_tags, exclude_tags), config)
    taken = {one.flow.file for one in chosen}
    uses = {one.flow.file: _uses(folder / one.flow.file, library, set()) for one in chosen if one.readable}
    seen = _Passed(config, library, {one.flow.file: one for one in found}, _callers(uses))
    others = [file for file in yaml_files(folder, deep=True) if library.name(file) not in taken]
    links = [_link(inner, library) for inner in _linked_folders(folder)]
    names = {each.name for each in config.order}
    return Listing(
        flows=tuple(one.flow for one in chosen),
        passed_over=tuple(sorted((*map(seen.of, others), *links), key=lambda each: each.file)),
        uses=uses,
        ordered=len({one.flow.name for one in chosen} & names),
        continue_on_failure=config.continue_on_failure,
    )


@dataclass(frozen=True, slots=True)
class _Passed:
    """Says why a file is not run."""

    config: WorkspaceConfig
    library: Library
    found: Mapping[str, Candidate]
    callers: Mapping[str, str]

    def of(self, file: Path) -> PassedOver:
        name = self.library.name(file)
        if name == self.config.file:
            return PassedOver(file=name, why=Why.CONFIGURATION, reason="the workspace's own configuration")
        if (one := self.found.get(name)) is not None and one.elsewhere:
            return PassedOver(file=name, why=Why.PLATFORM, reason=one.elsewhere)
        called = f"called by {self.callers[name]}" if name in self.callers else ""
        if one is not None:
            tags = f"its tags: {', '.join(one.flow.tags) or 'none'}"
            return PassedOver(file=name, why=Why.TAGS, reason=f"{tags}; {called}" if called else tags)
        if called:
            return PassedOver(file=name, why=Why.SUBFLOW, reason=called)
        if is_config(file):
            return PassedOver(file=name, why=Why.CONFIGURATION, reason="it configures, and is no flow")
        return PassedOver(file=name, why=Why.PATTERN, reason=self.config.globs.why_not(name))


def _callers(uses: Mapping[str, Sequence[Use]]) -> dict[str, str]:
    """File -> the first flow that is run and needs it."""
    callers: dict[str, str] = {}
    for flow, needed in uses.items():
        for name in _files(needed):
            callers.setdefault(name, flow)
    return callers


def _files(uses: Sequence[Use]) -> Iterator[str]:
    for use in uses:
        yield use.file
        yield from _files(use.uses)


def _linked_folders(folder: Path) -> Iterator[Path]:
    for inner, folders, _ in walk(folder, deep=True):
        yield from (path for name in folders if (path := Path(inner, name)).is_symlink())


def _link(folder: Path, library: Library) -> PassedOver:
    return PassedOver(
        file=f"{library.name(folder)}/",
        why=Why.LINK,
        reason=f"a link to {folder.readlink()}, which Maestro does not enter",
    )


def _uses(file: Path, library: Library, seen: set[Path]) -> tuple[Use, ...]:
    """Each flow is taken apart once in a tree: they may call each other in a circle."""
    try:
        references = library.flow(file).references
    except ProblemError:
        return ()
    needed = dict.fromkeys((os.path.normpath(file.parent / each.path), str(each.kind)) for each in references)
    return tuple(_use(Path(path), kind, library, seen) for path, kind in needed)


def _use(target: Path, kind: str, library: Library, seen: set[Path]) -> Use:
    name = library.name(target)
    if not is_file(target):
        return Use(file=name, kind=kind, problem="does not exist")
    if kind != "flow" or target in seen:
        return Use(file=name, kind=kind)
    seen.add(target)
    try:
        library.flow(target)
    except ProblemError as problem:
        return Use(file=name, kind=kind, problem=str(problem))
    return Use(file=name, kind=kind, uses=_uses(target, library, seen))

"""The flows of a Maestro workspace: which there are, which are wanted, and which cannot run, and why.

Follows Maestro's own rules (`WorkspaceExecutionPlanner` and `Filters` of its source, version 2.8), so that the flows
expected here are those that the team's own command would run. A file that cannot be a flow is not dropped: it stays in
the list with its problem, because a gate that forgets a broken test is open.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from validator.flows.belongings import belongings
from validator.flows.library import Library, ProblemError
from validator.flows.survey import Candidate, candidates, digest_of, with_unique_names, workspace_folder
from validator.flows.workspace_config import WorkspaceConfig, load
from validator.model.errors import UsageError
from validator.model.flow import Flow

_REWRITTEN: Final = "let nothing that the run starts, such as `build.command`, write there, and run again"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedVariable:
    """A variable that a flow's own header sets: a value given from outside never reaches that flow."""

    flow: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Fewer flows than the configuration selects, to try some of them. Empty fields narrow nothing."""

    only: Collection[str] = ()
    """Names; a name may also be a file, relative to the workspace."""
    include_tags: Collection[str] = ()
    exclude_tags: Collection[str] = ()


_WHOLE: Final = Narrowing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is to be run."""

    flows: tuple[Flow, ...]
    """Those of `executionOrder` first, the others in the order of their file names; those with a problem among them."""
    absent: tuple[str, ...] = ()
    """Wanted by name and not there, or taken out by the tags."""
    excluded: int = 0
    """Flows of the workspace that were not selected."""
    digest: str = ""
    """`sha256:…` over all files of the selected flows: subflows, scripts and media included."""
    known: tuple[str, ...] = ()
    """The names of all flows of the workspace."""
    left_out: tuple[str, ...] = ()
    """Flows that the gate needs and that only the narrowing took out."""
    fixed: tuple[FixedVariable, ...] = ()
    elsewhere: tuple[Flow, ...] = ()
    """Flows for another platform; each with the reason as its problem."""
    unknown_order: tuple[str, ...] = ()
    """Names in the workspace's `flowsOrder` that none of its flows has."""

    def hint(self, name: str) -> str:
        """What to say about an absent name: that its tags excluded it, or which name may have been meant."""
        if why := next((flow.problem for flow in self.elsewhere if _named(flow, (name,))), ""):
            return f"it is {why}"
        if name in self.known:
            return "its tags exclude it"
        close = difflib.get_close_matches(name, self.known, n=1)
        return f"did you mean {close[0]!r}?" if close else ""


def discover(
    workspace: Path,
    *,
    include_tags: Collection[str] = (),
    exclude_tags: Collection[str] = (),
    required: Literal["all"] | Collection[str] = "all",
    narrowing: Narrowing = _WHOLE,
) -> Selection:
    """Find and select the flows of a workspace.

    Args:
        workspace: The folder.
        include_tags: Only flows with one of these tags, or of those in the workspace's own `config.yaml`. A flow whose
            header cannot be read is always selected.
        exclude_tags: No flow with one of these.
        required: The names of the flows that the gate needs; they must be there and be selected.
        narrowing: Takes flows out that would be selected otherwise. What the gate needs of them is told.

    Raises:
        UsageError: The workspace is not a folder that can be read, or its `config.yaml` is wrong.
    """
    folder = workspace_folder(workspace)
    config = load(folder)
    library = Library(folder)
    found = candidates(config, library)
    tagged = selected(found, config, include_tags, exclude_tags)
    chosen = in_order([one for one in tagged if _is_kept(one, narrowing)], config)
    names = [] if required == "all" else [name for name in required if not _is_there(name, tagged)]
    needed = [one.flow.name for one in tagged if one not in chosen and _is_required(one, required, found)]
    return Selection(
        flows=tuple(replace(one.flow, required=_is_required(one, required, found)) for one in chosen),
        absent=tuple(dict.fromkeys(name for name in narrowing.only or names if not _is_there(name, tagged))),
        left_out=tuple(dict.fromkeys((*needed, *(names if narrowing.only else ())))),
        excluded=len(found) - len(chosen),
        digest=digest_of(one.digests for one in chosen),
        known=tuple(one.flow.name for one in found),
        fixed=tuple(FixedVariable(flow=one.flow.name, name=name) for one in chosen for name in one.fixed),
        elsewhere=tuple(replace(one.flow, problem=one.elsewhere) for one in found if one.elsewhere),
        unknown_order=tuple(each.name for each in config.order if is_lost(each.name, found, tagged)),
    )


def selected(
    found: Sequence[Candidate], config: WorkspaceConfig, include_tags: Collection[str], exclude_tags: Collection[str]
) -> list[Candidate]:
    """The flows for Android whose tags are wanted, or cannot be read.

    Args:
        found: All that the patterns take for flows.
        config: The workspace's own configuration, whose tags are added.
        include_tags: Only flows with one of these.
        exclude_tags: No flow with one of these.
    """
    includes = {*include_tags, *config.include_tags}
    excludes = {*exclude_tags, *config.exclude_tags}
    wanted = [one for one in found if not one.readable or _wanted(one.flow.tags, includes, excludes)]
    return with_unique_names([one for one in wanted if not one.elsewhere])


def is_lost(name: str, found: Sequence[Candidate], running: Sequence[Candidate]) -> bool:
    """Whether a name in the order means no flow: none is called so, or more than one file is.

    Args:
        name: The name.
        found: All that the patterns take for flows.
        running: Those that are selected.
    """
    called = sum(one.flow.name == name for one in found)
    return called != 1 and all(one.flow.name != name for one in running)


def in_order(chosen: Sequence[Candidate], config: WorkspaceConfig) -> list[Candidate]:
    """As `executionOrder` demands: its flows one after the other, and all others after the last of them.

    Names that no flow has are passed over. Maestro either refuses them or drops the order of all that follow.
    """
    names = {one.flow.name: one for one in chosen}
    ordered = [names[name] for name in dict.fromkeys(each.name for each in config.order) if name in names]
    placed = {one.flow.name for one in ordered}
    rest = [one for one in chosen if one.flow.name not in placed or one is not names[one.flow.name]]
    chain = ["", *(one.flow.name for one in ordered)]
    strict = not config.continue_on_failure
    return [
        *(
            replace(one, flow=replace(one.flow, after=before, after_pass=strict and bool(before)))
            for one, before in zip(ordered, chain, strict=False)
        ),
        *(replace(one, flow=replace(one.flow, after=chain[-1])) for one in rest),
    ]


def changed(flow: Flow, workspace: Path) -> str:
    """Why the files of a flow are not those that were looked at when it was selected; empty when they are.

    A build command may write into the workspace; what then runs is not what was planned and recorded.
    """
    if not flow.uses:
        return ""
    try:
        library = Library(workspace_folder(workspace))
        if digest_of((belongings(library.workspace / flow.file, library),)) == flow.uses:
            return ""
    except (ProblemError, UsageError, OSError) as error:
        return f"{flow.file} has changed since it was planned: {error}; {_REWRITTEN}"
    return f"{flow.file}, or a file that it calls for, has changed since it was planned: {_REWRITTEN}"


def _wanted(tags: tuple[str, ...], includes: set[str], excludes: set[str]) -> bool:
    return (not includes or not includes.isdisjoint(tags)) and excludes.isdisjoint(tags)


def _is_required(one: Candidate, required: Literal["all"] | Collection[str], found: Sequence[Candidate]) -> bool:
    """Whether the gate needs it; one whose name cannot be read may be any that is needed and that no other one is."""
    if required == "all" or _named(one.flow, required):
        return True
    return not one.readable and any(not any(_named(other.flow, (name,)) for other in found) for name in required)


def _is_there(name: str, found: Sequence[Candidate]) -> bool:
    return any(_named(one.flow, (name,)) for one in found)


def _is_kept(one: Candidate, narrowing: Narrowing) -> bool:
    tags = (set(narrowing.include_tags), set(narrowing.exclude_tags))
    return (not one.readable or _wanted(one.flow.tags, *tags)) and (
        not narrowing.only or _named(one.flow, narrowing.only)
    )


def _named(flow: Flow, names: Collection[str]) -> bool:
    return flow.name in names or flow.file in names

"""The flows of a Maestro workspace: which there are, which are wanted, and which cannot run, and why.

Follows Maestro's own rules (`WorkspaceExecutionPlanner` and `Filters` of its source, version 2.8), so that the flows
expected here are those that the team's own command would run. A file that cannot be a flow is not dropped: it stays in
the list with its problem, because a gate that forgets a broken test is open.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from validator.flows.belongings import belongings
from validator.flows.library import Library, ProblemError
from validator.flows.workspace_config import is_config, load
from validator.flows.yaml_source import START
from validator.model.errors import UsageError
from validator.model.flow import Flow

_MOST_ENTRIES: Final = 50_000
_ENDINGS: Final = (".yaml", ".yml")
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
    """In the order of their file names; those with a problem among them."""
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

    def hint(self, name: str) -> str:
        """What to say about an absent name: that its tags excluded it, or which name may have been meant."""
        if name in self.known:
            return "its tags exclude it"
        close = difflib.get_close_matches(name, self.known, n=1)
        return f"did you mean {close[0]!r}?" if close else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    flow: Flow
    fixed: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    readable: bool = False
    """Whether its header could be read, so that its tags are known."""


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
    folder = _folder(workspace)
    config = load(folder)
    library = Library(folder)
    matching = [file for file in _yaml_files(folder, deep=config.globs.deep) if config.globs.match(library.name(file))]
    found = _with_unique_names([_look(file, library) for file in matching if not is_config(file)])
    includes = {*include_tags, *config.include_tags}
    excludes = {*exclude_tags, *config.exclude_tags}
    tagged = [one for one in found if not one.readable or _wanted(one.flow.tags, includes, excludes)]
    chosen = [one for one in tagged if _is_kept(one, narrowing)]
    names = [] if required == "all" else [name for name in required if not _is_there(name, tagged)]
    needed = [one.flow.name for one in tagged if one not in chosen and _is_required(one, required, found)]
    return Selection(
        flows=tuple(replace(one.flow, required=_is_required(one, required, found)) for one in chosen),
        absent=tuple(dict.fromkeys(name for name in narrowing.only or names if not _is_there(name, tagged))),
        left_out=tuple(dict.fromkeys((*needed, *(names if narrowing.only else ())))),
        excluded=len(found) - len(chosen),
        digest=_digest(one.digests for one in chosen),
        known=tuple(one.flow.name for one in found),
        fixed=tuple(FixedVariable(flow=one.flow.name, name=name) for one in chosen for name in one.fixed),
    )


def changed(flow: Flow, workspace: Path) -> str:
    """Why the files of a flow are not those that were looked at when it was selected; empty when they are.

    A build command may write into the workspace; what then runs is not what was planned and recorded.
    """
    if not flow.uses:
        return ""
    try:
        library = Library(_folder(workspace))
        if _digest((belongings(library.workspace / flow.file, library),)) == flow.uses:
            return ""
    except (ProblemError, UsageError, OSError) as error:
        return f"{flow.file} has changed since it was planned: {error}; {_REWRITTEN}"
    return f"{flow.file}, or a file that it calls for, has changed since it was planned: {_REWRITTEN}"


def _folder(workspace: Path) -> Path:
    if workspace.is_dir():
        return workspace.resolve()
    what = "is a file, not a folder" if workspace.exists() else "does not exist"
    raise UsageError(
        f"the flow workspace {what}",
        where=str(workspace),
        remedy="set `flows.workspace` to the folder that holds the Maestro flows, such as `.maestro`",
    )


def _yaml_files(workspace: Path, *, deep: bool) -> Iterator[Path]:
    """In the order of their paths. Linked folders are not entered, as in Maestro."""
    seen = 0
    for folder, folders, files in os.walk(workspace, onerror=_unreadable):
        seen += len(folders) + len(files)
        if seen > _MOST_ENTRIES:
            raise UsageError(
                f"the flow workspace holds more than {_MOST_ENTRIES} files",
                where=str(workspace),
                remedy="set `flows.workspace` to the folder with the Maestro flows, not to the whole project",
            )
        folders[:] = sorted(folders) if deep else []
        yield from (Path(folder, name) for name in sorted(files) if name.lower().endswith(_ENDINGS))


def _unreadable(error: OSError) -> None:
    raise UsageError(
        f"the flow workspace cannot be read: {error.strerror}",
        where=str(error.filename),
        remedy="make it readable for this user",
    ) from error


def _look(file: Path, library: Library) -> _Found:
    flow = Flow(name=file.stem, file=library.name(file))
    try:
        if not Path(os.path.realpath(file)).is_relative_to(library.workspace):
            raise library.problem(file, START, "a link that leads out of the workspace")
        if passed_over := _passed_over(file):
            raise library.problem(file, START, passed_over)
        content = library.flow(file)
    except ProblemError as problem:
        return _Found(flow=replace(flow, problem=str(problem)))
    named = replace(
        flow,
        name=content.name or flow.name,
        app_id=content.app_id,
        tags=content.tags,
        digest=f"sha256:{library.digest(file)}",
    )
    try:
        digests = belongings(file, library)
        whole = replace(named, uses=_digest((digests,)))
        return _Found(flow=whole, fixed=content.fixed, digests=digests, readable=True)
    except ProblemError as problem:
        return _Found(flow=replace(named, problem=str(problem)), fixed=content.fixed, readable=True)


def _passed_over(file: Path) -> str:
    """Why runners would not take the file for a flow although it may be one; empty when they would."""
    if not file.name.endswith(_ENDINGS):
        return f"runners take no {file.suffix} for a flow, only {' and '.join(_ENDINGS)}: rename it"
    if file.stem == "config":
        return "runners take it for a configuration by its name, and it holds something else: rename it"
    return ""


def _with_unique_names(found: Sequence[_Found]) -> list[_Found]:
    """Names are what results and requirements go by, so two flows of one name cannot be told apart."""
    files: dict[str, list[str]] = defaultdict(list)
    for one in found:
        files[one.flow.name].append(one.flow.file)
    return [replace(one, flow=_unique(one.flow, files[one.flow.name])) for one in found]


def _unique(flow: Flow, files: Sequence[str]) -> Flow:
    others = [file for file in files if file != flow.file]
    if flow.problem or not others:
        return flow
    return replace(flow, problem=f"{flow.file}:{START}: the name {flow.name!r} is also that of {', '.join(others)}")


def _wanted(tags: tuple[str, ...], includes: set[str], excludes: set[str]) -> bool:
    return (not includes or not includes.isdisjoint(tags)) and excludes.isdisjoint(tags)


def _is_required(one: _Found, required: Literal["all"] | Collection[str], found: Sequence[_Found]) -> bool:
    """Whether the gate needs it; one whose name cannot be read may be any that is needed and that no other one is."""
    if required == "all" or _named(one.flow, required):
        return True
    return not one.readable and any(not any(_named(other.flow, (name,)) for other in found) for name in required)


def _is_there(name: str, found: Sequence[_Found]) -> bool:
    return any(_named(one.flow, (name,)) for one in found)


def _is_kept(one: _Found, narrowing: Narrowing) -> bool:
    tags = (set(narrowing.include_tags), set(narrowing.exclude_tags))
    return (not one.readable or _wanted(one.flow.tags, *tags)) and (
        not narrowing.only or _named(one.flow, narrowing.only)
    )


def _named(flow: Flow, names: Collection[str]) -> bool:
    return flow.name in names or flow.file in names


def _digest(digests: Iterable[Mapping[str, str]]) -> str:
    files = {path: digest for one in digests for path, digest in one.items()}
    lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(files.items()))
    return f"sha256:{hashlib.sha256(lines.encode('utf-8', 'surrogatepass')).hexdigest()}"

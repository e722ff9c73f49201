"""Every file of a workspace that could be a flow: what it says, what is wrong with it, and whether it is one."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final

from validator.flows.belongings import belongings
from validator.flows.library import Library, ProblemError, is_file, is_folder
from validator.flows.platform import by_name
from validator.flows.workspace_config import WorkspaceConfig, is_config
from validator.flows.yaml_source import START
from validator.model.errors import UsageError
from validator.model.flow import Flow

_MOST_ENTRIES: Final = 50_000
_ENDINGS: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file that the workspace's patterns take for a flow."""

    flow: Flow
    fixed: tuple[str, ...] = ()
    """Variables that its own header sets."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """All files that it needs, itself included: path -> SHA-256."""
    readable: bool = False
    """Whether its header could be read, so that its tags are known."""
    elsewhere: str = ""
    """Why it is not for Android; empty when it is."""


def workspace_folder(workspace: Path) -> Path:
    """The folder with its links resolved.

    Raises:
        UsageError: It is no folder.
    """
    if is_folder(workspace):
        return workspace.resolve()
    what = "is a file, not a folder" if is_file(workspace) else "does not exist"
    raise UsageError(
        f"the flow workspace {what}",
        where=str(workspace),
        remedy="set `flows.workspace` to the folder that holds the Maestro flows, such as `.maestro`",
    )


def candidates(config: WorkspaceConfig, library: Library) -> list[Candidate]:
    """What the patterns take for flows, in the order of their paths.

    Raises:
        UsageError: A folder cannot be read, or there are too many files.
    """
    files = yaml_files(library.workspace, deep=config.globs.deep)
    matching = [file for file in files if config.globs.match(library.name(file))]
    return [_look(file, library) for file in matching if not is_config(file)]


def yaml_files(workspace: Path, *, deep: bool) -> Iterator[Path]:
    """In the order of their paths. Linked folders are not entered, as in Maestro.

    Raises:
        UsageError: A folder cannot be read, or there are more than 50,000 files.
    """
    for folder, _, files in walk(workspace, deep=deep):
        yield from (Path(folder, name) for name in files if name.lower().endswith(_ENDINGS))


def walk(workspace: Path, *, deep: bool) -> Iterator[tuple[str, list[str], list[str]]]:
    """Folders with the names of the folders and files in them, sorted; linked folders are named and not entered.

    Raises:
        UsageError: A folder cannot be read, or there are more than 50,000 files.
    """
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
        yield folder, folders, sorted(files)


def with_unique_names(found: Sequence[Candidate]) -> list[Candidate]:
    """Names are what results and requirements go by, so two flows of one name are told apart by their files.

    Those that are called by their file names alone are called by folder and file name then: `auth/login`. Those that
    still share one bear their file behind it: `Sign in (auth/login.yaml)`. So neither answers to the name they share.
    """
    counts = Counter(one.flow.name for one in found)
    named = [replace(one, flow=_by_path(one.flow)) if counts[one.flow.name] > 1 else one for one in found]
    counts = Counter(one.flow.name for one in named)
    return [replace(one, flow=_with_file(one.flow)) if counts[one.flow.name] > 1 else one for one in named]


def _by_path(flow: Flow) -> Flow:
    path = PurePosixPath(flow.file)
    return replace(flow, name=str(path.with_suffix(""))) if flow.name == path.stem else flow


def _with_file(flow: Flow) -> Flow:
    return replace(flow, name=f"{flow.name} ({flow.file})")


def digest_of(digests: Iterable[Mapping[str, str]]) -> str:
    """`sha256:…` over all files of some flows."""
    files = {path: digest for one in digests for path, digest in one.items()}
    lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(files.items()))
    return f"sha256:{hashlib.sha256(lines.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _unreadable(error: OSError) -> None:
    raise UsageError(
        f"the flow workspace cannot be read: {error.strerror}",
        where=str(error.filename),
        remedy="make it readable for this user",
    ) from error


def _look(file: Path, library: Library) -> Candidate:
    flow = Flow(name=file.stem, file=library.name(file))
    try:
        if not Path(os.path.realpath(file)).is_relative_to(library.workspace):
            raise library.problem(file, START, "a link that leads out of the workspace")
        if passed_over := _passed_over(file):
            raise library.problem(file, START, passed_over)
        content = library.flow(file)
    except ProblemError as problem:
        return Candidate(flow=replace(flow, problem=str(problem)))
    named = replace(
        flow,
        name=content.name or flow.name,
        app_id=content.app_id,
        tags=content.tags,
        digest=f"sha256:{library.digest(file)}",
    )
    elsewhere = content.elsewhere or by_name(file.stem)
    known = Candidate(flow=named, fixed=content.fixed, readable=True, elsewhere=elsewhere)
    try:
        digests = belongings(file, library)
        return replace(known, flow=replace(named, uses=digest_of((digests,))), digests=digests)
    except ProblemError as problem:
        return replace(known, flow=replace(named, problem=str(problem)))


def _passed_over(file: Path) -> str:
    """Why runners would not take the file for a flow although it may be one; empty when they would."""
    if not file.name.endswith(_ENDINGS):
        return f"runners take no {file.suffix} for a flow, only {' and '.join(_ENDINGS)}: rename it"
    if file.stem == "config":
        return "runners take it for a configuration by its name, and it holds something else: rename it"
    return ""

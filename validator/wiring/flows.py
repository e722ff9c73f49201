"""A configuration, or a folder alone -> the workspace, and what its flows are held against."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from validator.config.sections.flows import FlowsConfig, MarkChannel, Runner
from validator.flows.lint import Asked
from validator.model.errors import UsageError
from validator.pipeline.beginning import CLEANUP
from validator.wiring.prepare import load
from validator.wiring.request import RunRequest

_USUAL = Path(".maestro")
_REMEDY = "write `-c production`, or name the folder with the flows: `.maestro`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A workspace to look at."""

    workspace: Path
    asked: Asked


def workspace_of(config: str, folder: Path | None, given: Collection[str] = ()) -> Looked:
    """What to look at.

    Args:
        config: A configuration, or empty.
        folder: A folder with flows; None to take that of the configuration, or `.maestro`.
        given: Names of variables that are set from outside, beside those of the configuration.

    Raises:
        UsageError: Neither is there, or both are, or the configuration has mistakes.
    """
    if config and folder is not None:
        raise UsageError("both a configuration and a folder are named", where=str(folder), remedy="name one of them")
    if config:
        return _configured(config, given)
    folder = folder or (_USUAL if _USUAL.is_dir() else None)
    if folder is None:
        raise UsageError("no workspace is named, and there is no .maestro here", where=str(Path.cwd()), remedy=_REMEDY)
    return Looked(workspace=folder, asked=Asked(given=frozenset(given)))


def _configured(config: str, given: Collection[str]) -> Looked:
    loaded, resolvers, _ = load(RunRequest(config=config, alerts=False))
    flows, marks = loaded.value.flows, loaded.value.traffic.mark
    names = {CLEANUP, "APP_ID", *given, *(entry.name for entry in flows.environment.entries)}
    if MarkChannel.ARGUMENT in marks:
        names.add("MAESTRO_VALIDATION_RUN")
    return Looked(
        workspace=flows.workspace.resolve(resolvers),
        asked=Asked(
            include_tags=tuple(tag.resolve(resolvers) for tag in flows.include_tags),
            exclude_tags=tuple(tag.resolve(resolvers) for tag in flows.exclude_tags),
            app_id=loaded.value.app.id.resolve(resolvers),
            given=frozenset(names),
            given_is_all=True,
            checks_after=not _is_maestro_runner(flows),
        ),
    )


def _is_maestro_runner(flows: FlowsConfig) -> bool:
    """`auto` may come to be it on the machine that runs the flows."""
    return flows.runner is not Runner.MAESTRO

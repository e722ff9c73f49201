"""A workspace's own `config.yaml`, as Maestro reads it. Unknown keys are the runner's to complain about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from validator.flows.globs import GlobError, Globs
from validator.flows.library import content
from validator.flows.yaml_source import START, YamlError, documents, entries, place_of, texts, value_of
from validator.model.errors import UsageError

_KEYS = frozenset(
    {
        *("flows", "includeTags", "excludeTags", "executionOrder", "testOutputDir", "platform", "notifications"),
        *("baselineBranch", "local", "disableRetries", "env", "appId"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceConfig:
    """Which files of the workspace are flows, and the tags that its owners always apply."""

    globs: Globs
    include_tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()


def load(workspace: Path) -> WorkspaceConfig:
    """Read `config.yaml` or `config.yml`; without either, Maestro's defaults.

    Raises:
        UsageError: The file is there and cannot be used.
    """
    file = next((found for name in ("config.yaml", "config.yml") if (found := workspace / name).exists()), None)
    if file is None:
        return WorkspaceConfig(globs=Globs(()))
    try:
        return _read(content(file))
    except YamlError as error:
        raise UsageError(
            error.reason,
            where=f"{file}:{error.place}",
            remedy="correct it: it says which files of the workspace are flows",
        ) from error
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(file), remedy="make it readable for this user"
        ) from error


def is_config(file: Path) -> bool:
    """Whether a YAML file is no flow but a configuration: `config.yaml`, or `ci-config.yaml` of such keys only.

    Maestro passes over whatever is called `config.yaml`, in any folder. One that holds commands may be a lost flow.
    """
    if not file.stem.endswith("config"):
        return False
    try:
        found = documents(content(file))
    except (YamlError, OSError):
        return False
    if len(found) != 1 or not isinstance(found[0], yaml.MappingNode):
        return file.stem == "config" and not found
    return file.stem == "config" or {key for key, _ in entries(found[0])} <= _KEYS


def _read(data: bytes) -> WorkspaceConfig:
    found = documents(data)
    if not found:
        return WorkspaceConfig(globs=Globs(()))
    config = found[0]
    if len(found) > 1 or not isinstance(config, yaml.MappingNode):
        raise YamlError('a workspace configuration is one mapping, such as `flows: ["**"]`', place_of(found[-1]))
    flows = value_of(config, "flows")
    try:
        globs = Globs(texts(flows, "flows"))
    except GlobError as error:
        raise YamlError(
            f"`flows` has a pattern that cannot be read: {error}", place_of(flows) if flows else START
        ) from error
    return WorkspaceConfig(
        globs=globs,
        include_tags=texts(value_of(config, "includeTags"), "includeTags"),
        exclude_tags=texts(value_of(config, "excludeTags"), "excludeTags"),
    )

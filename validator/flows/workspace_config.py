"""A workspace's own `config.yaml`, as Maestro reads it. Unknown keys are the runner's to complain about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from validator.flows.globs import GlobError, Globs
from validator.flows.library import content
from validator.flows.yaml_source import (
    START,
    Place,
    YamlError,
    documents,
    entries,
    items,
    place_of,
    scalar,
    texts,
    value_of,
)
from validator.model.errors import UsageError

_KEYS = frozenset(
    {
        *("flows", "includeTags", "excludeTags", "executionOrder", "testOutputDir", "platform", "notifications"),
        *("baselineBranch", "local", "disableRetries", "env", "appId"),
    }
)
_ORDER_KEYS = frozenset({"continueOnFailure", "flowsOrder"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A word of the configuration, and where it stands."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceConfig:
    """Which files of the workspace are flows, the tags that its owners always apply, and the order they demand."""

    globs: Globs
    include_tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()
    order: tuple[Named, ...] = ()
    """The flows of `executionOrder.flowsOrder`."""
    continue_on_failure: bool = True
    """Whether the next one of them runs after one that did not pass."""
    file: str = ""
    """Its name in the workspace; empty when there is none."""
    patterns: tuple[Named, ...] = ()
    """What `flows` holds."""
    environment: tuple[str, ...] = ()
    """The variables of its `env`, which a flow that is run alone does not get."""
    unread: tuple[Named, ...] = ()
    """Keys that Maestro passes over without a word."""


def load(workspace: Path) -> WorkspaceConfig:
    """Read `config.yaml` or `config.yml`; without either, Maestro's defaults.

    Raises:
        UsageError: The file is there and cannot be used.
    """
    file = workspace
    try:
        file = next(found for name in ("config.yaml", "config.yml") if (found := workspace / name).exists())
        return replace(_read(content(file)), file=file.name)
    except StopIteration:
        return WorkspaceConfig(globs=Globs(()))
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
        globs = Globs(_one_or_more(flows, "flows"))
    except GlobError as error:
        raise YamlError(
            f"`flows` has a pattern that cannot be read: {error}", place_of(flows) if flows else START
        ) from error
    order = value_of(config, "executionOrder")
    if order is not None and not isinstance(order, yaml.MappingNode):
        raise YamlError("`executionOrder` must be a mapping that holds `flowsOrder`", place_of(order))
    return WorkspaceConfig(
        globs=globs,
        include_tags=_one_or_more(value_of(config, "includeTags"), "includeTags"),
        exclude_tags=_one_or_more(value_of(config, "excludeTags"), "excludeTags"),
        order=_named(value_of(order, "flowsOrder"), "flowsOrder"),
        continue_on_failure=_continues(value_of(order, "continueOnFailure")),
        patterns=_patterns(flows),
        environment=tuple(name for name, _ in entries(value_of(config, "env"))),
        unread=tuple(_unread(config, _KEYS)) + tuple(_unread(order, _ORDER_KEYS)),
    )


def _one_or_more(node: yaml.Node | None, key: str) -> tuple[str, ...]:
    """Maestro takes one text for a list of it (`StringList` in its `WorkspaceConfig`)."""
    one = scalar(node)
    return texts(node, key) if one is None else (one,)


def _named(node: yaml.Node | None, key: str) -> tuple[Named, ...]:
    places = [place_of(item) for item in items(node)]
    return tuple(Named(name=name, place=place) for name, place in zip(texts(node, key), places, strict=True))


def _patterns(node: yaml.Node | None) -> tuple[Named, ...]:
    one = scalar(node)
    if node is None or one is None:
        return _named(node, "flows")
    return (Named(name=one, place=place_of(node)),)


def _continues(node: yaml.Node | None) -> bool:
    if node is None:
        return True
    word = (scalar(node) or "").lower()
    if word not in ("true", "false"):
        raise YamlError("`continueOnFailure` must be true or false", place_of(node))
    return word == "true"


def _unread(node: yaml.Node | None, known: frozenset[str]) -> Iterator[Named]:
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        name = scalar(key)
        if name is not None and name not in known:
            yield Named(name=name, place=place_of(key))

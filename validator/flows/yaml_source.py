"""YAML from strangers: read within bounds, every failure with its line and column. Pure.

The event stream is looked through before anything is built from it, because building recurses: nesting, aliases and
size are refused while they cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import yaml

MAX_BYTES: Final = 512 * 1024
"""A flow is a page or two of text; a generated one may be long."""
_DEEPEST: Final = 40
_MOST_NODES: Final = 100_000
_MOST_ALIASES: Final = 100

_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: ten times as fast, same events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in a file; both count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


START = Place(line=1, column=1)


class YamlError(ValueError):
    """The text is not YAML that can be used; `place` says where."""

    def __init__(self, reason: str, place: Place = START) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


def documents(data: bytes) -> tuple[yaml.Node, ...]:
    """All documents of a file that are not empty, as nodes that know their place.

    Raises:
        YamlError: It is not UTF-8, not YAML, nested too deeply, or too large.
    """
    text = _text(data)
    try:
        _look_through(text)
        return tuple(node for node in yaml.compose_all(text, Loader=_LOADER) if not is_null(node))
    except yaml.MarkedYAMLError as error:
        raise YamlError(_reason(error), _mark(error.problem_mark or error.context_mark)) from error
    except yaml.YAMLError as error:
        raise YamlError("not YAML: it holds a character that YAML does not allow") from error


def place_of(node: yaml.Node) -> Place:
    """Where the node begins."""
    return _mark(node.start_mark)


def is_null(node: yaml.Node) -> bool:
    """Whether nothing, `~` or `null` stands there."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def scalar(node: yaml.Node | None) -> str | None:
    """The text of a scalar as it is written (`no` stays `no`); None for null and for anything else."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) and not is_null(node) else None


def entries(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """The keys and values of a mapping whose keys are texts; nothing for anything else."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = scalar(key)
            if name is not None:
                yield name, value


def value_of(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value under a key, None when it is absent or null."""
    return next((value for name, value in entries(node) if name == key and not is_null(value)), None)


def items(node: yaml.Node | None) -> tuple[yaml.Node, ...]:
    """The elements of a list; nothing for anything else."""
    return tuple(node.value) if isinstance(node, yaml.SequenceNode) else ()


def texts(node: yaml.Node | None, name: str) -> tuple[str, ...]:
    """A list of texts; empty when it is absent.

    Raises:
        YamlError: It is something else.
    """
    if node is None:
        return ()
    found = [scalar(item) for item in items(node)]
    if not isinstance(node, yaml.SequenceNode) or None in found:
        raise YamlError(f"`{name}` must be a list of texts", place_of(node))
    return tuple(text for text in found if text is not None)


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise YamlError(f"larger than {MAX_BYTES // 1024} KiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        place = Place(line=line, column=len(before) - (before.rfind(b"\n") + 1) + 1)
        raise YamlError("not a text file in UTF-8", place) from error


def _look_through(text: str) -> None:
    depth = nodes = aliases = 0
    for event in yaml.parse(text, Loader=_LOADER):
        nodes += isinstance(event, yaml.NodeEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise YamlError(f"nested more than {_DEEPEST} levels deep", _mark(event.start_mark))
        if nodes > _MOST_NODES or aliases > _MOST_ALIASES:
            raise YamlError("more than a person would write", _mark(event.start_mark))


class _Mark(Protocol):
    """PyYAML's own mark, or libyaml's."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


def _mark(mark: _Mark | None) -> Place:
    return START if mark is None else Place(line=mark.line + 1, column=mark.column + 1)


def _reason(error: yaml.MarkedYAMLError) -> str:
    parts = [part for part in (error.context, error.problem) if part]
    return f"not YAML: {', '.join(parts)}" if parts else "not YAML"

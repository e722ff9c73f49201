"""Turns YAML text into a tree of nodes that know their places, and finds every mistake that needs no schema.

Built on PyYAML's events and not on its constructors: an event carries its place, no object is ever made from a tag, and
size and depth are known before memory is spent. The pure Python parser is used even where libyaml is present, because
the two word their errors differently; it reads a typical configuration in about a millisecond.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NoReturn

import yaml

from validator.config.errors import ConfigError, Position, Problem
from validator.config.nodes import Entry, Extent, Mapping, Node, Scalar, Sequence
from validator.config.source_text import SourceText
from validator.config.yaml_errors import explain_syntax
from validator.config.yaml_scalars import Trap, read_scalar

DEEPEST: Final = 32
"""Levels. Configurations need about five."""

MOST_VALUES: Final = 20_000
"""Values with every alias written out: far above any real file, far below what an alias bomb needs to hurt."""

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A document, and the mistakes after which its reading could go on."""

    root: Node
    problems: tuple[Problem, ...]


def compose(source: SourceText) -> Composed:
    """Read one YAML document whose root is a mapping.

    Raises:
        ConfigError: the text is not YAML, is empty, holds several documents, is too deep or too large, or its root is
            no mapping. Every other mistake is returned beside the tree.
    """
    return _Composer(source).document()


@dataclass(slots=True)
class _Composer:
    source: SourceText
    events: Iterator[yaml.Event] = field(init=False)
    anchors: dict[str, Node | None] = field(default_factory=dict)
    """`None` while the anchored node is still being read."""
    problems: list[Problem] = field(default_factory=list)
    values: int = 0
    read: int = 0
    """Up to which character."""

    def __post_init__(self) -> None:
        self.events = yaml.parse(self.source.text, Loader=yaml.SafeLoader)

    def document(self) -> Composed:
        self._next()  # the start of the stream
        if isinstance(start := self._next(), yaml.StreamEndEvent):
            self._refuse(Position(file=self.source.file), "is empty", "write at least the required keys")
        root = self._node(self._next(), 0)
        self._next()  # the end of the document
        if isinstance(after := self._next(), yaml.DocumentStartEvent):
            self._refuse(self._extent(after).position, "a second document begins here", "keep one document per file")
        if isinstance(root, Scalar) and root.value is None:
            self._refuse(self._extent(start).position, "the document is empty", "write at least the required keys")
        if not isinstance(root, Mapping):
            kind = "a list" if isinstance(root, Sequence) else "a single value"
            remedy = "begin with a key: environment: production"
            self._refuse(root.extent.position, f"the document is {kind}, not a mapping (key: value)", remedy)
        return Composed(root=root, problems=tuple(self.problems))

    def _next(self) -> yaml.Event:
        try:
            event = next(self.events)
        except yaml.YAMLError as error:
            raise ConfigError([*self.problems, explain_syntax(error, self.source, self.read)]) from None
        except (ValueError, OverflowError):  # what PyYAML lets through for an escape such as "\UFFFFFFFF"
            message = "not YAML: an escape after this place names no character"
            self._refuse(self.source.position(self.read), message, "write the character itself")
        self.read = event.end_mark.index if event.end_mark else self.read
        return event

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if depth > DEEPEST:
            self._refuse(self._extent(event).position, f"is nested deeper than {DEEPEST} levels", "flatten it")
        match event:
            case yaml.AliasEvent():
                return self._alias(event, event.anchor or "")
            case yaml.ScalarEvent() | yaml.CollectionStartEvent():
                self._count(1, event)
                return self._anchored(event, depth)
            case _:
                raise AssertionError(f"the parser gave {event!r} where a value begins")

    def _anchored(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, depth: int) -> Node:
        if event.tag:
            message = f"the tag {event.tag.replace('tag:yaml.org,2002:', '!!')[:60]} is not allowed"
            self._report(event, message, "remove it; put a value in quotes to make it a text")
        if event.anchor:
            self.anchors[event.anchor] = None
        node = self._unanchored(event, depth)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _unanchored(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        return (
            self._mapping(event, depth) if isinstance(event, yaml.MappingStartEvent) else self._sequence(event, depth)
        )

    def _alias(self, event: yaml.AliasEvent, name: str) -> Node:
        node = self.anchors.get(name)
        if node is None:
            reason = (
                "refers to the value that it is part of" if name in self.anchors else "refers to no anchor above it"
            )
            self._report(event, f"*{name} {reason}", f"write the value out, or put &{name} before the one meant")
            return Scalar(extent=self._extent(event), value=None)
        self._count(node.size, event)
        return node

    def _sequence(self, start: yaml.Event, depth: int) -> Sequence:
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        size = 1 + sum(item.size for item in items)
        return Sequence(extent=self._extent(start), items=tuple(items), size=size)

    def _mapping(self, start: yaml.Event, depth: int) -> Mapping:
        own: dict[str, Entry] = {}
        merged: list[Entry] = []
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            if _is_merge(key, event):
                merged += self._merged(value)
            elif (name := self._key(key)) in own:
                self._duplicate(own[name], key)
            else:
                own[name] = Entry(key=name, extent=key.extent, node=value)
        entries = {entry.key: entry for entry in reversed(merged)} | own
        size = 1 + sum(1 + entry.node.size for entry in entries.values())
        return Mapping(extent=self._extent(start), entries=entries, size=size)

    def _key(self, node: Node) -> str:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value
        written = node.extent.text
        remedy = f'write "{written}" in quotes' if isinstance(node, Scalar) and len(written) < 40 else ""
        self.problems.append(Problem.at(node.extent.position, "a key must be a text", remedy=remedy))
        return f"\0{node.extent.start}"  # no other key can be called so

    def _duplicate(self, first: Entry, second: Node) -> None:
        line = first.extent.position.line
        message = f"the key {first.key!r} is already there, on line {line}"
        remedy = f"remove it here or on line {line}"
        self.problems.append(Problem.at(second.extent.position, message, remedy=remedy))

    def _merged(self, node: Node) -> list[Entry]:
        """The entries that `<<:` brings in; of two mappings the first one wins (https://yaml.org/type/merge.html)."""
        sources = node.items if isinstance(node, Sequence) else (node,)
        entries: list[Entry] = []
        for source in sources:
            if isinstance(source, Mapping):
                entries += source.entries.values()
                self._count(source.size, None)
            else:
                remedy = "write <<: *name, where &name stands before a mapping"
                message = "<< takes in mappings only"
                self.problems.append(Problem.at(source.extent.position, message, remedy=remedy))
        return entries

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        value = read_scalar(event.value) if event.style is None else event.value
        if isinstance(value, Trap):
            self._report(event, value.message, value.remedy)
            value = event.value
        if isinstance(value, str) and _LONE_SURROGATE.search(value):
            self._report(event, "holds half a character (a lone surrogate)", "write the character itself")
            value = ""
        return Scalar(extent=self._extent(event), value=value)

    def _count(self, values: int, event: yaml.Event | None) -> None:
        self.values += values
        if self.values > MOST_VALUES:
            position = self._extent(event).position if event else Position(file=self.source.file)
            remedy = "split the file, or write out what the aliases repeat"
            self._refuse(position, f"holds more than {MOST_VALUES} values when aliases are written out", remedy)

    def _extent(self, event: yaml.Event) -> Extent:
        start, end = event.start_mark, event.end_mark
        return Extent(source=self.source, start=start.index if start else 0, end=end.index if end else 0)

    def _report(self, event: yaml.Event, message: str, remedy: str) -> None:
        self.problems.append(Problem.at(self._extent(event).position, message, remedy=remedy))

    def _refuse(self, position: Position, message: str, remedy: str) -> NoReturn:
        raise ConfigError([*self.problems, Problem.at(position, message, remedy=remedy)])


def _is_merge(key: Node, event: yaml.Event) -> bool:
    return isinstance(key, Scalar) and isinstance(event, yaml.ScalarEvent) and event.style is None and key.value == "<<"

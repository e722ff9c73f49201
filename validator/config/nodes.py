"""A YAML document as a tree whose every key and value knows its place. Pure."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from validator.config.errors import Position
from validator.config.source_text import SourceText

Atom: TypeAlias = "str | int | float | bool | date | None"
Plain: TypeAlias = "Atom | tuple[Plain, ...] | dict[str, Plain]"
Path: TypeAlias = tuple[str | int, ...]
"""Keys and list indices from the document's root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """From where to where something is written."""

    source: SourceText
    start: int
    end: int

    @property
    def text(self) -> str:
        """As it is written, quotes included."""
        return self.source.text[self.start : self.end]

    @property
    def position(self) -> Position:
        """Where it begins."""
        return self.source.position(self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One value that holds no others."""

    extent: Extent
    value: Atom
    size: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key of a mapping with its value."""

    key: str
    extent: Extent
    """Of the key."""
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Keys with values. Every key is there once."""

    extent: Extent
    entries: MappingOf[str, Entry]
    size: int
    """How many values the tree below it holds when every alias is written out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A list."""

    extent: Extent
    items: tuple[Node, ...]
    size: int
    """As of a mapping."""


Node: TypeAlias = Scalar | Mapping | Sequence


class PlacedText(str):
    """A text that remembers where it is written, so that whoever reads references in it can name their places."""

    __slots__ = ("extent", "path")

    extent: Extent
    path: str
    """`devices[0].serial`"""

    @classmethod
    def of(cls, text: str, extent: Extent, path: str) -> PlacedText:
        """A text written at that extent."""
        placed = cls(text)
        placed.extent, placed.path = extent, path
        return placed


def plain(node: Node, path: Path = ()) -> Plain:
    """The values alone: dicts, tuples, atoms, and `PlacedText` for texts."""
    match node:
        case Scalar(value=str() as text):
            return PlacedText.of(text, node.extent, written_path(path))
        case Scalar():
            return node.value
        case Sequence():
            return tuple(plain(item, (*path, index)) for index, item in enumerate(node.items))
        case Mapping():
            return {entry.key: plain(entry.node, (*path, entry.key)) for entry in node.entries.values()}


def node_at(root: Node, path: SequenceOf[str | int]) -> Node:
    """The node at a path, or the nearest one above it where the document ends earlier."""
    node = root
    for part in path:
        below = _below(node, part)
        if below is None:
            return node
        node = below
    return node


def _below(node: Node, part: str | int) -> Node | None:
    match node, part:
        case Mapping(), str():
            entry = node.entries.get(part)
            return entry.node if entry else None
        case Sequence(), int():
            return node.items[part] if 0 <= part < len(node.items) else None
        case _:
            return None


def written_path(path: SequenceOf[str | int]) -> str:
    """A path as people write it: `devices[0].count`."""
    written = ""
    for part in path:
        match part:
            case int():
                written += f"[{part}]"
            case str():
                written += f".{part}" if written else part
    return written

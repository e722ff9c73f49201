"""One Maestro flow file: its header, its commands, and the files that they call for. Pure.

The format is a header document (`appId`, `name`, `tags`, …), a line `---`, and a list of commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import yaml

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


class Kind(StrEnum):
    """What a flow calls for."""

    FLOW = "flow"
    """Another flow file: it calls for files of its own."""
    SCRIPT = "script"
    MEDIA = "media"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A file that a command names."""

    kind: Kind
    path: str
    """As written: relative to the folder of the file that names it, or absolute."""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFile:
    """What one file says."""

    name: str = ""
    app_id: str = ""
    """As written: `${APP_ID}` stays `${APP_ID}`."""
    tags: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    """The variables that the header itself gives a value; it wins over any value from outside."""
    references: tuple[Reference, ...] = ()


_NESTING = ("runFlow", "repeat", "retry")
_NAMING = {"runFlow": Kind.FLOW, "retry": Kind.FLOW, "runScript": Kind.SCRIPT}
_HOOKS = ("onFlowStart", "onFlowComplete")


def read(data: bytes) -> FlowFile:
    """Read a flow file.

    Raises:
        YamlError: It is not YAML, or not a flow; with the line and column.
    """
    header, commands = _parts(documents(data))
    if not items(commands):
        raise YamlError("no commands", place_of(commands))
    hooks = [hook for name in _HOOKS if (hook := value_of(header, name)) is not None]
    walk = _Walk()
    found = [reference for node in (*hooks, commands) for reference in walk.references(node)]
    return FlowFile(
        name=scalar(value_of(header, "name")) or "",
        app_id=scalar(value_of(header, "appId")) or "",
        tags=texts(value_of(header, "tags"), "tags"),
        fixed=tuple(name for name, _ in entries(value_of(header, "env"))),
        references=tuple(found),
    )


def _parts(found: tuple[yaml.Node, ...]) -> tuple[yaml.Node | None, yaml.Node]:
    match found:
        case ():
            raise YamlError("no commands: the file is empty")
        case (yaml.SequenceNode() as commands,):
            return None, commands
        case (yaml.MappingNode() as only,):
            raise YamlError(
                "no commands: after the header, a line `---` and a list of commands must follow", _end(only)
            )
        case (yaml.MappingNode() as header, yaml.SequenceNode() as commands):
            return header, commands
        case (yaml.MappingNode(), yaml.Node() as second):
            raise YamlError("the commands after `---` must be a list", place_of(second))
        case (_, _, third, *_):
            raise YamlError("a second `---`: a runner would silently ignore what follows", place_of(third))
        case _:
            raise YamlError("a flow begins with a header such as `appId: com.example.app`", place_of(found[0]))


def _end(node: yaml.Node) -> Place:
    mark = node.end_mark
    return START if mark is None else Place(line=mark.line + 1, column=mark.column + 1)


class _Walk:
    """Visits each command once, however often YAML aliases repeat it."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def references(self, commands: yaml.Node) -> Iterator[Reference]:
        if not isinstance(commands, yaml.SequenceNode):
            raise YamlError("commands must be a list", place_of(commands))
        if id(commands) in self._seen:
            return
        self._seen.add(id(commands))
        for command in items(commands):
            if not isinstance(command, yaml.MappingNode) and scalar(command) is None:
                raise YamlError("a command is a name such as `back`, or a name with its values", place_of(command))
            for name, value in entries(command):
                yield from self._of_command(name, value)

    def _of_command(self, name: str, value: yaml.Node) -> Iterator[Reference]:
        if name in _NAMING:
            yield from _reference(_NAMING[name], value if scalar(value) is not None else value_of(value, "file"))
        if name == "addMedia":
            files = value_of(value, "files") or value
            for file in items(files) or (files,):
                yield from _reference(Kind.MEDIA, file)
        inner = value_of(value, "commands") if name in _NESTING else None
        if inner is not None:
            yield from self.references(inner)


def _reference(kind: Kind, node: yaml.Node | None) -> Iterator[Reference]:
    """The file that a node names; none when only the running flow will know it (`${SCREEN}.yaml`)."""
    path = scalar(node)
    if node is not None and path and "${" not in path:
        yield Reference(kind=kind, path=path, place=place_of(node))

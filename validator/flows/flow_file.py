"""One Maestro flow file: its header, its commands, and the files that they call for. Pure.

The format is a header document (`appId`, `name`, `tags`, …), a line `---`, and a list of commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

import yaml

from validator.flows.platform import other_platform
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
    IMAGE = "image"
    """What a screen is compared with. Without it maestro-runner 1.1.27 keeps the screen as it is, and passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A file that a command names."""

    kind: Kind
    path: str
    """As written: relative to the folder of the file that names it, or absolute."""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command, wherever it stands: also inside the inline commands of another one."""

    name: str
    place: Place
    optional: bool = False
    text: str = ""
    """Its value where that is one text, or its `path` or `script`: what `assertScreenshot` and `evalScript` name."""
    file: str = ""
    """The file that it names, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFile:
    """What one file says."""

    name: str = ""
    app_id: str = ""
    """As written: `${APP_ID}` stays `${APP_ID}`."""
    tags: tuple[str, ...] = ()
    elsewhere: str = ""
    """Why it is not for Android: `for the web: …`, `for iOS: …`; empty when it is."""
    header: Place = START
    """Where `appId` stands, or the header begins."""
    fixed: tuple[str, ...] = ()
    """The variables that the header itself gives a value; it wins over any value from outside."""
    references: tuple[Reference, ...] = ()
    unknown_references: bool = False
    """Whether it calls for a file that only the running flow will know (`${SCREEN}.yaml`)."""
    commands: tuple[Command, ...] = ()
    on_start: tuple[Command, ...] = ()
    """What its header's `onFlowStart` holds."""
    on_complete: tuple[Command, ...] = ()
    """What its header's `onFlowComplete` holds."""

    @property
    def all_commands(self) -> tuple[Command, ...]:
        """Those of the hooks, too."""
        return (*self.on_start, *self.commands, *self.on_complete)


_NESTING = ("runFlow", "repeat", "retry")
_NAMING = {"runFlow": Kind.FLOW, "retry": Kind.FLOW, "runScript": Kind.SCRIPT}
_HOOKS = ("onFlowStart", "onFlowComplete")
_MERGE = "tag:yaml.org,2002:merge"


def read(data: bytes) -> FlowFile:
    """Read a flow file.

    Raises:
        YamlError: It is not YAML, or not a flow; with the line and column.
    """
    found_documents = documents(data)
    for node in found_documents:
        _refuse_merges(node, set())
    header, commands = _parts(found_documents)
    if not items(commands):
        raise YamlError("no commands", place_of(commands))
    hooks = [hook for name in _HOOKS if (hook := value_of(header, name)) is not None]
    walk = _Walk()
    found = [reference for node in (*hooks, commands) for reference in walk.references(node)]
    return FlowFile(
        name=scalar(value_of(header, "name")) or "",
        app_id=scalar(value_of(header, "appId")) or "",
        tags=texts(value_of(header, "tags"), "tags"),
        elsewhere=other_platform(header, commands),
        header=place_of(value_of(header, "appId") or header or commands),
        fixed=tuple(name for name, _ in entries(value_of(header, "env"))),
        references=tuple(found),
        unknown_references=walk.unknown,
        commands=tuple(_commands(commands, set())),
        on_start=tuple(_commands(value_of(header, "onFlowStart"), set())),
        on_complete=tuple(_commands(value_of(header, "onFlowComplete"), set())),
    )


def _refuse_merges(node: yaml.Node, seen: set[int]) -> None:
    """Not every runner reads `<<`, so what such a mapping holds depends on who reads it."""
    if id(node) in seen:
        return
    seen.add(id(node))
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.tag == _MERGE:
            raise YamlError("`<<` is not read by every runner: write the keys out", place_of(key))
        _refuse_merges(value, seen)
    for item in items(node):
        _refuse_merges(item, seen)


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
        self.unknown = False
        """Whether a file was named that only the running flow will know."""

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
            yield from self._reference(_NAMING[name], value if scalar(value) is not None else value_of(value, "file"))
        if name == "assertScreenshot":
            yield from self._image(value if scalar(value) is not None else value_of(value, "path"))
        if name == "addMedia":
            files = value_of(value, "files") or value
            for file in items(files) or (files,):
                yield from self._reference(Kind.MEDIA, file)
        inner = value_of(value, "commands") if name in _NESTING else None
        if inner is not None:
            yield from self.references(inner)

    def _image(self, node: yaml.Node | None) -> Iterator[Reference]:
        """Both runners add `.png` where the path has no ending, and look beside the file that holds the command."""
        for found in self._reference(Kind.IMAGE, node):
            ending = "" if PurePosixPath(found.path).suffix else ".png"
            yield Reference(kind=found.kind, path=found.path + ending, place=found.place)

    def _reference(self, kind: Kind, node: yaml.Node | None) -> Iterator[Reference]:
        path = scalar(node)
        if node is None or not path:
            return
        if "${" in path:
            self.unknown = True
        else:
            yield Reference(kind=kind, path=path, place=place_of(node))


def _commands(node: yaml.Node | None, seen: set[int]) -> Iterator[Command]:
    """Each before those inside it; once each, however often YAML aliases repeat it."""
    for item in items(node):
        if id(item) in seen:
            continue
        seen.add(id(item))
        plain = scalar(item)
        if plain is not None:
            yield Command(name=plain, place=place_of(item))
        for name, value in entries(item):
            texts_of = (scalar(node) for node in (value, value_of(value, "path"), value_of(value, "script")))
            yield Command(
                name=name,
                place=place_of(item),
                optional=scalar(value_of(value, "optional")) == "true",
                text=next(filter(None, texts_of), ""),
                file=(scalar(value) or scalar(value_of(value, "file")) or "") if name in _NAMING else "",
            )
            if name in _NESTING:
                yield from _commands(value_of(value, "commands"), seen)

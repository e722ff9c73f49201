"""Texts with references: `${env:NAME}`, `${env:NAME:-default}`, `${file:path}`, `${terraform:output}`.

A `Template` is read when the configuration is loaded, so that a wrong reference is found at its line and column, and
resolved when its value is needed, so that a secret lives as short as possible and an output of terraform may come into
being in between. `$${` stands for a plain `${`. Pure: what touches the world are the resolvers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from validator.config.errors import ConfigError, Position, Problem
from validator.config.nodes import PlacedText
from validator.config.resolvers import Absent, Found, Resolver, Resolvers
from validator.config.spelling import did_you_mean


class Scheme(StrEnum):
    """Where a reference's value comes from."""

    ENV = "env"
    """A variable of the process that runs validator."""
    FILE = "file"
    """The content of a file, without the line end at its end."""
    TERRAFORM = "terraform"
    """An output of the deployment; known once the deployment was observed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One `${scheme:name}`."""

    scheme: Scheme
    name: str
    default: str | None = None
    """What stands behind `:-`; only variables can have it."""
    position: Position

    def __str__(self) -> str:
        return f"${{{self.scheme}:{self.name}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A template with its references replaced."""

    text: str
    secret: bool
    """Whether one of them was a secret."""


class ReferenceSyntaxError(ValueError):
    """A `${` that begins no reference."""

    def __init__(self, what: str, *, remedy: str, position: Position) -> None:
        super().__init__(what)
        self.remedy = remedy
        self.position = position


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text with references, as the configuration gives it."""

    source: str
    """As written. May hold a secret if somebody wrote one there: show it with care."""
    parts: tuple[str | Reference, ...]
    position: Position = field(compare=False)
    path: str = field(default="", compare=False)
    """Where it stands in the document: `build.environment.API_URL`."""

    @classmethod
    def parse(cls, text: str) -> Template:
        """Read the references of a text. Their places are known when it is a `PlacedText`.

        Raises:
            ReferenceSyntaxError: a reference is not closed, or has no known scheme, no name, or a wrong one.
        """
        parts = tuple(_Parser(text).parts())
        if isinstance(text, PlacedText):
            return cls(source=str(text), parts=parts, position=text.extent.position, path=text.path)
        return cls(source=text, parts=parts, position=_NOWHERE)

    @property
    def references(self) -> tuple[Reference, ...]:
        """Its references, in order."""
        return tuple(part for part in self.parts if isinstance(part, Reference))

    @property
    def literal(self) -> str | None:
        """The text itself where it holds no reference."""
        return None if self.references else "".join(str(part) for part in self.parts)

    def render(self, resolvers: Resolvers) -> Rendered:
        """Replace every reference.

        Raises:
            ConfigError: a value is absent; one problem for each, at the reference's place.
        """
        values = [self._value(part, resolvers) for part in self.parts]
        if problems := [value for value in values if isinstance(value, Problem)]:
            raise ConfigError(problems)
        found = [value for value in values if isinstance(value, Found)]
        return Rendered(text="".join(value.text for value in found), secret=any(value.secret for value in found))

    def resolve(self, resolvers: Resolvers) -> str:
        """The text with every reference replaced; what was secret in it is registered with the redactor.

        Raises:
            ConfigError: as `render` does.
        """
        return self.render(resolvers).text

    def _value(self, part: str | Reference, resolvers: Resolvers) -> Found | Problem:
        if isinstance(part, str):
            return Found(text=part)
        found = _resolver(part.scheme, resolvers)(part.name)
        if isinstance(found, Absent):
            if part.default is not None:
                return Found(text=part.default)
            return Problem.at(part.position, f"{part}: {found.reason}", path=self.path, remedy=found.remedy)
        if found.secret:
            resolvers.secrets.register(found.text, part.name)
        return found


_NOWHERE: Final = Position(file="<configuration>")
_OPENING: Final = re.compile(r"\$?\$\{")
_BRACE: Final = re.compile(r"\$\{")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OUTPUT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ESCAPE: Final = "write $${ for a plain ${"


def _resolver(scheme: Scheme, resolvers: Resolvers) -> Resolver:
    match scheme:
        case Scheme.ENV:
            return resolvers.env
        case Scheme.FILE:
            return resolvers.file
        case Scheme.TERRAFORM:
            return resolvers.terraform


class _Parser:
    """Reads the references of one text, and knows where each `${` of it stands in its file.

    Quotes, escapes and folded lines move characters, so places are found by counting: the n-th `${` of the value is the
    n-th of what is written. Where the two counts differ (an escape wrote a `$`) all stand where the text begins.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._ordinals = {match.start(): number for number, match in enumerate(_BRACE.finditer(text))}
        self._places: list[Position] = []
        if isinstance(text, PlacedText):
            written = text.extent
            places = [written.source.position(written.start + match.start()) for match in _BRACE.finditer(written.text)]
            self._places = places if len(places) == len(self._ordinals) else [written.position] * len(self._ordinals)

    def parts(self) -> Iterator[str | Reference]:
        end = 0
        for opening in _OPENING.finditer(self._text):
            if opening.start() < end:
                continue
            yield from (part for part in (self._text[end : opening.start()],) if part)
            if opening[0] == "$${":
                yield "${"
                end = opening.end()
            else:
                reference, end = self._reference(opening.end() - 2)
                yield reference
        yield from (part for part in (self._text[end:],) if part)

    def _reference(self, start: int) -> tuple[Reference, int]:
        position = self._place(start)
        end = self._text.find("}", start)
        if end < 0:
            remedy = f"close it with }}, or {_ESCAPE}"
            raise ReferenceSyntaxError("${ is never closed", remedy=remedy, position=position)
        inside = self._text[start + 2 : end]
        if "${" in inside:
            what = "references cannot stand within references"
            raise ReferenceSyntaxError(what, remedy="write the value out", position=position)
        scheme, colon, rest = inside.partition(":")
        if scheme not in tuple(Scheme) or not colon:
            raise _unknown(scheme, inside, position)
        return _checked(Scheme(scheme), rest, position), end + 1

    def _place(self, start: int) -> Position:
        return self._places[self._ordinals[start]] if self._places else _NOWHERE


def _unknown(scheme: str, inside: str, position: Position) -> ReferenceSyntaxError:
    if _VARIABLE.fullmatch(inside) and inside not in tuple(Scheme):
        what, remedy = f"${{{inside}}} does not say where from", f"write ${{env:{inside}}} for the variable {inside}"
        return ReferenceSyntaxError(what, remedy=f"{remedy}, or {_ESCAPE}", position=position)
    shown = f"${{{inside[:40]}}}"
    known = "${env:NAME}, ${env:NAME:-default}, ${file:path} or ${terraform:output}"
    hint = did_you_mean(scheme, (known.value for known in Scheme))
    return ReferenceSyntaxError(
        f"{shown} is no reference{hint}", remedy=f"write {known}; or {_ESCAPE}", position=position
    )


def _checked(scheme: Scheme, rest: str, position: Position) -> Reference:
    name, separator, default = rest.partition(":-") if scheme is Scheme.ENV else (rest, "", "")
    if not name.strip():
        raise ReferenceSyntaxError(
            f"${{{scheme}:}} names nothing", remedy=f"put the name behind {scheme}:", position=position
        )
    pattern = {Scheme.ENV: _VARIABLE, Scheme.TERRAFORM: _OUTPUT}.get(scheme)
    if pattern and not pattern.fullmatch(name):
        what = f"{name[:40]!r} cannot be the name of {_NAMED[scheme]}"
        raise ReferenceSyntaxError(what, remedy=_NAMES[scheme], position=position)
    return Reference(scheme=scheme, name=name, default=default if separator else None, position=position)


_NAMED: Final = {Scheme.ENV: "a variable", Scheme.TERRAFORM: "an output"}
_NAMES: Final = {
    Scheme.ENV: "use letters, digits and _; a default stands behind :-",
    Scheme.TERRAFORM: "use letters, digits, - and _; outputs cannot have a default",
}

"""Templates: text with expressions in braces, and JSON structures made of such text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from validator.virtual.app.expression import Expression, ExpressionError, Literal, Scope
from validator.virtual.app.grammar import parse
from validator.virtual.app.values import Json, text_of


@dataclass(frozen=True, slots=True)
class Template:
    """Text with expressions in braces.

    `{{` and `}}` are literal braces, and so are a `{` before white space and a `}` without its `{`, because that is how
    apps log objects: `'signed in', { id: '{user.id}' }`.
    """

    source: str
    parts: tuple[Expression, ...]

    @classmethod
    def read(cls, source: object) -> Template:
        """Read a template.

        Raises:
            ExpressionError: it is not text, a `{` has no `}`, or an expression cannot be read.
        """
        if not isinstance(source, str):
            raise ExpressionError(f"must be text, not {type(source).__name__}")
        return cls(source, tuple(_parts(source)))

    def text(self, scope: Scope) -> str:
        """The text with every expression replaced by its value."""
        return "".join([text_of(part.evaluate(scope)) for part in self.parts])

    def evaluate(self, scope: Scope) -> Json:
        """As `text`, but a template that is exactly one expression keeps its value's type."""
        return self.parts[0].evaluate(scope) if len(self.parts) == 1 else self.text(scope)

    def paths(self) -> Iterator[tuple[str, ...]]:
        """Every dotted name that the template reads."""
        for part in self.parts:
            yield from part.paths()


@dataclass(frozen=True, slots=True)
class ArrayTemplate:
    """An array whose elements are templates."""

    items: tuple[Expression, ...]

    def evaluate(self, scope: Scope) -> Json:
        """The array with every template evaluated."""
        return [item.evaluate(scope) for item in self.items]

    def paths(self) -> Iterator[tuple[str, ...]]:
        """Those of all elements."""
        for item in self.items:
            yield from item.paths()


@dataclass(frozen=True, slots=True)
class ObjectTemplate:
    """An object whose values are templates."""

    fields: Mapping[str, Expression]

    def evaluate(self, scope: Scope) -> Json:
        """The object with every template evaluated."""
        return {name: field.evaluate(scope) for name, field in self.fields.items()}

    def paths(self) -> Iterator[tuple[str, ...]]:
        """Those of all values."""
        for field in self.fields.values():
            yield from field.paths()


def read_structure(value: object) -> Expression:
    """A JSON value whose texts are templates, all the way down.

    Raises:
        ExpressionError: one of the templates cannot be read, or the value is not JSON.
    """
    match value:
        case str():
            return Template.read(value)
        case list():
            return ArrayTemplate(tuple(read_structure(item) for item in value))
        case dict():
            return ObjectTemplate({name: read_structure(field) for name, field in value.items()})
        case None | bool() | int() | float():
            return Literal(value)
        case _:
            raise ExpressionError(f"must be a JSON value, not {type(value).__name__}")


def _parts(source: str) -> Iterator[Expression]:
    literal = ""
    at = 0
    while at < len(source):
        character, following = source[at], source[at + 1 : at + 2]
        if character in "{}" and following == character:
            literal += character
            at += 2
        elif character == "{" and following and not following.isspace():
            if literal:
                yield Literal(literal)
            literal = ""
            end = _closing(source, at)
            yield parse(source[at + 1 : end])
            at = end + 1
        else:
            literal += character
            at += 1
    if literal or not source:
        yield Literal(literal)


def _closing(source: str, at: int) -> int:
    quoted = escaped = False
    for index in range(at + 1, len(source)):
        character = source[index]
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == "'":
            quoted = not quoted
        elif character == "}" and not quoted:
            return index
    raise ExpressionError(f"a '{{' without its '}}' in {source[:80]!r}; write '{{{{' for a literal brace")

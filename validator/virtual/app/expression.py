"""Expressions of the app description: `cart|length > 0 and not loading`.

Reading one may fail with a `ExpressionError`; evaluating one never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from validator.virtual.app.filters import Filter
from validator.virtual.app.values import Json


class ExpressionError(ValueError):
    """An expression or template that cannot be read."""


class Scope(Protocol):
    """Where an expression finds its names."""

    def read(self, path: tuple[str, ...]) -> Json:
        """The value at a dotted name; null when there is none."""
        ...


@runtime_checkable
class Expression(Protocol):
    """A parsed expression, template or JSON structure of templates."""

    def evaluate(self, scope: Scope) -> Json:
        """The expression's value here and now."""
        ...

    def paths(self) -> Iterator[tuple[str, ...]]:
        """Every dotted name that the expression reads."""
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, `true`, `false` or `null`."""

    value: Json

    def evaluate(self, scope: Scope) -> Json:
        """The literal itself."""
        del scope
        return self.value

    def paths(self) -> Iterator[tuple[str, ...]]:
        """None."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name such as `product.price`."""

    path: tuple[str, ...]

    def evaluate(self, scope: Scope) -> Json:
        """What the scope holds under the name."""
        return scope.read(self.path)

    def paths(self) -> Iterator[tuple[str, ...]]:
        """The name."""
        yield self.path


@dataclass(frozen=True, slots=True)
class Not:
    """Logical negation."""

    operand: Expression

    def evaluate(self, scope: Scope) -> Json:
        """True when the operand counts as false."""
        return not self.operand.evaluate(scope)

    def paths(self) -> Iterator[tuple[str, ...]]:
        """Those of the operand."""
        return self.operand.paths()


@dataclass(frozen=True, slots=True)
class Logical:
    """`and` or `or`: true or false, and the right side is looked at only when it matters."""

    decisive: bool
    left: Expression
    right: Expression

    def evaluate(self, scope: Scope) -> Json:
        """Whether either (decisive True, `or`) or both (decisive False, `and`) count as true."""
        if bool(self.left.evaluate(scope)) is self.decisive:
            return self.decisive
        return bool(self.right.evaluate(scope))

    def paths(self) -> Iterator[tuple[str, ...]]:
        """Those of both operands."""
        yield from self.left.paths()
        yield from self.right.paths()


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what is done with their values."""

    operation: Callable[[Json, Json], Json]
    left: Expression
    right: Expression

    def evaluate(self, scope: Scope) -> Json:
        """The operation's result."""
        return self.operation(self.left.evaluate(scope), self.right.evaluate(scope))

    def paths(self) -> Iterator[tuple[str, ...]]:
        """Those of both operands."""
        yield from self.left.paths()
        yield from self.right.paths()


@dataclass(frozen=True, slots=True)
class Filtered:
    """A value sent through a filter."""

    operand: Expression
    filter: Filter
    arguments: tuple[Expression, ...]

    def evaluate(self, scope: Scope) -> Json:
        """The filter's result."""
        return self.filter.apply(self.operand.evaluate(scope), *(each.evaluate(scope) for each in self.arguments))

    def paths(self) -> Iterator[tuple[str, ...]]:
        """Those of the value and of the arguments."""
        yield from self.operand.paths()
        for argument in self.arguments:
            yield from argument.paths()

"""The kinds of values that the models of the app description are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetPydanticSchema
from pydantic_core import core_schema

from validator.virtual.app.expression import Expression, ExpressionError
from validator.virtual.app.grammar import KEYWORDS, parse
from validator.virtual.app.template import Template, read_structure

BUILT_IN_NAMES = frozenset({"config", "extra", "system", "params", "app", "random", "now", "response", "item", "index"})
"""Names that mean something in every app and cannot be variables."""


class Model(BaseModel):
    """A part of the app description: unknown keys are refused, nothing is coerced, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


def _read_by(read: Callable[[object], object]) -> GetPydanticSchema:
    # Not PlainValidator: it also looks into the type itself, and a Protocol cannot be looked into.
    return GetPydanticSchema(lambda _source, _handler: core_schema.no_info_plain_validator_function(read))


def _expression(value: object) -> Expression:
    if not isinstance(value, str):
        raise ExpressionError(f"must be an expression (text), not {type(value).__name__}")
    return parse(value)


def _array(value: object) -> Expression:
    return read_structure(value) if isinstance(value, list) else _expression(value)


def _own_name(value: object) -> object:
    if isinstance(value, str) and (value in BUILT_IN_NAMES or value in KEYWORDS):
        raise ExpressionError(f"{value!r} has a meaning of its own and cannot be used as a name")
    return value


Text = Annotated[Template, _read_by(Template.read)]
"""A template that gives text."""

Condition = Annotated[Expression, _read_by(_expression)]
"""A bare expression."""

Array = Annotated[Expression, _read_by(_array)]
"""An expression that gives an array, or a JSON array of templates."""

Structure = Annotated[Expression, _read_by(read_structure)]
"""A JSON value whose texts are templates."""

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
"""The name of a screen or a routine."""

VariableName = Annotated[Word, BeforeValidator(_own_name)]
"""The name of a variable or of a list's row."""

Milliseconds = Annotated[int, Field(ge=0, le=600_000)]
"""A time, ten minutes at most."""

Pixels = Annotated[int, Field(ge=0, le=20_000)]
"""A length on the display."""

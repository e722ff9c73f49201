"""Fields of the configuration that are names with texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator, GetCoreSchemaHandler
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function

from validator.config.fields import AnyText, EarlyText, mistake
from validator.config.references import Template
from validator.config.templates import Variable, Variables

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _check_variable(value: object) -> object:
    if isinstance(value, str) and not _VARIABLE.fullmatch(value):
        raise mistake(f"{value[:80]!r} cannot be the name of a variable", "use letters, digits and _")
    return value


_VariableName = Annotated[str, BeforeValidator(_check_variable)]

_OUTPUT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def _check_output(value: object) -> object:
    if isinstance(value, str) and not _OUTPUT.fullmatch(value):
        raise mistake(f"{value[:80]!r} cannot be the name of an output", "use letters, digits, - and _")
    return value


_OutputName = Annotated[str, BeforeValidator(_check_output)]


_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


def _check_header(value: object) -> object:
    if isinstance(value, str) and not _HEADER.fullmatch(value):
        raise mistake(f"{value[:80]!r} cannot be the name of a header", "use letters, digits and -")
    return value


_HeaderName = Annotated[str, BeforeValidator(_check_header)]


@dataclass(frozen=True, slots=True)
class _VariablesField:
    kind: object

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self.make, handler.generate_schema(self.kind))

    def make(self, values: dict[str, Template]) -> Variables:
        return Variables(tuple(Variable(name=name, value=value) for name, value in values.items()))


Environment = Annotated[Variables, _VariablesField(dict[_VariableName, AnyText])]
"""Variables for a process or a flow: names with texts."""
Outputs = Annotated[Variables, _VariablesField(dict[_OutputName, EarlyText])]
"""Outputs of a deployment: names with texts."""
Headers = Annotated[Variables, _VariablesField(dict[_HeaderName, EarlyText])]
"""Headers of requests: names with texts."""

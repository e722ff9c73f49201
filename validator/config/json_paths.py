"""Paths into JSON, as pydantic sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError
from pydantic_core.core_schema import no_info_plain_validator_function

from validator.config.fields import mistake, refuse_reference
from validator.support.json_path import JsonList, JsonPath, JsonPathError

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue  # costs 5 ms that only the writer of schemas needs


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _PathField(Generic[T]):
    parse: Callable[[str], T]
    example: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "JSON path", "minLength": 1}

    def validate(self, value: object) -> T:
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        refuse_reference(value)
        try:
            return self.parse(value)
        except JsonPathError as error:
            raise mistake(f"{value[:80]!r} is not a path: {error}", f"write one such as {self.example}") from None


Path = Annotated[JsonPath, _PathField(JsonPath.parse, "$.build.revision")]
"""`$.build.revision`, `services[0].version`; takes no references."""
ListPath = Annotated[JsonList, _PathField(JsonList.parse, "$.users[*].id")]
"""`$.users[*].id`; takes no references."""

"""Paths into JSON, as pydantic sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError
from pydantic_core.core_schema import no_info_plain_validator_function

from validator.config.fields import mistake, refuse_reference
from validator.support.json_path import JsonPath, JsonPathError

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue  # costs 5 ms that only the writer of schemas needs


@dataclass(frozen=True, slots=True)
class _PathField:
    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "JSON path", "minLength": 1}

    def validate(self, value: object) -> JsonPath:
        if isinstance(value, JsonPath):
            return value
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        refuse_reference(value)
        try:
            return JsonPath.parse(value)
        except JsonPathError as error:
            raise mistake(f"{value[:80]!r} is not a path: {error}", "write one such as $.build.revision") from None


Path = Annotated[JsonPath, _PathField()]
"""`$.build.revision`, `services[0].version`; takes no references."""

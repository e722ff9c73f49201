"""Sizes of memory and disks, as a configuration has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_plain_validator_function

from validator.config.fields import mistake, refuse_reference

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue  # costs 5 ms that only the writer of schemas needs

_SIZE: Final = re.compile(r"([1-9][0-9]{0,6})(M|G)B?")
_UNITS: Final = {"M": 1, "G": 1024}


@dataclass(frozen=True, slots=True)
class _SizeField:
    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "size", "pattern": "^[1-9][0-9]{0,6}(M|G)B?$"}

    def validate(self, value: object) -> int:
        refuse_reference(value)
        found = _SIZE.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise mistake("a size is wanted", "write a whole number with a unit, such as 2048M or 6G")
        return int(found[1]) * _UNITS[found[2]]


Megabytes = Annotated[int, _SizeField()]
"""`2048M`, `6G`; in MB (1024 x 1024 bytes)."""

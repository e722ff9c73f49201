"""The JSON Schema of configuration files, so that editors complete and check them while they are written."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from validator.config.environment import EnvironmentConfig
from validator.config.references import Template
from validator.config.templates import CommandTemplate, PathTemplate, SecretTemplate, UrlTemplate, Variables
from validator.support.durations import format_duration

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Writes defaults as a person would write them into the file."""

    def encode_default(self, dft: object) -> object:
        match dft:
            case timedelta():
                return format_duration(dft)
            case Template():
                return dft.source
            case PathTemplate() | UrlTemplate() | CommandTemplate() | SecretTemplate():
                return dft.template.source
            case Variables():
                return {entry.name: entry.value.source for entry in dft.entries}
            case _:
                return super().encode_default(dft)


def json_schema(model: type[BaseModel] = EnvironmentConfig) -> dict[str, object]:
    """The schema (draft 2020-12) of an environment's file, or of another model's."""
    return {"$schema": DIALECT, **model.model_json_schema(schema_generator=_Generator)}

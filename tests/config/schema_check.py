"""As much of JSON Schema (draft 2020-12) as the schemas of configuration files use, and an error for anything more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import cast

Schema = Mapping[str, object]

_SILENT = {"$schema", "$defs", "title", "description", "default", "format"}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str, date),  # editors read 2027-01-15 as a text
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (tuple,),
    "object": (Mapping,),
}


def violations(value: object, schema: Schema, root: Schema, place: str = "$") -> Iterator[str]:
    """What a schema finds wrong with a value."""
    for word, rule in schema.items():
        match word:
            case "$ref":
                name = str(rule).removeprefix("#/$defs/")
                yield from violations(value, _child(_child(root, "$defs"), name), root, place)
            case "anyOf" | "oneOf":
                fitting = [each for each in cast("list[Schema]", rule) if not [*violations(value, each, root, place)]]
                if not fitting or (word == "oneOf" and len(fitting) > 1):
                    yield f"{place}: fits {len(fitting)} of its kinds"
            case "properties" | "required" | "additionalProperties":
                yield from _object(value, schema, root, place, word)
            case "items":
                if isinstance(value, Sequence) and not isinstance(value, str):
                    for index, item in enumerate(value):
                        yield from violations(item, cast("Schema", rule), root, f"{place}[{index}]")
            case _ if word in _SILENT:
                pass
            case _:
                yield from _scalar(value, word, rule, place)


def _object(value: object, schema: Schema, root: Schema, place: str, word: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        return
    known = _child(schema, "properties") if "properties" in schema else {}
    rule = schema[word]
    if word == "properties":
        for key in known.keys() & value.keys():
            yield from violations(value[key], _child(known, key), root, f"{place}.{key}")
    elif word == "required":
        yield from (f"{place}: needs {key}" for key in cast("list[str]", rule) if key not in value)
    else:
        for key in value.keys() - known.keys():
            if rule is False:
                yield f"{place}: does not know {key}"
            elif isinstance(rule, Mapping):
                yield from violations(value[key], rule, root, f"{place}.{key}")


def _scalar(value: object, word: str, rule: object, place: str) -> Iterator[str]:
    length = len(value) if isinstance(value, Sequence) else 0
    number = value if isinstance(value, int | float) else 0
    limit = rule if isinstance(rule, int | float) else 0
    kept = {
        "type": lambda: isinstance(value, _TYPES[str(rule)]) and (isinstance(value, bool) <= (rule == "boolean")),
        "enum": lambda: value in cast("list[object]", rule),
        "const": lambda: value == rule,
        "pattern": lambda: not isinstance(value, str) or re.search(str(rule), value) is not None,
        "minimum": lambda: number >= limit,
        "maximum": lambda: number <= limit,
        "exclusiveMinimum": lambda: number > limit,
        "minItems": lambda: length >= limit,
        "maxItems": lambda: length <= limit,
        "minLength": lambda: length >= limit,
    }[word]
    if not kept():
        yield f"{place}: breaks {word} {rule}"


def _child(schema: Schema, name: str) -> Schema:
    return cast("Schema", schema[name])

"""Sections of several kinds, told apart by the key that only one kind has: `{command: …}` or `{file: …}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError
from pydantic_core.core_schema import no_info_before_validator_function, tagged_union_schema

from validator.config.fields import Section, mistake
from validator.config.spelling import closest


@dataclass(frozen=True, slots=True, eq=False)  # annotations must be hashable: by identity, since dicts are not
class OneOf:
    """Annotates a union of sections: which key tells that a section is of which kind. Exactly one must be there.

    A plain union would try every kind and report the mistakes of all of them; so only the mistakes of the kind that was
    meant are reported.
    """

    kinds: Mapping[str, type[Section]]
    unsupported: Mapping[str, str] = field(default_factory=dict)
    """Keys of kinds that are known but not built, each with what to do instead."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {kind_tag(kind): handler.generate_schema(kind) for kind in self.kinds.values()}
        return no_info_before_validator_function(self._check, tagged_union_schema(choices, self._tag))

    def _check(self, value: object) -> object:
        if isinstance(value, Section):
            return value
        if not isinstance(value, dict):
            raise PydanticKnownError("dict_type")
        for key, remedy in self.unsupported.items():
            if key in value:
                raise mistake(f"{key!r} is not supported by this release", remedy)
        given = [key for key in self.kinds if key in value]
        if len(given) > 1:
            raise mistake(f"has {_joined(given, 'and')}, which exclude one another", f"keep one of: {', '.join(given)}")
        if not given:
            raise mistake(f"needs {_joined(list(self.kinds), 'or')}{self._hint(value)}", "add exactly one of them")
        return value

    def _tag(self, value: object) -> str:
        if isinstance(value, Section):
            return kind_tag(type(value))
        keys = value if isinstance(value, dict) else {}
        return next(kind_tag(kind) for key, kind in self.kinds.items() if key in keys)

    def _hint(self, value: Mapping[str, object]) -> str:
        meant = ((key, closest(key, self.kinds)) for key in value)
        return next((f" ({key!r}: did you mean {kind!r}?)" for key, kind in meant if kind), "")


def kind_tag(kind: type[BaseModel]) -> str:
    """What pydantic puts into an error's location for a kind; no key that anybody writes looks like it."""
    return f"<{kind.__name__}>"


def is_tag(part: str | int) -> bool:
    """Whether a part of an error's location is the tag of a kind and no key."""
    return isinstance(part, str) and re.fullmatch("<[A-Za-z]+>", part) is not None


def _joined(keys: list[str], word: str) -> str:
    quoted = [repr(key) for key in keys]
    return f" {word} ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]

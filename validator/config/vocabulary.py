"""Which keys a model knows, and where: what an unknown key may have meant. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import get_args, get_origin

from pydantic import BaseModel

from validator.config.kinds import is_tag, kind_tag
from validator.config.spelling import plain


def sections_at(model: type[BaseModel], location: tuple[str | int, ...]) -> list[type[BaseModel]]:
    """The models that may describe what stands at a location, which may hold pydantic's tags of kinds."""
    current = [model]
    for part in location:
        if isinstance(part, int):
            continue
        if is_tag(part):
            current = [section for section in current if kind_tag(section) == part]
        else:
            fields = [section.model_fields[part] for section in current if part in section.model_fields]
            current = [section for field in fields for section in _sections_in(field.annotation)]
    return current


def keys_at(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """The keys that may stand at a location, without doubles."""
    return list(dict.fromkeys(key for section in sections_at(model, location) for key in section.model_fields))


def places_of(model: type[BaseModel], key: str) -> list[str]:
    """Every dotted path at which a key may stand: `devices[].count`."""
    return list(_places(model).get(plain(key), ()))


def key_paths(model: type[BaseModel]) -> list[str]:
    """The dotted path of every key that a model knows, in order."""
    return list(dict.fromkeys(_paths(model, "")))


@cache
def _places(model: type[BaseModel]) -> Mapping[str, tuple[str, ...]]:
    """Plain key -> its paths; made once, because a file may have thousands of unknown keys."""
    places: dict[str, list[str]] = {}
    for path in key_paths(model):
        places.setdefault(plain(path.rpartition(".")[2]), []).append(path)
    return {key: tuple(paths) for key, paths in places.items()}


def _paths(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for key, field in model.model_fields.items():
        yield f"{prefix}{key}"
        brackets = "[]" if _is_list(field.annotation) else ""
        for section in _sections_in(field.annotation):
            yield from _paths(section, f"{prefix}{key}{brackets}.")


def _sections_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [section for argument in get_args(annotation) for section in _sections_in(argument)]


def _is_list(annotation: object) -> bool:
    return get_origin(annotation) is tuple or any(_is_list(argument) for argument in get_args(annotation))

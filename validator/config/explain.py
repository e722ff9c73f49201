"""Turns an error of pydantic into a problem that a person can act on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from validator.config.errors import Position, Problem
from validator.config.kinds import is_tag
from validator.config.nodes import Mapping, Node, Scalar, Sequence, node_at, written_path
from validator.config.spelling import closest, did_you_mean
from validator.config.vocabulary import keys_at, places_of, sections_at
from validator.support.redact import MASK
from validator.support.redact_patterns import looks_secret

_Location = tuple[str | int, ...]
_Advice = tuple[str, str]
"""Message and remedy."""


def explain_all(errors: Iterable[ErrorDetails], root: Node, model: type[BaseModel]) -> list[Problem]:
    """The problems behind the errors that validating the values of `root` against `model` gave."""
    return [explain(error, root, model) for error in errors if not _is_echo(error, root, model)]


def _is_echo(error: ErrorDetails, root: Node, model: type[BaseModel]) -> bool:
    """Whether an error is only the consequence of another one.

    A key is missing because it is misspelled; a list is too short because pydantic does not count its wrong entries.
    """
    location = error["loc"]
    if error["type"] == "too_short":
        node = node_at(root, _path(location))
        return isinstance(node, Sequence) and len(node.items) >= error.get("ctx", {})["min_length"]
    parent = node_at(root, _path(location[:-1]))
    if error["type"] != "missing" or not isinstance(parent, Mapping):
        return False
    known = keys_at(model, location[:-1])
    likely = closest(str(location[-1]), (key for key in parent.entries if key not in known))
    return bool(likely) and closest(likely, known) == location[-1]


def explain(error: ErrorDetails, root: Node, model: type[BaseModel]) -> Problem:
    """The problem behind one error that validating the values of `root` against `model` gave."""
    location = error["loc"]
    path = _path(location, error["type"])
    context = error.get("ctx", {})
    node = node_at(root, path)
    message, remedy = _advice(error, location, node, model)
    if isinstance(node, Scalar) and node.extent.text and looks_secret(written_path(path).rpartition(".")[2]):
        message, remedy = (text.replace(node.extent.text, MASK) for text in (message, remedy))
    position = context.get("position") or _position(error["type"], path, root)
    return Problem.at(position, message, path=written_path(path), remedy=remedy)


def _path(location: _Location, kind: str = "") -> _Location:
    """A location without pydantic's tags of kinds, and without the mark that a key is wrong and not its value."""
    if kind in {"extra_forbidden", "missing"}:  # whose last part is a key even where it looks like a tag
        return (*_path(location[:-1]), location[-1])
    return tuple(part for part in location if part != "[key]" and not is_tag(part))


def _position(kind: str, path: _Location, root: Node) -> Position:
    """Where the mistake is: at the key when the key is wrong, else at the value."""
    parent = node_at(root, path[:-1])
    if kind == "extra_forbidden" and isinstance(parent, Mapping) and isinstance(path[-1], str):
        entry = parent.entries.get(path[-1])
        return entry.extent.position if entry else parent.extent.position
    return node_at(root, path).extent.position


def _advice(error: ErrorDetails, location: _Location, node: Node, model: type[BaseModel]) -> _Advice:
    context = error.get("ctx", {})
    match error["type"]:
        case "mistake":
            return str(context["message"]), str(context["remedy"])
        case "missing":
            return _missing(location, model)
        case "extra_forbidden":
            return _unknown_key(location, model)
        case "enum" | "literal_error":
            return _not_allowed(str(context["expected"]), node)
        case "too_short":
            return "needs at least {min_length} entry".format_map(context), "add what is missing"
        case kind if kind in _WANTED:
            return _wrong_type(_WANTED[kind], node)
        case kind if kind in _BOUNDS:
            return f"must be {_BOUNDS[kind].format_map(context)}, not {_found(node)}", "correct the value"
        case _:
            return error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, "), "correct the value"


_WANTED: Final = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "date_type": "a date such as 2027-01-15",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "tuple_type": "a list",
    "list_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
}
_BOUNDS: Final = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
}
"""Pydantic's words for a value out of bounds."""


def _missing(location: _Location, model: type[BaseModel]) -> _Advice:
    key = str(location[-1])
    fields = [section.model_fields[key] for section in sections_at(model, location[:-1]) if key in section.model_fields]
    meaning = next((field.description for field in fields if field.description), "")
    return "is required", f"add {key}: … {meaning}".rstrip()


def _unknown_key(location: _Location, model: type[BaseModel]) -> _Advice:
    key, known = str(location[-1]), keys_at(model, location[:-1])
    if meant := closest(key, known):
        return f"unknown key (did you mean {meant!r}?)", f"write {meant}, or remove it"
    places, choice = places_of(model, key), f"keys that can stand here: {', '.join(known)}"
    if _general(location) in places:
        return "does not go with the other keys here", choice
    if places:
        hint = f" (did you mean {places[0]!r}?)" if len(places) == 1 else ""
        return f"unknown key here{hint}", f"it belongs at {' or '.join(places[:4])}"
    return "unknown key", choice


def _general(location: _Location) -> str:
    """A location as `places_of` writes it: `devices[].count`."""
    return re.sub(r"\[[0-9]+\]", "[]", written_path(_path(location)))


def _not_allowed(expected: str, node: Node) -> _Advice:
    """Pydantic lists the allowed values as `'a', 'b' or 'c'`."""
    allowed = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    value = node.value if isinstance(node, Scalar) else None
    hint = did_you_mean(value, allowed) if isinstance(value, str) else ""
    return f"must be {expected}, not {_found(node)}{hint}", f"write one of: {', '.join(allowed)}"


def _wrong_type(wanted: str, node: Node) -> _Advice:
    message = f"{wanted} is wanted, not {_found(node)}"
    match wanted, node:
        case _, Scalar(value=None):
            return message, "give it a value, or remove the key"
        case "a text", Scalar():
            return message, f'put it in quotes: "{node.extent.text}"'
        case "a list", Scalar(value=str()):
            return message, f"write a list: [{node.extent.text}]"
        case (("true or false" | "a whole number" | "a number"), Scalar(value=str())):
            return message, "write it without quotes" if _is_quoted(node) else f"write {wanted}"
        case "a date such as 2027-01-15", Scalar():
            return message, "write year-month-day without quotes"
        case _:
            return message, f"write {wanted}"


def _is_quoted(node: Scalar) -> bool:
    return node.extent.text[:1] in {"'", '"'}


def _found(node: Node) -> str:
    """What stands there, without repeating a text that may be a secret at length."""
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return f"a list of {len(node.items)}"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return node.extent.text
        case Scalar(value=str() as text):
            return f"the text {text[:40]!r}" + ("…" if len(text) > 40 else "")
        case Scalar(value=date()):
            return f"the date {node.extent.text}"
        case Scalar():
            return f"the number {node.extent.text}"

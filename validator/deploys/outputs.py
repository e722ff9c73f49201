"""Terraform's outputs as JSON: what `terraform output -json` prints, a state, or plain names and values. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeAlias, cast

from validator.deploys.port import Outputs
from validator.model.deployment import Output

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_STATE_BYTES: Final = 32 * 1024 * 1024
"""A state describes every resource; large teams split theirs long before it is as large as this."""
STATE_VERSION: Final = 4
"""Of the format of state files, https://developer.hashicorp.com/terraform/internals/json-format; not of Terraform."""

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Hide: TypeAlias = Callable[[str, str], None]
"""Takes the value of a secret and its name, before anything else gets to see it."""


class OutputsError(ValueError):
    """The text holds no outputs; the message says why, and never shows a value."""


def parse(text: str, *, source: str, hide: Hide) -> Outputs:
    """Read outputs.

    Two forms are understood: `{"api_url": {"value": "https://…", "sensitive": false, "type": "string"}}`, and
    `{"api_url": "https://…"}`, where nothing is sensitive. Values that are not texts are kept as JSON.

    Args:
        text: The JSON.
        source: Where it comes from, for a person.
        hide: Told every sensitive value.

    Raises:
        OutputsError: It is not JSON, or of neither form.
    """
    found = load(text)
    if not isinstance(found, dict):
        raise OutputsError("it is JSON, but not an object of outputs by name")
    documented = bool(found) and all(isinstance(entry, dict) and "value" in entry for entry in found.values())
    return hidden(_entries(found) if documented else _plain(found), source=source, hide=hide)


def parse_state(text: str, *, source: str, hide: Hide) -> Outputs:
    """Read the outputs of a Terraform state, version 4; its resources are not looked at.

    Raises:
        OutputsError: It is no such state, or shows nothing.
    """
    found = load(text)
    if not isinstance(found, dict):
        raise OutputsError("it is JSON, but not a state")
    if "encrypted_data" in found:
        raise OutputsError("the state is encrypted, so only the program itself can read it: name its directory instead")
    if isinstance(found.get("backend"), dict):
        raise OutputsError(
            "it only says where the state is kept: name the directory instead, or `terraform state pull`"
        )
    outputs, lineage, serial = found.get("outputs"), found.get("lineage"), found.get("serial")
    if found.get("version") != STATE_VERSION or not isinstance(outputs, dict):
        raise OutputsError(f"it is not a state of version {STATE_VERSION}, which Terraform 0.12 and later write")
    if not isinstance(lineage, str) or not lineage or not isinstance(serial, int) or isinstance(serial, bool):
        raise OutputsError("it is a state without lineage and serial")
    if not all(isinstance(entry, dict) and "value" in entry for entry in outputs.values()):
        raise OutputsError("an output in it has no value")
    read = hidden(_entries(outputs), source=source, hide=hide)
    return replace(read, lineage=lineage, serial=serial)


def given(values: Mapping[str, str], *, sensitive: Collection[str], source: str, hide: Hide) -> Outputs:
    """Outputs that somebody wrote down, by name."""
    return hidden(((name, (value, name in sensitive)) for name, value in values.items()), source=source, hide=hide)


def hidden(entries: Iterable[tuple[str, tuple[Json, bool]]], *, source: str, hide: Hide) -> Outputs:
    """Outputs of names, values and whether each is sensitive; every sensitive value is told to `hide` first."""
    read = dict(entries)
    for name, (value, sensitive) in read.items():
        if sensitive:
            _hide_all(value, name, hide)
    return Outputs(
        outputs=tuple(
            Output(name=name, value="" if sensitive else _text(value), sensitive=sensitive)
            for name, (value, sensitive) in sorted(read.items())
        ),
        values={name: _text(value) for name, (value, _) in read.items() if not _is_null(value)},
        source=source,
    )


def load(text: str) -> Json:
    """JSON without doubles and without what JSON does not have.

    Raises:
        OutputsError: It is none.
    """
    try:
        return cast("Json", json.loads(text, object_pairs_hook=_object, parse_constant=_refuse))
    except RecursionError:
        raise OutputsError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise OutputsError(f"it is not JSON: {error.msg} at {error.lineno}:{error.colno}") from None
    except OutputsError:
        raise
    except ValueError:  # an integer of more digits than Python converts
        raise OutputsError("it holds a number that is too long") from None


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name, value in pairs:
        if name in found:
            raise OutputsError(f"it has two entries of the name {name[:80]!r}")
        found[name] = value
    return found


def _refuse(constant: str) -> None:
    raise OutputsError(f"it holds {constant}, which is not JSON")


def _entries(found: Mapping[str, Json]) -> Iterator[tuple[str, tuple[Json, bool]]]:
    for name, entry in found.items():
        if isinstance(entry, dict):
            # Anything but a plain `false` counts as sensitive: shown once is shown for ever.
            yield name, (entry["value"], entry.get("sensitive", False) is not False)


def _plain(found: Mapping[str, Json]) -> Iterator[tuple[str, tuple[Json, bool]]]:
    for name, value in found.items():
        if isinstance(value, dict) and "sensitive" in value:
            raise OutputsError(f"the output {name[:80]!r} is in the form of `terraform output -json`, others are not")
        yield name, (value, False)


def _hide_all(value: Json, name: str, hide: Hide) -> None:
    """Every text inside a sensitive value is a secret of its own: `${terraform:…}` gives the whole, an app a part."""
    if not _is_null(value):
        hide(_text(value), name)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _hide_all(inner, name, hide)


def _is_null(value: Json) -> bool:
    """What has no value: `${terraform:…}` must not make the text `null` of it."""
    return value is None or (isinstance(value, float) and not math.isfinite(value))  # 1e999


def _text(value: Json) -> str:
    match value:
        case str():
            return value
        case float() if _is_null(value):
            return "null"
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

"""The official Maestro CLI's commands, as a flow would write them. Pure.

`commands.json` holds each command as Maestro's own model of it: `{"assertConditionCommand": {"condition": {"visible":
{"textRegex": "Total"}}}}` is what a team wrote as `assertVisible: Total` (`maestro-orchestra-models`,
`MaestroCommand.kt` and `Commands.kt`). Values of variables are in it in clear.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

Object = Mapping[str, JsonValue]

VARIABLES: Final = ("defineVariablesCommand", "applyConfigurationCommand")
"""Commands whose values are those of variables."""
_VALUES: Final = ("env", "evaluatedCommand")
"""Keys below which values of variables stand, in whatever command."""
_NAMES: Final = {
    "tapOnElement": "tapOn",
    "tapOnPoint": "tapOn",
    "tapOnPointV2Command": "tapOn",
    "backPressCommand": "back",
}
_CONDITIONS: Final = {"visible": "assertVisible", "notVisible": "assertNotVisible", "scriptCondition": "assertTrue"}
_TELLING: Final = ("label", "appId", "text", "sourceDescription", "code", "link", "point", "direction", "times", "path")
"""What tells one command of a kind from another, the most telling first."""


def written(command: Object) -> str:
    """The command on one line, as a flow has it: `assertVisible: Total`, `tapOn: id=cart`, `launchApp`."""
    name, value = next(iter(command.items()), ("command", None))
    if name in VARIABLES:
        return name.removesuffix("Command")
    about = without_values(value)
    if not isinstance(about, Mapping):
        return _line(name, "" if about is None else str(about))
    if name == "assertConditionCommand":
        return _condition(about)
    return _line(name, _said(about))


def without_values(value: JsonValue) -> JsonValue:
    """The same without what holds the values of variables, at any depth."""
    if isinstance(value, list):
        return [without_values(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {name: inner for name, inner in value.items() if name not in _VALUES}
    return {name: {} if name in VARIABLES else without_values(inner) for name, inner in kept.items()}


def _condition(about: Object) -> str:
    condition = about.get("condition")
    if isinstance(condition, Mapping):
        for key, name in _CONDITIONS.items():
            if key in condition:
                return _line(name, _text(about.get("label")) or _selector(condition[key]))
    return _line("assertCondition", _said(about))


def _said(about: Object) -> str:
    told = next((text for key in _TELLING if (text := _text(about.get(key)))), "")
    if told or not about:
        return told
    return _selector(about["selector"]) if "selector" in about else json.dumps(about, ensure_ascii=False)


def _selector(selector: JsonValue) -> str:
    if not isinstance(selector, Mapping):
        return _text(selector)
    text, identifier = _text(selector.get("textRegex")), _text(selector.get("idRegex"))
    return text or (f"id={identifier}" if identifier else json.dumps(selector, ensure_ascii=False))


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _line(name: str, said: str) -> str:
    plain = _NAMES.get(name, name.removesuffix("Command"))
    return f"{plain}: {said}" if said else plain

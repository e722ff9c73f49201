"""Reading of the app description from an APK's assets, with errors that name the place."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from validator.virtual.app import actions, description, elements
from validator.virtual.app.checking import Place, check
from validator.virtual.app.description import AppDescription
from validator.virtual.app.fields import Model
from validator.virtual.app.values import Json

APP_FILE = "assets/virtual-app.json"
CONFIG_FILE = "assets/app-config.json"


class AppSpecError(ValueError):
    """The app cannot run: its description is missing, cannot be read, or contradicts itself. One line per problem."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What an APK says about its app: the description, and the values baked in by the build."""

    description: AppDescription
    config: Mapping[str, Json]


def read_app(files: Mapping[str, bytes]) -> App:
    """Read and check the app that an APK describes.

    Args:
        files: the APK's entries under `assets/`, by their full names.

    Raises:
        AppSpecError: with every problem found, each naming file and place.
    """
    document = _load(files, APP_FILE)
    config = _load(files, CONFIG_FILE) if CONFIG_FILE in files else {}
    if not isinstance(config, dict) or any(isinstance(value, list | dict) for value in config.values()):
        raise AppSpecError([f"{CONFIG_FILE}: must be one flat JSON object, such as {{'API_URL': 'https://...'}}"])
    try:
        app = AppDescription.model_validate(document)
        findings = check(app, config)
    except ValidationError as error:
        raise AppSpecError(f"{APP_FILE}: {_explain(each, document)}" for each in error.errors()) from error
    except RecursionError as error:
        raise AppSpecError([f"{APP_FILE}: is nested too deeply to be a description of an app"]) from error
    if findings:
        raise AppSpecError(f"{APP_FILE}: {_dotted(finding.place)}: {finding.message}" for finding in findings)
    return App(description=app, config=config)


def _load(files: Mapping[str, bytes], name: str) -> Json:
    if name not in files:
        raise AppSpecError([f"{name}: the APK has no such file, so there is nothing that the virtual device could run"])
    try:
        loaded: Json = json.loads(files[name].decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse)
    except RecursionError as error:
        raise AppSpecError([f"{name}: is nested too deeply"]) from error
    except ValueError as error:
        raise AppSpecError([f"{name}: is not UTF-8 JSON: {error}"]) from error
    return loaded


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    fields: dict[str, Json] = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError(f"the key {name!r} is there twice in one object")
        fields[name] = value
    return fields


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _explain(error: ErrorDetails, document: Json) -> str:
    place = _place(error["loc"], document)
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = "unknown key" + _suggestion(str(error["loc"][-1]), _known_keys())
    elif error["type"] == "missing":
        message = "is required"
    elif error["type"] == "union_tag_invalid":
        context = error.get("ctx", {})
        tags = [tag.strip(" '") for tag in str(context.get("expected_tags", "")).split(",")]
        message = f"there is no {context.get('tag')!r}" + _suggestion(str(context.get("tag")), tags)
    return f"{_dotted(place)}: {message}"


def _place(location: tuple[int | str, ...], document: Json) -> Place:
    """The location without the union tags that the validator puts after each object that has one."""
    place: list[int | str] = []
    here, tag = document, _tag(document)
    for step in location:
        if tag is not None and step == tag:
            tag = None
            continue
        here = _inside(here, step)
        tag = _tag(here)
        place.append(step)
    return tuple(place)


def _tag(value: Json) -> Json:
    return value.get("type", value.get("do")) if isinstance(value, dict) else None


def _inside(value: Json, step: int | str) -> Json:
    if isinstance(value, dict):
        return value.get(str(step))
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


def _dotted(place: Place) -> str:
    return ".".join(map(str, place)) or "the document"


def _suggestion(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _known_keys() -> set[str]:
    return {info.alias or name for model in _models() for name, info in model.model_fields.items()}


def _models() -> Iterator[type[Model]]:
    for module in (actions, description, elements):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Model):
                yield value

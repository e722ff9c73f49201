"""`flows.needs:`: which devices flows may run on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_plain_validator_function

from validator.config.errors import Problem
from validator.config.fields import EarlyText, Label, Section, mistake, refuse_reference
from validator.config.references import Template
from validator.config.sections.devices import Abi, Device
from validator.config.spelling import did_you_mean
from validator.model.needs import FormFactor

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue  # costs 5 ms that only the writer of schemas needs

_LEVEL: Final = re.compile(r"(>=|<=|==|>|<|)\s*([1-9]\d{0,2})")
_LEVELS: Final = "write an API level such as 34, or bounds: '>=30', '>=30, <35'"


@dataclass(frozen=True, slots=True)
class ApiLevels:
    """From which API level to which; 0 where there is no bound."""

    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class _ApiField:
    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        bound = "(>=|<=|==|>|<)? *[1-9][0-9]{0,2}"
        return {"type": ["string", "integer"], "pattern": f"^ *{bound} *(, *{bound} *)*$"}

    def validate(self, value: object) -> ApiLevels:
        if isinstance(value, ApiLevels):
            return value
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise mistake("an API level is wanted", _LEVELS)
        refuse_reference(value)
        levels = ApiLevels()
        for part in str(value).split(","):
            found = _LEVEL.fullmatch(part.strip())
            if found is None or found.groups() == ("<", "1"):
                raise mistake(f"{str(value)[:80]!r} names no API levels", _LEVELS)
            levels = _narrowed(levels, found[1], int(found[2]))
        if levels.most and levels.least > levels.most:
            raise mistake(f"no API level is {value}", _LEVELS)
        return levels


def _narrowed(levels: ApiLevels, sign: str, number: int) -> ApiLevels:
    least = {">=": number, ">": number + 1, "<=": 0, "<": 0}.get(sign, number)
    most = {"<=": number, "<": number - 1, ">=": 0, ">": 0}.get(sign, number)
    bounds = [bound for bound in (levels.most, most) if bound]
    return ApiLevels(least=max(levels.least, least), most=min(bounds, default=0))


class NeedsConfig(Section):
    """What some flows ask of the device that they run on. Where several entries are about a flow, all of them hold."""

    flows: tuple[EarlyText, ...] = Field(
        (), description="Names or files of flows; `*` and `?` stand for anything: `tablet/*`. Empty: all flows."
    )
    tags: tuple[EarlyText, ...] = Field(
        (), description="Flows with one of these tags. Together with `flows`: of those the ones with such a tag."
    )
    api: Annotated[ApiLevels, _ApiField()] | None = Field(
        None, description="The device's API level: `34`, `>=30`, or `>=30, <35`."
    )
    abi: Annotated[Abi, Field(strict=False)] | None = Field(None, description="An architecture that the device runs.")
    form_factor: Annotated[FormFactor, Field(strict=False)] | None = Field(
        None, description="What kind of device it is, as it says itself."
    )
    labels: tuple[Label, ...] = Field((), description="Labels that the device has under `devices:`, all of them.")

    @model_validator(mode="after")
    def _asks_for_something(self) -> NeedsConfig:
        if self.api is None and self.abi is None and self.form_factor is None and not self.labels:
            remedy = "add api, abi, form_factor or labels, or remove the entry"
            raise mistake("says which flows, and not what they need", remedy)
        return self


def unknown_labels(needs: tuple[NeedsConfig, ...], devices: tuple[Device, ...]) -> Iterator[Problem]:
    """A label that no device has: no flow that needs it could ever run."""
    known = {label.source: None for device in devices for label in device.labels}
    for label in (label for entry in needs for label in entry.labels):
        if label.source not in known:
            yield _unknown(label, list(known))


def _unknown(label: Template, known: list[str]) -> Problem:
    message = f"no device has the label {label.source!r}{did_you_mean(label.source, known)}"
    have = f"the devices have: {', '.join(known)}; or add" if known else "add"
    remedy = f"{have} labels: [{label.source}] to an entry of devices"
    return Problem.at(label.position, message, path=label.path, remedy=remedy)

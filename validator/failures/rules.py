"""The rules that turn evidence into a cause: read from `rules.yaml`, checked once, frozen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from validator.failures.lines import Source
from validator.model.causes import Cause

FROM_MATCH = "from_match"
"""A rule with this cause takes it from the first group of its match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: where it looks, what it looks for, what that means."""

    id: str
    source: Source
    pattern: re.Pattern[str]
    cause: Cause | None
    """None: the cause is the first group of the match."""
    why: str
    overrules: bool
    example: str
    near_miss: str


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    source: Source
    match: str
    cause: str
    why: str
    overrules: bool = False
    example: str
    near_miss: str


@cache
def built_in_rules() -> tuple[Rule, ...]:
    """The rules that ship with validator, strongest source first."""
    text = resources.files("validator.failures").joinpath("rules.yaml").read_text(encoding="utf-8")
    entries = TypeAdapter(list[_Entry]).validate_python(yaml.safe_load(text))
    return tuple(_rule(entry) for entry in entries)


def _rule(entry: _Entry) -> Rule:
    return Rule(
        id=entry.id,
        source=entry.source,
        pattern=re.compile(entry.match),
        cause=None if entry.cause == FROM_MATCH else Cause(entry.cause),
        why=entry.why,
        overrules=entry.overrules,
        example=entry.example,
        near_miss=entry.near_miss,
    )

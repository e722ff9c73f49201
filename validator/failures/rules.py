"""The rules that turn evidence into a cause: read from `rules.yaml`, checked once, frozen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, PlainValidator

from validator.config.document import load_document
from validator.config.fields import Section, mistake
from validator.config.sections.failures import Line, RuleSection, doubled_rules
from validator.config.spelling import did_you_mean
from validator.failures.strength import USUAL, Strength
from validator.model.causes import Cause
from validator.model.errors import UsageError
from validator.model.rules import TEAM, Source, TeamRule

FROM_MATCH: Final = "from_match"
"""A rule with this cause takes it from the first group of its match."""
BUILT_IN: Final = Path(__file__).with_name("rules.yaml")
"""The rules that ship with validator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: where it looks, what it looks for, what that means."""

    id: str
    """As records name it: a team's own begin with `team:`."""
    source: Source
    strength: Strength
    pattern: re.Pattern[str]
    cause: Cause | None
    """None: the cause is the first group of the match."""
    why: str
    overrules: bool
    example: str
    near_miss: str


def _read_cause(word: object) -> Cause | None:
    known = [*map(str, Cause), FROM_MATCH]
    if word not in known:
        raise mistake(f"{word!r} is no cause{did_you_mean(str(word), known)}", f"write one of: {', '.join(known)}")
    return None if word == FROM_MATCH else Cause(str(word))


def _read_strength(word: object) -> Strength:
    known = {strength.word: strength for strength in Strength}
    if word not in known:
        raise mistake(f"{word!r} is no strength{did_you_mean(str(word), known)}", f"write one of: {', '.join(known)}")
    return known[str(word)]


class _Entry(RuleSection):
    cause: Annotated[Cause | None, PlainValidator(_read_cause)]
    strength: Annotated[Strength | None, PlainValidator(_read_strength)] = None
    near_miss: Line


class _RulesFile(Section):
    rules: Annotated[tuple[_Entry, ...], Field(min_length=1)]


@cache
def built_in_rules() -> tuple[Rule, ...]:
    """The rules that ship with validator, strongest evidence first."""
    return load_rules(BUILT_IN)


@cache
def built_in_digest() -> str:
    """`sha256:…` of the built-in rules: runs with the same digest were judged by the same ones."""
    return "sha256:" + hashlib.sha256(BUILT_IN.read_bytes()).hexdigest()


def load_rules(path: Path) -> tuple[Rule, ...]:
    """Read and check a file in the form of `rules.yaml`.

    Raises:
        ConfigError: There is no such file, or it has mistakes: all of them.
    """
    file = load_document(path, _RulesFile, checks=(lambda file: doubled_rules(file.rules, "rules"),)).value
    return in_order(_built_in(entry) for entry in file.rules)


def with_team(built_in: Sequence[Rule], team: Iterable[TeamRule]) -> tuple[Rule, ...]:
    """All rules in the order in which they are tried.

    Raises:
        UsageError: A recorded rule can no longer be read.
    """
    return in_order((*(_team(rule) for rule in team), *built_in))


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules, strongest evidence first; of the same strength a team's own first, then as they stand."""
    return tuple(sorted(rules, key=lambda rule: (rule.strength, not rule.id.startswith(TEAM))))


def _built_in(entry: _Entry) -> Rule:
    return Rule(
        id=str(entry.id),
        source=entry.source,
        strength=entry.strength or USUAL[entry.source],
        pattern=re.compile(str(entry.match)),
        cause=entry.cause,
        why=str(entry.why),
        overrules=entry.overrules,
        example=str(entry.example),
        near_miss=str(entry.near_miss),
    )


def _team(rule: TeamRule) -> Rule:
    try:
        pattern = re.compile(rule.match)
    except re.error as error:
        remedy = "the record was changed by hand, or a secret in the pattern was masked; give the rules with --rules"
        raise UsageError(f"the pattern of {TEAM}{rule.id} cannot be read: {error}", remedy=remedy) from error
    return Rule(
        id=f"{TEAM}{rule.id}",
        source=rule.source,
        strength=USUAL[rule.source],
        pattern=pattern,
        cause=rule.cause,
        why=rule.why,
        overrules=rule.overrules,
        example=rule.example,
        near_miss=rule.near_miss,
    )

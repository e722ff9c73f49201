"""`failures:`: the team's own rules about why an attempt did not pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import no_info_plain_validator_function

from validator.config.errors import Position, Problem
from validator.config.fields import Section, check_name, mistake
from validator.config.nodes import PlacedText
from validator.model.causes import Cause, Family
from validator.model.rules import Source, TeamRule
from validator.support.redact import Redactor
from validator.support.regex_cost import steps

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue  # costs 5 ms that only the writer of schemas needs

LONGEST_LINE: Final = 1000
"""Characters of a line that rules see."""
MOST_STEPS: Final = 5e7
"""Ways to match one line that a pattern may have at worst: 25 ms on a slow machine."""


@dataclass(frozen=True, slots=True)
class _LineField:
    """A text that is taken as it stands, without references, and that remembers its place."""

    kind: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": self.kind, "minLength": 1}

    def validate(self, value: object) -> str:
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        if not value.strip():
            raise mistake("is empty", "give it a value, or remove the key")
        return value


Line = Annotated[str, _LineField("text")]
RuleId = Annotated[str, _LineField("name"), AfterValidator(check_name)]


def _check_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
        cost = steps(pattern, LONGEST_LINE)
    except (re.error, RecursionError, OverflowError) as error:
        raise _not_a_pattern(pattern, error) from None
    if cost > MOST_STEPS:
        raise mistake(
            "could search one line for minutes: what repeats in it can match in too many ways",
            "begin it with ^, bound what repeats (.{0,40} instead of .*), and repeat nothing that itself varies "
            r"([\w.]+ instead of (\w+\.)+)",
        )
    if Redactor().redact(pattern) != pattern:
        raise mistake(
            "looks for a secret, and evidence holds none: they are masked before any rule sees it",
            "look for what stands around it",
        )
    return pattern


def _not_a_pattern(pattern: str, error: Exception) -> PydanticCustomError:
    where = getattr(error, "pos", None)
    reason = getattr(error, "msg", "it is too deeply nested")
    place = f" at its character {where + 1}" if isinstance(where, int) else ""
    position = _within(pattern, where) if isinstance(where, int) else None
    return mistake(f"is no regular expression: {reason}{place}", "write one as Python's re module has them", position)


def _within(text: str, index: int) -> Position | None:
    """The place of a character of a text, where the file writes the text as it is."""
    if not isinstance(text, PlacedText):
        return None
    before = text.extent.text.find(text)
    return text.extent.source.position(text.extent.start + before + index) if before >= 0 else None


Pattern = Annotated[str, _LineField("regular expression"), AfterValidator(_check_pattern)]
"""A regular expression that ends in time on any line."""


class RuleSection(Section):
    """One rule: a line of evidence that means something."""

    id: RuleId = Field(description="What the rule is called in records.")
    source: Annotated[Source, Field(strict=False)] = Field(
        description="Which lines it reads; `docs/causes.md` says what stands in each."
    )
    match: Pattern = Field(
        description="A regular expression (Python's) that is searched in the first 1000 characters of each line."
    )
    why: Line = Field(description="What the rule knows: one sentence for the person who reads the alert.")
    overrules: bool = Field(
        default=False, description="`true`: it speaks even when the runner says that the flow passed."
    )
    example: Line = Field(description="A real line that it must match. It is tried whenever the file is read.")
    near_miss: Line | None = Field(None, description="A similar line that it must not match.")

    @model_validator(mode="after")
    def _is_proved(self) -> RuleSection:
        """Hold the pattern against its example and its near miss."""
        if not re.search(self.match, self.example[:LONGEST_LINE]):
            raise mistake("the pattern does not match the example", "correct one of them", _place(self.example))
        if self.near_miss is not None and re.search(self.match, self.near_miss[:LONGEST_LINE]):
            raise mistake("the pattern matches the near miss", "make it stricter", _place(self.near_miss))
        return self


def _place(text: str) -> Position | None:
    return text.extent.position if isinstance(text, PlacedText) else None


def _check_cause(cause: Cause) -> Cause:
    if cause.family is Family.BUILD:
        raise mistake(
            f"{cause} cannot be the cause of an attempt: it is read from the APK before any flow runs, and would "
            "fail a flow without confirming it",
            "take a cause of another family; docs/causes.md lists them",
        )
    return cause


class TeamRuleSection(RuleSection):
    """One of the team's own rules about why an attempt did not pass."""

    cause: Annotated[Cause, Field(strict=False), AfterValidator(_check_cause)] = Field(
        description="What it means: any cause but those of the build; `docs/causes.md` lists them."
    )

    @property
    def rule(self) -> TeamRule:
        """The rule as it travels."""
        return TeamRule(
            id=str(self.id),
            source=self.source,
            match=str(self.match),
            cause=self.cause,
            why=str(self.why),
            example=str(self.example),
            near_miss=str(self.near_miss or ""),
            overrules=self.overrules,
        )


def doubled_rules(rules: Iterable[RuleSection], key: str = "failures") -> Iterator[Problem]:
    """Rules of one file, under this key, that have the same id."""
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        if rule.id in seen:
            yield taken(rule, f"{key}[{index}]", "another rule of this file")
        seen.add(rule.id)


def taken(rule: RuleSection, path: str, by: str) -> Problem:
    """The problem that the id of the rule at this path is the id of another one."""
    return Problem.at(
        _place(rule.id) or Position(file=""),
        f"{rule.id!r} is the id of {by} already",
        path=f"{path}.id",
        remedy="give it a name of its own",
    )

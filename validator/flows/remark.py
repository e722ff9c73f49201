"""One thing that somebody should look at in a workspace. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from validator.flows.library import ProblemError
from validator.flows.yaml_source import Place


class Weight(StrEnum):
    """How much it matters."""

    PROBLEM = "problem"
    """The flow cannot be run, or cannot be believed."""
    NOTE = "note"
    """It may be meant so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Where, what, and what to do."""

    file: str
    """Relative to the workspace, with `/`."""
    line: int
    column: int
    weight: Weight
    what: str
    remedy: str

    @classmethod
    def at(cls, file: str, place: Place, weight: Weight, what: str, remedy: str) -> Self:
        """The remark about a place in a file."""
        return cls(file=file, line=place.line, column=place.column, weight=weight, what=what, remedy=remedy)

    @classmethod
    def of(cls, problem: ProblemError, remedy: str, weight: Weight = Weight.PROBLEM) -> Self:
        """The remark about what keeps a flow from being run."""
        return cls.at(problem.file, problem.place, weight, problem.reason, remedy)

    @property
    def where(self) -> str:
        """`file:line:column`."""
        return f"{self.file}:{self.line}:{self.column}"

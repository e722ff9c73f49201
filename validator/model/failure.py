"""Why an attempt was not passed: the cause, the rule that spoke, and the lines it spoke about."""

from __future__ import annotations

from dataclasses import dataclass

from validator.model.causes import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One line of evidence, verbatim (redacted), with the source it stands in."""

    source: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The classification of one attempt."""

    cause: Cause
    rule: str
    """The id of the rule that matched."""
    why: str
    """What the rule knows, one sentence."""
    quotes: tuple[Quote, ...] = ()
    step: str = ""
    """The step at which the flow ended, as the flow file writes it; empty when it ended at none."""

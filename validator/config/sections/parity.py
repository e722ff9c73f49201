"""`parity:`: which environment this one has to be like, and in what it may differ."""

from __future__ import annotations

from pydantic import Field

from validator.config.fields import EarlyText, Section


class AllowedDifference(Section):
    """A difference that is meant to be."""

    difference: EarlyText = Field(
        description="Its name as `validator parity` prints it, such as `outputs.cdn_url`; `*` and `?` stand for others."
    )
    reason: EarlyText = Field(description="Why it is meant to be; shown beside it.")


class ParityConfig(Section):
    """How this environment compares with another one."""

    baseline: EarlyText | None = Field(
        None,
        description="The environment, by name or file, that each run compares this one with before anything is built. "
        "A critical difference blocks.",
    )
    allow: tuple[AllowedDifference, ...] = Field((), description="Differences that are meant to be.")

"""What somebody asks for on the command line, beside the configuration."""

from __future__ import annotations

from dataclasses import dataclass

from validator.model.decision import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One call of `validator run`. Empty fields leave the configuration's values as they are."""

    config: str
    deployment_id: str = ""
    revision: str = ""
    flows: tuple[str, ...] = ()
    include_tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()
    purpose: Purpose = Purpose.DEPLOY
    alerts: bool = True
    passed: tuple[str, ...] = ()
    """Earlier stages of the pipeline that have passed."""

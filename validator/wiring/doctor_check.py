"""One thing that the doctor looked at."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from validator.model.errors import ValidatorError


class Health(StrEnum):
    """What a check came to."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    health: Health
    found: str
    remedy: str = ""


def well(name: str, found: str) -> Check:
    """Nothing is to be done."""
    return Check(name=name, health=Health.OK, found=found)


def unwell(name: str, found: str, remedy: str, *, needed: bool = True) -> Check:
    """Something is to be done, by whoever needs it."""
    return Check(name=name, health=Health.PROBLEM if needed else Health.WARNING, found=found, remedy=remedy)


def checked(name: str, look: Callable[[], str], *, needed: bool = True) -> Check:
    """What looking found, or the error that it ended with."""
    try:
        return well(name, look())
    except ValidatorError as error:
        whole, _, _ = error.diagnostics().partition("\n  -> ")
        return unwell(name, whole, error.remedy, needed=needed)


def program(name: str, programs: tuple[str, ...], remedy: str, *, needed: bool = True) -> Check:
    """The first of these programs that is installed."""
    found = next((path for each in programs if (path := shutil.which(each))), "")
    return well(name, found) if found else unwell(name, "not installed", remedy, needed=needed)

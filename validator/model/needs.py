"""What a flow asks of the device that it runs on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FormFactor(StrEnum):
    """What kind of thing a device is, as far as apps look different on it."""

    PHONE = "phone"
    TABLET = "tablet"
    FOLDABLE = "foldable"
    TV = "tv"
    WATCH = "watch"
    AUTOMOTIVE = "automotive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """All of it must hold; what is empty asks for nothing."""

    min_api: int = 0
    """The least API level."""
    max_api: int = 0
    """The greatest API level; 0 for any."""
    abis: tuple[str, ...] = ()
    form_factors: tuple[FormFactor, ...] = ()
    """More than one where several entries ask for different ones; no device is two things."""
    labels: tuple[str, ...] = ()
    """Labels that the configuration gives to devices."""

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return self != NOTHING


NOTHING: Final = Needs()

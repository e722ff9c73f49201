"""Times of day, and the places whose clocks show them."""

from __future__ import annotations

import re
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from validator.config.fields import mistake, refuse_reference

_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def _check_time(value: str) -> str:
    refuse_reference(value)
    if not _TIME.fullmatch(value):
        raise mistake(f"{value[:20]!r} is no time of day", 'write hours and minutes, such as "07:00"')
    return value


def _check_zone(value: str) -> str:
    refuse_reference(value)
    try:
        ZoneInfo(value)
    except (ValueError, OSError, LookupError):  # what it raises at odd names, at folders, and at unknown names
        raise mistake(
            f"{value[:60]!r} is no time zone that this machine knows", "write one such as Europe/Berlin or UTC"
        ) from None
    return value


ClockTime = Annotated[str, AfterValidator(_check_time)]
"""`07:00`."""
Zone = Annotated[str, AfterValidator(_check_zone)]
"""`Europe/Berlin`, as the IANA time zone database has it."""

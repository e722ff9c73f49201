"""Words that people give, which are recorded."""

from __future__ import annotations

import click


def recordable(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """The value; one whose bytes are no UTF-8 cannot be recorded.

    Raises:
        BadParameter: It is not UTF-8.
    """
    try:
        value.encode()
    except UnicodeEncodeError:
        raise click.BadParameter("it is not UTF-8; write it in this terminal's own encoding") from None
    return value

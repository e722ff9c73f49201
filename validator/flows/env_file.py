"""Flow variables as a file that only this user can read: the way into the runner that no process list shows. Pure.

The format is that of maestro-runner 1.1.27 (measured): one `NAME="value"` per line, the text between the outer quotes
taken as it stands; lines of up to 64 KiB. What the runner would change on the way is refused here, because a password
that arrives altered fails a healthy production.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST: Final = 60_000
"""Bytes of a value; Go's line scanner ends at 65,536 for the whole line."""


class VariableError(ValueError):
    """A variable that cannot be handed to the runner unchanged; the text names it and never shows its value."""


def check_name(name: str) -> None:
    """Refuse a name that no shell or runner would take.

    Raises:
        VariableError: The name is not made of letters, digits and `_`.
    """
    if not _NAME.fullmatch(name):
        raise VariableError(
            f"the flow variable {name!r} must be named with letters, digits and _, not beginning with a digit"
        )


def render(variables: Mapping[str, str], environment: Collection[str]) -> str:
    """The file's text.

    Args:
        variables: Names and values.
        environment: The names in the runner's own environment: it replaces `$NAME` inside any text.

    Raises:
        VariableError: A name or value would not arrive as it is.
    """
    for name, value in variables.items():
        check_name(name)
        _check_value(name, value, {*variables, *environment})
    return "".join(f'{name}="{value}"\n' for name, value in variables.items())


def _check_value(name: str, value: str, known: Collection[str]) -> None:
    if "\n" in value or "\0" in value:
        raise VariableError(
            f"the value of the flow variable {name} has more than one line, which the runner cannot take"
        )
    if len(value.encode("utf-8", "surrogatepass")) > _LONGEST:
        raise VariableError(f"the value of the flow variable {name} is longer than {_LONGEST} bytes")
    replaced = "${" in value or any(part in known for part in re.findall(r"\$([A-Za-z_][A-Za-z0-9_]*)", value))
    if replaced:
        raise VariableError(
            f"the value of the flow variable {name} contains a $NAME or ${{…}} that the runner would replace"
        )

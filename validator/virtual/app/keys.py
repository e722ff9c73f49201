"""Key codes of android.view.KeyEvent that an app's input understands."""

from __future__ import annotations

import string

BACK = 4
TAB = 61
DELETE = 67
ESCAPE = 111
ENTER = frozenset({66, 160})

CHARACTERS: dict[int, str] = {
    **{7 + digit: str(digit) for digit in range(10)},
    **dict(enumerate(string.ascii_lowercase, start=29)),
    55: ",",
    56: ".",
    62: " ",
    69: "-",
    70: "=",
    71: "[",
    72: "]",
    74: ";",
    75: "'",
    76: "/",
    77: "@",
    81: "+",
}
"""What a key types."""

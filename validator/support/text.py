"""Foreign text made safe to show: what an app, a server or a file says must not steer a terminal or a parser.

Every function is total: any string in, a printable string out, in time linear in its length.
"""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements (ECMA-48 5.4)
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, DCS, SOS, PM, APC: titles, links, clipboard (ECMA-48 8.3)
    r"|\x1b[ -/]*[0-Z\\^-~]"  # two-character escapes, and the openers of the above where their end is missing
)
_LINE_ENDS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_COMMAND = re.compile(
    r"^[:#](?=[:#])"
    r"|#(?=#(?:vso)?\[)"
    r"|:(?=:(?:add-|remove-|set-|save-|stop-|internal-|end)?"
    r"(?:mask|path|matcher|output|env|state|commands|set-repo-path|group|echo|debug|notice|warning|error)[ :])",
    re.IGNORECASE,
)
"""GitHub's runner takes `##[name]` for a command wherever it stands, and `::name` at the beginning of a line, also of
one that was wrapped (actions/runner, ActionCommand.cs: `TryParse`, `TryParseV2`); Azure's agent reads `##vso[` so."""
_SPACES = re.compile(r"\s+")

_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"}
_REPLACED = (
    *range(0x7F, 0xA0),  # DEL and the C1 controls: some terminals take U+009B for ESC [
    *range(0x202A, 0x202F),  # bidirectional overrides reorder what a person reads
    *range(0x2066, 0x206A),
    *range(0xD800, 0xE000),  # lone surrogates cannot be written as UTF-8
    *range(0xFDD0, 0xFDF0),  # noncharacters
    *(plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)),
    0x200E,
    0x200F,
    0x061C,
    0xFEFF,
)
_TABLE = {**_PICTURES, **dict.fromkeys(_REPLACED, "\N{REPLACEMENT CHARACTER}")}


def visible(text: str) -> str:
    """The text without anything that acts instead of being read; line ends (as LF) and tabs stay.

    Terminal sequences vanish (they carry no text), other control characters become their Unicode pictures, and what
    XML 1.0 cannot hold, or what reorders a line, becomes U+FFFD.
    """
    return _LINE_ENDS.sub("\n", _ESCAPES.sub("", text)).translate(_TABLE)


def one_line(text: str, limit: int | None = None) -> str:
    """The visible text on one line, runs of space as one space, at most `limit` (1 or more) characters long.

    What CI systems would obey as a command in a log (GitHub's `::name::` and `##[name]`, Azure's `##vso[`) is broken up
    by a space.
    """
    if limit is None:
        return _COMMAND.sub(r"\g<0> ", _SPACES.sub(" ", visible(text)).strip())
    beginning = text[: 16 * limit + 4096]  # a megabyte need not be cleaned for a hundred characters of it
    line = one_line(beginning)
    return shorten(line if len(beginning) == len(text) else f"{line}…", limit)


def encodable(text: str) -> str:
    """The text with `?` for each lone surrogate, which UTF-8 cannot carry: file names of other encodings hold some."""
    return text.encode("utf-8", "replace").decode("utf-8")


def shorten(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis; never longer than `limit` (1 or more) characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"

"""Recognises secrets nobody registered: by the name they stand under, and by their shape. Pure.

No pattern reaches over a line end. Every one is linear in the text: it starts at a literal, and what may repeat is
bounded or cannot start again inside itself. A lookbehind that covers a literal stands *after* it, because the search
can then jump from literal to literal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_ENDINGS: Final = ("token", "secret", "password", "passwd", "pwd", "passphrase", "credential", "apikey")
_HEADERS: Final = frozenset({"authorization", "cookie"})
_KEYS: Final = frozenset({"key", "keys"})
_OPEN_KEYS: Final = frozenset(
    {
        *(
            "public",
            "primary",
            "foreign",
            "dedup",
            "cache",
            "sort",
            "idempotency",
            "partition",
            "host",
            "map",
            "object",
        ),
        "press",  # Maestro's command `pressKey: Enter`
    }
)
"""What makes of a key something to look things up with, or to press."""
_ABOUT: Final = frozenset(
    {"id", "name", "file", "path", "dir", "url", "uri", "type", "count", "limit", "length", "ttl", "policy", "version"}
)
"""Last words of names that only speak about a secret: `SLACK_TOKEN_FILE`, `AWS_ACCESS_KEY_ID`, `token_count`."""


def looks_secret(name: str) -> bool:
    """Whether what is called so is a secret, as `SLACK_TOKEN`, `dbPassword`, `api-key` are and `token_count` is not."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in _ABOUT:
        return False
    if words[-1] in _KEYS:
        return len(words) > 1 and words[-2] not in _OPEN_KEYS
    return any(word in _HEADERS or word.removesuffix("s").endswith(_SECRET_ENDINGS) for word in words)


# The first letters stand apart because a search for a set of characters is four times as fast as one that ignores case.
_NAMED: Final = re.compile(
    r"""[AaCcKkPpSsTt](?i:oken|ecret|ass|wd|redential|ey|uthorization|ookie)  # somewhere in a name
        (?P<rest>[\w-]{0,32})
        (?:\\?["'])?[ \t]{0,3}(?P<sign>[:=])(?P<space>[ \t]{0,3})
        (?: \\?"(?P<double>(?:[^"\\\n]|\\(?!")[^\n]){1,4096})
          | \\?'(?P<single>[^'\n]{1,4096})
          | (?P<bare>(?:(?i:bearer|basic|digest|token|negotiate|apikey)[ ])?[^\s"'&,;<>\\]{1,4096})
        )""",
    re.VERBOSE,
)
_NAME_BEFORE: Final = re.compile(r"[\w-]{0,64}\Z")
_NO_SECRET: Final = re.compile(r"(?i:null|none|nil|undefined|true|false)[})\]]*\Z|\$\{?\w+")
"""What often stands after a secret's name and is none: an absent value, or a reference to a variable."""


def named_value_spans(text: str, mask: str) -> Iterator[tuple[int, int]]:
    """Where values stand that follow a secret's name, except where `mask` stands already."""
    for match in _NAMED.finditer(text):
        group = match.lastgroup or ""
        value = match[group]
        if value != mask and not _NO_SECRET.match(value) and looks_secret(_name(match)) and _is_value(match, value):
            yield match.span(group)


def _name(match: re.Match[str]) -> str:
    """The whole name; none where it is the user of a URL, because `_SHAPES` knows better where the password ends."""
    text, start = match.string, match.start()
    before = _NAME_BEFORE.search(text, max(0, start - 64), start)
    start = before.start() if before else start
    return "" if text.endswith("//", 0, start) else text[start : match.end("rest")]


def _is_value(match: re.Match[str], value: str) -> bool:
    """Tell `password: swordfish` from prose such as `token: the variable is not set`."""
    if match.lastgroup != "bare" or match["sign"] == "=" or not match["space"]:
        return True
    ends_line = match.end() == len(match.string) or match.string.startswith(("\n", "\r"), match.end())
    return ends_line or " " in value or "=" in value or any(character.isdigit() for character in value)


_SHAPES: Final = tuple(
    re.compile(shape)
    for shape in (
        r"[Bb](?:earer|EARER)[ \t]{1,3}([A-Za-z0-9._~+/=-]{16,})",
        r"xox[abeoprs]-[A-Za-z0-9-]{10,}",  # Slack
        r"xapp-[A-Za-z0-9-]{10,}",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{8,})",
        r"gh[opsur]_[A-Za-z0-9]{20,}",  # GitHub
        r"github_pat_[A-Za-z0-9_]{20,}",
        r"glpat-[A-Za-z0-9_-]{20,}",  # GitLab
        r"npm_[A-Za-z0-9]{36}",
        r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}",  # Stripe
        r"A(?:KIA|SIA)(?<![A-Za-z0-9]A...)[A-Z0-9]{16}(?![A-Za-z0-9])",  # AWS
        r"AIza[A-Za-z0-9_-]{35}",  # Google
        r"eyJ(?<![A-Za-z0-9_-]eyJ)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",  # JWT, RFC 7519
        r"://([^\s/:@?#*]{0,256}:[^\s/@?#]{1,256})@",  # the user and password of a URL, RFC 3986 section 3.2.1
    )
)


def shape_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where well-known kinds of secrets stand."""
    for shape in _SHAPES:
        for match in shape.finditer(text):
            yield match.span(shape.groups)

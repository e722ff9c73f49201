"""Keeps secrets out of everything that is written or sent.

Three nets, because each has holes that another one closes:

- *values*: what was registered when it was resolved, also as base64, URL-encoded, JSON- and HTML-escaped text;
- *names*: what stands after `password=` or under the key `"api_token"`;
- *shapes*: well-known forms such as `Bearer …`, `xoxb-…`, `ghp_…`, JWTs and passwords inside URLs.

Redacting twice changes nothing, and a text redacted line by line equals the text redacted at once, because no net
reaches across a line end: a secret of several lines (a private key) is registered line by line.
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias
from urllib.parse import quote, quote_plus

from validator.support.redact_patterns import named_value_spans, shape_spans

MASK: Final = "***"
"""What stands where a secret stood."""

SHORTEST: Final = 6
"""Characters. Anything shorter occurs by chance in every log: redacting it would destroy evidence and hide nothing."""

_HEX: Final = re.compile("%[0-9A-F]{2}")

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that shows itself only to who asks: printing, formatting and logging it give `***`."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """The text itself. Pass it on by environment or header, never on a command line."""
        return self._value

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"


class Redactor:
    """Replaces secrets in texts. Safe to share between threads."""

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._forms: tuple[str, ...] = ()
        self._ignored: tuple[str, ...] = ()

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of registered secrets that are too short to be recognised by value; tell the user about them."""
        return self._ignored

    def register(self, value: str, name: str) -> None:
        """Redact this value from now on.

        Args:
            value: the secret. A line of it shorter than six characters is not redacted; `ignored` says so.
            name: what to call it in front of a person, such as `SLACK_TOKEN`.
        """
        lines = [line.strip() for line in value.splitlines() if line.strip()]
        long_enough = [line for line in lines if len(line) >= SHORTEST]
        with self._writing:
            if len(long_enough) < len(lines) and name not in self._ignored:
                self._ignored = (*self._ignored, name)
            if long_enough:
                new = {form for part in (*long_enough, value) for form in _encodings(part)}
                self._forms = tuple({*self._forms, *long_enough, *new})

    def redact(self, text: str) -> str:
        """The text with every secret replaced by `***`."""
        # A replaced part can complete a new match with its neighbours, so this goes on until nothing changes. It ends:
        # `***` is shorter than any registered value and than any shape, and is itself never taken for a named value.
        while spans := self.spans(text):
            text = _masked(text, spans)
        return text

    def stream(self) -> RedactedStream:
        """A redactor for a text that arrives in pieces."""
        return RedactedStream(self)

    def spans(self, text: str) -> list[Span]:
        """Where secrets stand as `(start, end)`: ordered, none touching another."""
        return _merge([*_value_spans(text, self._forms), *named_value_spans(text, MASK), *shape_spans(text)])


class RedactedStream:
    """Redacts a text that arrives in pieces: what comes out in all equals the whole text redacted at once.

    A line is held back until it ends. One longer than 64 Ki characters is let go in parts, cut where no secret stands;
    in such a line alone, a secret known only by its name or shape can escape when the cut parts it from what tells it.
    """

    _LONGEST: Final = 65_536
    _KEPT: Final = 8_192
    """How much of an overlong line stays behind: more than any token is long."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._pending = ""

    def feed(self, piece: str) -> str:
        """Take the next piece; return what can be written already."""
        complete, newline, rest = piece.rpartition("\n")
        if newline:
            done = self._redactor.redact(self._pending + complete) + newline
            self._pending = rest
        else:
            done = ""
            self._pending += piece
        return done + self._overflow()

    def finish(self) -> str:
        """Return what was still held back. The stream can be used again afterwards."""
        rest, self._pending = self._pending, ""
        return self._redactor.redact(rest)

    def _overflow(self) -> str:
        if len(self._pending) <= self._LONGEST:
            return ""
        cut = len(self._pending) - self._KEPT
        for start, end in self._redactor.spans(self._pending):
            if start < cut < end:
                cut = start
        done, self._pending = self._pending[:cut], self._pending[cut:]
        return self._redactor.redact(done)


def _encodings(value: str) -> Iterator[str]:
    """The forms in which a value travels through URLs, JSON, HTML and headers."""
    quoted = [write(value, errors="surrogatepass") for write in (partial(quote, safe=""), quote, quote_plus)]
    escaped = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1])
    markup = (html.escape(value), html.escape(value, quote=False))
    forms = (
        *quoted,
        *(_HEX.sub(lambda code: code[0].lower(), form) for form in quoted),
        *escaped,
        *markup,
        *_base64_forms(value),
    )
    return (form for form in forms if len(form) >= SHORTEST and "\n" not in form)


def _base64_forms(value: str) -> Iterator[str]:
    """The base64 of a value wherever it stands in a longer text.

    Base64 writes three bytes as four characters, so the same bytes look different at each of the three offsets; the
    characters that also carry bits of a neighbour are left out.
    """
    raw = value.encode("utf-8", "surrogatepass")
    for offset, shared in ((0, 0), (1, 2), (2, 3)):
        own = slice(shared, (offset + len(raw)) * 8 // 6)
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * offset + raw).decode("ascii")[own]


def _value_spans(text: str, forms: Iterable[str]) -> Iterator[Span]:
    for form in forms:
        start = text.find(form)
        while start >= 0:
            yield start, start + len(form)
            start = text.find(form, start + 1)


def _merge(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _masked(text: str, spans: list[Span]) -> str:
    parts, position = [], 0
    for start, end in spans:
        parts += [text[position:start], MASK]
        position = end
    return "".join([*parts, text[position:]])

"""Finds the word that somebody meant. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


def closest(word: str, candidates: Iterable[str]) -> str:
    """The candidate that is most like `word`, or the only one that begins with it; empty when there is none.

    `includeTags` and `include-tags` are like `include_tags`. 0.65 lets two letters of three stand the wrong way round
    (`evn`) and keeps `file` from being taken for `flows`.
    """
    known = {plain(candidate): candidate for candidate in candidates}
    meant = plain(word[:80])
    longer = [candidate for candidate in known if len(meant) > 2 and candidate.startswith(meant)]
    found = longer if len(longer) == 1 else difflib.get_close_matches(meant, known, n=1, cutoff=0.65)
    return known[found[0]] if found else ""


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A text to append to a message: ` (did you mean 'x'?)`, or nothing."""
    found = closest(word, candidates)
    return f" (did you mean {found!r}?)" if found else ""


def plain(word: str) -> str:
    """A word without what people vary: capitals, `-` and `_`."""
    return re.sub("[^a-z0-9]", "", word.lower())

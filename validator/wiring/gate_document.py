"""A decision in a file or behind an address, read with distrust."""

from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from validator.gates.check import Question
from validator.gates.document import MAX_BYTES, DecisionUnreadableError, read_decision
from validator.gates.envelope import read_public_key, verify
from validator.gates.statement import decision_in
from validator.model.errors import UsageError
from validator.support.http import get
from validator.wiring.gate import Known, Source

FETCH_SECONDS = 20.0


def elsewhere(place: str, key: Path | None) -> Source:
    """The decision in a file or behind an address.

    Args:
        place: A path, or an https address.
        key: The public key by which it must be signed; None for a plain `decision.json`.

    Raises:
        UsageError: The key cannot be read.
    """
    public = read_public_key(_key(key), str(key)) if key is not None else None

    def source(_question: Question, _now: datetime) -> Known:
        data = _fetched(place) if "://" in place else _content(Path(place))
        if public is not None:
            data = decision_in(verify(data, public, place), place)
        return Known(claim=read_decision(data, place))

    return source


def _key(path: Path) -> bytes:
    try:
        return path.read_bytes()[:10_000]
    except OSError as error:
        remedy = "name the .pub file that `validator gate keygen` has written"
        raise UsageError(f"the key cannot be read: {error.strerror}", where=str(path), remedy=remedy) from error


def _fetched(url: str) -> bytes:
    if not _is_private(url):
        remedy = "anybody on the way can change what http brings: use https"
        raise DecisionUnreadableError("a decision is fetched by https only", where=url, remedy=remedy)
    answer = get(url, deadline=FETCH_SECONDS, headers={"accept": "application/json"}, max_body=MAX_BYTES + 1)
    if answer.status != 200:
        remedy = "look at the address in a browser; redirects to other hosts are not followed"
        raise DecisionUnreadableError(f"it answers HTTP {answer.status}", where=url, remedy=remedy)
    return answer.body


def _content(path: Path) -> bytes:
    """At most one byte more than a decision may have, of a regular file that is not reached through a link."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode) or path.parent.is_symlink():
            remedy = "name the file itself, such as reports/RUN/decision.json"
            raise DecisionUnreadableError("it is reached through a link, or is no file", where=str(path), remedy=remedy)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        remedy = "name the decision.json of a run that has decided"
        raise DecisionUnreadableError(f"cannot be read: {error.strerror}", where=str(path), remedy=remedy) from error


def _is_private(url: str) -> bool:
    """Whether nobody on the way can change the answer: https, or this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1")

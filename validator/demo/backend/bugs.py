"""Product bugs built into JSON replies: the shop answers, and what it says is wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus

from starlette.responses import Response

from validator.demo.backend.switches import Effect, Reword, WrongTotal


def with_bugs(response: Response, effects: Sequence[Effect]) -> Response:
    """The reply with the effects' bugs in it; error replies and other effects leave it as it is."""
    bugs = [effect for effect in effects if isinstance(effect, WrongTotal | Reword)]
    if not bugs or response.status_code >= HTTPStatus.BAD_REQUEST:
        return response
    value: object = json.loads(bytes(response.body))
    for bug in bugs:
        value = _spoilt(value, bug)
    response.body = json.dumps(value).encode()
    response.headers["Content-Length"] = str(len(response.body))
    return response


def _spoilt(value: object, bug: WrongTotal | Reword) -> object:
    if isinstance(value, dict):
        return {key: _wrong(key, _spoilt(item, bug), bug) for key, item in value.items()}
    if isinstance(value, list):
        return [_spoilt(item, bug) for item in value]
    if isinstance(value, str) and isinstance(bug, Reword):
        return value.replace(bug.find, bug.replace)
    return value


def _wrong(key: object, value: object, bug: WrongTotal | Reword) -> object:
    if isinstance(bug, WrongTotal) and key == "total_cents" and isinstance(value, int):
        return value + bug.cents
    return value

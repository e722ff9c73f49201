"""Reading what clients send, within bounds."""

from __future__ import annotations

import json
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request

MAX_BODY_BYTES = 64 * 1024


async def read_bounded(request: Request) -> bytes:
    """The whole body.

    Raises:
        HTTPException: 413, it is larger than `MAX_BODY_BYTES`.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {MAX_BODY_BYTES} bytes")
    return bytes(body)


async def read_object(request: Request) -> dict[str, object]:
    """The body as a JSON object; an empty body is an empty object.

    Raises:
        HTTPException: 413, too large; 400, not a JSON object.
    """
    body = await read_bounded(request)
    try:
        value: object = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"the body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body is not a JSON object")
    return value


def text_of(body: dict[str, object], key: str, *, max_length: int = 200) -> str:
    """A text field, cut to `max_length`.

    Raises:
        HTTPException: 422, it is missing or not text.
    """
    value = body.get(key)
    if not isinstance(value, str):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, f"{key}: a text is needed")
    return value[:max_length]


def number_of(body: dict[str, object], key: str, *, default: int) -> int:
    """A whole number field.

    Raises:
        HTTPException: 422, it is there and not a whole number.
    """
    value = body.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, f"{key}: a whole number is needed")
    return value

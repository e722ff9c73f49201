"""Error replies: problem details (RFC 9457), and the page of a firewall, which is none."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import HTMLResponse, JSONResponse, Response

from validator.demo.backend.buckets import Verdict

QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
"""Registered by draft-ietf-httpapi-ratelimit-headers-11."""

SIGN_IN_REFUSED = "https://cornershop.example/problems/sign-in-refused"

_CHALLENGE_PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>Just a moment...</title></head>
<body><h1>Checking your browser before accessing the shop</h1>
<p>Access denied: please enable JavaScript and cookies to continue.</p>
<p>Reference #18.{reference}</p></body></html>
"""


def problem(
    status: int,
    detail: str,
    *,
    members: dict[str, object] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem details reply of type `about:blank`, unless `members` say otherwise or more."""
    body = {"type": "about:blank", "title": _phrase(status), "status": status, "detail": detail} | (members or {})
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")


def quota_exceeded(verdicts: list[Verdict], headers: dict[str, str]) -> Response:
    """429 for those limits that refused."""
    spent = [verdict for verdict in verdicts if not verdict.allowed]
    wait_s = max(verdict.wait_s for verdict in spent)
    names = [verdict.quota.name for verdict in spent]
    return problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"Too many {' and '.join(names)} from your address. Try again in {wait_s} s.",
        members={
            "type": QUOTA_EXCEEDED,
            "title": "Request cannot be satisfied as assigned quota has been exceeded",
            "violated-policies": names,
        },
        headers=headers,
    )


def sign_in_refused() -> Response:
    """422, as an identity provider answers whose anonymous sign-ins are switched off."""
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Anonymous sign-ins are disabled",
        members={"type": SIGN_IN_REFUSED, "error_code": "anonymous_provider_disabled"},
    )


def maintenance(retry_after_s: int) -> Response:
    """503 that says when to come back."""
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The shop is closed for maintenance",
        headers={"Retry-After": str(retry_after_s)},
    )


def failure(status: int, retry_after_s: int) -> Response:
    """An error out of the blue."""
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s else None
    return problem(status, "The shop could not do this", headers=headers)


def challenge_page(reference: str) -> Response:
    """403 and HTML, as a web application firewall answers what it takes for a robot."""
    return HTMLResponse(
        _CHALLENGE_PAGE.format(reference=reference), status_code=HTTPStatus.FORBIDDEN, headers={"Server": "shopshield"}
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"

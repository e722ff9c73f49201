"""What servers say about their limits is understood, and what strangers send is at worst nothing said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.support.throttling import LONGEST, UNSAID, asked_to_wait, challenge, wait_in

NOW = 1_800_000_000.0
DATE = "Fri, 15 Jan 2027 08:00:30 GMT"  # half a minute later


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 7 "}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after": DATE}, 30),
        ({"retry-after": "Friday, 15-Jan-27 08:00:30 GMT"}, 30),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"retry-after": "1000000000000"}, LONGEST),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "1e9"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "5, 12"}, 12),
        ({"retry-after": f"5, {DATE}"}, 30),
        ({"retry-after": "5, -1, later"}, 5),
        ({"retry-after": "5", "ratelimit": '"a";r=0;t=40'}, 5),
        ({"ratelimit": '"burst";r=0;t=4, "daily";r=20;t=3600'}, 4),
        ({"ratelimit": '"burst";r=0;t=4, "daily";r=0;t=360'}, 360),
        ({"ratelimit": '"burst";r=3;t=4'}, None),
        ({"ratelimit": '"burst";r=00;t=4;"'}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "9"}, 9),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}, 9),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 9)}, 9),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str((int(NOW) + 9) * 1000)}, 9),
        ({"x-ratelimit-remaining": "4", "x-ratelimit-reset": "9"}, None),
        ({"x-ratelimit-remaining": "4, 0", "x-ratelimit-reset": "9, 3"}, 9),
        ({}, None),
    ],
)
def test_headers_say_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_in(headers, NOW) == seconds


def test_a_date_is_held_against_the_clock_of_the_server_that_wrote_it() -> None:
    headers = {"retry-after": DATE, "date": "Fri, 15 Jan 2027 08:00:20 GMT"}
    assert wait_in(headers, NOW + 5000) == 10


@pytest.mark.parametrize(
    "body",
    [
        b'{"type": "https://iana.org/assignments/http-problem-types#quota-exceeded"}',
        b'{"type": "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"}',
        b'{"code":429,"error_code":"over_request_rate_limit","msg":"Request rate limit reached"}',
        b'{"error":{"code":400,"message":"TOO_MANY_ATTEMPTS_TRY_LATER"}}',
        b"auth/too-many-requests",
        b"QUOTA_EXCEEDED",
        b"error code: 1015",
    ],
)
def test_a_body_that_speaks_of_a_quota_is_a_limit_whatever_the_status(body: bytes) -> None:
    assert asked_to_wait(403, {}, body, NOW) == UNSAID
    assert asked_to_wait(503, {}, body, NOW) == UNSAID
    assert asked_to_wait(403, {}, body[:8], NOW) is None


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {"cf-mitigated": "challenge"}, b""),
        (202, {"x-amzn-waf-action": "challenge"}, b""),
        (405, {"x-amzn-waf-action": "captcha"}, b""),
        (403, {}, b"<title>Just a moment...</title>"),
        (403, {}, b"<title>Attention Required! | Cloudflare</title>"),
        (403, {}, b"error code: 1020"),
        (403, {}, b"Access Denied. Reference&#32;&#35;18.2d351ab8 https://errors.edgesuite.net/18.2d351ab8"),
        (403, {}, b"Request unsuccessful. Incapsula incident ID: 1-2"),
    ],
)
def test_a_firewall_is_known_by_its_header_or_its_page(status: int, headers: dict[str, str], body: bytes) -> None:
    assert challenge(status, headers, body)


def test_a_refusal_of_the_service_itself_is_no_firewall() -> None:
    assert not challenge(403, {"server": "cloudflare"}, b'{"error": "you may not see this order"}')
    assert not challenge(200, {}, b"Just a moment... your order is on its way")


said = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(["-1", "0", "5", str(10**12), "9" * 400, DATE, "", ";", "r=0", ";t=3"]), max_size=6).map(
        ", ".join
    ),
    st.from_regex(r'"?a"?;r=\d{0,3};t=-?\d{0,20}(, "b";r=0;t=\d+)?', fullmatch=True),
)
names = st.sampled_from(
    ["retry-after", "ratelimit", "ratelimit-remaining", "ratelimit-reset", "x-ratelimit-remaining", "x-ratelimit-reset"]
)


@given(st.dictionaries(names | st.just("date"), said), st.binary(max_size=300), st.integers(100, 999))
def test_nothing_that_a_stranger_sends_makes_anybody_wait_for_ever(
    headers: dict[str, str], body: bytes, status: int
) -> None:
    for seconds in (wait_in(headers, NOW), asked_to_wait(status, headers, body, NOW)):
        assert seconds is None or 0 <= seconds <= LONGEST
    challenge(status, headers, body)

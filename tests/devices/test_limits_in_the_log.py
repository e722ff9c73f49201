"""What replies tell of limits and firewalls is picked out of the app's log."""

from __future__ import annotations

import pytest

from validator.devices.http_calls import HttpCalls
from validator.devices.logline import read_line


def http(log: str) -> tuple[str, ...]:
    calls = HttpCalls("com.example.shop")
    for text in log.splitlines():
        if line := read_line(text):
            calls.feed(line)
    return calls.lines


def test_headers_count_below_a_call_that_failed_and_nowhere_else() -> None:
    log = """\
1.0  7  8 I okhttp.OkHttpClient: <-- 200 OK http://a/ (1ms)
1.0  7  8 I okhttp.OkHttpClient: x-ratelimit-remaining: 0
1.0  7  8 I okhttp.OkHttpClient: <-- END HTTP
1.1  7  8 I okhttp.OkHttpClient: <-- 429 Too Many Requests http://a/ (1ms)
1.1  7  9 I okhttp.OkHttpClient: <-- 200 OK http://b/ (1ms)
1.1  7  9 I okhttp.OkHttpClient: retry-after: 9
1.1  7  8 I okhttp.OkHttpClient: retry-after: 7
1.1  7  8 I okhttp.OkHttpClient: content-type: text/html
1.1  7  8 I okhttp.OkHttpClient: cf-mitigated: challenge
1.2  7  9 I okhttp.OkHttpClient: <-- 202 http://b/ (1ms)
1.2  7  9 I okhttp.OkHttpClient: x-amzn-waf-action: challenge
"""
    assert [line.partition("Client: ")[2] for line in http(log)] == [
        "<-- 429 Too Many Requests http://a/ (1ms)",
        "retry-after: 7",
        "cf-mitigated: challenge",
        "x-amzn-waf-action: challenge",
    ]


@pytest.mark.parametrize(
    "body",
    [
        '{"type": "https://iana.org/assignments/http-problem-types#quota-exceeded"}',
        '{"code":429,"error_code":"over_request_rate_limit"}',
        '{"error":{"message":"TOO_MANY_ATTEMPTS_TRY_LATER : later"}}',
        "<title>Just a moment...</title>",
        "error code: 1015",
    ],
)
@pytest.mark.parametrize("tag", ["I okhttp.OkHttpClient", "E ReactNativeJS"])
def test_a_body_that_tells_of_a_limit_or_a_firewall_is_found(tag: str, body: str) -> None:
    assert http(f"1.0  7  8 {tag}: {body}") == (f"1.0  7  8 {tag}: {body}",)
    assert http(f'1.0  7  8 {tag}: {{"orders": []}}') == ()

"""Secrets stay out of everything that is written or sent."""

import base64
import html
import itertools
import json
import pickle
import re
import threading
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validator.support.redact import MASK, SHORTEST, Redactor, Secret
from validator.support.redact_patterns import looks_secret

CANARY = 'c4n/ry"<&>ä s3cret+=='
"""Every encoding changes it."""

texts = st.text(alphabet=st.sampled_from("abcXYZ019 :=\"'\n*.-_/@{}&äß") | st.characters(codec="utf-8"), max_size=80)
values = st.text(alphabet="abcXYZ019*.-_/@ä+", min_size=SHORTEST, max_size=20)
snippets = st.sampled_from(
    [
        "password=hunter2",
        "token: ***",
        '"api_key": "abc def"',
        "Authorization: Bearer abcdefghijklmnop1234",
        "https://user:pass@host/path",
        "xoxb-1234567890-abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "key=***",
        "***",
    ]
)


def redactor_for(*values: str) -> Redactor:
    redactor = Redactor()
    for number, value in enumerate(values):
        redactor.register(value, f"SECRET_{number}")
    return redactor


@pytest.mark.parametrize(
    "written",
    [
        CANARY,
        quote(CANARY),
        quote(CANARY, safe=""),
        re.sub("%..", lambda code: code[0].lower(), quote(CANARY, safe="")),
        quote_plus(CANARY),
        json.dumps(CANARY),
        json.dumps(CANARY, ensure_ascii=False),
        html.escape(CANARY),
        repr(CANARY),
        base64.b64encode(CANARY.encode()).decode(),
        base64.urlsafe_b64encode(CANARY.encode()).decode(),
    ],
)
def test_a_registered_value_is_found_in_every_encoding(written: str) -> None:
    redacted = redactor_for(CANARY).redact(f"before {written} after")
    assert redacted.startswith("before ")
    assert redacted.endswith(" after")
    assert len(redacted) <= len("before '***==' after")


@pytest.mark.parametrize("before", ["", "u", "us", "user:", "user:x"])
def test_a_registered_value_is_found_inside_the_base64_of_a_longer_text(before: str) -> None:
    encoded = base64.b64encode(f"{before}{CANARY}:after".encode()).decode()
    redacted = redactor_for(CANARY).redact(encoded)
    assert MASK in redacted
    assert len(redacted) < len(encoded) - len(CANARY)


def test_overlapping_secrets_leave_nothing_between_them() -> None:
    assert redactor_for("abcdefgh", "efghijkl").redact("<abcdefghijkl>") == "<***>"


def test_a_secret_of_several_lines_is_found_line_by_line() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----\n"
    log = "ssh: MIIEvQIBADAN\nssh: BgkqhkiG9w0B\nssh: done"
    assert redactor_for(key).redact(log) == "ssh: ***\nssh: ***\nssh: done"


def test_a_value_too_short_to_recognise_is_left_alone_and_named() -> None:
    redactor = Redactor()
    redactor.register("12345", "PIN")
    redactor.register("12345", "PIN")
    redactor.register("long enough", "TOKEN")
    assert redactor.redact("at 12345 ms") == "at 12345 ms"
    assert redactor.ignored == ("PIN",)


def test_an_empty_value_is_not_a_secret() -> None:
    redactor = redactor_for("", "\n")
    assert redactor.ignored == ()
    assert redactor.redact("text") == "text"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Authorization: Bearer abcdefgh", "Authorization: ***"),
        ("--> Authorization: Basic dXNlcjpwYXNz", "--> Authorization: ***"),
        ("curl -H 'authorization: Bearer abc' https://x.example", "curl -H 'authorization: ***' https://x.example"),
        ("got Bearer abcdefghijklmnop", "got Bearer ***"),
        ("xoxb-123456789012-abcDEF", MASK),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345", MASK),
        ("github_pat_11ABCDEFG0123456789_abcdef", MASK),
        ("postgres://shop:hunter2@db.example/shop", "postgres://***@db.example/shop"),
        ("https://x-access-token:abc@github.com/x", "https://***@github.com/x"),
        ("id AKIAIOSFODNN7EXAMPLE.", "id ***."),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", MASK),
        ("https://hooks.slack.com/services/T000/B000/0000", "https://hooks.slack.com/services/***"),
        ("password=hunter2&user=ann", "password=***&user=ann"),
        ('{"api_token": "a b c", "n": 1}', '{"api_token": "***", "n": 1}'),
        (r'"{\"apiToken\":\"abc\",\"n\":1}"', r'"{\"apiToken\":\"***\",\"n\":1}"'),
        ("STRIPE_SECRET_KEY='sk'", "STRIPE_SECRET_KEY='***'"),
        ("db.password: swordfish", "db.password: ***"),
        ("Set-Cookie: session=abc; Path=/", "Set-Cookie: ***; Path=/"),
        ("--token=abc --verbose", "--token=*** --verbose"),
    ],
)
def test_well_known_secrets_are_found_unregistered(text: str, redacted: str) -> None:
    assert Redactor().redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "alerts[0].slack.token: environment variable SLACK_TOKEN is not set",
        "token: null",
        "password: ${PASSWORD}",
        "token=$TOKEN",
        "token_count=5 cache_key=home primary_key: 12",
        "https://example.com:8443/path@v2",
        "mailto:ann@example.com",
        "Basic settings are shown",
        "monkey: 12",
        "a commit 1c8a0e5d7b3f",
        "http://127.0.0.1:8080/health",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert Redactor().redact(text) == text


@pytest.mark.parametrize(
    "name",
    ["SLACK_TOKEN", "token", "dbPassword", "api-key", "apikey", "APIKEY", "client_secret", "AWS_SECRET_ACCESS_KEY",
     "SIGNING_KEY", "accessTokens", "Authorization", "GOOGLE_CREDENTIALS", "MYSQL_PWD"],
)  # fmt: skip
def test_a_name_tells_a_secret(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    ["", "1", "GIT_SHA", "key", "monkey", "KEYBOARD", "token_count", "SLACK_TOKEN_FILE", "AWS_ACCESS_KEY_ID",
     "primary_key", "dedupKey", "pressKey", "passed", "API_URL"],
)  # fmt: skip
def test_a_name_tells_that_there_is_no_secret(name: str) -> None:
    assert not looks_secret(name)


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(CANARY)
    shown = (f"{secret}", f"{secret!r}", f"{secret!s:>5}", "%s" % secret, str([secret]))  # noqa: UP031 - one more way to print
    assert not any("s3cret" in text for text in shown)
    assert secret.reveal() == CANARY
    assert secret == Secret(CANARY) != Secret("other")
    assert pickle.loads(pickle.dumps(secret)) == secret  # noqa: S301 - our own bytes
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_values_registered_in_many_threads_are_all_redacted() -> None:
    redactor = Redactor()
    secrets = [f"secret-value-{number:03}" for number in range(64)]
    threads = [threading.Thread(target=redactor.register, args=(value, value)) for value in secrets]
    for thread in threads:
        thread.start()
        redactor.redact(" ".join(secrets))
    for thread in threads:
        thread.join()
    assert set(redactor.redact(" ".join(secrets)).split()) == {MASK}


@given(st.lists(values, max_size=4), st.lists(texts | values | snippets, max_size=8))
def test_redacting_twice_changes_nothing(secrets: list[str], parts: list[str]) -> None:
    redactor = redactor_for(*secrets)
    once = redactor.redact("".join(parts + secrets))
    assert redactor.redact(once) == once


@given(st.lists(values, min_size=1, max_size=4), st.lists(texts, max_size=4))
def test_no_registered_value_remains(secrets: list[str], parts: list[str]) -> None:
    redacted = redactor_for(*secrets).redact("".join(f"{part}{secret}" for part in parts for secret in secrets))
    assert not any(secret.strip() in redacted for secret in secrets)


@given(
    st.lists(values, max_size=3),
    st.lists(texts | values | snippets, max_size=10),
    st.lists(st.integers(min_value=0, max_value=400), max_size=12),
)
def test_a_stream_equals_the_whole_text_however_it_is_cut(
    secrets: list[str], parts: list[str], cuts: list[int]
) -> None:
    redactor, text = redactor_for(*secrets), "".join(parts + secrets)
    stream, edges = redactor.stream(), sorted({0, *(min(cut, len(text)) for cut in cuts), len(text)})
    pieces = [stream.feed(text[start:end]) for start, end in itertools.pairwise(edges)]
    assert "".join([*pieces, stream.finish()]) == redactor.redact(text)


@settings(max_examples=25)
@given(st.integers(min_value=0, max_value=90_000), st.integers(min_value=1, max_value=30_000))
def test_a_stream_without_line_ends_is_let_go_in_parts_and_still_redacted(at: int, size: int) -> None:
    text = "." * at + CANARY + "." * (150_000 - at)
    stream = redactor_for(CANARY).stream()
    pieces = [stream.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert any(pieces)
    assert "".join([*pieces, stream.finish()]) == text.replace(CANARY, MASK)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "unit",
    ["eyJ", "-eyJ", "token", "key=", "://", "://a:b", "Bearer ", "xoxb-", "\\", '"', "a", "password: '", "AKIA", "_-"],
)
def test_a_hostile_line_takes_no_more_than_a_few_seconds(unit: str) -> None:
    line = unit * (500_000 // len(unit))
    assert len(redactor_for(CANARY).redact(line)) <= 2 * len(line)

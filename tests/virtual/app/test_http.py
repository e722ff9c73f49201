"""HTTP calls against real servers: what is sent, what becomes of the replies, and what the log says."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from tests.virtual.app.backend import Answer, Asked, Backend
from tests.virtual.app.caller import caller, okhttp, outcome, tell

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "branches", "told"),
    [
        (200, ["2xx", "any"], "2xx 200"),
        (201, ["201", "2xx"], "201 201"),
        (404, ["4xx", "404"], "404 404"),
        (429, ["4xx", "any"], "4xx 429"),
        (503, ["4xx", "any", "error"], "any 503"),
    ],
)
async def test_the_most_exact_branch_is_taken(backend: Backend, status: int, branches: list[str], told: str):
    backend.routes["GET /x"] = Answer(status, {})
    phone = await caller({"url": "/x", "on": {branch: tell(branch) for branch in branches}}, backend.url)
    assert (await outcome(phone)).startswith(f"{told}|")


async def test_values_are_saved_from_good_replies_only(backend: Backend):
    backend.routes["GET /good"] = Answer(200, {"items": [{"sku": "a"}], "n": 1})
    backend.routes["GET /bad"] = Answer(500, {"items": [{"sku": "b"}]})
    phone = await caller({"url": "/good", "save": {"saved": "items.0"}, "on": {"any": tell("any")}}, backend.url)
    assert await outcome(phone) == 'any 200|{"sku":"a"}|false'
    phone = await caller({"url": "/good", "save": {"saved": "$"}, "on": {"any": tell("any")}}, backend.url)
    assert await outcome(phone) == 'any 200|{"items":[{"sku":"a"}],"n":1}|false'
    phone = await caller({"url": "/bad", "save": {"saved": "$"}, "on": {"any": tell("any")}}, backend.url)
    assert await outcome(phone) == "any 500|null|false"


async def test_what_is_sent_is_what_the_description_says(backend: Backend):
    backend.routes["POST /orders"] = Answer(201, {})
    call = {
        "method": "POST",
        "url": "/orders",
        "query": {"q": "a b&c", "none": "", "null": "{saved}"},
        "headers": {"X-Run": "{extra.run}", "X-Kind": "test", "X-Default": "other"},
        "json": {"total": "{1 + 1}", "note": "n {token}"},
        "on": {"any": tell("any")},
    }
    http = {"headers": {"Authorization": "Bearer {token}", "X-Default": "default"}, "suffix_user_agent": "shop/1"}
    await outcome(await caller(call, f"{backend.url}/", http=http))
    (asked,) = backend.asked
    assert asked.path == "/orders?q=a%20b%26c"
    assert json.loads(asked.body) == {"total": 2, "note": "n secret"}
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["authorization"] == "Bearer secret"
    assert headers["user-agent"] == "okhttp/4.12.0 shop/1"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["x-kind"] == "test"
    assert headers["x-default"] == "other"
    assert "x-run" not in headers


async def test_the_screen_stays_usable_while_a_call_is_under_way(backend: Backend):
    release = threading.Event()
    backend.routes["GET /slow"] = Answer(200, {}, wait=release)
    phone = await caller({"url": "/slow", "loading": "loading", "on": {"2xx": tell("2xx")}}, backend.url)
    await phone.tap("Call")
    assert phone.texts[-1] == "nothing|null|true"
    release.set()
    await phone.shows("2xx 200|null|false")
    await phone.app.close()


async def test_closing_abandons_a_call_under_way(backend: Backend):
    release = threading.Event()
    backend.routes["GET /slow"] = Answer(200, {}, wait=release)
    phone = await caller({"url": "/slow", "on": {"any": tell("any")}}, backend.url)
    await phone.tap("Call")
    async with asyncio.timeout(5):
        await phone.app.close()
    release.set()
    assert not any("<--" in line for line in okhttp(phone))


async def test_basic_log_lines_are_those_of_okhttp(backend: Backend):
    backend.routes["POST /x"] = Answer(201, {"id": 7})
    phone = await caller({"method": "POST", "url": "/x", "json": {"a": 1}, "on": {"any": tell("any")}}, backend.url)
    await outcome(phone)
    sent, received = okhttp(phone)
    assert sent == f"--> POST {backend.url}/x (7-byte body)"
    head, _, tail = received.partition(" (")
    assert head == f"<-- 201 Created {backend.url}/x"
    assert tail.endswith("ms, 9-byte body)")


async def test_throttling_headers_are_logged_for_429_and_503(backend: Backend):
    limits = {"Retry-After": "7", "RateLimit-Remaining": "0", "X-Other": "1"}
    backend.routes["GET /x"] = Answer(429, {}, headers=limits)
    phone = await caller({"url": "/x", "on": {"any": tell("after {response.headers.retry_after},")}}, backend.url)
    assert (await outcome(phone)).startswith("after 7, 429")
    logged = [line.lower() for line in okhttp(phone)[2:]]
    assert logged == ["retry-after: 7", "ratelimit-remaining: 0"]


@pytest.mark.parametrize("level", ["basic", "headers", "body"])
async def test_credentials_are_never_logged(backend: Backend, level: str):
    backend.routes["GET /x"] = Answer(200, {}, headers={"Set-Cookie": "sid=secret"})
    http = {"headers": {"Authorization": "Bearer {token}"}, "log": level, "redact": ["Set-Cookie"]}
    url = backend.url.replace("http://", "http://user:secret@")
    phone = await caller({"url": f"{url}/x", "on": {"any": tell("any")}}, backend.url, http=http)
    await outcome(phone)
    assert not any("secret" in line for line in phone.system.lines)
    assert ("Authorization: \u2588\u2588" in okhttp(phone)) is (level != "basic")


async def test_the_body_level_logs_bodies_and_none_logs_nothing(backend: Backend):
    backend.routes["POST /x"] = Answer(200, {"ok": True})
    call = {"method": "POST", "url": "/x", "json": {"a": 1}, "on": {"any": tell("any")}}
    phone = await caller(call, backend.url, http={"log": "body"})
    await outcome(phone)
    lines = okhttp(phone)
    assert '{"a":1}' in lines
    assert "--> END POST (7-byte body)" in lines
    assert lines[-2:] == ['{"ok": true}', "<-- END HTTP (12-byte body)"]
    phone = await caller(call, backend.url, http={"log": "none"})
    await outcome(phone)
    assert okhttp(phone) == []


async def test_no_cookie_is_kept_and_redirects_are_followed(backend: Backend):
    def login(asked: Asked) -> Answer:
        return Answer(302, {}, headers={"Set-Cookie": "sid=1", "Location": "/home"})

    backend.routes["GET /login"] = login
    backend.routes["GET /home"] = Answer(200, {"home": True})
    phone = await caller({"url": "/login", "save": {"saved": "home"}, "on": {"any": tell("any")}}, backend.url)
    assert await outcome(phone) == "any 200|true|false"
    phone = await caller({"url": "/login", "on": {"any": tell("any")}}, backend.url)
    await phone.tap("Call")
    await phone.until(lambda: "any 200" in phone.texts[-1])
    await phone.tap("Call")
    await phone.until(lambda: len(backend.asked) == 6)
    await phone.app.close()
    assert not any("Cookie" in asked.headers for asked in backend.asked)


async def test_a_reply_that_is_not_json_is_text(backend: Backend):
    backend.routes["GET /x"] = Answer(200, b"<html>challenge</html>")
    phone = await caller({"url": "/x", "save": {"saved": "$"}, "on": {"any": tell("any")}}, backend.url)
    assert await outcome(phone) == 'any 200|"<html>challenge</html>"|false'


async def test_an_emulators_address_of_its_host_is_this_machine(backend: Backend):
    backend.routes["GET /x"] = Answer(200, {})
    url = f"http://10.0.2.2:{backend.port}"
    phone = await caller({"url": "/x", "on": {"any": tell("any")}}, url)
    assert (await outcome(phone)).startswith("any 200|")
    assert backend.asked[0].headers["Host"] == f"10.0.2.2:{backend.port}"
    assert okhttp(phone)[0] == f"--> GET {url}/x"

"""HTTP/1.1 on a byte stream: kept alive, pipelined, cut off, or nonsense."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.virtual.automation.display import Client, a_display
from validator.virtual.automation import AutomationServer
from validator.virtual.automation.routes import route

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def connected(client: Client) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    yield reader, writer
    writer.close()
    await writer.wait_closed()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, object]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    status = int(head.split()[1])
    length = int(head.lower().partition("content-length:")[2].split()[0])
    body: dict[str, object] = json.loads(await reader.readexactly(length))
    return status, body


async def test_many_requests_share_a_connection(client: Client):
    async with connected(client) as (reader, writer):
        for _ in range(3):
            writer.write(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await answer(reader))[0] == 200


async def test_requests_sent_ahead_are_answered_in_turn(client: Client):
    async with connected(client) as (reader, writer):
        writer.write(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await answer(reader))[0] == 200
        status, body = await answer(reader)
        assert status == 404
        assert body["value"] == {"error": "unknown command", "stacktrace": "", **_message(body)}


def _message(body: dict[str, object]) -> dict[str, object]:
    value = body["value"]
    assert isinstance(value, dict)
    return {"message": value["message"]}


async def test_a_connection_closes_when_the_client_says_so(client: Client):
    async with connected(client) as (reader, writer):
        writer.write(b"GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await answer(reader))[0] == 200
        assert await reader.read() == b""


async def test_a_client_that_waits_for_permission_gets_it(client: Client):
    async with connected(client) as (reader, writer):
        writer.write(b"POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\nExpect: 100-continue\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
        writer.write(b'{"capabilities": {}}')
        assert (await answer(reader))[0] == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/session", b"", 400),
        ("/session", b"[]", 400),
        ("/session", b"{", 400),
        ("/session", b"\xff", 400),
        ("/session", b"[" * 50_000, 400),
        ("/session/x/element", b'{"strategy": 5}', 400),
        ("/session/x/element", b"{}", 400),
        ("/session/x/appium/device/press_keycode", b'{"keycode": "a"}', 400),
        ("/session/x/appium/device/launch_app", b'{"appId": null}', 400),
        ("/session/x/appium/device/launch_app", b'{"appId": "a", "arguments": []}', 400),
        ("/session/x/nothing", b"", 404),
        ("/", b"", 404),
        ("//", b"", 404),
    ],
)
async def test_a_bad_request_is_answered_and_the_connection_stays(client: Client, path: str, body: bytes, status: int):
    async with connected(client) as (reader, writer):
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        assert (await answer(reader))[0] == status
        writer.write(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await answer(reader))[0] == 200


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /status HTTP/1.1\r\n\r\n", 400),
        (b"GET /status HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET /" + b"x" * 40_000, 431),
        (b"POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n", 413),
    ],
)
async def test_what_is_not_http_is_refused_and_the_connection_closed(client: Client, data: bytes, status: int):
    async with connected(client) as (reader, writer):
        writer.write(data)
        assert (await answer(reader))[0] == status
        assert await reader.read() == b""


async def test_head_is_answered_without_a_body(client: Client):
    async with connected(client) as (reader, writer):
        writer.write(b"HEAD /status HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404")
        writer.write(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await answer(reader))[0] == 200


async def test_a_client_that_goes_away_in_the_middle_is_forgotten(client: Client):
    for part in (b"", b"GET /sta", b"POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{"):
        async with connected(client) as (_, writer):
            writer.write(part)
    assert (await client.http.get("/status")).status_code == 200


async def test_a_client_that_does_not_take_its_answer_ends_the_connection_quietly():
    display = await a_display()
    reader = asyncio.StreamReader()
    reader.feed_data(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n")

    async def broken(data: bytes) -> None:
        raise ConnectionResetError

    async with asyncio.timeout(5):
        await AutomationServer(display, "x", 34).serve(reader, broken)


fragments = st.sampled_from(
    [
        r"GET~",
        r"POST~",
        r"HEAD~",
        r"CONNECT~",
        r"/status",
        r"/session",
        r"/session/x/element",
        r"~HTTP/1.1",
        r"\r\n",
        r"\r\n\r\n",
        r"Host:~x",
        r"Content-Length:~2",
        r"{}",
        r"Transfer-Encoding:~chunked",
        r"2\r\n{}\r\n0\r\n\r\n",
        r"Upgrade:~h2c",
        r"Connection:~upgrade",
        r"Expect:~100-continue",
    ]
).map(lambda text: text.replace("~", " ").replace(r"\r\n", "\r\n").encode())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=120) | st.lists(fragments, max_size=12).map(b"".join))
async def test_any_bytes_end_without_an_exception(data: bytes):
    display = await a_display()
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    written: list[bytes] = []

    async def write(piece: bytes) -> None:
        written.append(piece)

    async with asyncio.timeout(10):
        await AutomationServer(display, "x", 34).serve(reader, write)
    assert all(piece.startswith(b"HTTP/1.1 ") for piece in written)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    "strategy selector text origin offset area direction percent actions keycode settings content orientation appId "
    "arguments x y endX endY duration capabilities start end replace"
)
keys = st.sampled_from(KEYS.split(" "))
paths = st.sampled_from(
    [
        "/element",
        "/elements",
        "/element/E/value",
        "/element/E/click",
        "/keys",
        "/actions",
        "/back",
        "/orientation",
        "/timeouts",
        "/timeouts/implicit_wait",
        "/appium/settings",
        "/appium/tap",
        "/appium/gestures/click",
        "/appium/gestures/swipe",
        "/appium/gestures/scroll",
        "/appium/gestures/drag",
        "/appium/gestures/long_click",
        "/appium/device/press_keycode",
        "/appium/device/set_clipboard",
        "/appium/device/launch_app",
        "/alert/accept",
    ]
)


@settings(max_examples=150, deadline=None)
@given(paths, st.dictionaries(keys, json_values, max_size=4))
async def test_any_body_is_answered_without_a_bug(path: str, body: dict[str, object]):
    display = await a_display()
    reader = asyncio.StreamReader()
    opened = b'POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: 19\r\n\r\n{"capabilities":{}}'
    content = json.dumps(body).encode()
    head = f"POST /session/S{path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
    reader.feed_data(opened + head.encode() + content)
    reader.feed_eof()
    written: list[bytes] = []

    async def write(piece: bytes) -> None:
        written.append(piece)

    async with asyncio.timeout(10):
        await AutomationServer(display, "x", 34).serve(reader, write)
    status = int(written[1].split()[1])
    assert status in (200, 400, 404) or b"Cannot launch" in written[1]


def test_routes_match_whole_paths_only():
    assert route("GET", "/status") is not None
    assert route("GET", "/wd/hub/status?x=1") is not None
    assert route("POST", "/status") is None
    assert route("GET", "/status/more") is None
    found = route("GET", "/session/S/element/a%20b/attribute/text")
    assert found is not None
    assert found.parameters == {"session": "S", "element": "a b", "name": "text"}

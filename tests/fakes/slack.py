"""A stand-in for Slack's Web API on a real port: it checks what Slack checks, and misbehaves as it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "xoxb-1111-2222-abcdefghij"
CHANNEL = "#prod-alerts"


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How one call is answered, instead of as Slack would."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    hang: bool = False
    taken: bool = False
    """The message is posted all the same, and only the answer is lost."""


CUT_AFTER_TAKING = Behaviour(headers={"Content-Length": "9999"}, body=b'{"ok":', taken=True)
"""The connection ends within the answer."""


def rate_limited(seconds: str) -> Behaviour:
    body = b'{"ok":false,"error":"ratelimited"}'
    return Behaviour(status=429, headers={"Retry-After": seconds}, body=body)


def refusing(error: str) -> Behaviour:
    return Behaviour(body=json.dumps({"ok": False, "error": error}).encode())


class SlackServer:
    """Keeps the messages that were posted, and plays its script before it behaves."""

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []
        self.stamps: list[str] = []
        self.calls = 0
        self.channels = {CHANNEL: "C024BE91L"}
        self.script: deque[Behaviour] = deque()
        self.called = threading.Event()
        self._released: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.updates: list[dict[str, object]] = []
        self.refused_updates = ""
        """Why no message may be changed."""
        self.refused_looks = ""
        """Why the app may not read the channel."""
        self.looks = 0
        app = Starlette(
            routes=[
                Route("/api/chat.postMessage", self._post_message, methods=["POST"]),
                Route("/api/chat.update", self._update, methods=["POST"]),
                Route("/api/conversations.history", self._look, methods=["GET", "POST"]),
                Route("/api/conversations.replies", self._look, methods=["GET", "POST"]),
            ]
        )
        config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/api/"

    async def _post_message(self, request: Request) -> Response:
        self.calls += 1
        self.called.set()
        body = await request.body()
        behaviour = self.script.popleft() if self.script else None
        if behaviour is not None and not behaviour.taken:
            return await self._misbehave(behaviour)
        error = self._refusal(request, body)
        if error:
            return JSONResponse({"ok": False, "error": error})
        message = json.loads(body)
        self.messages.append(message)
        channel = self.channels.get(message["channel"], message["channel"])
        stamp = f"17636959{self.calls:02}.000200"
        self.stamps.append(stamp)
        if behaviour is not None:
            return await self._misbehave(behaviour)
        return JSONResponse({"ok": True, "channel": channel, "ts": stamp, "message": {}})

    async def _look(self, request: Request) -> Response:
        """Messages of a channel or of a thread, with their metadata if that is asked for; a channel is its id."""
        self.looks += 1
        asked = dict(parse_qsl(request.url.query or (await request.body()).decode()))
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        error = self.refused_looks or ("" if asked["channel"] in self.channels.values() else "channel_not_found")
        if error:
            return JSONResponse({"ok": False, "error": error})
        every = asked.get("include_all_metadata") in ("1", "true", "True")
        shown = [
            {"ts": stamp, "text": message["text"]} | ({"metadata": message.get("metadata")} if every else {})
            for message, stamp in zip(self.messages, self.stamps, strict=True)
            if message.get("thread_ts") == asked.get("ts")
        ]
        return JSONResponse({"ok": True, "messages": shown[::-1], "has_more": False})

    async def _update(self, request: Request) -> Response:
        update = json.loads(await request.body())
        if self.script:
            return await self._misbehave(self.script.popleft())
        error = self.refused_updates or blocks_refusal(update.get("blocks", []))
        if error:
            return JSONResponse({"ok": False, "error": error})
        self.updates.append(update)
        return JSONResponse({"ok": True, "channel": update["channel"], "ts": update["ts"]})

    async def _misbehave(self, behaviour: Behaviour) -> Response:
        if behaviour.hang:
            released = self._released = asyncio.Event()
            self._loop = asyncio.get_running_loop()
            await released.wait()
        return Response(
            behaviour.body, behaviour.status, headers=dict(behaviour.headers), media_type=behaviour.content_type
        )

    def _refusal(self, request: Request, body: bytes) -> str:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return "invalid_auth"
        if not request.headers.get("content-type", "").startswith("application/json"):
            return "invalid_post_type"
        message = json.loads(body)
        if message.get("channel") not in (*self.channels, *self.channels.values()):
            return "channel_not_found"
        if not message.get("text"):
            return "no_text"
        return blocks_refusal(message.get("blocks", []))

    def reset(self) -> None:
        """Forget everything, and let go of a call that hangs."""
        self._release()
        self.messages.clear()
        self.stamps.clear()
        self.refused_looks = ""
        self.looks = 0
        self.updates.clear()
        self.refused_updates = ""
        self.script.clear()
        self.called.clear()
        self.calls = 0

    def _release(self) -> None:
        if self._released is not None:
            self._loop.call_soon_threadsafe(self._released.set)
            self._released = None

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._release()
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def blocks_refusal(blocks: object) -> str:
    """The error that Slack has for these blocks, empty when it takes them."""
    if not isinstance(blocks, list) or len(blocks) > 50:
        return "invalid_blocks"
    texts = [text for block in blocks for text in block_texts(block)]
    if any(not valid(block) for block in blocks):
        return "invalid_blocks"
    return "msg_blocks_too_long" if sum(units(text) for text in texts) > 13_200 else ""


def valid(block: Mapping[str, object]) -> bool:
    longest = {"header": 150, "section": 3000, "context": 2000, "divider": 0}.get(str(block.get("type")), -1)
    texts = block_texts(block)
    elements = block.get("elements", [])
    few = isinstance(elements, list) and len(elements) <= 10
    return longest >= 0 and few and all(1 <= units(text) <= longest for text in texts)


def block_texts(block: Mapping[str, object]) -> list[str]:
    elements = block.get("elements", [])
    parts = [block["text"]] if "text" in block else list(elements) if isinstance(elements, list) else []
    return [str(part["text"]) for part in parts if isinstance(part, dict)]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@contextlib.contextmanager
def slack_server() -> Iterator[SlackServer]:
    server = SlackServer()
    server.start()
    try:
        yield server
    finally:
        server.close()

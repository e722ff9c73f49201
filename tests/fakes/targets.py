"""Stand-ins for what alerts are sent to over HTTP, on real ports: they keep what they took, and misbehave by script."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How one request is treated instead of being taken."""

    status: int = 0
    """0: the connection is cut without an answer."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"message":"no"}'
    hang: bool = False
    taken: bool = False
    """It is taken all the same, and only the answer is lost."""


RATE_LIMITED = Fault(status=429, headers={"Retry-After": "1"})
BROKEN = Fault(status=500)
HANGING = Fault(hang=True)
CUT = Fault()
CUT_AFTER_TAKING = Fault(taken=True)
REJECTING = Fault(status=422)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        value: dict[str, object] = json.loads(self.body)
        return value


class Target:
    """Takes everything; subclasses say what they answer."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        """Every request that came, also those that were treated badly."""
        self.taken: list[Asked] = []
        self.script: deque[Fault] = deque()
        self.came = threading.Event()
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, asked: Asked) -> tuple[int, object]:
        """The status and body for a request that is taken."""
        return 202, {"status": "success"}

    def treat(self, asked: Asked) -> tuple[int, Mapping[str, str], bytes] | None:
        """The answer; None for none at all."""
        self.asked.append(asked)
        self.came.set()
        fault = self.script.popleft() if self.script else None
        if fault is None or fault.taken:
            status, body = self.answer(asked)
            self.taken.append(asked)
            if fault is None:
                return status, {}, json.dumps(body).encode()
            return None
        if fault.hang:
            self._released.wait(30)
            return None
        return (fault.status, fault.headers, fault.body) if fault.status else None

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Hook(Target):
    """An address that knows a repeated document by its idempotency key, as receivers should."""

    @property
    def told(self) -> list[Asked]:
        """Documents, each once."""
        return list({asked.headers["idempotency-key"]: asked for asked in self.taken}.values())


class SlackHook(Target):
    """An incoming webhook of Slack: it answers in plain words, and knows no repeated message."""

    def treat(self, asked: Asked) -> tuple[int, Mapping[str, str], bytes] | None:
        treated = super().treat(asked)
        return (200, {}, b"ok") if self.taken[-1:] == [asked] and treated is not None else treated


class PagerDuty(Target):
    """Events of one `dedup_key` are one incident, open or not."""

    def __init__(self) -> None:
        super().__init__()
        self.incidents: dict[str, str] = {}

    def answer(self, asked: Asked) -> tuple[int, object]:
        event = asked.json
        key, action = str(event["dedup_key"]), str(event["event_action"])
        if action == "trigger" or key in self.incidents:
            self.incidents[key] = {"trigger": "open", "resolve": "resolved"}[action]
        return 202, {"status": "success", "dedup_key": key, "message": "Event processed"}


class GitHub(Target):
    """The part of the REST API that shows states."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses: list[dict[str, object]] = []
        self.deployment_statuses: list[dict[str, object]] = []
        self.check_runs: list[dict[str, object]] = []
        self.annotations: list[object] = []
        self.answers: list[tuple[str, dict[str, object]]] = []
        """Workflow run and what a custom deployment protection rule said to it."""

    def answer(self, asked: Asked) -> tuple[int, object]:
        path = asked.path.partition("?")[0]
        for method, pattern, treat in (
            ("GET", r"/repos/acme/shop/commits/[0-9a-f]{40}/statuses", lambda _: (200, self.statuses)),
            ("POST", r"/repos/acme/shop/statuses/[0-9a-f]{40}", self._status),
            ("GET", r"/repos/acme/shop/commits/[0-9a-f]{40}/check-runs", self._runs),
            ("POST", r"/repos/acme/shop/check-runs", self._run),
            ("PATCH", r"/repos/acme/shop/check-runs/1", self._more),
            ("GET", r"/repos/acme/shop/deployments/77", lambda _: (200, {"id": 77})),
            ("GET", r"/repos/acme/shop/deployments/77/statuses", lambda _: (200, self.deployment_statuses)),
            ("POST", r"/repos/acme/shop/deployments/77/statuses", self._deployment),
            ("POST", r"/repos/acme/shop/actions/runs/[0-9]+/deployment_protection_rule", self._answer),
        ):
            if asked.method == method and re.fullmatch(pattern, path):
                return treat(asked)
        return 404, {"message": "Not Found"}

    def _status(self, asked: Asked) -> tuple[int, object]:
        assert len(str(asked.json["description"])) <= 140
        self.statuses.insert(0, asked.json)
        return 201, asked.json

    def _deployment(self, asked: Asked) -> tuple[int, object]:
        assert len(str(asked.json["description"])) <= 140
        self.deployment_statuses.insert(0, asked.json)
        return 201, asked.json

    def _answer(self, asked: Asked) -> tuple[int, object]:
        """GitHub takes a comment, a state, or both, for a named environment."""
        known = set(asked.json) <= {"environment_name", "state", "comment"}
        said = asked.json.get("comment") or asked.json.get("state")
        fine = asked.json.get("state", "approved") in ("approved", "rejected")
        if not (known and said and fine and asked.json.get("environment_name")):
            return 422, {"message": "Validation Failed"}
        self.answers.append((asked.path.split("/")[6], asked.json))
        return 204, {}

    def _shown(self) -> list[dict[str, object]]:
        output = {"annotations_count": len(self.annotations)}
        return [{**run, "id": 1, "output": output} for run in self.check_runs]

    def _runs(self, asked: Asked) -> tuple[int, object]:
        return 200, {"total_count": len(self.check_runs), "check_runs": self._shown()}

    def _run(self, asked: Asked) -> tuple[int, object]:
        self.check_runs.append(asked.json)
        return 201, self._shown()[-1]

    def _more(self, asked: Asked) -> tuple[int, object]:
        output = asked.json["output"]
        assert isinstance(output, dict)
        if len(output["annotations"]) > 50:
            return 422, {"message": "Invalid request. No more than 50 annotations."}
        self.annotations += output["annotations"]
        return 200, self._shown()[-1]


def _handler(target: Target) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _treat(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = target.treat(Asked(method=self.command, path=self.path, headers=headers, body=body))
            if answer is None:
                return
            status, extra, content = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **extra}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _treat  # noqa: N815 - the base class's names

        def handle(self) -> None:
            with contextlib.suppress(OSError):
                super().handle()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    return Handler


@contextlib.contextmanager
def running(target: Target) -> Iterator[None]:
    """The target, for the length of the block."""
    target.start()
    try:
        yield
    finally:
        target.close()

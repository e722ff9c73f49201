"""Recorded runs for the gate to be asked about, and a server that shows decisions."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.commands import Ended, start
from tests.history.samples import a_run
from validator.failures.settle import Limits
from validator.gates.policy import Policy
from validator.history.store import open_store
from validator.model.events import Record, RunStarted
from validator.pipeline.terms import terms
from validator.reports.decision_json import render_decision
from validator.reports.state import fold

DEPLOYMENT = "dep-2026-11-21.3"
CHECK = ("gate", "check", "-e", "production", "--deployment-id", DEPLOYMENT)


def recent(
    name: str,
    make: Callable[[], list[Record]],
    *,
    hours: float = 1.0,
    deployment: str = "",
    policy: Policy | None = None,
) -> list[Record]:
    """A run that began so many hours ago, and the policy that it recorded."""
    began = datetime.fromisoformat(make()[0].at)
    days = (datetime.now(UTC) - timedelta(hours=hours) - began) / timedelta(days=1)
    first, *rest = a_run(name, make, days=days, deployment=deployment)
    assert isinstance(first.event, RunStarted)
    known = replace(first.event, terms=terms(policy or Policy(), Limits(), ()))
    return [replace(first, event=known), *rest]


def record(folder: Path, *runs: list[Record]) -> None:
    with open_store(folder=folder) as store:
        for run in runs:
            store.tenant(run[0].tenant).log.append(run)


def decision(records: list[Record]) -> bytes:
    content = render_decision(fold(records))
    assert content is not None
    return content


def one_line(done: Ended, code: int) -> str:
    assert done.exit_code == code, done.output + done.errors
    assert "Traceback" not in done.errors
    (line,) = done.output.splitlines()
    return line


@contextmanager
def served(answers: dict[str, tuple[int, bytes]]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[self.path]
            self.send_response(status)
            if status == 302:
                self.send_header("location", "http://elsewhere.invalid/decision.json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def decide(folder: Path, *arguments: str, **environment: str) -> Ended:
    return start(folder, "gate", "decide", *arguments, **environment).wait(60)

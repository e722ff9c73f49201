"""The backend as a process: starting, stopping, dying with its parent."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.demo.customer import Shop
from validator.demo.backend.process import BackendOptions, BackendProcess, BackendStartError


def test_it_is_ready_within_seconds_and_stops_on_request(tmp_path: Path) -> None:
    began = time.perf_counter()
    with BackendProcess(BackendOptions(revision="r1", log=tmp_path / "log")) as backend:
        ready_after = time.perf_counter() - began
        assert httpx.get(f"{backend.url}/version").json()["revision"] == "r1"
    # On an idle machine 0.25 s; the bound leaves room for a busy one.
    assert ready_after < 5
    with pytest.raises(ProcessLookupError):
        os.kill(backend.pid, 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_well_on_a_signal_even_with_open_connections(shop: Shop, number: signal.Signals) -> None:
    shop.http.get("/version")
    os.kill(shop.process.pid, number)
    deadline = time.monotonic() + 5
    while (code := shop.process.exit_code()) is None:
        assert time.monotonic() < deadline, "the backend did not stop"
    assert code == 0


def test_it_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    starter = (
        "import sys, time\n"
        "from validator.demo.backend.process import BackendOptions, BackendProcess\n"
        "backend = BackendProcess(BackendOptions(revision='r1'))\n"
        "print(backend.url, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/health").status_code == 200
        process.kill()
        deadline = time.monotonic() + 10
        while True:
            try:
                httpx.get(f"{url}/health")
            except httpx.TransportError:
                break
            assert time.monotonic() < deadline, "the backend outlived its parent"


def test_a_taken_port_is_named(shop: Shop) -> None:
    port = int(shop.url.rpartition(":")[2])
    with pytest.raises(BackendStartError, match="exited with 1"):
        BackendProcess(BackendOptions(revision="r1", port=port))


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "validator.demo.backend", "--log", str(tmp_path / "no" / "log")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert "no/log" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_ready_line_tells_where_to_go() -> None:
    command = [sys.executable, "-m", "validator.demo.backend", "--exit-with-parent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["pid"] == process.pid
        for url in (ready["url"], ready["admin"]):
            with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=5):
                pass
        process.terminate()
        assert process.wait(timeout=5) == 0

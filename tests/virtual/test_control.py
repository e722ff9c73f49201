"""The control API as a program in any language sees it."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.virtual.host import Fleet
from validator.virtual.control import ControlClient, ControlError


def ask(fleet: Fleet, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    answer = httpx.request(method, fleet.control.url + path, content=body, timeout=5)
    told = answer.json()
    return answer.status_code, told["error"] if answer.is_error else told


def test_the_devices_are_described(fleet: Fleet):
    status, devices = ask(fleet, "GET", "/devices")
    assert status == 200
    assert [(entry["index"], entry["serial"], entry["state"]) for entry in devices] == [
        (0, fleet.serials[0], "online"),
        (1, fleet.serials[1], "online"),
    ]


def test_a_fault_is_armed_listed_and_disarmed(fleet: Fleet):
    body = {"device": 1, "kind": "crash", "trigger": {"event": "tap", "match": "Order"}}
    assert ask(fleet, "POST", "/faults", json.dumps(body).encode())[0] == 201
    (armed,) = ask(fleet, "GET", "/faults")[1]
    assert (armed["device"], armed["kind"], armed["event"], armed["match"]) == (1, "crash", "tap", "Order")
    assert ask(fleet, "DELETE", "/faults") == (200, [])


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("GET", "/nothing", None, 404, "there are /devices and /faults"),
        ("PUT", "/faults", b"{}", 405, "PUT is not offered here"),
        ("POST", "/faults", b"nonsense", 400, "the body is not JSON"),
        ("POST", "/faults", b"[]", 400, "not a JSON object"),
        ("POST", "/faults", b"{}", 400, "unknown fault ''"),
        ("POST", "/faults", b'{"kind": "crash", "king": 1}', 400, "unknown key 'king'"),
        ("POST", "/faults", b'{"kind": "crash", "device": true}', 400, "'device' is"),
        ("POST", "/faults", b'{"kind": "crash", "device": 5}', 400, "not 5"),
        ("POST", "/faults", b'{"kind": "crash", "seconds": "x"}', 400, "'seconds' is not a number"),
        ("POST", "/faults", b'{"kind": "crash", "trigger": 1}', 400, "'trigger' is not an object"),
        ("POST", "/faults", b'{"kind": "crash", "trigger": {"event": "tap", "after": 0}}', 400, "count from 1"),
        ("DELETE", "/faults?device=x", None, 400, "'device' is"),
    ],
)
def test_what_cannot_be_done_is_explained(
    fleet: Fleet, method: str, path: str, body: bytes | None, *, status: int, reason: str
):
    answered, error = ask(fleet, method, path, body)
    assert answered == status
    assert reason in str(error)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_bytes_that_are_no_request_do_no_harm(fleet: Fleet, data: bytes):
    host, port = fleet.control.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    assert len(fleet.control.devices()) == 2


def test_a_control_api_that_is_not_there_is_an_error():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(ControlError, match=url):
            ControlClient(url, deadline_s=1).devices()

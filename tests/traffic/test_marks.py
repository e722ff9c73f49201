"""Requests of validator itself carry the mark of their run."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from tests.fakes.tcp import read_request, tcp_server
from validator.config.environment import load_environment
from validator.config.errors import ConfigError
from validator.config.resolvers import Resolvers
from validator.model.errors import UsageError
from validator.model.traffic import WhenUnmarked
from validator.support.http import get
from validator.support.redact import Redactor
from validator.traffic.log_entry import LogFormat, run_in_agent, run_in_baggage
from validator.traffic.marks import Channel, Marks
from validator.wiring.traffic import run_account, run_marks

RUN = "20261121-032654-k3x9"
CONFIG = """
environment: production
app: {id: com.example.shop}
build: {file: app.apk}
devices: [{virtual: 1}]
flows: {workspace: flows}
"""


@pytest.fixture
def resolvers(tmp_path: Path) -> Resolvers:
    return Resolvers.before_deployment(tmp_path, {}, Redactor())


def configured(folder: Path, traffic: str):
    path = folder / "production.yaml"
    path.write_text(f"{CONFIG}traffic: {traffic}\n", encoding="utf-8")
    return load_environment(str(path)).value.traffic


def test_a_request_says_in_three_headers_which_run_it_belongs_to():
    headers = dict(Marks(run=RUN, channels=frozenset(Channel), program="validator/1.2.3").headers)
    assert headers["user-agent"] == f"validator/1.2.3 (+{RUN})"
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", headers["traceparent"])
    assert run_in_agent(headers["user-agent"]) == run_in_baggage(headers["baggage"]) == RUN


def test_two_runs_have_two_traces_and_one_run_always_the_same():
    one, other = (Marks(run=run, channels=frozenset(Channel)).trace for run in (RUN, "20261121-032654-aaaa"))
    assert one != other
    assert one == Marks(run=RUN, channels=frozenset()).trace


def test_the_marks_arrive_at_production_once_each(tmp_path):
    seen: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    marks = run_marks(configured(tmp_path, "{}"), RUN)
    with tcp_server(answer) as server:
        get(f"http://127.0.0.1:{server.port}/health", deadline=5, headers=dict(marks.headers))
    lines = seen[0].decode().lower().split("\r\n")
    assert [line for line in lines if line.startswith("user-agent:")] == [
        f"user-agent: {marks.program} (+{RUN})".lower()
    ]
    assert [line for line in lines if line.startswith("baggage:")] == [
        f"baggage: synthetic_request=true,validator.run={RUN}"
    ]
    assert sum(line.startswith("traceparent: 00-") for line in lines) == 1


def test_channels_that_are_switched_off_stay_silent(tmp_path, resolvers):
    config = configured(tmp_path, "{mark: [property]}")
    marks = run_marks(config, RUN)
    assert marks.headers == ()
    assert marks.device_values == (("run", RUN),)
    assert run_account(config, RUN, resolvers, str).marks == ("property",)


def test_the_proof_is_configured_with_the_logs_own_names(tmp_path, resolvers):
    config = configured(
        tmp_path,
        "{addresses: [198.51.100.7, 10.1.2.3/8], prove: {access_log: logs/a.log, unmarked: undecided, format: json, "
        "fields: {user: auth.id}}}",
    )
    account = run_account(config, RUN, resolvers, str)
    assert account.addresses == ("198.51.100.7", "10.0.0.0/8")
    assert account.log is not None
    assert account.log.files == (tmp_path / "logs/a.log",)
    assert (account.log.form, account.log.unmarked) == (LogFormat.JSON, WhenUnmarked.UNDECIDED)
    assert account.log.names == (("user", "auth.id"),)


@pytest.mark.parametrize("traffic", ["{prove: {access_log: a, unmarked: ignore}}", "{prove: {}}", "{proof: 1}"])
def test_a_mistake_in_the_configuration_is_told_at_its_place(tmp_path, traffic):
    with pytest.raises(ConfigError):
        configured(tmp_path, traffic)


@pytest.mark.parametrize("traffic", ["{addresses: [shop]}", "{prove: {access_log: a, fields: {user: 'a b'}}}"])
def test_what_is_no_address_or_no_name_is_refused_before_anything_runs(tmp_path, resolvers, traffic):
    with pytest.raises(UsageError):
        run_account(configured(tmp_path, traffic), RUN, resolvers, str)

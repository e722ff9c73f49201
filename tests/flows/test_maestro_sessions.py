"""What one run of the official CLI leaves behind, and who gets to see it: nothing that hurts the next run, nobody.

The stand-in keeps sessions, reports to its makers and cleans up as the real one does; each trap is shown to be set by a
harness that walks into it.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.fakes.maestro.distribution import Distribution, Settings, install
from tests.flows.stand_ins import MakeRequest
from validator.failures.classify import classify
from validator.failures.rules import built_in_rules
from validator.flows.maestro import Maestro
from validator.flows.port import FlowRequest
from validator.model.attempt import DeviceEvidence, DeviceState, Evidence, RunnerEnd, RunnerReport
from validator.support.stop import Stop

SECRET = "hunter2-and-more"
OLD = 15 * 24 * 3600


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Distribution:
    made = install(tmp_path / "cli", Settings(case="passed"))
    monkeypatch.setenv("JAVA_HOME", str(made.java_home))
    return made


def by_hand(cli: Distribution, home: Path, output: Path, *more: str, **environment: str) -> subprocess.Popen[bytes]:
    """The CLI as a script would call it."""
    command = [
        str(cli.program),
        "--device",
        "stub-1",
        "test",
        "--format",
        "junit",
        "--output",
        str(output / "junit.xml"),
    ]
    return subprocess.Popen(
        [*command, "--test-output-dir", str(output), *more, "flow.yaml"],
        env={
            "PATH": os.environ["PATH"],
            "JAVA_HOME": str(cli.java_home),
            "MAESTRO_OPTS": shlex.quote(f"-Duser.home={home}"),
            **environment,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def cause(report: RunnerReport) -> str:
    evidence = Evidence(runner=report, device=DeviceEvidence(state=DeviceState.HEALTHY))
    failure = classify(evidence, built_in_rules()).failure
    return failure.cause if failure is not None else ""


def await_start(cli: Distribution, times: int) -> None:
    ends = time.monotonic() + 10
    while len(cli.witnessed()) < times and time.monotonic() < ends:
        threading.Event().wait(0.02)
    assert len(cli.witnessed()) == times


def killed(runner: Maestro, request: FlowRequest, cli: Distribution) -> None:
    """A run that ends by SIGKILL: nobody removes its session."""
    cli.set(Settings(case="killed"))
    assert runner.run(request, Stop()).exit_code in (-9, 137)
    cli.set(Settings(case="passed"))


def test_a_retry_right_after_a_kill_does_not_inherit_a_dead_driver(cli: Distribution, request_for: MakeRequest) -> None:
    runner = Maestro(cli.program, "2.8.0")
    killed(runner, request_for(), cli)

    report = runner.run(request_for(), Stop())

    assert report.passed, report
    assert [run["existing"] for run in cli.witnessed()] == [False, False]
    homes = [run["home"] for run in cli.witnessed()]
    assert len(set(homes)) == 2
    assert not any(Path(str(home)).exists() for home in homes)


def test_with_one_home_for_all_the_same_retry_would_fail(cli: Distribution, tmp_path: Path) -> None:
    home, output = tmp_path / "home", tmp_path / "output"
    output.mkdir()
    cli.set(Settings(case="killed"))
    assert by_hand(cli, home, output).wait(20) == -9
    cli.set(Settings(case="passed"))

    assert by_hand(cli, home, output).wait(20) == 1
    assert cli.witnessed()[-1]["existing"]
    assert "Device server died during" in (output / "junit.xml").read_text(encoding="utf-8")


def test_a_run_that_is_stopped_takes_its_session_with_it(cli: Distribution, request_for: MakeRequest) -> None:
    cli.set(Settings(case="hangs"))
    stop = Stop()

    def stop_when_it_runs() -> None:
        await_start(cli, 1)
        stop.set("enough")

    timer = threading.Thread(target=stop_when_it_runs)
    timer.start()

    report = Maestro(cli.program, "2.8.0").run(request_for(deadline=30.0), stop)

    timer.join()
    assert report.end is RunnerEnd.STOPPED
    assert report.seconds < 15


class Makers(ThreadingHTTPServer):
    """Who would be told of errors."""

    def __init__(self) -> None:
        self.told: list[str] = []
        makers = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                makers.told.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def makers() -> Iterator[Makers]:
    with Makers() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("variables", [{}, {"SHOP": "corner"}])
def test_its_makers_are_told_nothing(cli: Distribution, request_for: MakeRequest, variables: dict[str, str]) -> None:
    with makers() as server:
        cli.set(Settings(case="driver-timeout", makers=server.url))
        report = Maestro(cli.program, "2.8.0").run(request_for(variables=variables), Stop())

    assert cause(report) == "driver_failed"
    assert server.told == []


def test_left_to_itself_it_tells_them_its_whole_command_line(cli: Distribution, tmp_path: Path) -> None:
    with makers() as server:
        cli.set(Settings(case="driver-timeout", makers=server.url))
        by_hand(cli, tmp_path / "home", tmp_path, f"--env=PASSWORD={SECRET}").wait(20)

        assert "PASSWORD" in server.told[0]


def command_lines() -> Iterator[bytes]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            yield (process / "cmdline").read_bytes()
        except OSError:
            continue  # it ended while we looked


def test_no_secret_is_on_any_command_line_while_it_runs(cli: Distribution, request_for: MakeRequest) -> None:
    cli.set(Settings(case="passed", seconds=1.0))
    request = request_for(
        variables={"MAESTRO_PASSWORD": SECRET, "SHOP": "corner"}, secrets=frozenset({"MAESTRO_PASSWORD"})
    )
    seen: list[bytes] = []
    over = threading.Event()

    def sample() -> None:
        while not over.is_set():
            seen.extend(command_lines())
            over.wait(0.01)

    sampler = threading.Thread(target=sample)
    sampler.start()
    report = Maestro(cli.program, "2.8.0").run(request, Stop())
    over.set()
    sampler.join()

    assert report.passed
    ours = [line for line in seen if str(cli.folder).encode() in line]
    assert any(b"SHOP=corner" in line for line in ours), "it was seen while it ran"
    assert not any(SECRET.encode() in line for line in seen)
    environment = cli.witnessed()[-1]["environment"]
    assert isinstance(environment, dict)
    assert environment["MAESTRO_PASSWORD"] == SECRET, "it got there all the same"


def test_no_secret_is_in_what_is_kept(cli: Distribution, request_for: MakeRequest) -> None:
    command = {"inputTextCommand": {"text": "${MAESTRO_PASSWORD}"}}
    error = "Element not found: Text matching regex: ${MAESTRO_PASSWORD}"
    rows = [{"case": "types", "junit": error, "commands": [[command, "FAILED", error]]}]
    (cli.folder / "lib" / "table.json").write_text(json.dumps(rows), encoding="utf-8")
    cli.set(Settings(case="types", table=str(cli.folder / "lib" / "table.json")))
    request = request_for(variables={"MAESTRO_PASSWORD": SECRET}, secrets=frozenset({"MAESTRO_PASSWORD"}))

    report = Maestro(cli.program, "2.8.0").run(request, Stop())

    kept = {file.name: file.read_bytes() for file in request.folder.rglob("*")}
    assert {"commands.json", "junit.xml", "console.txt"} < kept.keys()
    assert any(name.startswith("screenshots-step-003-inputText") for name in kept)
    assert not any(SECRET in name for name in kept)
    assert not any(SECRET.encode() in data for data in kept.values())
    assert SECRET not in repr(report)
    assert report.message == "Element not found: Text matching regex: ***"


def test_old_evidence_beside_the_attempt_is_not_cleaned_away(cli: Distribution, request_for: MakeRequest) -> None:
    request = request_for()
    old = [request.folder.parent / "an-earlier-run", request.workspace / "an-old-subfolder"]
    for folder in old:
        folder.mkdir()
        os.utime(folder, (time.time() - OLD,) * 2)

    assert Maestro(cli.program, "2.8.0").run(request, Stop()).passed
    assert all(folder.is_dir() for folder in old)


def test_a_shared_folder_of_evidence_would_be_cleaned(cli: Distribution, tmp_path: Path) -> None:
    store = tmp_path / "store"
    (store / "an-earlier-run").mkdir(parents=True)
    os.utime(store / "an-earlier-run", (time.time() - OLD,) * 2)

    assert by_hand(cli, tmp_path / "home", store).wait(20) == 0
    assert not (store / "an-earlier-run").exists()


def test_a_home_whose_name_a_shell_would_split_is_one_home(
    cli: Distribution, request_for: MakeRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spaced = tmp_path / "it's a folder; with $HOME"
    spaced.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spaced))

    assert Maestro(cli.program, "2.8.0").run(request_for(), Stop()).passed
    assert str(cli.witnessed()[-1]["home"]).startswith(str(spaced))


def test_the_driver_has_two_quarters_of_the_deadline_to_start(cli: Distribution, request_for: MakeRequest) -> None:
    for deadline, expected in ((20.0, "15000"), (200.0, "50000"), (1000.0, "120000")):
        Maestro(cli.program, "2.8.0").run(request_for(deadline=deadline), Stop())
        environment = cli.witnessed()[-1]["environment"]
        assert isinstance(environment, dict)
        assert environment["MAESTRO_DRIVER_STARTUP_TIMEOUT"] == expected


def test_before_it_reached_drivers_through_adb_two_runs_never_meet(
    cli: Distribution, request_for: MakeRequest, tmp_path: Path
) -> None:
    cli.set(Settings(case="passed", seconds=0.3, flat=True))
    requests = []
    for number in range(2):
        (tmp_path / f"attempt-{number}").mkdir()
        requests.append(replace(request_for(), folder=tmp_path / f"attempt-{number}"))
    runner = Maestro(cli.program, "2.4.0")
    began = time.monotonic()
    threads = [threading.Thread(target=runner.run, args=(request, Stop())) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(cli.witnessed()) == 2
    assert time.monotonic() - began >= 0.6

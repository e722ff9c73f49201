"""The values of variables are on the disk only while a runner runs, whatever the harness dies of."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.stand_ins import MakeProgram, MakeRequest

HARNESS = """
import sys, tempfile
from pathlib import Path
from validator.flows.maestro import Maestro
from validator.flows.maestro_runner import MaestroRunner
from validator.flows.port import FlowRequest
from validator.model.device import AdbAddress
from validator.support.stop import Stop
kind, program, workspace, folder, serial, tempfile.tempdir = sys.argv[1:]
runner = {"maestro-runner": MaestroRunner, "maestro": Maestro}[kind](Path(program), "2.8.0")
request = FlowRequest(
    file=Path(workspace, "flow.yaml"), workspace=Path(workspace), serial=serial,
    adb=AdbAddress(path="/bin/true", server_port=5037), package="x", deadline=300.0,
    variables={"MAESTRO_PASSWORD": "hunter2"}, secrets=frozenset({"MAESTRO_PASSWORD"}), folder=Path(folder),
)
runner.run(request, Stop())
"""
TELL_AND_WAIT = """
import os, pathlib, sys, time
arguments = sys.argv[1:]
if '--test-output-dir' in arguments:  # the official CLI writes the values of variables there
    pathlib.Path(arguments[arguments.index('--test-output-dir') + 1], 'commands.json').write_text('hunter2')
pathlib.Path({pipe!r}).write_text(str(os.getppid()))
time.sleep(300)
"""


@pytest.mark.parametrize("kind", ["maestro-runner", "maestro"])
def test_a_harness_killed_with_sigkill_leaves_no_value_on_the_disk(
    program: MakeProgram, request_for: MakeRequest, tmp_path: Path, kind: str
) -> None:
    request, temporary, pipe = request_for(), tmp_path / "tmp", tmp_path / "pipe"
    temporary.mkdir()
    os.mkfifo(pipe)
    file = program(kind, TELL_AND_WAIT.format(pipe=str(pipe)))
    where = (request.workspace, request.folder, f"killed-{os.getpid()}", temporary)
    with subprocess.Popen([sys.executable, "-c", HARNESS, kind, file, *where]) as harness:
        pipe.read_text(encoding="ascii")  # the runner runs
        assert b"hunter2" in b"".join(found.read_bytes() for found in temporary.rglob("*") if found.is_file())
        watchdog = os.pidfd_open(watchdog_of(harness.pid))
        harness.send_signal(signal.SIGKILL)
    try:
        assert select.select([watchdog], [], [], 10)[0], "the watchdog has done its work"
    finally:
        os.close(watchdog)

    assert list(temporary.iterdir()) == []


def watchdog_of(process: int) -> int:
    children = Path(f"/proc/{process}/task").glob("*/children")
    found = [int(child) for file in children for child in file.read_text(encoding="ascii").split()]
    return next(child for child in found if b"watchdog.py" in Path(f"/proc/{child}/cmdline").read_bytes())

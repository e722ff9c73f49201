"""What the tests of workspaces and runners share: folders of flows, programs, requests, a device."""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.stand_ins import Device, MakeProgram, MakeRequest, MakeWorkspace
from validator.flows.maestro_runner import MaestroRunner
from validator.flows.port import FlowRequest
from validator.model.device import AdbAddress
from validator.support.stop import Stop


@pytest.fixture
def workspace(tmp_path: Path) -> MakeWorkspace:
    """Writes files below a new folder and gives that folder."""

    def write(files: dict[str, str]) -> Path:
        folder = tmp_path / "workspace"
        for name, text in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        folder.mkdir(exist_ok=True)
        return folder

    return write


@pytest.fixture
def program(tmp_path: Path) -> MakeProgram:
    """Writes a Python program that can be started under the given name."""

    def write(name: str, body: str) -> Path:
        file = tmp_path / "programs" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!{sys.executable} -IS\n{body}", encoding="utf-8")
        file.chmod(0o755)
        return file

    return write


@pytest.fixture
def adb_program(program: MakeProgram) -> Path:
    """An `adb` that nobody should need."""
    return program("adb", "")


@pytest.fixture
def request_for(tmp_path: Path, adb_program: Path) -> MakeRequest:
    def make(
        flow: str = "appId: com.example.shop\n---\n- launchApp\n",
        *,
        variables: dict[str, str] | None = None,
        secrets: frozenset[str] = frozenset(),
        deadline: float = 20.0,
        port: int = 5037,
    ) -> FlowRequest:
        folder = tmp_path / "attempt"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        workspace = tmp_path / "flows"
        workspace.mkdir(exist_ok=True)
        file = workspace / "flow.yaml"
        file.write_text(flow, encoding="utf-8")
        return FlowRequest(
            file=file,
            workspace=workspace,
            serial="stub-1",
            adb=AdbAddress(path=str(adb_program), server_port=port),
            package="com.example.shop",
            variables=variables or {},
            secrets=secrets,
            folder=folder,
            deadline=deadline,
        )

    return make


@pytest.fixture
def device() -> Iterator[Device]:
    folder = Path(tempfile.mkdtemp(prefix="v-"))  # short: the path of a Unix socket has room for 107 bytes
    with Device(folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    shutil.rmtree(folder)
    for ending in ("sock", "pid"):
        Path(f"/tmp/uia2-{server.serial}.{ending}").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def runner() -> MaestroRunner:
    return MaestroRunner.find(None, Path(__file__).parents[2], Stop())


@pytest.fixture
def request_on(device: Device, request_for: MakeRequest) -> MakeRequest:
    def make(flow: str = "", **options: object) -> FlowRequest:
        request = request_for(flow, **options)  # type: ignore[arg-type]  # passed on as they came
        return replace(request, serial=device.serial, adb=AdbAddress(path=str(device.adb), server_port=5999))

    return make

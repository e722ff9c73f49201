"""The stage that a demo plays on: a copy of the sample project, its backend, its deployment and virtual devices."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from validator.demo.backend.expired import ExpiredAddress
from validator.demo.backend.process import BackendOptions, BackendProcess, BackendStartError
from validator.demo.backend.switches import Redirect, Switch
from validator.demo.infra import InfraError, InfraVariables, deploy
from validator.demo.project import SampleProject, copy_project, edit_flows, locate_flows
from validator.demo.sabotage import Saboteur, Scene
from validator.demo.scenarios.scenario import REVISION, Addition, Retouch, Scenario
from validator.devices.virtual import Fleet, read_fleet
from validator.history.address import VARIABLE
from validator.model.errors import UsageError
from validator.support.process import NotReadyError, ProgramMissingError, Spawned
from validator.support.stop import Stop
from validator.virtual.control import ControlClient

START_SECONDS = 30.0
CONFIG = "configs/corner-shop.yaml"
GATE = "gates/frontend.yaml"
_REQUIRED = re.compile(r"^  required: \[.*\]$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is set up for one demo."""

    config: Path
    """The configuration that `validator run` would take."""
    api_url: str
    terraform: str
    """`terraform` or `tofu`; empty when neither is installed and the outputs were only recorded."""
    access_log: Path
    project: SampleProject
    fleet: Fleet


@contextmanager
def stage(
    scenario: Scenario, folder: Path, devices: int, stop: Stop, *, adb_port: int | None = None
) -> Iterator[Stage]:
    """Deploy the shop, start the devices, and arm the scenario; all of it ends with the block.

    Args:
        scenario: What goes wrong.
        folder: Where the sample project is put.
        devices: How many of them.
        stop: Ends the waiting for them.
        adb_port: Where the devices' own adb server listens; any free port when None.

    Raises:
        UsageError: A part of it does not start here.
    """
    with ExitStack() as stack:
        project = _copy(folder)
        edit_flows(project.flows, scenario.edits)
        access_log = folder / "access.log"
        backend = _backend(stack, access_log)
        terraform = _deploy(project, backend.url)
        fleet = _fleet(stack, devices, adb_port, folder / "devices.log", stop)
        _arm(scenario, ControlClient(fleet.control), devices)
        for switch in scenario.switches:
            backend.switches.set(switch)
        if scenario.expired:
            address = stack.enter_context(ExpiredAddress())
            backend.switches.set(Switch(effect=Redirect(to=address.url), path=scenario.expired))
        if scenario.sabotage is not None:
            scene = Scene(serials=fleet.serials, adb=fleet.adb.path, adb_port=fleet.adb.server_port)
            stack.enter_context(Saboteur(scenario.sabotage, scene))
        yield Stage(
            config=_configure(project, fleet, scenario),
            api_url=backend.url,
            terraform=terraform,
            access_log=access_log,
            project=project,
            fleet=fleet,
        )


def _arm(scenario: Scenario, control: ControlClient, devices: int) -> None:
    for fault in scenario.faults:
        control.arm(fault)
    for fault in scenario.faults_on_first:
        control.arm(fault, device=0)
    for fault in scenario.faults_on_others:
        for device in range(1, devices):
            control.arm(fault, device=device)


def _copy(folder: Path) -> SampleProject:
    """The sample project, with its configuration and its gate as they lie beside its flows."""
    project = copy_project(folder)
    source = locate_flows().parent
    for name in (CONFIG, GATE):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(source / name, folder / name)
    return project


def _backend(stack: ExitStack, log: Path) -> BackendProcess:
    try:
        return stack.enter_context(BackendProcess(BackendOptions(revision=REVISION, log=log, accounts_per_hour=1000)))
    except BackendStartError as error:
        raise UsageError(f"the sample backend does not start: {error}") from error


def _deploy(project: SampleProject, api_url: str) -> str:
    try:
        return deploy(project.infra, InfraVariables(api_url=api_url, revision=REVISION)).tool
    except InfraError as error:
        raise UsageError(
            "the sample infrastructure cannot be applied", remedy=f"terraform or tofu says: {error}"
        ) from error


def _fleet(stack: ExitStack, devices: int, adb_port: int | None, log: Path, stop: Stop) -> Fleet:
    argv = [sys.executable, "-m", "validator", "virtual", "--devices", str(devices), "--json", "--exit-with-parent"]
    argv += ["--private-adb-port", str(adb_port)] if adb_port is not None else []
    try:
        child = stack.enter_context(Spawned(argv, log=log, ready=lambda line: line.startswith("{")))
        return read_fleet(child.wait_ready(START_SECONDS, stop))
    except (NotReadyError, ProgramMissingError) as error:
        raise UsageError(f"the virtual devices do not start: {error.what}", where=str(log)) from error


def _configure(project: SampleProject, fleet: Fleet, scenario: Scenario) -> Path:
    """The sample's own configuration, with the devices that were started and what the scenario changes."""
    config = project.root / CONFIG
    if scenario.baseline:
        shutil.copyfile(config, config.with_name(f"{scenario.baseline}.yaml"))
    text = _retouched(config.read_text(encoding="utf-8"), scenario.configuration)
    text = _narrowed(text, project, scenario) if scenario.only else _with_added(text, scenario)
    before, line, after = text.partition("  - {virtual: 2}\n")
    if not line:
        raise AssertionError(f"{CONFIG} has no line for its virtual devices")
    serials = "".join(f'  - {{serial: "{serial}"}}\n' for serial in scenario.serials or fleet.serials)
    adb = f'adb: {{path: "{fleet.adb.path}", server_port: {fleet.adb.server_port}}}\n'
    config.write_text(_records() + adb + before + serials + after, encoding="utf-8")
    return config


def _with_added(text: str, scenario: Scenario) -> str:
    added = [edit.flow for edit in scenario.edits if isinstance(edit, Addition)]
    return text.replace("required: [", "required: [" + "".join(f"{name}, " for name in added))


def _narrowed(text: str, project: SampleProject, scenario: Scenario) -> str:
    """The team's own files ask for the scenario's flows alone: a run narrowed by its command line opens no gate."""
    files = [f"{name}.yaml" for name in scenario.only]
    (project.flows / "config.yaml").write_text(f"flows: {json.dumps(files)}\n", encoding="utf-8")
    return _REQUIRED.sub(f"  required: {json.dumps(files)}", text, count=1)


def _retouched(text: str, changes: Iterable[Retouch]) -> str:
    for change in changes:
        if change.old not in text:
            raise AssertionError(f"{CONFIG} has no {change.old!r}")
        text = text.replace(change.old, change.new)
    return text


def _records() -> str:
    """The demo's reports and record lie where the demo was called, not in the sample's temporary folder."""
    here = Path.cwd()
    reports = f"reports: {json.dumps(str(here / 'reports'))}\n"
    if os.environ.get(VARIABLE):
        return reports
    return reports + f"history: {json.dumps(f'sqlite:///{quote(str(here))}/.validator/history.db')}\n"

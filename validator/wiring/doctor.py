"""Is everything a run needs here? One check after the other, each with what was found and what to do about it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from validator.config.environment import EnvironmentConfig
from validator.config.preflight import check_references
from validator.config.resolvers import Resolvers
from validator.config.sections.deployment import TerraformDirectory
from validator.config.sections.devices import AvdDevice
from validator.devices.adb_binary import AdbBinary, locate_adb
from validator.flows.choose import RunnerKind, choose
from validator.model.errors import ValidatorError
from validator.support.clock import SystemClock
from validator.support.http import get
from validator.support.redact import Redactor
from validator.support.stop import Stop
from validator.wiring.devices import adb_program
from validator.wiring.doctor_android import adb_server, build_tools, console_ports, other_adbs
from validator.wiring.doctor_check import Check, Health, checked, program, unwell, well
from validator.wiring.doctor_hosts import hosts
from validator.wiring.doctor_machine import acceleration, disk, java, memory
from validator.wiring.doctor_production import backend_clock, credentials
from validator.wiring.doctor_record import record
from validator.wiring.doctor_runners import runners
from validator.wiring.emulators import any_emulator, avd_of, emulators
from validator.wiring.history import history_address
from validator.wiring.observe import read_outputs
from validator.wiring.prepare import load, policy_and_rules, select_flows
from validator.wiring.request import RunRequest
from validator.wiring.runners import flow_runner, require_version

_ADB_PORT = 5037
_TERRAFORM = ("terraform", "tofu")
_SAVED = "install terraform or tofu, or use `deployment.terraform.outputs_file`"


def examine(config: str) -> Iterator[Check]:
    """Look at this machine and, when a configuration is named, at what it needs.

    Args:
        config: A configuration's name or file; empty for the machine alone.
    """
    yield well("python", f"{platform.python_version()} at {sys.executable}")
    yield well("validator", version("validator"))
    yield from _environment(config) if config else _machine()


def _machine() -> Iterator[Check]:
    yield from _adb(lambda: locate_adb(None, os.environ), _ADB_PORT)
    yield checked("runner", _any_runner)
    yield from runners(None, Path.cwd())
    yield program("terraform", _TERRAFORM, "only needed for `deployment.terraform.directory`", needed=False)
    yield from any_emulator()
    yield from build_tools()
    yield acceleration(needed=False)
    yield java(needed=False)
    yield memory(0)
    yield disk(Path())


def _environment(name: str) -> Iterator[Check]:
    request = RunRequest(config=name)
    try:
        loaded, resolvers, redactor = load(request)
    except ValidatorError as error:
        whole, _, _ = error.diagnostics().partition("\n  -> ")
        yield unwell("configuration", whole, error.remedy)
        return
    config = loaded.value
    yield well("configuration", str(loaded.path))
    yield checked("references", lambda: _references(config, resolvers))
    yield from credentials(config, resolvers)
    yield checked("gate", lambda: _gate(config, resolvers))
    yield checked("flows", lambda: _flows(config, resolvers, request))
    runner = checked("runner", lambda: require_version(flow_runner(config, resolvers, Stop())))
    yield runner
    path = config.flows.runner_path
    yield from runners(path.resolve(resolvers) if path is not None else None, resolvers.root)
    yield from _adb(lambda: adb_program(config, resolvers), config.adb.server_port)
    yield from _for_emulators(_booted_here(config), resolvers)
    yield from hosts(config, resolvers, runner.found if runner.health is Health.OK else "")
    if runner.found.startswith("maestro "):
        yield java(needed=True)
    if isinstance(config.deployment.terraform, TerraformDirectory):
        yield program("terraform", _TERRAFORM, _SAVED)
    yield from _outside(config, resolvers, redactor)
    yield from _kept(config, resolvers)


def _adb(locate: Callable[[], AdbBinary | None], port: int) -> Iterator[Check]:
    try:
        binary = locate()
    except ValidatorError as error:
        yield unwell("adb", error.text, error.remedy)
        return
    if binary is None:
        yield well("adb", "none here, and none is needed: every device belongs to another machine")
        return
    yield well("adb", f"{binary.version} at {binary.path} (from {binary.origin}), server port {port}")
    yield adb_server(binary, port)
    yield other_adbs(binary)


def _booted_here(config: EnvironmentConfig) -> Sequence[AvdDevice]:
    return [entry for entry in config.devices if isinstance(entry, AvdDevice) and entry.host is None]


def _for_emulators(entries: Sequence[AvdDevice], resolvers: Resolvers) -> Iterator[Check]:
    count = sum(entry.count for entry in entries)
    yield memory(count)
    if count:
        yield from emulators(entries, resolvers)
        yield from build_tools()
        yield acceleration(needed=any(avd_of(entry, resolvers).accelerated for entry in entries))
        yield console_ports(count)


def _outside(config: EnvironmentConfig, resolvers: Resolvers, redactor: Redactor) -> Iterator[Check]:
    try:
        outputs = read_outputs(config, resolvers, redactor.register, Stop())
    except ValidatorError as error:
        yield unwell("deployment", error.text, error.remedy)
        return
    yield well("deployment", f"{len(outputs.outputs)} outputs from {outputs.source}")
    sensitive = [output.name for output in outputs.outputs if output.sensitive]
    known = resolvers.with_outputs(outputs.values, sensitive=sensitive, nulls=outputs.nulls)
    yield from backend_clock(config, known, get, SystemClock())


def _kept(config: EnvironmentConfig, resolvers: Resolvers) -> Iterator[Check]:
    reports = config.reports.resolve(resolvers)
    yield _writable(reports)
    try:
        address = history_address(config, resolvers)
    except ValidatorError as error:
        yield unwell("history", error.text, error.remedy)
    else:
        yield record(address, resolvers.root)
    yield disk(reports)


def _references(config: EnvironmentConfig, resolvers: Resolvers) -> str:
    check_references(config, resolvers)
    return "all variables and files have values"


def _gate(config: EnvironmentConfig, resolvers: Resolvers) -> str:
    policy, rules = policy_and_rules(config, resolvers)
    own = f", {len(rules)} {'rule' if len(rules) == 1 else 'rules'} of the team's own" if rules else ""
    return (policy.name if config.gate is not None else "the built-in policy") + own


def _flows(config: EnvironmentConfig, resolvers: Resolvers, request: RunRequest) -> str:
    selection = select_flows(config, request, config.flows.workspace.resolve(resolvers), resolvers)
    broken = [flow.problem for flow in selection.flows if flow.problem]
    missing = [f"{name} is missing" for name in selection.absent]
    if broken or missing or not selection.flows:
        words = "; ".join([*broken, *missing]) or "no flow is selected"
        raise ValidatorError(words, remedy="mend the flow files, or `flows` in the configuration")
    return f"{len(selection.flows)} selected, {selection.excluded} left out"


def _any_runner() -> str:
    return choose(RunnerKind.AUTO, path=None, directory=Path.cwd(), adb_port=_ADB_PORT, stop=Stop()).name


def _writable(folder: Path) -> Check:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return well("reports", str(folder))
    return unwell("reports", f"{place} cannot be written", "mend its permissions, or set `reports` to another folder")

"""Is everything a run needs here? One check after the other, each with what was found and what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path

from validator.config.environment import EnvironmentConfig
from validator.config.preflight import check_references
from validator.config.resolvers import Resolvers
from validator.config.sections.deployment import TerraformDirectory
from validator.devices.adb_binary import locate_adb
from validator.flows.choose import RunnerKind, choose
from validator.gates.file import load_policy
from validator.model.errors import ValidatorError
from validator.support.stop import Stop
from validator.wiring.devices import adb_program
from validator.wiring.prepare import flow_runner, load, select_flows
from validator.wiring.request import RunRequest

MIN_FREE_MB = 500
"""A run keeps screenshots, logs and the APK of every attempt."""


class Health(StrEnum):
    """What a check came to."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    health: Health
    found: str
    remedy: str = ""


def examine(config: str) -> Iterator[Check]:
    """Look at this machine and, when a configuration is named, at what it needs.

    Args:
        config: A configuration's name or file; empty for the machine alone.
    """
    yield _ok("python", f"{platform.python_version()} at {sys.executable}")
    yield _ok("validator", version("validator"))
    if not config:
        yield _check("adb", _any_adb)
        yield _check("runner", _any_runner)
        yield _tool("terraform", ("terraform", "tofu"), "only needed for `deployment.terraform.directory`")
    else:
        yield from _environment(config)
    yield _space(Path())


def _environment(name: str) -> Iterator[Check]:
    request = RunRequest(config=name)
    try:
        loaded, resolvers, _ = load(request)
    except ValidatorError as error:
        yield _problem("configuration", error)
        return
    config = loaded.value
    yield _ok("configuration", str(loaded.path))
    yield _check("references", lambda: _references(config, resolvers))
    yield _check("gate", lambda: _gate(config, resolvers))
    yield _check("flows", lambda: _flows(config, resolvers, request))
    yield _check("runner", lambda: flow_runner(config, resolvers, Stop()).name)
    yield _check("adb", lambda: _adb(config, resolvers))
    if isinstance(config.deployment.terraform, TerraformDirectory):
        yield _tool("terraform", ("terraform", "tofu"), "")
    yield _writable(config.reports.resolve(resolvers))


def _references(config: EnvironmentConfig, resolvers: Resolvers) -> str:
    check_references(config, resolvers)
    return "all variables and files have values"


def _gate(config: EnvironmentConfig, resolvers: Resolvers) -> str:
    return load_policy(config.gate.resolve(resolvers)).name if config.gate is not None else "the built-in policy"


def _flows(config: EnvironmentConfig, resolvers: Resolvers, request: RunRequest) -> str:
    selection = select_flows(config, request, config.flows.workspace.resolve(resolvers), resolvers)
    broken = [flow.problem for flow in selection.flows if flow.problem]
    missing = [f"{name} is missing" for name in selection.absent]
    if broken or missing or not selection.flows:
        words = "; ".join([*broken, *missing]) or "no flow is selected"
        raise ValidatorError(words, remedy="mend the flow files, or `flows` in the configuration")
    return f"{len(selection.flows)} selected, {selection.excluded} left out"


def _adb(config: EnvironmentConfig, resolvers: Resolvers) -> str:
    binary = adb_program(config, resolvers)
    return f"{binary.version} at {binary.path} (from {binary.origin}), server port {config.adb.server_port}"


def _any_adb() -> str:
    binary = locate_adb(None, os.environ)
    return f"{binary.version} at {binary.path} (from {binary.origin})"


def _any_runner() -> str:
    return choose(RunnerKind.AUTO, path=None, directory=Path.cwd(), adb_port=5037, stop=Stop()).name


def _tool(name: str, programs: tuple[str, ...], otherwise: str) -> Check:
    found = next((path for program in programs if (path := shutil.which(program))), "")
    if found:
        return _ok(name, found)
    health = Health.WARNING if otherwise else Health.PROBLEM
    remedy = otherwise or f"install {' or '.join(programs)}, or use `deployment.terraform.outputs_file`"
    return Check(name=name, health=health, found="not installed", remedy=remedy)


def _writable(folder: Path) -> Check:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return _ok("reports", str(folder))
    remedy = "mend its permissions, or set `reports` to another folder"
    return Check(name="reports", health=Health.PROBLEM, found=f"{place} cannot be written", remedy=remedy)


def _space(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free // 1_000_000
    if free >= MIN_FREE_MB:
        return _ok("disk", f"{free} MB free")
    remedy = f"free {MIN_FREE_MB} MB: every attempt keeps its evidence"
    return Check(name="disk", health=Health.PROBLEM, found=f"{free} MB free", remedy=remedy)


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return _ok(name, look())
    except ValidatorError as error:
        return _problem(name, error)


def _ok(name: str, found: str) -> Check:
    return Check(name=name, health=Health.OK, found=found)


def _problem(name: str, error: ValidatorError) -> Check:
    whole, _, _ = error.diagnostics().partition("\n  -> ")
    return Check(name=name, health=Health.PROBLEM, found=whole, remedy=error.remedy)

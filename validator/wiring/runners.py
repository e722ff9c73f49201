"""`flows.runner` -> the program that drives the flows: one of this machine, or that of the hosts."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from validator.config.environment import EnvironmentConfig
from validator.config.resolvers import Resolvers
from validator.flows.choose import RunnerKind, choose, elsewhere, kind_of
from validator.flows.maestro import require_recent
from validator.flows.port import FlowRunner
from validator.model.errors import UsageError, ValidatorError
from validator.support.stop import Stop
from validator.wiring.hosts import all_on_hosts, host_accesses

if TYPE_CHECKING:
    from validator.devices.host_runner import HostRunner
    from validator.devices.hosts import HostAccess

_MOST_AT_ONCE = 16


def flow_runner(config: EnvironmentConfig, resolvers: Resolvers, stop: Stop) -> FlowRunner:
    """The program that drives the flows.

    Where every device belongs to another machine, this one need not have it: what the first host has counts for all of
    them, and one that has another is refused when its device is opened.

    Raises:
        UsageError: It is not installed, or does not work.
    """
    flows = config.flows
    path = flows.runner_path.resolve(resolvers) if flows.runner_path is not None else None
    kind = RunnerKind(flows.runner)
    if all_on_hosts(config):
        return _of_hosts(kind, path, host_accesses(config, resolvers))
    return choose(kind, path=path, directory=resolvers.root, adb_port=config.adb.server_port, stop=stop)


def require_version(runner: FlowRunner) -> str:
    """The runner's name and version.

    Raises:
        ValidatorError: No host has said which it has.
    """
    if " " not in runner.name:
        raise ValidatorError("no host says which flow runner it has", remedy="see what is said of each host")
    return runner.name


def _of_hosts(kind: RunnerKind, path: Path | None, accesses: Sequence[HostAccess]) -> FlowRunner:
    with ThreadPoolExecutor(min(len(accesses), _MOST_AT_ONCE), thread_name_prefix="runner of a host") as pool:
        answers = list(pool.map(partial(_asked, kind, path), accesses))
    for access, found in zip(accesses, answers, strict=True):
        if found is not None:
            if found.kind == RunnerKind.MAESTRO:
                require_recent(found.version, access.target)
            return elsewhere(RunnerKind(found.kind), Path(found.program), found.version)
    # Why none has answered is told of each host, as of a device that there is not: it may be back by then.
    likely = _kinds(kind, path, accesses[0])[0]
    return elsewhere(likely, Path(likely), "")


def _asked(kind: RunnerKind, path: Path | None, access: HostAccess) -> HostRunner | None:
    from validator.devices.host_runner import host_runner  # noqa: PLC0415 - ssh takes long to load, most have no host

    try:
        return host_runner(access, _kinds(kind, path, access))
    except UsageError:
        raise
    except ValidatorError:
        return None


def _kinds(kind: RunnerKind, path: Path | None, access: HostAccess) -> tuple[RunnerKind, ...]:
    """What the host's runner may be called, the preferred one first."""
    if kind is not RunnerKind.AUTO:
        return (kind,)
    if access.runner or path is not None:
        return (kind_of(Path(access.runner or path or "")),)
    return RunnerKind.MAESTRO_RUNNER, RunnerKind.MAESTRO

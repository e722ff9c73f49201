"""Everything that can be found wrong before anything runs: configuration, policy, variables, flows, runner, adb."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from validator.config.document import Loaded
from validator.config.environment import EnvironmentConfig, load_environment
from validator.config.preflight import check_references
from validator.config.resolvers import Resolvers
from validator.devices.adb_binary import AdbBinary
from validator.flows.port import FlowRunner
from validator.flows.workspace import Narrowing, Selection, discover
from validator.gates.file import load_gate, policy_of
from validator.gates.policy import Policy
from validator.model.errors import UsageError
from validator.model.rules import TeamRule
from validator.support.redact import Redactor
from validator.support.stop import Stop
from validator.wiring.devices import adb_program
from validator.wiring.needs import with_needs
from validator.wiring.request import RunRequest
from validator.wiring.rules import team_rules
from validator.wiring.runners import flow_runner


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A configuration that was checked, and what was found with it."""

    loaded: Loaded[EnvironmentConfig]
    request: RunRequest
    resolvers: Resolvers
    redactor: Redactor
    policy: Policy
    team_rules: tuple[TeamRule, ...]
    selection: Selection
    workspace: Path
    runner: FlowRunner
    adb: AdbBinary | None
    """None where every device belongs to another machine, and this one has none."""

    @property
    def config(self) -> EnvironmentConfig:
        """The configuration."""
        return self.loaded.value

    @property
    def reports(self) -> Path:
        """The folder that runs write to."""
        return self.config.reports.resolve(self.resolvers)

    @property
    def digest(self) -> str:
        """`sha256:…` of the configuration file as it was read."""
        return "sha256:" + hashlib.sha256(self.loaded.path.read_bytes()).hexdigest()


def load(request: RunRequest) -> tuple[Loaded[EnvironmentConfig], Resolvers, Redactor]:
    """The configuration, and what resolves its references so far.

    Raises:
        ConfigError: It has mistakes.
    """
    loaded = load_environment(request.config)
    redactor = Redactor()
    return loaded, Resolvers.before_deployment(loaded.root, os.environ, redactor), redactor


def reports_of(request: RunRequest) -> Path:
    """Where the reports of a call lie that could not be prepared: as configured, as far as that can be read."""
    try:
        loaded, resolvers, _ = load(request)
        return loaded.value.reports.resolve(resolvers)
    except UsageError:
        return Path("reports")


def prepare(request: RunRequest, stop: Stop) -> Prepared:
    """Check everything that a run needs and that can be checked before it.

    Raises:
        UsageError: Something is missing or wrong; nothing was run.
    """
    loaded, resolvers, redactor = load(request)
    config = loaded.value
    check_references(config, resolvers, without=_not_needed(request))
    policy, rules = policy_and_rules(config, resolvers)
    workspace = config.flows.workspace.resolve(resolvers)
    selection = select_flows(config, request, workspace, resolvers)
    adb = adb_program(config, resolvers)
    return Prepared(
        loaded=loaded,
        request=request,
        resolvers=resolvers,
        redactor=redactor,
        policy=policy,
        team_rules=rules,
        selection=selection,
        workspace=workspace,
        runner=flow_runner(config, resolvers, stop),
        adb=adb,
    )


def policy_and_rules(config: EnvironmentConfig, resolvers: Resolvers) -> tuple[Policy, tuple[TeamRule, ...]]:
    """The gate's policy, and the team's own rules of both files.

    Raises:
        ConfigError: The gate file is not there or has mistakes, or a rule is called like another one.
    """
    if config.gate is None:
        return Policy(), team_rules(config.failures, ())
    gate = load_gate(config.gate.resolve(resolvers)).value
    return policy_of(gate), team_rules(config.failures, gate.failures)


def _not_needed(request: RunRequest) -> tuple[str, ...]:
    """Parts of the configuration whose references this run does not use."""
    unused = {
        "alerts": not request.alerts,
        "deployment.id": bool(request.deployment_id),
        "deployment.revision": bool(request.revision),
    }
    return tuple(path for path, skip in unused.items() if skip)


def select_flows(config: EnvironmentConfig, request: RunRequest, workspace: Path, resolvers: Resolvers) -> Selection:
    """The flows that this run expects.

    Raises:
        UsageError: The workspace is not there.
        ConfigError: `flows.needs` is about no flow.
    """
    section = config.flows
    required: Literal["all"] | Collection[str] = "all"
    if section.required != "all":
        required = [name.resolve(resolvers) for name in section.required]
    selection = discover(
        workspace,
        include_tags=tuple(tag.resolve(resolvers) for tag in section.include_tags),
        exclude_tags=tuple(tag.resolve(resolvers) for tag in section.exclude_tags),
        required=required,
        narrowing=Narrowing(only=request.flows, include_tags=request.include_tags, exclude_tags=request.exclude_tags),
    )
    narrowed = bool(request.flows or request.include_tags or request.exclude_tags)
    return with_needs(selection, section.needs, resolvers, narrowed=narrowed)

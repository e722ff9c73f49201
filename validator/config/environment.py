"""One environment's configuration: the whole file, and how to load it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field

from validator.config.document import Loaded, load_document
from validator.config.errors import Problem
from validator.config.fields import (
    Duration,
    EarlyPath,
    EarlySecret,
    EarlyUrl,
    Name,
    Section,
    StoreAddress,
    path_default,
)
from validator.config.locate import locate
from validator.config.preflight import templates_in
from validator.config.references import Scheme
from validator.config.sections.alerts import Alert
from validator.config.sections.app import AdbConfig, AppConfig
from validator.config.sections.build import Build
from validator.config.sections.deployment import DeploymentConfig, Probe, ReadinessProbe
from validator.config.sections.devices import Device, SerialDevice
from validator.config.sections.failures import TeamRuleSection, doubled_rules
from validator.config.sections.flows import FlowsConfig, TrafficConfig
from validator.config.sections.hosts import HostConfig, host_problems
from validator.config.sections.needs import unknown_labels
from validator.config.sections.parity import ParityConfig
from validator.config.sections.telemetry import TelemetryConfig
from validator.config.spelling import did_you_mean


class EnvironmentConfig(Section):
    """One environment: what is live there, which build is tested, on what, by which flows, and who is told."""

    environment: Name = Field(description="What this environment is called in records, alerts and decisions.")
    tenant: Name = Field("default", description="The team or product that the records belong to.")
    app: AppConfig = Field(description="The app under test.")
    adb: AdbConfig = Field(default_factory=AdbConfig, description="The adb program and its server.")
    deployment: DeploymentConfig = Field(default_factory=DeploymentConfig, description="What is live now.")
    readiness: tuple[Probe, ...] = Field((), description="What must answer before any flow is started.")
    build: Build = Field(description="Where the APK under test comes from.")
    devices: Annotated[tuple[Device, ...], Field(min_length=1)] = Field(description="What the flows run on.")
    hosts: tuple[HostConfig, ...] = Field((), description="How the hosts are reached that devices are attached to.")
    flows: FlowsConfig = Field(description="Which flows are run, and how.")
    traffic: TrafficConfig = Field(default_factory=TrafficConfig, description="How the run's traffic is marked.")
    telemetry: TelemetryConfig = Field(
        default_factory=TelemetryConfig, description="Where the run's spans and metrics are sent."
    )
    gate: EarlyPath | None = Field(
        None,
        description="The gate's policy, a file in `gates/`. Without it: the built-in policy.",
    )
    failures: tuple[TeamRuleSection, ...] = Field(
        (), description="The team's own rules about why an attempt did not pass, tried before those of the gate file."
    )
    parity: ParityConfig = Field(default_factory=ParityConfig, description="Which environment it has to be like.")
    signing_key: EarlySecret | None = Field(
        None,
        description="An Ed25519 private key in PEM that signs decisions, such as `${env:VALIDATOR_SIGNING_KEY}`; "
        "`validator gate keygen` makes one. Without it: decisions are not signed.",
    )
    alerts: tuple[Alert, ...] = Field((), description="Who is told about the decision.")
    history: StoreAddress | None = Field(
        None,
        description="The record of all runs: `sqlite:///FILE`, `postgresql://USER@HOST/DATABASE`, or `memory:` to keep "
        "none. Without it: the variable VALIDATOR_HISTORY, else `sqlite:///.validator/history.db`.",
    )
    reports: EarlyPath = Field(path_default("reports"), description="The folder that runs write their reports to.")
    reports_url: EarlyUrl | None = Field(
        None, description="Where that folder can be opened in a browser, if it is published: alerts link to it."
    )
    deadline: Duration = Field(
        timedelta(hours=1),
        description="How long a whole run may take. What has not run by then is missing, not passed.",
    )

    @property
    def asked(self) -> tuple[ReadinessProbe, ...]:
        """The probes of `readiness` that are asked over HTTP."""
        return tuple(probe for probe in self.readiness if isinstance(probe, ReadinessProbe))


def load_environment(name_or_path: str, folder: Path | None = None) -> Loaded[EnvironmentConfig]:
    """Find, read and check the configuration of an environment. Nothing is resolved yet.

    Args:
        name_or_path: `production` for `configs/production.yaml`, or the path of a file.
        folder: where to look from; the working directory unless given.

    Raises:
        ConfigError: there is no such file, or it has mistakes: all of them.
    """
    checks = (_outputs, _serials, _labels, _hosts, _rules, _demands)
    return load_document(locate(name_or_path, folder or Path()), EnvironmentConfig, checks=checks)


def _outputs(config: EnvironmentConfig) -> Iterator[Problem]:
    """Outputs are referred to, but nothing says where they come from; or two places say so."""
    deployment = config.deployment
    if deployment.terraform is not None:
        for entry in deployment.outputs.entries[:1]:
            message = "deployment.terraform gives the outputs already"
            yield Problem.at(entry.value.position, message, path=entry.value.path, remedy="keep one of the two")
        return
    known = {entry.name for entry in deployment.outputs.entries}
    for template in templates_in(config):
        for reference in template.references:
            if reference.scheme is Scheme.TERRAFORM and reference.name not in known:
                message, remedy = _no_output(reference.name, known)
                yield Problem.at(reference.position, f"{reference}: {message}", path=template.path, remedy=remedy)


def _no_output(name: str, known: Collection[str]) -> tuple[str, str]:
    if known:
        return f"deployment.outputs has no {name}{did_you_mean(name, known)}", f"its outputs are: {', '.join(known)}"
    remedy = "add deployment: {terraform: {directory: …}}, {outputs_file: …}, {state_file: …}, or {outputs: {…}}"
    return "there is no deployment.terraform to take it from", remedy


def _serials(config: EnvironmentConfig) -> Iterator[Problem]:
    """One device can run only one flow at a time, so naming it twice makes it no faster."""
    seen: dict[str, int] = {}
    for device in config.devices:
        if isinstance(device, SerialDevice):
            serial = device.serial
            name = f"{device.host.source}/{serial.source}" if device.host is not None else serial.source
            if name in seen:
                message = f"{name!r} is already there, on line {seen[name]}"
                yield Problem.at(serial.position, message, path=serial.path, remedy="name each device once")
            seen.setdefault(name, serial.position.line)


def _labels(config: EnvironmentConfig) -> Iterator[Problem]:
    """Flows that need what no device is called."""
    return unknown_labels(config.flows.needs, config.devices)


def _hosts(config: EnvironmentConfig) -> Iterator[Problem]:
    """Hosts that are described for nothing."""
    return host_problems(config.hosts, config.devices)


def _rules(config: EnvironmentConfig) -> Iterator[Problem]:
    """Two rules of one name: nobody could tell which one spoke."""
    return doubled_rules(config.failures)


def _demands(config: EnvironmentConfig) -> Iterator[Problem]:
    """A value that must be found at no place, or a place where anything may stand."""
    for probe in config.asked:
        if probe.equals is not None and probe.path is None:
            message, remedy = "says what a value must be and not where it stands", "add path: $.status"
            yield Problem.at(probe.equals.position, message, path=probe.equals.path, remedy=remedy)
        elif probe.path is not None and probe.equals is None:
            message, remedy = "has a path and not what must stand there", "add equals: ok"
            yield Problem.at(probe.url.template.position, message, path=probe.url.template.path, remedy=remedy)

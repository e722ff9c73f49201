"""One environment's configuration: the whole file, and how to load it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field

from validator.config.document import Loaded, load_document
from validator.config.errors import Problem
from validator.config.fields import Duration, EarlyPath, Name, Section, path_default
from validator.config.locate import locate
from validator.config.preflight import templates_in
from validator.config.references import Scheme
from validator.config.sections.alerts import Alert
from validator.config.sections.app import AdbConfig, AppConfig
from validator.config.sections.build import Build
from validator.config.sections.deployment import DeploymentConfig, ReadinessProbe
from validator.config.sections.devices import Device, SerialDevice
from validator.config.sections.flows import FlowsConfig, TrafficConfig


class EnvironmentConfig(Section):
    """One environment: what is live there, which build is tested, on what, by which flows, and who is told."""

    environment: Name = Field(description="What this environment is called in records, alerts and decisions.")
    tenant: Name = Field("default", description="The team or product that the records belong to.")
    app: AppConfig = Field(description="The app under test.")
    adb: AdbConfig = Field(default_factory=AdbConfig, description="The adb program and its server.")
    deployment: DeploymentConfig = Field(default_factory=DeploymentConfig, description="What is live now.")
    readiness: tuple[ReadinessProbe, ...] = Field((), description="What must answer before any flow is started.")
    build: Build = Field(description="Where the APK under test comes from.")
    devices: Annotated[tuple[Device, ...], Field(min_length=1)] = Field(description="What the flows run on.")
    flows: FlowsConfig = Field(description="Which flows are run, and how.")
    traffic: TrafficConfig = Field(default_factory=TrafficConfig, description="How the run's traffic is marked.")
    gate: EarlyPath | None = Field(
        None,
        description="The gate's policy, a file in `gates/`. Without it: the built-in policy.",
    )
    alerts: tuple[Alert, ...] = Field((), description="Who is told about the decision.")
    reports: EarlyPath = Field(path_default("reports"), description="The folder that runs write their reports to.")
    deadline: Duration = Field(
        timedelta(hours=1),
        description="How long a whole run may take. What has not run by then is missing, not passed.",
    )


def load_environment(name_or_path: str, folder: Path | None = None) -> Loaded[EnvironmentConfig]:
    """Find, read and check the configuration of an environment. Nothing is resolved yet.

    Args:
        name_or_path: `production` for `configs/production.yaml`, or the path of a file.
        folder: where to look from; the working directory unless given.

    Raises:
        ConfigError: there is no such file, or it has mistakes: all of them.
    """
    return load_document(locate(name_or_path, folder or Path()), EnvironmentConfig, checks=(_outputs, _serials))


def _outputs(config: EnvironmentConfig) -> Iterator[Problem]:
    """Outputs are referred to, but nothing says where they come from."""
    if config.deployment.terraform is not None:
        return
    for template in templates_in(config):
        for reference in template.references:
            if reference.scheme is Scheme.TERRAFORM:
                message = f"{reference}: there is no deployment.terraform to take it from"
                remedy = "add deployment: {terraform: {directory: …}} or {outputs_file: …}"
                yield Problem.at(reference.position, message, path=template.path, remedy=remedy)


def _serials(config: EnvironmentConfig) -> Iterator[Problem]:
    """One device can run only one flow at a time, so naming it twice makes it no faster."""
    seen: dict[str, int] = {}
    for device in config.devices:
        if isinstance(device, SerialDevice):
            serial = device.serial
            if serial.source in seen:
                message = f"{serial.source!r} is already there, on line {seen[serial.source]}"
                yield Problem.at(serial.position, message, path=serial.path, remedy="name each device once")
            seen.setdefault(serial.source, serial.position.line)

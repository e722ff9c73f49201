"""Deploying the shop's infrastructure: the real `terraform` or `tofu`, or else its recorded outputs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

TIMEOUT_S = 60.0
OUTPUTS_FILE = "outputs.json"


class InfraError(Exception):
    """The infrastructure could not be deployed; the message carries what terraform said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InfraVariables:
    """The configuration's variables."""

    api_url: str
    revision: str
    environment: str = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedInfra:
    """Where the outputs of a deployment can be read."""

    directory: Path
    """For `terraform output -json`, when a tool applied it."""
    outputs_file: Path
    """The same outputs in a file, in the form of `terraform output -json`."""
    tool: str
    """`terraform` or `tofu`; empty when neither is installed and the outputs were only recorded."""


def deploy(directory: Path, variables: InfraVariables) -> DeployedInfra:
    """Apply the configuration in `directory` and write its outputs beside it.

    Raises:
        InfraError: The tool failed, or took longer than a minute.
        OSError: The directory cannot be written.
    """
    tool = next((name for name in ("terraform", "tofu") if shutil.which(name)), "")
    if tool:
        (directory / "terraform.tfvars.json").write_text(json.dumps(asdict(variables), indent=2), encoding="utf-8")
        _run(tool, "init", directory)
        _run(tool, "apply", directory, "-auto-approve")
    outputs = _outputs(tool, directory) if tool else recorded_outputs(variables)
    outputs_file = directory / OUTPUTS_FILE
    outputs_file.write_text(outputs, encoding="utf-8")
    return DeployedInfra(directory=directory, outputs_file=outputs_file, tool=tool)


def recorded_outputs(variables: InfraVariables) -> str:
    """What `terraform output -json` says after applying the configuration with these variables."""
    values = {
        "api_url": variables.api_url,
        "cdn_url": f"{variables.api_url}/static",
        "environment": variables.environment,
        "health_url": f"{variables.api_url}/health",
        "revision": variables.revision,
    }
    outputs = {name: {"sensitive": False, "type": "string", "value": value} for name, value in values.items()}
    return json.dumps(outputs, indent=2) + "\n"


def _outputs(tool: str, directory: Path) -> str:
    return _call([tool, "output", "-json"], directory)


def _run(tool: str, command: str, directory: Path, *options: str) -> None:
    _call([tool, command, "-input=false", "-no-color", *options], directory)


def _call(command: list[str], directory: Path) -> str:
    # CHECKPOINT_DISABLE keeps terraform from asking its makers for news (developer.hashicorp.com/terraform/cli).
    environment = os.environ | {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    try:
        done = subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InfraError(f"{' '.join(command)} in {directory}: no end after {TIMEOUT_S:.0f} s") from error
    if done.returncode:
        raise InfraError(f"{' '.join(command)} in {directory} failed:\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout

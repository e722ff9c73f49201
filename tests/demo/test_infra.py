"""The terraform configuration and its recorded outputs."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from validator.demo.infra import InfraError, InfraVariables, deploy, recorded_outputs
from validator.demo.project import INFRA_SOURCES

VARIABLES = InfraVariables(api_url="http://127.0.0.1:8080", revision="abc1234")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(INFRA_SOURCES, tmp_path / "infra"))


def test_outputs_are_the_endpoints(directory: Path) -> None:
    deployed = deploy(directory, VARIABLES)
    outputs = json.loads(deployed.outputs_file.read_text(encoding="utf-8"))
    assert outputs["api_url"]["value"] == "http://127.0.0.1:8080"
    assert outputs["health_url"]["value"] == "http://127.0.0.1:8080/health"
    assert outputs["revision"]["value"] == "abc1234"


def test_without_terraform_the_outputs_are_recorded(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    deployed = deploy(directory, VARIABLES)
    assert deployed.tool == ""
    assert deployed.outputs_file.read_text(encoding="utf-8") == recorded_outputs(VARIABLES)


def test_a_second_deployment_changes_the_outputs(directory: Path) -> None:
    deploy(directory, VARIABLES)
    second = deploy(directory, InfraVariables(api_url="http://127.0.0.1:9090", revision="def5678"))
    outputs = json.loads(second.outputs_file.read_text(encoding="utf-8"))
    assert (outputs["api_url"]["value"], outputs["revision"]["value"]) == ("http://127.0.0.1:9090", "def5678")


def test_what_the_tool_says_is_passed_on(directory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "terraform"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho 'the state is locked' >&2\nexit 1\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(InfraError, match="the state is locked"):
        deploy(directory, VARIABLES)


@pytest.mark.slow
def test_recorded_outputs_are_those_of_the_real_tool(directory: Path) -> None:
    """Slow suite: a real terraform or tofu has to be installed."""
    deployed = deploy(directory, VARIABLES)
    assert deployed.tool, "this test needs terraform or tofu: https://opentofu.org/docs/intro/install/"
    assert json.loads(deployed.outputs_file.read_text(encoding="utf-8")) == json.loads(recorded_outputs(VARIABLES))


@pytest.mark.slow
def test_an_address_that_is_none_is_refused_by_the_configuration(directory: Path) -> None:
    """Slow suite: a real terraform or tofu has to be installed."""
    assert shutil.which("terraform") or shutil.which("tofu"), "this test needs terraform or tofu"
    with pytest.raises(InfraError, match="api_url is an http or https address"):
        deploy(directory, InfraVariables(api_url="nowhere", revision="abc"))

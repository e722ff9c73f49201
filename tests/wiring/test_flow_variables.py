"""Which of the flows' variables are secrets is known by their names and by where their values come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.project import Project
from validator.flows.env_file import VariableError
from validator.flows.maestro_environment import hand_over
from validator.flows.maestro_runner_program import find_program
from validator.support.clock import SystemClock
from validator.support.stop import Stop
from validator.wiring.parts import run_parts
from validator.wiring.prepare import prepare
from validator.wiring.request import RunRequest


def test_a_variable_with_a_secret_value_is_secret_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path)
    project.write_defaults()
    project.write("secrets/login", "from-a-file")
    environment = {
        "LOGIN": "${env:SHOP_TOKEN}",
        "GREETING": "Hello ${env:SHOP_TOKEN}",
        "LETTERS": "${file:secrets/login}",
        "PASSWORD": "plain",
        "SHOP": "${env:SHOP_NAME}",
    }
    runner = {"runner": "maestro-runner", "runner_path": str(find_program(None, Path(__file__).parents[2]))}
    project.config(flows={"workspace": "flows", "environment": environment, **runner})
    monkeypatch.setenv("SHOP_TOKEN", "hunter2-hunter2")
    monkeypatch.setenv("SHOP_NAME", "corner")
    prepared = prepare(RunRequest(config=str(tmp_path / "configs" / "production.yaml")), Stop())

    settings = run_parts(prepared, "r1", tmp_path / "r1", SystemClock()).attempts()

    assert settings.secrets == {"LOGIN", "GREETING", "LETTERS", "PASSWORD"}
    for name in settings.secrets:
        with pytest.raises(VariableError, match="is secret"):
            hand_over({name: settings.variables[name]}, settings.secrets)

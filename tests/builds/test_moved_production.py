"""Production moves with `terraform apply`: the new address is built in, and yesterday's APK is not let through."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.commands import Ended, validator
from tests.e2e.devices import Lab, lab
from validator.demo.backend.process import BackendOptions, BackendProcess
from validator.demo.infra import InfraVariables, deploy
from validator.demo.project import SampleProject, copy_project

PACKAGE = "com.example.cornershop"
APK = "build/app-release.apk"
COMMAND = {
    "command": f'"{sys.executable}" -m validator.demo.build --out {APK}',
    "environment": {"API_URL": "${terraform:api_url}", "REVISION": "${terraform:revision}"},
    "artifact": APK,
}
EXPECTED = {"contains": ["${terraform:api_url}"], "revision": "${terraform:revision}"}


@pytest.fixture
def devices() -> Iterator[Lab]:
    with lab() as running:
        yield running


def configure(project: SampleProject, devices: Lab, build: Mapping[str, object]) -> None:
    keys = {
        "environment": "production",
        "app": {"id": PACKAGE},
        "deployment": {"terraform": {"directory": "infra"}, "revision": "${terraform:revision}"},
        "readiness": [{"url": "${terraform:health_url}", "within": "20s"}],
        "build": {**build, "expect": EXPECTED},
        "devices": [{"serial": serial} for serial in devices.fleet.serials],
        "adb": {"path": devices.fleet.adb.path, "server_port": devices.fleet.adb.server_port},
        "flows": {"workspace": "flows", "runner": "maestro-runner", "include_tags": ["production"]},
    }
    (project.flows / "config.yaml").write_text("flows: [browse-catalogue.yaml]\n", encoding="utf-8")
    (project.root / "configs").mkdir(exist_ok=True)
    (project.root / "configs" / "production.yaml").write_text(json.dumps(keys), encoding="utf-8")


def apply(project: SampleProject, backend: BackendProcess, revision: str) -> None:
    assert deploy(project.infra, InfraVariables(api_url=backend.url, revision=revision)).tool, "terraform applied it"


def run(project: SampleProject) -> Ended:
    return validator(project.root, "run", "-c", "production", seconds=100)


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.skipif(not (shutil.which("terraform") or shutil.which("tofu")), reason="needs terraform or tofu")
def test_the_new_address_is_reached_and_the_apk_of_the_previous_deployment_is_not_production(
    tmp_path: Path, devices: Lab
) -> None:
    """Slow: two deployments, two builds and three runs."""
    project, logs = copy_project(tmp_path), (tmp_path / "old.log", tmp_path / "new.log")
    with ExitStack() as stack:
        old, new = (
            stack.enter_context(BackendProcess(BackendOptions(revision=revision, log=log, accounts_per_hour=1000)))
            for revision, log in zip(("aaaaaaa", "bbbbbbb"), logs, strict=True)
        )
        configure(project, devices, COMMAND)
        apply(project, old, "aaaaaaa")
        assert run(project).exit_code == 0
        yesterday = shutil.copy(tmp_path / APK, tmp_path / "yesterday.apk")
        reached = [log.stat().st_size for log in logs]
        apply(project, new, "bbbbbbb")

        moved = run(project)

        assert moved.exit_code == 0, moved.output + moved.errors
        assert logs[0].stat().st_size == reached[0], "nothing goes to where production was"
        assert logs[1].stat().st_size > reached[1], "the flow reached where production is"

        configure(project, devices, {"file": Path(yesterday).name})
        stale = run(project)

    assert (stale.exit_code, stale.decision["decision"]) == (1, "blocked")
    said = json.dumps(stale.decision)
    assert "not_production" in said
    assert f"{new.url} is not in the APK: it was built for another deployment" in said
    assert "build it again with this deployment's outputs" in said
    assert "the APK was not built of revision bbbbbbb" in said
    assert list((stale.reports / "attempts").glob("*")) == [], "no flow ran"
    assert stale.decision["counts"]["missing"] == 1

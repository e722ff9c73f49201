"""Terraform moves production to a new endpoint: the build bakes it in and flows reach it; the old APK is refused."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.commands import Ended, validator
from tests.e2e.devices import lab
from validator.demo.backend.process import BackendOptions, BackendProcess
from validator.demo.infra import InfraVariables, deploy
from validator.demo.project import copy_project, locate_flows
from validator.devices.virtual import Fleet

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]  # two whole runs on a virtual device, and terraform
FLOWS = ("About", "Guest sign-in")


@dataclass
class Shop:
    """The sample project, deployed by terraform where it is installed."""

    root: Path
    fleet: Fleet
    terraform: str = ""

    def deploy(self, backend: BackendProcess, revision: str) -> None:
        self.terraform = deploy(self.root / "infra", InfraVariables(api_url=backend.url, revision=revision)).tool

    def run(self, build: str = "") -> Ended:
        text = (locate_flows().parent / "configs" / "corner-shop.yaml").read_text(encoding="utf-8")
        if self.terraform:
            text = text.replace("{outputs_file: infra/outputs.json}", "{state_file: infra/terraform.tfstate}")
        text = text.replace(
            "  revision: ${terraform:revision}\n",
            "  revision: ${terraform:revision}\n"
            '  live: [{url: "${terraform:api_url}/version", path: $.revision, within: 10s}]\n',
        )
        if build:
            before, _, rest = text.partition("build:\n")
            text = f"{before}build:\n  file: {build}\n  expect:{rest.partition('  expect:')[2]}"
        before, _, after = text.partition("  - {virtual: 2}\n")
        adb = json.dumps({"path": self.fleet.adb.path, "server_port": self.fleet.adb.server_port})
        text = f'adb: {adb}\n{before}  - {{serial: "{self.fleet.serials[0]}"}}\n{after}'
        (self.root / "configs").mkdir(exist_ok=True)
        text = re.sub(r"(?m)^  required: .*$", f"  required: {json.dumps(FLOWS)}", text)
        (self.root / "configs" / "shop.yaml").write_text(text, encoding="utf-8")
        (self.root / "flows" / "config.yaml").write_text("flows: [about.yaml, guest-sign-in.yaml]\n", encoding="utf-8")
        return validator(self.root, "run", "-c", "shop", seconds=120, DEMO_PYTHON=sys.executable)

    def events(self, kind: str) -> list[dict[str, object]]:
        lines = (self.root / "reports" / "latest" / "events.jsonl").read_text(encoding="utf-8").splitlines()
        return [found for line in lines if (found := json.loads(line)["event"])["type"] == kind]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    root = copy_project(tmp_path / "project").root
    (root / "gates").mkdir()
    shutil.copyfile(locate_flows().parent / "gates" / "frontend.yaml", root / "gates" / "frontend.yaml")
    with lab() as running:
        yield Shop(root, running.fleet)


def backend(stack: ExitStack, folder: Path, revision: str) -> BackendProcess:
    options = BackendOptions(revision=revision, log=folder / f"{revision}.log", accounts_per_hour=1000)
    return stack.enter_context(BackendProcess(options))


def test_a_new_endpoint_is_built_in_and_reached_and_the_apk_of_before_is_refused(shop: Shop, tmp_path: Path) -> None:
    with ExitStack() as stack:
        old, new = backend(stack, tmp_path, "1111111"), backend(stack, tmp_path, "2222222")
        shop.deploy(old, "1111111")
        first = shop.run()
        assert first.exit_code == 0, first.output + first.errors
        shutil.copyfile(first.reports / "build" / "app.apk", shop.root / "previous.apk")
        before = len((tmp_path / "1111111.log").read_text().splitlines())

        shop.deploy(new, "2222222")
        second = shop.run()
        assert second.exit_code == 0, second.output + second.errors
        assert second.flows("passed") == list(FLOWS)
        assert "POST" in (tmp_path / "2222222.log").read_text(), "a guest signed in at the new endpoint"
        assert len((tmp_path / "1111111.log").read_text().splitlines()) == before, "nobody asked the old endpoint"
        (observed,) = shop.events("DeploymentObserved")
        live = observed["deployment"]
        assert isinstance(live, dict)
        assert (live["revision"], live["live"][0]["said"]) == ("2222222", "2222222")
        assert bool(live["lineage"] and live["serial"]) is bool(shop.terraform)

        refused = shop.run(build="previous.apk")
        assert refused.exit_code == 1, refused.output + refused.errors
        reason = refused.decision["reasons"][0]["message"]
        assert reason.startswith("not_production: ")
        assert new.url in reason
        assert any(new.url in step or "build" in step.lower() for step in refused.decision["next"]), refused.decision
        assert shop.events("AttemptStarted") == []
        assert refused.orphans == []

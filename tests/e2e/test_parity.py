"""Two environments, served by real servers over real TLS: every planted difference is found, and nothing else."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.commands import Ended, validator
from tests.e2e.project import FLOW, PACKAGE, Project
from tests.fakes.certificates import Authority
from tests.fakes.site import Page, Site, site

HSTS = {"Strict-Transport-Security": "max-age=63072000", "X-Content-Type-Options": "nosniff"}


@dataclass
class Environment:
    """One environment of a team, until a test plants a difference."""

    name: str
    server: Site
    outputs: dict[str, object] = field(default_factory=dict)
    flows: dict[str, Any] = field(default_factory=lambda: {"workspace": "flows", "runner": "maestro-runner"})
    build: dict[str, Any] = field(default_factory=dict)
    gate: dict[str, Any] = field(default_factory=dict)
    more: dict[str, object] = field(default_factory=dict)

    def write(self, root: Path) -> None:
        (root / "configs").mkdir(exist_ok=True)
        documented = {
            name: {"value": value, "type": "string", "sensitive": name == "db_password"}
            for name, value in self.outputs.items()
        }
        (root / f"{self.name}.json").write_text(json.dumps(documented))
        (root / f"gate-{self.name}.yaml").write_text(json.dumps({"name": f"frontend-{self.name}", **self.gate}))
        config = {
            "environment": self.name,
            "app": {"id": PACKAGE},
            "deployment": {
                "terraform": {"outputs_file": f"{self.name}.json"},
                "live": [{"url": "${terraform:api_url}/version", "path": "$.revision", "within": "1s"}],
            },
            "readiness": [{"url": "${terraform:api_url}/health"}],
            "build": {"file": "app.apk", "expect": {"contains": ["${terraform:api_url}"], **self.build}},
            "devices": [{"serial": "emulator-5999"}],
            "adb": {"server_port": 15999},
            "flows": self.flows,
            "gate": f"gate-{self.name}.yaml",
            **self.more,
        }
        (root / "configs" / f"{self.name}.yaml").write_text(json.dumps(config))


@dataclass
class Pair:
    root: Path
    staging: Environment
    production: Environment

    def compare(self, *options: str) -> Ended:
        for environment in (self.staging, self.production):
            environment.write(self.root)
        names = ("-c", "staging", "-c", "production")
        return validator(self.root, "parity", *names, *options, SSL_CERT_FILE=str(self.root / "trusted.pem"))

    def differences(self) -> dict[str, str]:
        """What is found, with its importance."""
        done = self.compare("--json")
        assert done.errors == ""
        found = json.loads(done.output)
        return {
            each["name"]: each["importance"] if not each["allowed"] else f"allowed {each['importance']}"
            for each in found["comparisons"]
            if each["status"] == "differs"
        }


def outputs(server: Site, name: str) -> dict[str, object]:
    return {
        "api_url": server.url,
        "cdn_url": f"https://cdn.{name}.example.com/static",
        "bucket": f"shop-{name}-pictures",
        "replicas": 3,
        "db_password": f"{name}-hunter2",
    }


@pytest.fixture
def authorities(tmp_path: Path) -> tuple[Authority, Authority]:
    pair = Authority("Good Certificates"), Authority("Cheap Certificates")
    (tmp_path / "trusted.pem").write_text("".join(authority.pem for authority in pair))
    return pair


def serve(stack: ExitStack, tls: ssl.SSLContext, *, revision: str = "4f2a9c1", headers: Any = None) -> Site:
    said = HSTS if headers is None else headers
    pages = {"/health": Page(headers=said), "/version": Page(json.dumps({"revision": revision}), headers=said)}
    return stack.enter_context(site(pages, tls))


@pytest.fixture
def pair(tmp_path: Path, authorities: tuple[Authority, Authority]) -> Iterator[Pair]:
    for flow in ("browse", "checkout"):
        (tmp_path / "flows").mkdir(exist_ok=True)
        (tmp_path / "flows" / f"{flow}.yaml").write_text(FLOW.replace("production]", f"production, {flow}]"))
    with ExitStack() as stack:
        made = {
            name: Environment(name, server, outputs(server, name))
            for name in ("staging", "production")
            for server in (serve(stack, authorities[0].server(tmp_path, name)),)
        }
        yield Pair(tmp_path, **made)


def test_environments_that_differ_only_in_their_names_match(pair):
    done = pair.compare()
    assert done.exit_code == 0, done.output + done.errors
    assert pair.differences() == {}
    assert "0 critical, 0 warning, 0 info, 0 allowed" in done.output
    assert "hunter2" not in pair.compare("--json", "--all").output


def test_twelve_planted_differences_are_found_and_none_invented(pair, authorities, tmp_path):
    with ExitStack() as stack:
        tls = authorities[1].server(tmp_path, "planted", days=5)
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
        tls.set_alpn_protocols(["h2", "http/1.1"])
        headers = {"X-Content-Type-Options": "nosniff"}
        server = serve(stack, tls, revision="8c1d7e0", headers=headers)
        staging = pair.staging
        staging.outputs = outputs(server, "staging") | {"replicas": 1, "db_password": "production-hunter2"}
        del staging.outputs["cdn_url"]
        staging.build = {"debuggable": True}
        staging.flows["exclude_tags"] = ["checkout"]
        staging.gate = {"limits": {"flaky": 5}}
        assert pair.differences() == {
            "outputs.cdn_url": "critical",
            "outputs.replicas": "warning",
            "outputs.db_password": "warning",
            "build.expect.debuggable": "critical",
            "flows.selected.checkout": "critical",
            "gate.limits.flaky": "critical",
            "endpoints.readiness.0.tls.issuer": "warning",
            "endpoints.readiness.0.tls.protocol": "warning",
            "endpoints.readiness.0.tls.expiry": "warning",
            "endpoints.readiness.0.tls.http": "info",
            "endpoints.readiness.0.headers.strict-transport-security": "warning",
            "endpoints.live.0.version": "warning",
        }
        done = pair.compare()
    assert done.exit_code == 1
    assert "4 critical, 7 warning, 1 info, 0 allowed" in done.output
    for words in ("Cheap Certificates", "8c1d7e0", "the same secret", "apply the same infrastructure code"):
        assert words in done.output
    assert "hunter2" not in done.output


def test_a_declared_difference_is_quiet(pair):
    pair.staging.build = {"debuggable": True}
    assert pair.compare().exit_code == 1
    pair.staging.more = {"parity": {"allow": [{"difference": "build.*.debuggable", "reason": "to attach a debugger"}]}}
    assert pair.differences() == {"build.expect.debuggable": "allowed critical"}
    done = pair.compare()
    assert done.exit_code == 0
    assert "to attach a debugger" in done.output


def test_a_server_that_is_away_is_one_difference_and_hides_no_other_as_many(pair):
    pair.staging.server.close()
    assert set(pair.differences()) == {"endpoints.readiness.0.answer", "endpoints.live.0.answer"}


def test_an_encrypted_and_a_clear_address_differ_critically(pair):
    pair.production.outputs["admin_url"] = "https://admin.example.com/"
    pair.staging.outputs["admin_url"] = "http://admin.staging.example.com"
    assert pair.differences() == {"outputs.admin_url": "critical"}


@pytest.mark.parametrize("names", [("staging",), ("staging", "production", "staging"), ("staging", "nowhere")])
def test_it_takes_two_environments_that_there_are(pair, names):
    pair.compare()
    done = validator(pair.root, "parity", *(word for name in names for word in ("-c", name)))
    assert done.exit_code == 2
    assert "production" in done.errors
    assert "Traceback" not in done.errors


@pytest.mark.parametrize("allowed", [False, True])
def test_a_baseline_is_a_stage_of_every_run(tmp_path, allowed):
    project = Project(tmp_path)
    project.write_defaults()
    declared = [{"difference": "gate.limits.*", "reason": "a few flaky flows are fine here"}] if allowed else []
    project.write("gate.yaml", json.dumps({"name": "loose", "limits": {"flaky": 9}}))
    text = project.config(environment="staging", gate="gate.yaml", parity={"baseline": "production", "allow": declared})
    staging = text.read_text()
    project.config()
    project.write("configs/staging.yaml", staging)
    done = validator(tmp_path, "run", "-c", "staging")
    assert done.exit_code == 1, done.output + done.errors
    reason = done.decision["reasons"][0]["message"]
    if allowed:
        assert reason.startswith("apk_missing: "), "the next stage had its turn"
    else:
        assert reason.startswith("parity_broken: staging differs from production in gate.limits.flaky: 9 in staging")
        assert any("parity.allow" in step for step in done.decision["next"])

"""Paced flows never make more accounts in any span than the backend allows, by the backend's own log."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.commands import validator
from tests.e2e.devices import lab
from tests.e2e.project import PACKAGE, Project
from validator.demo.backend.process import BackendOptions, BackendProcess
from validator.demo.build import Variant

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

FLOW = f"""appId: {PACKAGE}
name: Guest {{number}}
---
- launchApp
- tapOn: Continue as guest
- assertVisible: Signed in as guest-.*
"""
FLOWS, MOST, WITHIN = 40, 30, 40.0
"""An hour's limit of 30, in a span that a test can wait for; everything else is as in an hour."""


def test_forty_flows_keep_to_thirty_accounts_in_any_span_of_the_limit(tmp_path):
    log = tmp_path / "access.log"
    backend = BackendProcess(BackendOptions(revision="abc", log=log, accounts_per_hour=10_000))
    with backend, lab(4) as devices:
        project = _project(tmp_path, devices.fleet, backend.url)
        project.config(**_keys(devices.fleet, pace="none"))
        refused = validator(tmp_path, "plan", "-c", "production")
        assert refused.exit_code == 2
        assert "used (0) + needed (40) > limit (30 in 40s)" in refused.output
        project.config(**_keys(devices.fleet, pace="auto"))
        planned = json.loads(validator(tmp_path, "plan", "-c", "production", "--json").output)
        assert [start["at"] for start in planned["accounts"]["starts"]] == [0.0] * 30 + [50.0] * 10
        done = validator(tmp_path, "run", "-c", "production", seconds=200)
    assert done.exit_code == 0, done.output + done.errors
    assert "held back for" in done.output
    made = _accounts(log)
    assert len(made) == FLOWS
    assert max(_in_span(made, first) for first in made) <= MOST
    assert made[-1] - made[0] >= timedelta(seconds=WITHIN)


def _project(folder: Path, fleet, url: str) -> Project:
    project = Project(folder)
    for number in range(FLOWS):
        project.write(f"flows/guest-{number:02}.yaml", FLOW.format(number=number))
    project.apk(Variant.PRODUCTION, url)
    return project


def _keys(fleet, pace: str) -> dict[str, object]:
    limit = {"burst": {"most": MOST, "within": f"{WITHIN:.0f}s"}, "settling": "10s", "address": "192.0.2.7"}
    return {
        "traffic": {"accounts": limit, "pace": pace},
        "build": {"file": "app.apk"},
        "adb": {"path": fleet.adb.path, "server_port": fleet.adb.server_port},
        "devices": [{"serial": serial} for serial in fleet.serials],
    }


def _accounts(log: Path) -> list[datetime]:
    """When the backend was asked for an account, ascending; it refused none."""
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    asked = [entry for entry in entries if (entry["method"], entry["path"]) == ("POST", "/v1/users/anonymous")]
    assert {entry["status"] for entry in asked} == {201}
    return sorted(datetime.fromisoformat(entry["time"]) for entry in asked)


def _in_span(made: list[datetime], first: datetime) -> int:
    return sum(first <= moment < first + timedelta(seconds=WITHIN) for moment in made)

"""Each fault of the demo, through real adb and the real runner: the right verdict, cause and exit code, in time.

Slow are those that wait for what never appears, for half a minute and more.
"""

import json
import xml.etree.ElementTree as ET

import pytest

from tests.e2e.commands import validator

FLOWS = [
    "About",
    "Add to cart",
    "Browse the catalogue",
    "Checkout",
    "Guest sign-in",
    "Product details",
    "Profile",
    "Remove from cart",
    "Search",
    "Settings",
]
INFRASTRUCTURE = {"no_device", "device_lost", "device_unhealthy", "device_network", "driver_failed", "runner_failed"}
pytestmark = pytest.mark.timeout(180)


def demo(folder, fault, *options):
    return validator(folder, "demo", "--fault", fault, *options, seconds=150)


def test_a_healthy_production_is_approved_and_every_flow_is_named_with_device_and_time(tmp_path):
    done = demo(tmp_path, "none")
    assert done.exit_code == 0, done.output + done.errors
    assert "APPROVED" in done.output
    assert done.flows("passed") == FLOWS
    for flow in FLOWS:
        row = next(line for line in done.output.splitlines() if flow in line and "passed" in line and " s" in line)
        assert "emulator-" in row or "127.0.0.1:" in row
    assert done.errors == ""
    assert done.orphans == []


@pytest.mark.slow
def test_a_wrong_total_fails_exactly_the_checkout_flow(tmp_path):
    done = demo(tmp_path, "assertion")
    assert done.exit_code == 1, done.output + done.errors
    assert done.flows("failed") == ["Checkout"]
    assert len(done.flows("passed")) == len(FLOWS) - 1
    assert done.causes() == {"app_assertion"}
    assert "The message that the team would get" in done.output
    assert done.orphans == []


def test_a_crash_fails_exactly_the_flow_that_crashes(tmp_path):
    done = demo(tmp_path, "crash")
    assert done.exit_code == 1, done.output + done.errors
    assert done.flows("failed") == ["Checkout"]
    assert done.causes() == {"app_crash"}
    assert done.decision["flows"][3]["attempts"] == 2
    assert done.orphans == []


@pytest.mark.slow
def test_an_outage_is_the_backends_never_the_apps(tmp_path):
    done = demo(tmp_path, "outage")
    assert done.exit_code in (1, 3), done.output + done.errors
    assert "backend_unavailable" in done.causes()
    assert "app_assertion" not in done.causes()
    assert done.orphans == []


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["device-lost", "frozen-device", "driver-dead"])
def test_broken_infrastructure_is_undecided_within_a_minute(tmp_path, fault):
    done = demo(tmp_path, fault)
    assert done.exit_code == 3, done.output + done.errors
    assert done.decision["decision"] == "undecided"
    assert done.flows("failed") == []
    assert done.causes() <= INFRASTRUCTURE
    assert done.seconds < 60
    assert done.orphans == []


def test_a_flow_that_is_no_flow_is_named_with_its_line(tmp_path):
    done = demo(tmp_path, "bad-flow")
    assert done.exit_code == 3, done.output + done.errors
    assert done.flows("inconclusive") == ["Settings"]
    assert done.causes() == {"flow_invalid"}
    assert "settings.yaml:" in done.output


def test_a_flow_that_is_gone_is_missing(tmp_path):
    done = demo(tmp_path, "missing-flow")
    assert done.exit_code == 4, done.output + done.errors
    assert done.flows("missing") == ["Checkout"]


@pytest.mark.slow
def test_a_run_leaves_reports_that_agree_with_one_another(tmp_path):
    done = demo(tmp_path, "crash", "--devices", "1")
    cases = {case.get("name"): case for case in ET.parse(done.reports / "junit.xml").iter("testcase")}
    assert len(cases) == len(FLOWS)
    assert [name for name, case in cases.items() if case.find("failure") is not None] == ["Checkout"]
    run = json.loads((done.reports / "run.json").read_text())
    assert run["run"] == done.decision["run"] == done.reports.name
    assert "BLOCKED" in (done.reports / "summary.md").read_text().upper()
    for name in ("index.html", "events.jsonl"):
        assert (done.reports / name).stat().st_size > 0
    again = validator(tmp_path, "show", "latest")
    assert again.exit_code == 0
    assert "the app crashed" in again.output


def test_an_unknown_fault_names_those_that_there_are(tmp_path):
    done = validator(tmp_path, "demo", "--fault", "flood")
    assert done.exit_code == 2
    assert "crash" in done.errors
    assert "Traceback" not in done.errors

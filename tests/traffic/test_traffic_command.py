"""`validator traffic` tells a recorded run's traffic, its filters, and what an access log proves."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.e2e.commands import validator
from tests.fakes.builders import RUN, records
from tests.fakes.runs import approved
from tests.traffic.logs import BEGAN, request, written
from validator.history.journal import FILE_NAME, Journal
from validator.model.events import AttemptStarted
from validator.model.traffic import TrafficAccounted, TrafficProof
from validator.traffic.manifest import manifest_of


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    folder = tmp_path / "reports" / RUN
    folder.mkdir(parents=True)
    with Journal(folder / FILE_NAME) as journal:
        for record in approved():
            journal.handle(record)
    return tmp_path


def during() -> str:
    """A moment at which a flow ran."""
    return next(record.at for record in approved() if isinstance(record.event, AttemptStarted))


def test_a_run_has_one_window_per_attempt_with_a_margin_and_names_its_devices():
    manifest = manifest_of(approved(), margin=timedelta(seconds=15))
    assert [window.flow for window in manifest.windows] == ["Sign in", "Search", "Cart", "Checkout"]
    assert all(window.began < window.ended for window in manifest.windows)
    assert len(manifest.spans) == 1
    assert {device.serial for device in manifest.devices} == {"emulator-5554", "127.0.0.1:5601"}


def test_an_attempt_without_an_end_lasts_to_the_last_that_is_recorded():
    cut = [record for record in approved() if record.seq <= next(r.seq for r in approved() if during() == r.at)]
    (window,) = manifest_of(cut, margin=timedelta(0)).windows
    assert window.began == window.ended == cut[-1].at


def test_what_the_run_recorded_of_its_marks_addresses_and_users_is_in_the_manifest():
    proof = TrafficProof(
        files=("a",), lines=1, marked=1, unmarked=0, foreign=0, other_runs=0, broken=0, users=1, user_ids=("anon-1",)
    )
    account = TrafficAccounted(marks=("property",), addresses=("198.51.100.7",), proof=proof)
    kept = [*approved(), *records([(61.0, account)])]
    manifest = manifest_of(kept, users=["anon-2"], addresses=["10.0.0.0/8"])
    assert (manifest.marks, manifest.baggage, manifest.trace) == (("property",), "", "")
    assert manifest.users == ("anon-1", "anon-2")
    assert manifest.addresses == ("198.51.100.7", "10.0.0.0/8")


def test_the_manifest_and_filters_are_told_without_a_log(recorded):
    done = validator(recorded, "traffic", RUN)
    assert done.exit_code == 0, done.output + done.errors
    assert f"validator.run={RUN}" in done.output
    assert "Checkout, attempt 1 on" in done.output
    assert "Loki, LogQL" in done.output
    assert "Proof: none" in done.output


def test_the_names_of_fields_that_the_run_was_configured_with_hold_for_a_log_that_is_read_later(recorded):
    account = TrafficAccounted(marks=("property",), fields=(("user", "auth.id"),), form="json")
    with Journal(recorded / "reports" / RUN / FILE_NAME) as journal:
        for record in records([(61.0, account)]):
            journal.handle(replace(record, seq=len(approved())))
    lines = [
        json.dumps({"time": during(), "run": RUN, "auth": {"id": "anon-7"}, "path": "/v1/cart"}),
        json.dumps({"time": during(), "auth": {"id": "anon-7"}, "path": "/v1/orders"}),
    ]
    log = str(written(recorded, lines))
    done = validator(recorded, "traffic", RUN, "--access-log", log)
    assert done.exit_code == 1, done.output + done.errors
    assert "user anon-7" in done.output
    other = validator(recorded, "traffic", RUN, "--access-log", log, "--field", "user=nobody")
    assert other.exit_code == 0, other.output + other.errors


def test_a_leak_is_named_and_the_command_says_so_by_its_exit_code(recorded):
    lines = [
        request(time=during(), run=RUN, user="anon-1"),
        request(time=during(), user="anon-1", method="POST", path="/v1/orders", status=201),
        "garbage \x1b[2J",
    ]
    done = validator(recorded, "traffic", RUN, "--access-log", str(written(recorded, lines)))
    assert done.exit_code == 1
    assert "access.log:2" in done.output
    assert "POST /v1/orders 201, user anon-1, from 198.51.100.7" in done.output
    assert "1  lines that could not be read" in done.output
    assert "\x1b" not in done.output


def test_a_clean_log_proves_separation_as_json_too(recorded):
    log = recorded / "access.log.1"
    log.write_bytes(gzip.compress((request(time=during(), run=RUN, user="anon-1") + "\n").encode()))
    done = validator(recorded, "traffic", "latest", "--access-log", str(log), "--format", "json")
    assert done.exit_code == 0, done.output + done.errors
    report = json.loads(done.output)
    assert (report["proof"]["marked"], report["proof"]["unmarked"]) == (1, 0)
    assert report["manifest"]["run"] == RUN
    assert len(report["filters"]["filters"]) == 8


def test_a_log_without_the_run_proves_nothing_and_exits_with_three(recorded):
    log = written(recorded, [request(time=BEGAN.isoformat())])
    done = validator(recorded, "traffic", RUN, "--access-log", str(log))
    assert done.exit_code == 3
    assert "proves nothing" in done.output


@pytest.mark.parametrize(
    "options", [("--access-log", "none.log"), ("--field", "user"), ("--address", "shop"), ("--margin", "-1")]
)
def test_a_mistake_on_the_command_line_is_a_usage_error(recorded, options):
    done = validator(recorded, "traffic", RUN, *options)
    assert done.exit_code == 2
    assert "Traceback" not in done.errors

"""Production that limits the accounts of our address: flows wait as they are told, and no account is wasted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.commands import validator


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_flows_wait_for_the_limit_one_by_one_and_their_users_are_listed(tmp_path: Path) -> None:
    done = validator(tmp_path, "demo", "--fault", "account-limit", seconds=120)
    assert done.exit_code == 0, done.output
    run = json.loads((tmp_path / "reports" / "latest" / "run.json").read_text())
    waits = [retry for flow in run["flows"] for retry in flow["retries"]]
    assert waits
    assert all(retry["not_before"] and "as production asks" in retry["reason"] for retry in waits)
    assert "not before" in done.output
    attempts = [attempt for flow in run["flows"] for attempt in flow["attempts"]]
    limited = [attempt for attempt in attempts if attempt["failure"]]
    assert {attempt["failure"]["cause"] for attempt in limited} == {"rate_limited"}
    users = [user for attempt in attempts for user in attempt["evidence"]["sign_in"]["users"]]
    assert len(users) == len(set(users)) == len(attempts) - len(limited) == 3
    page = (tmp_path / "reports" / "latest" / "index.html").read_text()
    assert all(user in page for user in users)
    assert '<rect class="wait"' in page
    assert _worked_meanwhile(run)


def _worked_meanwhile(run: dict[str, Any]) -> bool:
    """Whether an attempt of another flow began between the end of one that was limited and its next one."""
    attempts = [(flow["name"], attempt) for flow in run["flows"] for attempt in flow["attempts"]]
    return any(
        ended["finished_at"] <= other["started_at"] <= again["not_before"]
        for flow in run["flows"]
        for ended, again in zip(flow["attempts"], flow["retries"], strict=False)
        for name, other in attempts
        if name != flow["name"]
    )


@pytest.mark.slow
@pytest.mark.timeout(90)
def test_a_limit_that_never_lifts_is_not_waited_for(tmp_path: Path) -> None:
    done = validator(tmp_path, "demo", "--fault", "account-limit-forever", seconds=60)
    assert done.exit_code == 3, done.output
    run = json.loads((tmp_path / "reports" / "latest" / "run.json").read_text())
    (flow,) = run["flows"]
    assert (flow["settled"]["outcome"], flow["settled"]["cause"]) == ("inconclusive", "rate_limited")
    assert len(flow["attempts"]) == 1
    assert "asks to wait for longer than a run does" in flow["settled"]["why"]

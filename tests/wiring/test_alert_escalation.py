"""Runs that could not decide, one after another: counted from the record of runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.builders import APK, DEPLOYMENT
from tests.fakes.runs import BLOCKED, approved, blocked, undecided
from tests.history.samples import a_run
from validator.alerts.message import RunFacts, compose
from validator.history.store import open_store
from validator.wiring.alerts import UndecidedRuns


@pytest.mark.parametrize(
    ("made", "before"),
    [
        ([], 0),
        ([approved], 0),
        ([undecided], 1),
        ([undecided, undecided], 2),
        ([undecided, approved, undecided], 1),
        ([undecided, undecided, blocked], 0),
    ],
)
def test_runs_before_this_one_are_counted_back_to_the_last_that_decided(tmp_path: Path, made, before: int):
    facts = RunFacts(run="this", tenant="default", environment="production", deployment=DEPLOYMENT, apk=APK)
    with open_store("sqlite:///history.db", folder=tmp_path) as store:
        history = store.tenant("default")
        for day, make in enumerate(made):
            history.log.append(a_run(f"run-{day}", make, days=day))
        history.log.append(a_run("this", undecided, days=len(made)))
        assert UndecidedRuns(history.runs, "production")(compose(BLOCKED, facts)) == before
        assert UndecidedRuns(history.runs, "staging")(compose(BLOCKED, facts)) == 0

"""What flows usually take is taken from the record of runs, of their own environment and tenant."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.runs import approved, blocked
from tests.history.samples import a_run
from validator.history.store import open_store
from validator.model.timing import Baseline, Usual
from validator.wiring.baselines import baselines


def test_past_runs_tell_what_a_flow_usually_takes(tmp_path: Path):
    with open_store("sqlite:///history.db", folder=tmp_path) as store:
        history = store.tenant("default")
        for day in range(3):
            history.log.append(a_run(f"run-{day}", approved, days=day))
        history.log.append(a_run("run-9", blocked, days=9))
        (stats,) = history.flows.stats("production", ["Checkout"])
        usual = baselines(history, "production")(["Checkout", "No such flow"])
        assert usual == Usual(baselines=(Baseline(flow="Checkout", p50=stats.p50, runs=3, p90=stats.p90),))
        assert stats.p50 > 0
        assert baselines(history, "staging")(["Checkout"]) == Usual()
        assert baselines(store.tenant("web"), "production")(["Checkout"]) == Usual()
        assert baselines(history, "production")([]) == Usual()

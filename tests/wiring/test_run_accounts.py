"""The accounts of an environment are one budget over runs, processes and time."""

import json
import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from validator.config.environment import load_environment
from validator.config.resolvers import Resolvers
from validator.history.store import open_store
from validator.model.flow import Flow
from validator.support.redact import Redactor
from validator.wiring.accounts import run_accounts

TAKER = """
import json, sys
from pathlib import Path
from tests.wiring.test_run_accounts import accounts_of
with accounts_of(Path(sys.argv[1])) as accounts:
    print(json.dumps([accounts.take() for _ in range(int(sys.argv[2]))]))
"""


class Hand:
    """A clock that is moved by hand."""

    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return datetime(2026, 11, 21, 10, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds


class accounts_of:  # noqa: N801 - reads as the function that it stands for
    """The accounts of a run, over the store in a folder."""

    def __init__(self, folder, clock=None, traffic=None, run="r1"):
        self.folder, self.clock, self.run = folder, clock or Hand(), run
        self.traffic = traffic or {"accounts": {"per_hour": 5, "settling": "1s"}, "pace": "auto"}

    def __enter__(self):
        config = {
            "environment": "production",
            "app": {"id": "com.example.shop"},
            "build": {"file": "app.apk"},
            "devices": [{"virtual": 2}],
            "flows": {"workspace": "flows"},
            "traffic": self.traffic,
        }
        file = self.folder / "production.yaml"
        file.write_text(json.dumps(config))
        loaded = load_environment(str(file))
        resolvers = Resolvers.before_deployment(self.folder, {}, Redactor())
        self.store = open_store("sqlite:///history.db", folder=self.folder, clock=self.clock)
        history = self.store.tenant("default")
        return run_accounts(loaded.value, resolvers, history, self.run, self.clock)

    def __exit__(self, kind, error, trace):
        self.store.close()


def test_accounts_are_taken_until_there_are_none_and_are_free_again_after_the_span(tmp_path):
    clock = Hand()
    with accounts_of(tmp_path, clock) as accounts:
        assert [accounts.take() for _ in range(5)] == [0.0] * 5
        assert accounts.take() == pytest.approx(3601)
        clock.seconds = 3000
        assert accounts.take() == pytest.approx(601)
        clock.seconds = 3601
        assert accounts.take() == 0.0


def test_a_later_run_of_the_same_hour_finds_what_is_left(tmp_path):
    clock = Hand()
    with accounts_of(tmp_path, clock, run="first") as accounts:
        assert [accounts.take() for _ in range(3)] == [0.0] * 3
    clock.seconds = 600
    with accounts_of(tmp_path, clock, run="second") as accounts:
        plan = accounts.plan([Flow(name=name, file=f"{name}.yaml") for name in "abc"], 4)
        assert (plan.limits[0].used, plan.needed, plan.at_most) == (3, 3, 12)
        assert [start.at for start in plan.starts] == [0.0, 0.0, 3001.0]
        assert [accounts.take() for _ in range(2)] == [0.0] * 2
        assert accounts.take() == pytest.approx(3001)


def test_without_pacing_a_spent_budget_is_not_waited_for(tmp_path):
    with accounts_of(tmp_path, traffic={"accounts": {"per_hour": 1}}) as accounts:
        assert accounts.take() == 0.0
        assert accounts.take() == math.inf


def test_two_addresses_are_two_budgets(tmp_path):
    for address in ("192.0.2.1", "192.0.2.2"):
        with accounts_of(tmp_path, traffic={"accounts": {"per_hour": 1, "address": address}}) as accounts:
            assert accounts.take() == 0.0


@pytest.mark.parametrize(("provider", "limit"), [("supabase", 30), ("firebase", 100)])
def test_a_provider_has_its_usual_limit(tmp_path, provider, limit):
    with accounts_of(tmp_path, traffic={"accounts": {"provider": provider}}) as accounts:
        plan = accounts.plan([Flow(name="a", file="a.yaml")], 4)
        assert plan.limits[0].limit.most == limit
        assert plan.limits[0].limit.within == 3600


@pytest.mark.parametrize("traffic", [{"mark": []}, {"accounts": {"provider": "none"}}])
def test_without_a_limit_nobody_counts(tmp_path, traffic):
    with accounts_of(tmp_path, traffic=traffic) as accounts:
        assert accounts is None


def test_flows_that_cannot_be_run_need_no_account(tmp_path):
    flows = [Flow(name="a", file="a.yaml"), Flow(name="b", file="b.yaml", problem="b.yaml:1:1: empty")]
    with accounts_of(tmp_path) as accounts:
        assert accounts.plan(flows, 4).needed == 1


def test_both_limits_hold(tmp_path):
    traffic = {"accounts": {"per_hour": 3, "burst": {"most": 2, "within": "10s"}, "settling": "1s"}, "pace": "auto"}
    clock = Hand()
    with accounts_of(tmp_path, clock, traffic=traffic) as accounts:
        assert [accounts.take() for _ in range(2)] == [0.0, 0.0]
        assert accounts.take() == pytest.approx(11)
        clock.seconds = 11
        assert accounts.take() == 0.0
        assert accounts.take() == pytest.approx(3590)


def test_processes_that_take_at_the_same_time_never_take_more_than_there_are(tmp_path):
    with accounts_of(tmp_path):
        pass
    takers = [
        subprocess.Popen([sys.executable, "-c", TAKER, str(tmp_path), "4"], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [json.loads(taker.communicate(timeout=50)[0]) for taker in takers]
    assert sum(wait == 0.0 for waits in said for wait in waits) == 5

"""New accounts are a budget: attempts wait for one, or leave their flow undecided; none is ever called failed."""

import math
from dataclasses import replace
from threading import Lock

from tests.pipeline.replaying import replayed
from tests.pipeline.stand_ins import DRIVER_DEAD, PASS, WRONG_SCREEN
from tests.pipeline.test_stages import Stage
from validator.model.budget import AccountPlan
from validator.model.causes import Family
from validator.model.decision import ExitCode
from validator.model.errors import UsageError
from validator.model.events import AttemptStarted, Decided, DeviceLeased, FlowSettled, PlanMade, RunFinished, Warned
from validator.pipeline.affording import ACCOUNTS_SPENT, Spending
from validator.pipeline.past import Past, remember
from validator.pipeline.run import Validation
from validator.support.clock import SystemClock


class Purse:
    """Gives so many accounts; then it says how long to wait, and gives again when that is over."""

    def __init__(self, accounts, *, wait=math.inf, refill=0):
        self.accounts, self.wait, self.refill = accounts, wait, refill
        self.clock, self.free_at, self.taken = SystemClock(), 0.0, 0
        self.lock = Lock()

    def take(self):
        with self.lock:
            now = self.clock.monotonic()
            if not self.accounts and self.free_at and now >= self.free_at:
                self.accounts, self.free_at = self.refill, 0.0
            if not self.accounts:
                self.free_at = self.free_at or now + self.wait
                return self.free_at - now
            self.accounts -= 1
            self.taken += 1
            return 0.0


def spend(loop, purse, ends=math.inf):
    loop.loop.spending = Spending(accounts=purse, clock=SystemClock())
    loop.loop.ends = ends
    return loop.run()


def test_each_attempt_takes_an_account_and_a_retry_counts(loop):
    purse = Purse(10)
    done = spend(loop({"a": [WRONG_SCREEN, PASS], "b": [PASS]}), purse)
    assert purse.taken == len(done.all(AttemptStarted)) == 3
    assert done.outcomes == {"a": "flaky", "b": "passed"}


def test_flows_for_which_no_account_is_free_are_inconclusive_and_the_others_have_their_outcome(loop):
    done = spend(loop({"a": [PASS], "b": [PASS], "c": [PASS]}, devices=2), Purse(2))
    assert done.outcomes == {"a": "passed", "b": "passed", "c": "inconclusive"}
    assert done.causes == {"c": "rate_limited"}
    assert len(done.all(AttemptStarted)) == 2


def test_a_failure_that_no_account_is_left_to_confirm_is_not_called_failed(loop):
    done = spend(loop({"a": [WRONG_SCREEN]}), Purse(1))
    assert done.outcomes == {"a": "inconclusive"}
    assert done.causes == {"a": "rate_limited"}


def test_flows_wait_for_accounts_and_all_of_them_pass(loop):
    purse = Purse(2, wait=0.3, refill=2)
    done = spend(loop({name: [PASS] for name in "abcde"}, devices=3), purse, ends=SystemClock().monotonic() + 30)
    assert set(done.outcomes.values()) == {"passed"}
    assert purse.taken == 5
    waits = [event.message for event in done.all(Warned)]
    assert 2 <= len(waits) <= 4, waits


def test_flows_that_would_wait_beyond_the_deadline_do_not_wait(loop):
    clock = SystemClock()
    began = clock.monotonic()
    done = spend(loop({"a": [PASS], "b": [PASS]}), Purse(1, wait=500.0), ends=began + 100)
    assert clock.monotonic() - began < 10
    assert done.outcomes == {"a": "passed", "b": "inconclusive"}


def test_a_retry_after_broken_infrastructure_needs_an_account_too(loop):
    done = spend(loop({"a": [DRIVER_DEAD, PASS]}, devices=2), Purse(1))
    assert done.causes == {"a": "rate_limited"}


def test_the_cause_closes_no_gate_by_itself():
    assert ACCOUNTS_SPENT.cause.family is Family.THROTTLED


PLAN = AccountPlan(provider="none", address="", needed=3, at_most=12, limits=())


class Counted(Purse):
    plan_made = PLAN

    def plan(self, flows, attempts):
        return self.plan_made


def run(folder, acts, purse, past=None):
    """A whole run, or the rest of one: its events, and what it raised."""
    stage = Stage(folder=folder, acts=acts)
    parts = replace(stage.parts(), accounts=purse)
    running = Validation(parts=parts, stop=stage.stop, past=past or Past()).events()
    events = []
    try:
        while (event := next(running, None)) is not None:
            events.append(event)
    except UsageError as raised:
        return events, raised
    return events, None


def test_a_plan_that_cannot_fit_is_refused_before_any_device_is_touched(tmp_path):
    purse = Counted(10)
    purse.plan_made = replace(PLAN, refusal="used (0) + needed (40) > limit (30 in 1h)", remedy="set pace: auto")
    events, error = run(tmp_path, {"a": [PASS]}, purse)
    assert error is not None
    assert "needed (40)" in error.diagnostics()
    assert "pace" in error.remedy
    assert not any(isinstance(event, DeviceLeased | AttemptStarted | Decided) for event in events)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].stop == "misused"
    assert any(isinstance(event, PlanMade) and event.accounts and not event.accounts.fits for event in events)
    assert purse.taken == 0


def test_a_spent_budget_leaves_the_run_undecided_and_its_replay_says_the_same(tmp_path):
    events, _ = run(tmp_path, {"a": [PASS], "b": [PASS], "c": [WRONG_SCREEN]}, Counted(2))
    decision = next(event.decision for event in events if isinstance(event, Decided))
    assert decision.exit_code is ExitCode.UNDECIDED
    assert [(flow.name, flow.outcome) for flow in decision.flows] == [
        ("a", "passed"),
        ("b", "passed"),
        ("c", "inconclusive"),
    ]
    again = replayed(events).now
    assert (again.flows, again.verdict, again.reasons) == (decision.flows, decision.verdict, decision.reasons)


def test_a_retry_that_finds_the_budget_spent_is_replayed_as_it_was(tmp_path):
    events, _ = run(tmp_path, {"a": [WRONG_SCREEN]}, Counted(1))
    decision = next(event.decision for event in events if isinstance(event, Decided))
    assert decision.exit_code is ExitCode.UNDECIDED
    assert [flow.cause for flow in decision.flows] == ["rate_limited"]
    assert replayed(events).now.flows == decision.flows


def test_a_resumed_run_takes_accounts_only_for_attempts_that_it_makes(tmp_path):
    acts = {"a": [PASS], "b": [PASS], "c": [PASS]}
    events, _ = run(tmp_path, acts, Counted(3))
    cut = next(n for n, event in enumerate(events, 1) if isinstance(event, FlowSettled))
    purse = Counted(10)
    purse.plan_made = replace(PLAN, refusal="it would no longer fit: its own accounts are used")
    rest, error = run(tmp_path, acts, purse, past=remember(events[:cut]))
    assert error is None
    assert purse.taken == sum(isinstance(event, AttemptStarted) for event in rest) == 2

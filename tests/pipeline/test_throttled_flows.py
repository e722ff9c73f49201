"""A flow that production throttles waits as it is told, alone; what cannot be waited for is inconclusive."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pipeline.stand_ins import LIMITED, LIMITED_FOR_EVER, LIMITED_FOR_LONG, PASS
from validator.model.causes import Cause
from validator.model.deployment import ProbeResult
from validator.model.events import AttemptFinished, RetryScheduled
from validator.pipeline.judging import never_ready
from validator.pipeline.turns import APART, Turns


def test_a_limit_is_waited_for_as_production_asks_and_the_event_says_until_when_and_why(loop):
    began = time.monotonic()
    done = loop({"a": [LIMITED, PASS]}).run()
    assert done.outcomes == {"a": "passed"}
    assert 1.0 <= time.monotonic() - began < 10
    (retry,) = done.all(RetryScheduled)
    assert datetime.fromisoformat(retry.not_before).tzinfo is not None
    assert "rate_limited" in retry.reason
    assert "in 1 s, as production asks" in retry.reason


def test_while_one_flow_waits_the_others_go_on(loop):
    done = loop({"a": [LIMITED, PASS], **{name: [PASS] for name in "bcdef"}}).run()
    assert set(done.outcomes.values()) == {"passed"}
    order = [flow for flow, _ in done.script.attempts]
    assert order[0] == "a"
    assert order[-1] == "a"


def test_flows_whose_waits_end_together_start_one_after_the_other(loop):
    done = loop({name: [LIMITED, PASS] for name in "abcd"}, devices=4).run()
    assert set(done.outcomes.values()) == {"passed"}
    again = sorted(datetime.fromisoformat(retry.not_before) for retry in done.all(RetryScheduled))
    assert len(again) == 4
    assert all((later - earlier).total_seconds() > APART - 0.1 for earlier, later in pairwise(again))


@given(
    lifts=st.lists(st.floats(min_value=0, max_value=1000), min_size=1, max_size=50),
    jitter=st.floats(min_value=0, max_value=APART),
    ends=st.floats(min_value=0, max_value=2000),
)
def test_turns_begin_no_earlier_than_production_asks_and_not_beyond_the_deadline(lifts, jitter, ends):
    turns = Turns(jitter=lambda: jitter)
    given = [(moment, turns.after(moment, ends)) for moment in lifts]
    assert all(turn >= moment for moment, turn in given)
    assert all(turn < ends for moment, turn in given if moment < ends)


def test_the_next_attempt_begins_as_a_fresh_user_on_any_device(loop):
    done = loop({"a": [LIMITED, PASS], "b": [PASS]}, devices=1).run()
    assert done.devices["device-1"].fresh_users == len(done.all(AttemptFinished)) == 3


def test_a_limit_that_never_lifts_in_time_ends_inconclusive_at_once_and_is_never_a_failure(loop):
    began = time.monotonic()
    done = loop({"a": [LIMITED_FOR_EVER], "b": [PASS]}).run()
    assert done.outcomes == {"a": "inconclusive", "b": "passed"}
    assert done.causes == {"a": "rate_limited"}
    assert done.all(RetryScheduled) == []
    assert time.monotonic() - began < 10


def test_a_limit_that_lifts_after_the_runs_deadline_is_not_waited_for(loop):
    began = time.monotonic()
    done = loop({"a": [LIMITED_FOR_LONG], "b": [PASS]}, seconds=60).run()
    assert done.outcomes == {"a": "inconclusive", "b": "passed"}
    assert done.causes == {"a": "rate_limited"}
    assert time.monotonic() - began < 10


def test_a_limit_that_comes_again_each_time_spends_the_attempts(loop):
    done = loop({"a": [LIMITED]}).run()
    assert done.outcomes == {"a": "inconclusive"}
    assert done.causes == {"a": "rate_limited"}
    assert len(done.all(RetryScheduled)) == 2


def test_a_deadline_that_passes_while_a_flow_waits_leaves_it_throttled(loop):
    waiting = loop({"a": [LIMITED_FOR_LONG]})
    for event in waiting.loop.events():
        waiting.events.append(event)
        if isinstance(event, RetryScheduled):
            waiting.stop.set("deadline")
    assert waiting.outcomes == {"a": "inconclusive"}
    assert waiting.causes == {"a": "rate_limited"}


@pytest.mark.parametrize("cause", [None, Cause.RATE_LIMITED, Cause.SECURITY_BLOCKED, Cause.TLS_INVALID])
def test_a_backend_that_will_not_talk_to_us_is_told_from_one_that_is_away(cause: Cause | None):
    error = never_ready(ProbeResult(url="http://shop/health", ready=False, detail="HTTP 403 in 3 ms", cause=cause))
    assert error.cause is (cause or Cause.BACKEND_UNAVAILABLE)
    assert "HTTP 403 in 3 ms" in error.what

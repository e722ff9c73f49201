"""A plan says whether the new accounts fit, with the numbers, and what to do when they do not."""

from datetime import timedelta

from validator.model.budget import AccountLimit
from validator.traffic.budget import AccountTerms, Demand, account_plan

HOUR = 3600.0


def plan(flows, used=(), *, paced=False, deadline=HOUR, usual=None, each=1, limits=None, attempts=4):
    names = [f"flow-{number}" for number in range(flows)]
    limits = (AccountLimit(most=30, within=HOUR),) if limits is None else limits
    terms = AccountTerms(limits=limits, each=each, paced=paced, provider="supabase")
    demand = Demand(flows=names, attempts=attempts, devices=4, usual=usual or {}, deadline=deadline)
    return account_plan(demand, terms, [timedelta(minutes=age) for age in used])


def test_forty_flows_do_not_fit_into_thirty_an_hour():
    found = plan(40)
    assert not found.fits
    assert found.refusal == "new accounts used (0) + needed (40) > limit (30 in 1h)"
    assert (found.needed, found.at_most) == (40, 160)
    assert "pace: auto" in found.remedy
    assert "run 30 flows at most" in found.remedy
    assert "last one after 1h" in found.remedy


def test_thirty_flows_fit_exactly():
    found = plan(30)
    assert found.fits
    assert found.starts == ()


def test_what_this_hour_has_used_counts():
    found = plan(11, used=[5] * 20)
    assert found.refusal == "new accounts used (20) + needed (11) > limit (30 in 1h)"
    assert "wait 55m" in found.remedy
    assert plan(10, used=[5] * 20).fits


def test_what_is_an_hour_old_no_longer_counts():
    assert plan(30, used=[60] * 30).fits


def test_a_paced_plan_fits_when_its_end_lies_inside_the_deadline():
    found = plan(40, paced=True, deadline=2 * HOUR)
    assert found.fits
    assert [start.at for start in found.starts] == [0.0] * 30 + [HOUR] * 10


def test_a_paced_plan_that_ends_after_the_deadline_is_refused_with_both_times():
    found = plan(40, paced=True, deadline=HOUR, usual={f"flow-{number}": 60.0 for number in range(40)})
    assert not found.fits
    assert "after 1h3m > deadline (1h)" in found.refusal
    assert "above 1h3m" in found.remedy


def test_of_two_limits_the_tighter_one_is_named():
    limits = (AccountLimit(most=30, within=HOUR), AccountLimit(most=3, within=10.0))
    found = plan(5, limits=limits)
    assert found.refusal == "new accounts used (0) + needed (5) > limit (3 in 10s)"


def test_attempts_that_need_more_than_the_limit_can_never_be_run_paced_or_not():
    for paced in (True, False):
        found = plan(1, each=31, paced=paced)
        assert found.refusal == "one attempt makes 31 accounts, and the limit is 30"


def test_a_plan_without_flows_needs_nothing():
    assert plan(0, used=[1] * 30).fits

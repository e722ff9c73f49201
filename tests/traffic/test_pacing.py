"""No span of time ever holds more new accounts than the backend allows, and nothing waits for longer than it must."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.traffic.pacing import NOW, Rate, Work, earliest, schedule

spans = st.timedeltas(timedelta(milliseconds=1), timedelta(hours=2))
rates = st.lists(st.builds(Rate, most=st.integers(1, 12), within=spans), min_size=1, max_size=3)
ages = st.lists(st.timedeltas(NOW, timedelta(hours=3)), max_size=20)
works = st.lists(st.builds(Work, flow=st.just("a"), takes=st.timedeltas(NOW, timedelta(minutes=20))), max_size=30)
devices = st.integers(1, 6)


def hours(count):
    return timedelta(hours=count)


def starts(*arguments, **options):
    slots = schedule(*arguments, **options)
    assert slots is not None
    return [slot.start for slot in slots]


@given(works, devices, rates, ages, st.integers(1, 3))
def test_no_window_holds_more_than_its_rate(works, devices, rates, ages, each):
    slots = schedule(works, devices=devices, rates=rates, used=ages, each=each)
    if slots is None:
        assert any(each > rate.most for rate in rates)
        return
    begun = [slot.start for slot in slots for _ in range(each)]
    taken = sorted([*(-age for age in ages), *begun])
    for rate in rates:
        for moment in begun:
            assert sum(1 for other in taken if moment - rate.within < other <= moment) <= rate.most


@given(works, devices, rates, ages, st.randoms())
def test_the_order_in_which_accounts_were_used_does_not_matter(works, devices, rates, ages, random):
    shuffled = random.sample(ages, len(ages))
    assert schedule(works, devices=devices, rates=rates, used=ages) == schedule(
        works, devices=devices, rates=rates, used=shuffled
    )


@given(works, devices, rates, ages, st.timedeltas(NOW, hours(3)))
def test_an_account_more_that_was_used_starts_nothing_earlier(works, devices, rates, ages, another):
    before = starts(works, devices=devices, rates=rates, used=ages)
    after = starts(works, devices=devices, rates=rates, used=[*ages, another])
    assert all(late >= early for early, late in zip(before, after, strict=True))


@given(works, devices, rates, ages, st.integers(1, 5))
def test_a_higher_limit_starts_nothing_later(works, devices, rates, ages, more):
    raised = [Rate(most=rate.most + more, within=rate.within) for rate in rates]
    before = starts(works, devices=devices, rates=rates, used=ages)
    after = starts(works, devices=devices, rates=raised, used=ages)
    assert all(late <= early for early, late in zip(before, after, strict=True))


@given(works, devices, rates, ages)
def test_a_flow_more_at_the_end_moves_none_before_it(works, devices, rates, ages):
    before = starts(works, devices=devices, rates=rates, used=ages)
    after = starts([*works, Work(flow="one more")], devices=devices, rates=rates, used=ages)
    assert after[: len(before)] == before
    assert after == sorted(after)


@given(works, devices)
def test_without_rates_only_devices_are_waited_for(works, devices):
    slots = schedule(works, devices=devices, rates=())
    assert slots is not None
    for slot in slots:
        assert sum(1 for other in slots if other.start <= slot.start < other.end) <= devices
    assert [slot.start for slot in slots[:devices]] == [NOW] * min(devices, len(slots))


@given(works, devices, rates, ages)
def test_nothing_waits_for_longer_than_it_must(works, devices, rates, ages):
    """One microsecond before each start, a device or an account is missing, or an earlier flow has not started."""
    slots = schedule(works, devices=devices, rates=rates, used=ages)
    assert slots is not None
    for position, slot in enumerate(slots):
        if slot.start == NOW or (position and slots[position - 1].start == slot.start):
            continue
        sooner = slot.start - timedelta(microseconds=1)
        running = sum(1 for other in slots[:position] if other.start <= sooner < other.end)
        taken = [*(-age for age in ages), *(other.start for other in slots[:position])]
        crowded = any(sum(1 for at in taken if at > sooner - rate.within) >= rate.most for rate in rates)
        assert running >= devices or crowded


def test_forty_flows_against_thirty_an_hour_start_in_two_waves():
    flows = [Work(flow=str(number)) for number in range(40)]
    assert starts(flows, devices=4, rates=[Rate(most=30, within=hours(1))]) == [NOW] * 30 + [hours(1)] * 10


def test_what_was_used_half_an_hour_ago_is_free_again_in_half_an_hour():
    rate = Rate(most=2, within=hours(1))
    used = [timedelta(minutes=30), timedelta(minutes=10)]
    assert starts([Work(flow="a")], devices=1, rates=[rate], used=used) == [timedelta(minutes=30)]


@pytest.mark.parametrize(("each", "moment"), [(1, NOW), (2, NOW), (3, None)])
def test_a_start_that_takes_more_than_there_ever_is_never_comes(each, moment):
    assert earliest([], [Rate(most=2, within=hours(1))], each=each) == moment

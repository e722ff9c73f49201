"""Flows are started so that the run ends early, always in the same order, and within the bounds that are proven."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.farm.order import in_order, simulate, works
from validator.model.flow import Flow
from validator.model.timing import Baseline, Work

DEVICES = ("one", "two", "three", "four")

device_sets = st.frozensets(st.sampled_from(DEVICES), min_size=1)
seconds = st.integers(1, 600).map(float)


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[Work], dict[str, frozenset[str]]]:
    """Flows, some of them critical, some with needs, some after the one before them."""
    flows: list[Work] = []
    for number in range(draw(st.integers(1, 12))):
        follows = draw(st.booleans())
        after = flows[-1].flow if flows and follows else ""
        flows.append(Work(flow=f"f{number}", seconds=draw(seconds), critical=draw(st.booleans()), after=after))
    fits = {work.flow: draw(device_sets) for work in flows if draw(st.booleans())}
    return flows, fits


def work(flow: str, seconds: float, **more: object) -> Work:
    return Work(flow=flow, seconds=seconds, **more)  # type: ignore[arg-type]  # checked when the tests run


def ending(order: list[Work], devices: tuple[str, ...], fits: dict[str, frozenset[str]]) -> float:
    return max(span.end for span in simulate(order, devices, fits))


def ranked(flows: list[Work], devices: tuple[str, ...], fits: dict[str, frozenset[str]]) -> list[Work]:
    known = {each.flow: each for each in flows}
    return [known[name] for name in in_order(flows, devices, fits)]


def test_the_longest_flow_starts_first_and_a_critical_one_before_it():
    flows = [work("short", 1.0), work("long", 9.0), work("middle", 5.0), work("vital", 2.0, critical=True)]
    assert in_order(flows, DEVICES, {}) == ("vital", "long", "middle", "short")


def test_flows_of_equal_length_keep_their_order():
    assert in_order([work("b", 1.0), work("a", 1.0)], DEVICES, {}) == ("b", "a")


def test_a_flow_that_was_never_timed_is_taken_for_the_middle_one():
    usual = [Baseline(flow=name, p50=1.0, runs=3, p90=p90) for name, p90 in (("a", 2.0), ("b", 9.0), ("c", 4.0))]
    known = works([Flow(name=name, file=f"{name}.yaml") for name in "abcn"], usual, ("b",))
    assert {each.flow: each.seconds for each in known} == {"a": 2.0, "b": 9.0, "c": 4.0, "n": 4.0}
    assert [each.flow for each in known if each.critical] == ["b"]


def test_where_nothing_was_ever_timed_flows_keep_their_order():
    known = works([Flow(name=name, file=f"{name}.yaml") for name in "bca"], (), ())
    assert in_order(known, DEVICES, {}) == ("b", "c", "a")


def test_flows_that_fit_one_device_only_do_not_find_it_taken_by_longer_ones():
    flows = [*(work(f"any-{n}", 10.0) for n in range(10)), *(work(f"tablet-{n}", 5.0) for n in range(10))]
    fits = {f"tablet-{n}": frozenset({"one"}) for n in range(10)}
    assert ending(ranked(flows, ("one", "two"), fits), ("one", "two"), fits) == 80.0


def test_long_flows_are_not_left_to_the_end_by_short_ones_that_need_something():
    flows = [*(work(f"three-{n}", 10.0) for n in range(30)), work("long-1", 100.0), work("long-2", 100.0)]
    fits = {f"three-{n}": frozenset(DEVICES[:3]) for n in range(30)}
    assert ending(ranked(flows, DEVICES, fits), DEVICES, fits) <= 150.0


def test_a_flow_that_the_workspace_puts_behind_another_starts_when_that_has_ended():
    flows = [work("second", 9.0, after="first"), work("first", 2.0), work("other", 1.0)]
    starts = {span.flow: span.start for span in simulate(flows, DEVICES, {})}
    assert starts == {"second": 2.0, "first": 0.0, "other": 0.0}


def test_a_flow_that_fits_no_device_is_not_waited_for():
    flows = [work("a", 1.0), work("tv", 1.0)]
    assert [span.flow for span in simulate(flows, DEVICES, {"tv": frozenset()})] == ["a"]


@pytest.mark.parametrize("devices", [(), ("one",)])
def test_every_flow_has_a_place_whatever_devices_there_are(devices):
    assert set(in_order([work("a", 1.0), work("b", 2.0)], devices, {"a": frozenset()})) == {"a", "b"}


@given(plans(), device_sets)
def test_no_two_flows_are_on_a_device_at_once_needs_are_held_and_nothing_is_forgotten(plan, devices):
    flows, fits = plan
    spans = simulate(ranked(flows, tuple(devices), fits), devices, fits)
    for device in devices:
        here = sorted((span.start, span.end) for span in spans if span.device == device)
        assert all(before[1] <= after[0] for before, after in pairwise(here))
    assert all(span.device in fits.get(span.flow, devices) for span in spans)
    ends = {span.flow: span.end for span in spans}
    before = {each.flow: each.after for each in flows}
    assert all(ends[before[span.flow]] <= span.start for span in spans if before[span.flow] in ends)
    stuck = {each.flow for each in flows if each.flow not in ends}
    assert all(not fits.get(name, devices) & devices or before[name] in stuck for name in stuck)


@given(plans(), device_sets)
def test_the_order_is_the_same_every_time_and_critical_flows_are_in_front(plan, devices):
    flows, fits = plan
    order = in_order(flows, devices, fits)
    assert order == in_order(flows, sorted(devices), dict(reversed(fits.items())))
    critical = [name for name in order if next(each for each in flows if each.flow == name).critical]
    assert list(order[: len(critical)]) == critical


@given(st.lists(seconds, min_size=1, max_size=30), st.integers(1, 4))
def test_longest_first_ends_within_what_is_known_of_it_for_any_number_of_flows(lengths, count):
    """The flow that ends last began when all devices were busy, or at once."""
    flows = [work(f"f{number}", length) for number, length in enumerate(lengths)]
    end = ending(ranked(flows, DEVICES[:count], {}), DEVICES[:count], {})
    share, ordered = sum(lengths) / count, sorted(lengths, reverse=True)
    rest = ordered[count] if len(lengths) > count else 0.0
    assert end >= max(ordered[0], share) - 1e-6
    assert end <= max(ordered[0], share + rest * (1 - 1 / count)) + 1e-6


@given(st.lists(st.integers(1, 12).map(float), min_size=1, max_size=7), st.integers(2, 3))
def test_longest_first_is_within_four_thirds_of_the_best_there_is(lengths, count):
    flows = [work(f"f{number}", length) for number, length in enumerate(lengths)]
    end = ending(ranked(flows, DEVICES[:count], {}), DEVICES[:count], {})
    assert end <= (4 / 3 - 1 / (3 * count)) * best(lengths, count) + 1e-6


def best(lengths: list[float], count: int) -> float:
    """The earliest end of all ways to share the flows out."""
    loads = {tuple([0.0] * count)}
    for length in lengths:
        loads = {
            tuple(sorted((*load[:place], load[place] + length, *load[place + 1 :])))
            for load in loads
            for place in range(count)
        }
    return min(max(load) for load in loads)

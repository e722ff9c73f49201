"""Which flow gets which device: order is kept, a device is never given twice, a confirmation goes elsewhere."""

from hypothesis import given
from hypothesis import strategies as st

from validator.farm.plan import Waiting, assign, wake_in


def serials(waiting, idle, alive=None, now=0.0):
    given_out = assign(waiting, idle, alive if alive is not None else idle, now)
    return [(item.waiting.flow, item.serial) for item in given_out]


def test_flows_take_idle_devices_in_their_order():
    waiting = [Waiting(flow="a"), Waiting(flow="b"), Waiting(flow="c")]
    assert serials(waiting, {"one", "two"}) == [("a", "one"), ("b", "two")]


def test_a_flow_that_failed_on_a_device_goes_to_another():
    assert serials([Waiting(flow="a", avoid="one")], {"one", "two"}) == [("a", "two")]


def test_it_waits_for_another_device_that_is_busy():
    assert serials([Waiting(flow="a", avoid="one")], {"one"}, alive={"one", "two"}) == []


def test_it_takes_the_same_device_when_there_is_no_other():
    assert serials([Waiting(flow="a", avoid="one")], {"one"}) == [("a", "one")]


def test_a_flow_behind_one_that_waits_is_not_held_up():
    waiting = [Waiting(flow="a", avoid="one"), Waiting(flow="b")]
    assert serials(waiting, {"one"}, alive={"one", "two"}) == [("b", "one")]


def test_a_flow_does_not_start_before_its_moment():
    waiting = [Waiting(flow="a", not_before=10.0)]
    assert serials(waiting, {"one"}, now=9.9) == []
    assert serials(waiting, {"one"}, now=10.0) == [("a", "one")]
    assert wake_in(waiting, 9.0) == 1.0
    assert wake_in(waiting, 10.0) is None


device_names = st.sampled_from(["one", "two", "three", "four"])
flows = st.builds(Waiting, flow=st.text(max_size=3), avoid=st.just("") | device_names, not_before=st.floats(0, 20))


@given(st.lists(flows, max_size=10), st.sets(device_names), st.sets(device_names), st.floats(0, 20))
def test_no_device_is_given_twice_and_only_idle_ones_are_given(waiting, idle, busy, now):
    given_out = assign(waiting, idle, idle | busy, now)
    taken = [item.serial for item in given_out]
    assert len(taken) == len(set(taken))
    assert set(taken) <= idle


@given(st.lists(flows, min_size=1, max_size=10), st.sets(device_names, min_size=1))
def test_while_all_devices_are_idle_some_flow_that_may_start_is_started(waiting, idle):
    assert bool(assign(waiting, idle, idle, 20.0))

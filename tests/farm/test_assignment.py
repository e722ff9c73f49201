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


needy = st.builds(
    Waiting,
    flow=st.text(max_size=3),
    avoid=st.just("") | device_names,
    fits=st.none() | st.frozensets(device_names),
)


def test_a_flow_goes_to_a_device_that_fits_it():
    waiting = [Waiting(flow="a", fits=frozenset({"two"})), Waiting(flow="b")]
    assert serials(waiting, {"one", "two"}) == [("a", "two"), ("b", "one")]


def test_a_flow_that_fits_everywhere_leaves_the_device_free_that_another_one_needs():
    waiting = [Waiting(flow="a"), Waiting(flow="b", fits=frozenset({"one"}))]
    assert serials(waiting, {"one", "two"}) == [("a", "two"), ("b", "one")]


def test_a_flow_is_confirmed_where_it_fits_and_on_the_same_device_when_only_that_fits():
    tablets = frozenset({"two", "three"})
    again = [Waiting(flow="a", avoid="two", fits=tablets)]
    assert serials(again, {"one", "two", "three"}) == [("a", "three")]
    assert serials(again, {"one", "two"}, alive={"one", "two", "three"}) == []
    assert serials(again, {"one", "two"}, alive={"one", "two"}) == [("a", "two")]


def test_a_flow_that_no_idle_device_fits_waits():
    assert serials([Waiting(flow="a", fits=frozenset({"three"}))], {"one", "two"}) == []


@given(st.lists(needy, max_size=10), st.sets(device_names), st.sets(device_names))
def test_needs_are_never_violated(waiting, idle, busy):
    for given_out in assign(waiting, idle, idle | busy, 0.0):
        assert given_out.waiting.fits is None or given_out.serial in given_out.waiting.fits


@given(st.lists(needy, max_size=10), st.sets(device_names, min_size=1))
def test_every_flow_that_fits_a_living_device_has_its_turn_sooner_or_later(waiting, alive):
    able = [item for item in waiting if item.fits is None or item.fits & alive]
    left, turns = list(waiting), 0
    while given_out := assign(left, alive, alive, 0.0):
        assert len({item.serial for item in given_out}) == len(given_out)
        for item in given_out:
            left.remove(item.waiting)
        turns += len(given_out)
    assert turns == len(able)
    assert all(item.fits is not None and not item.fits & alive for item in left)

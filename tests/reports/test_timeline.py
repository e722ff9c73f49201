"""The drawing shows what other devices did while a flow waited for production."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.fakes.builders import BEGAN, OTHER, PIXEL, attempt, flow, opening, plan, records
from validator.model.events import DeviceLeased, DeviceLost, RetryScheduled
from validator.reports.state import fold
from validator.reports.timeline import timeline


def waiting(*names: str):
    """Flows that are limited at the same time and wait for half a minute, beside one that runs meanwhile."""
    events = [*opening(), (14.0, plan([flow(name) for name in (*names, "Search")]))]
    for number, name in enumerate(names):
        events += attempt(name, 1, PIXEL.serial, 15.0 + number, 1.0)
        until = (BEGAN + timedelta(seconds=46 + number)).isoformat(timespec="milliseconds")
        again = RetryScheduled(flow=name, number=2, purpose="retry", reason="rate_limited: once more", not_before=until)
        events.append((16.0 + number, again))
    events += attempt("Search", 1, OTHER.serial, 20.0, 20.0)
    for number, name in enumerate(names):
        events += attempt(name, 2, PIXEL.serial, 46.0 + number, 1.0)
    return records(sorted(events, key=lambda event: event[0]))


def drawn(*names: str):
    found = timeline(fold(waiting(*names)))
    assert found is not None
    return found


def test_a_wait_is_drawn_below_the_devices_and_lies_over_what_ran_meanwhile():
    lanes = {lane.name: lane for lane in drawn("Sign in").lanes}
    (wait,) = lanes["waiting"].bars
    (search,) = lanes[OTHER.serial].bars
    assert wait.style == "wait"
    assert wait.x < search.x < search.x + search.width < wait.x + wait.width
    assert "Sign in waits 30.0 s: rate_limited" in wait.title


def test_waits_at_the_same_time_have_lanes_of_their_own():
    lanes = drawn("Sign in", "Cart", "Checkout").lanes
    assert [lane.name for lane in lanes][-3:] == ["waiting", "", ""]
    assert all(len(lane.bars) == 1 for lane in lanes[-3:])


def test_a_device_in_the_place_of_a_lost_one_stands_below_it():
    spare = replace(PIXEL, serial="emulator-5558")
    events = [*opening(), (14.0, plan([flow("Search"), flow("Cart")]))]
    events += [*attempt("Search", 1, PIXEL.serial, 15.0, 1.0), (17.0, DeviceLost(serial=PIXEL.serial, reason="gone"))]
    events += [(30.0, DeviceLeased(device=spare, seconds=1.0, replaces=PIXEL.serial))]
    events += [*attempt("Search", 2, spare.serial, 31.0, 1.0), *attempt("Cart", 1, OTHER.serial, 40.0, 1.0)]
    found = timeline(fold(records(events)))
    assert found is not None
    assert [(lane.name, len(lane.bars)) for lane in found.lanes] == [
        (PIXEL.serial, 1),
        (f"↳ {spare.serial}", 1),
        (OTHER.serial, 1),
    ]


def test_nothing_waits_where_production_asks_for_nothing():
    assert "waiting" not in {lane.name for lane in drawn().lanes}

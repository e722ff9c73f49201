"""What a watch makes of the answers it gets."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.devices.heartbeat import Answered, Beat, Condition, Network, Refused, Silent
from validator.model.attempt import DeviceState

HERE = Answered(boot_id="b1", forwarded=True)
BACK = Answered(boot_id="b1", forwarded=False)
REBOOTED = Answered(boot_id="b2", forwarded=False)
OFFLINE = Refused(why="device offline")
QUIET = Silent(seconds=4.5)
BEATS = st.lists(st.sampled_from([HERE, BACK, REBOOTED, OFFLINE, QUIET]), max_size=8)


def after(*beats: Beat) -> Condition:
    return reduce(lambda condition, beat: condition.after(beat), beats, Condition(boot_id="b1"))


@pytest.mark.parametrize(
    ("beats", "state"),
    [
        ([HERE, HERE], DeviceState.HEALTHY),
        ([HERE, OFFLINE], DeviceState.LOST),
        ([HERE, QUIET], DeviceState.FROZEN),
        ([HERE, REBOOTED], DeviceState.REBOOTED),
        ([HERE, BACK], DeviceState.RECONNECTED),
        ([OFFLINE, BACK], DeviceState.RECONNECTED),
        ([OFFLINE, REBOOTED], DeviceState.REBOOTED),
        ([BACK, REBOOTED], DeviceState.REBOOTED),
        ([QUIET, REBOOTED], DeviceState.REBOOTED),
        ([QUIET, HERE], DeviceState.FROZEN),
        ([QUIET, OFFLINE], DeviceState.FROZEN),
        ([OFFLINE, QUIET], DeviceState.LOST),
        ([BACK, HERE], DeviceState.RECONNECTED),
    ],
)
def test_answers_make_a_state(beats: list[Beat], state: DeviceState) -> None:
    assert after(*beats).state is state


def test_the_detail_says_what_was_seen() -> None:
    assert after(OFFLINE).detail == "device offline"
    assert "4.5 s" in after(QUIET).detail
    assert "boot id" in after(REBOOTED).detail
    assert "device offline" in after(OFFLINE, BACK).detail
    assert after(HERE).detail == ""


def test_the_evidence_names_both_boots() -> None:
    evidence = after(HERE, REBOOTED).evidence()
    assert (evidence.boot_id_before, evidence.boot_id_after) == ("b1", "b2")


@pytest.mark.parametrize("boots", [("", "b2"), ("b1", "")])
def test_a_boot_id_that_cannot_be_read_is_no_reboot(boots: tuple[str, str]) -> None:
    before, later = boots
    assert Condition(boot_id=before).after(Answered(boot_id=later, forwarded=True)).state is DeviceState.HEALTHY


@given(BEATS, BEATS)
def test_a_device_that_was_not_healthy_never_becomes_so(before: list[Beat], later: list[Beat]) -> None:
    condition = after(*before)
    if condition.state is not DeviceState.HEALTHY:
        assert after(*before, *later).state is not DeviceState.HEALTHY


@given(BEATS)
def test_only_good_answers_leave_a_device_healthy(beats: list[Beat]) -> None:
    assert (after(*beats).state is DeviceState.HEALTHY) == all(beat == HERE for beat in beats)


ONLINE = Answered(boot_id="b1", forwarded=True, network=Network.THERE)
OFF_THE_NET = Answered(boot_id="b1", forwarded=True, network=Network.GONE)
AIRPLANE = Answered(boot_id="b1", forwarded=True, network=Network.SWITCHED_OFF)


@pytest.mark.parametrize(
    ("beats", "state"),
    [
        ([ONLINE, OFF_THE_NET, OFF_THE_NET], DeviceState.NO_NETWORK),
        ([ONLINE, OFF_THE_NET, HERE, OFF_THE_NET], DeviceState.NO_NETWORK),
        ([ONLINE, OFF_THE_NET, ONLINE, OFF_THE_NET], DeviceState.HEALTHY),
        ([OFF_THE_NET] * 5, DeviceState.HEALTHY),
        ([ONLINE, AIRPLANE, OFF_THE_NET, OFF_THE_NET], DeviceState.HEALTHY),
        ([ONLINE, OFF_THE_NET, OFF_THE_NET, ONLINE], DeviceState.NO_NETWORK),
        ([ONLINE, OFF_THE_NET, OFF_THE_NET, BACK], DeviceState.RECONNECTED),
        ([OFFLINE, OFF_THE_NET, OFF_THE_NET], DeviceState.LOST),
    ],
)
def test_a_network_counts_as_lost_only_when_it_was_there_and_stays_away(beats: list[Beat], state: DeviceState) -> None:
    assert after(*beats).state is state


def test_an_uptime_that_begins_anew_is_a_reboot_where_the_boot_id_cannot_be_read() -> None:
    answers = [Answered(boot_id="", forwarded=True, uptime=seconds) for seconds in (100.0, 0.0, 101.0, 3.5)]
    condition = reduce(lambda known, beat: known.after(beat), answers[:3], Condition(boot_id=""))
    assert condition.state is DeviceState.HEALTHY, "an answer without one says nothing"
    rebooted = condition.after(answers[3])
    assert rebooted.state is DeviceState.REBOOTED
    assert (rebooted.evidence().uptime_before, rebooted.evidence().uptime_after) == (100.0, 3.5)

"""Work runs side by side, results come back as they are done, and what went wrong is not swallowed."""

import threading

import pytest

from validator.farm.in_process import InProcessEngine


def test_two_devices_work_at_the_same_time():
    barrier = threading.Barrier(2, timeout=10)
    with InProcessEngine[int](2) as engine:
        engine.start("one", barrier.wait)
        engine.start("two", barrier.wait)
        results = [engine.next(10), engine.next(10)]
    assert {result[0] for result in results if result} == {"one", "two"}


def test_nothing_finished_in_time_is_none():
    with InProcessEngine[int](1) as engine:
        assert engine.next(0.01) is None


def test_what_the_work_raised_is_raised_to_the_one_who_asks():
    def broken() -> int:
        raise ValueError("broken")

    with InProcessEngine[int](1) as engine:
        engine.start("one", broken)
        with pytest.raises(ValueError, match="broken"):
            engine.next(10)

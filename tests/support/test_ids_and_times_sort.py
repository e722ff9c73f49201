"""Identifiers and times sort as they were made."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.support.clock import SystemClock, iso
from validator.support.ids import new_id, new_run_id


def test_ids_grow_also_within_a_millisecond() -> None:
    ids = [new_id() for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5000
    assert all(re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", one) for one in ids)


def test_ids_of_many_threads_are_all_different() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = [one for batch in pool.map(lambda _: [new_id() for _ in range(500)], range(8)) for one in batch]
    assert len(set(ids)) == 4000


def test_an_id_tells_its_moment() -> None:
    value = 0
    before = time.time_ns() // 1_000_000
    for letter in new_id()[:10]:
        value = value * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    assert before - 1 <= value <= before + 5000


def test_a_run_id_names_its_second_in_utc() -> None:
    moment = datetime(2026, 11, 21, 4, 26, 54, tzinfo=timezone(timedelta(hours=1)))
    assert re.fullmatch("20261121-032654-[a-z0-9]{4}", new_run_id(moment))
    assert len({new_run_id(moment) for _ in range(50)}) > 45


def test_a_time_is_written_in_utc_with_milliseconds() -> None:
    moment = datetime(2026, 11, 21, 4, 26, 54, 120_999, tzinfo=timezone(timedelta(hours=1)))
    assert iso(moment) == "2026-11-21T03:26:54.120Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        iso(datetime(2026, 11, 21))  # noqa: DTZ001 - the very thing


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=5))
def test_written_times_sort_as_the_moments_do(moments: list[datetime]) -> None:
    assert sorted(iso(moment) for moment in moments) == [iso(moment) for moment in sorted(moments)]


def test_the_system_clock_knows_utc_and_never_goes_back() -> None:
    clock = SystemClock()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.monotonic() <= clock.monotonic()

"""Durations as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.support.durations import DurationError, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("90s", 90),
        ("2m", 120),
        ("1h30m", 5400),
        ("2d", 172_800),
        ("1d2h3m4s5ms", 93_784.005),
        ("0s", 0),
        ("007m", 420),
    ],
)
def test_a_duration_is_the_sum_of_its_parts(text: str, seconds: float) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize(("text", "advice"), [("5", "5s for seconds or 5m"), ("1.5", "1.5s for seconds or 1.5m")])
def test_a_number_without_a_unit_is_refused_with_what_to_write(text: str, advice: str) -> None:
    with pytest.raises(DurationError, match="has no unit") as refused:
        parse_duration(text)
    assert advice in refused.value.remedy


@pytest.mark.parametrize(
    "text",
    ["", " ", "m", "5 m", "5 minutes", "5M", "-5m", "+5m", "1.5h", "30m1h", "5m5m", "5ms5s", "5m\n", "٣m", "1e3s"],
)
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(DurationError, match="is not a duration") as refused:
        parse_duration(text)
    assert "1h30m" in refused.value.remedy


def test_more_than_ten_years_is_refused() -> None:
    with pytest.raises(DurationError, match="longer than ten years"):
        parse_duration("999999999d")


def test_a_long_text_is_not_repeated_in_full() -> None:
    with pytest.raises(DurationError) as refused:
        parse_duration("x" * 10_000)
    assert len(refused.value.what) < 100


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "0s"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(hours=24), "1d"),
        (timedelta(microseconds=1_499), "1ms"),
        (timedelta(seconds=59, microseconds=999_999), "1m"),
    ],
)
def test_a_duration_is_written_with_its_largest_units_first(duration: timedelta, text: str) -> None:
    assert format_duration(duration) == text


def test_a_negative_duration_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="negative"):
        format_duration(timedelta(seconds=-1))


@given(st.integers(min_value=0, max_value=3650 * 86_400_000))
def test_what_is_written_is_read_back(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert parse_duration(format_duration(duration)) == duration


@given(st.text(alphabet="0123456789dhms. -", max_size=12) | st.text())
def test_every_text_is_read_or_refused(text: str) -> None:
    try:
        duration = parse_duration(text)
    except DurationError:
        return
    assert parse_duration(format_duration(duration)) == duration

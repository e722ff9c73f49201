"""Lines of access logs are read whatever stands in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator.model.errors import UsageError
from validator.traffic.fields import LogFields, named_fields
from validator.traffic.log_entry import (
    UNNAMED,
    Entry,
    JsonReader,
    LogFormat,
    moment,
    read_combined,
    reader,
    run_in_agent,
    run_in_baggage,
)

RUN = "20261121-032654-k3x9"
BAGGAGE = f"synthetic_request=true,validator.run={RUN}"
COMBINED = (
    '203.0.113.9 - anon-1 [21/Nov/2026:04:27:10 +0100] "GET /v1/search?q=a\\"b HTTP/1.1" 200 512 '
    f'"-" "okhttp/4.12.0 CornerShop/1.4.2 validator/{RUN}"'
)
AT = datetime(2026, 11, 21, 3, 27, 10, tzinfo=UTC).timestamp()

read = reader(LogFormat.AUTO, LogFields())


def entry(**values: object) -> Entry:
    found = read(json.dumps({"time": "2026-11-21T03:27:10Z"} | values).encode())
    assert found is not None
    return found


def test_the_combined_format_is_read_with_its_user_and_the_mark_in_its_agent():
    found = read(COMBINED.encode())
    assert found is not None
    assert (found.address, found.user, found.method, found.status, found.run) == (
        "203.0.113.9", "anon-1", "GET", "200", RUN,
    )  # fmt: skip
    assert found.path == '/v1/search?q=a\\"b'
    assert moment(found.time) == AT


def test_baggage_appended_to_the_combined_format_is_read():
    plain = COMBINED.replace(f" validator/{RUN}", "")
    unmarked, marked = read(plain.encode()), read(f'{plain} "{BAGGAGE}"'.encode())
    assert unmarked is not None
    assert marked is not None
    assert (unmarked.run, marked.run) == ("", RUN)


def test_the_common_format_has_no_mark_and_is_no_broken_line():
    found = read(b'10.0.0.1 - - [21/Nov/2026:03:27:10 +0000] "GET / HTTP/1.1" 304 -')
    assert found is not None
    assert (found.user, found.run, found.path) == ("", "", "/")


@pytest.mark.parametrize(
    ("values", "run"),
    [
        ({"run": RUN}, RUN),
        ({"baggage": BAGGAGE}, RUN),
        ({"agent": f"validator/0.4.0 (+{RUN})"}, RUN),
        ({"user_agent": f"okhttp/4 validator/{RUN}"}, RUN),
        ({"run": "", "baggage": BAGGAGE}, ""),
        ({"baggage": "", "agent": f"x validator/{RUN}"}, ""),
        ({"http": {"request": {"headers": {"baggage": BAGGAGE}}}}, ""),
        ({"baggage": "synthetic_request=true"}, UNNAMED),
        ({"agent": "validator/0.4.0"}, UNNAMED),
        ({"baggage": "xvalidator.run=other"}, ""),
        ({"baggage": [BAGGAGE]}, RUN),
    ],
)
def test_the_first_field_that_a_line_has_says_whether_it_is_marked(values, run):
    assert entry(**values).run == run


def test_a_dot_leads_into_an_object_and_a_name_with_its_dot_wins():
    fields = named_fields(["baggage=http.baggage", "user=auth.id"])
    read_json = JsonReader(fields).read
    nested = read_json(json.dumps({"ts": 1, "http": {"baggage": BAGGAGE}, "auth": {"id": 7}}).encode())
    flat = read_json(json.dumps({"ts": 1, "auth.id": "flat", "auth": {"id": 7}}).encode())
    assert nested is not None
    assert flat is not None
    assert (nested.run, nested.user, flat.user) == (RUN, "7", "flat")


@pytest.mark.parametrize("pair", ["user", "users=x", "user=", "user=a b", 'user="', "user=" + "a" * 101, "user=a\n"])
def test_a_field_that_cannot_be_is_refused(pair):
    with pytest.raises(UsageError) as refused:
        named_fields([pair])
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("2026-11-21T03:27:10Z", AT),
        ("2026-11-21T04:27:10+01:00", AT),
        ("2026-11-21 03:27:10", AT),
        ("21/Nov/2026:03:27:10 +0000", AT),
        (AT, AT),
        (AT * 1000, AT),
        ("21/Foo/2026:03:27:10 +0000", None),
        ("yesterday", None),
        ("", None),
        (-1.0, None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_times_are_read_in_the_usual_forms(time, seconds):
    assert moment(time) == seconds


def test_wrong_utf_8_and_half_characters_break_no_line():
    assert read(b'{"time": "2026-11-21T03:27:10Z", "path": "/\xff"}') is not None
    assert read(b'{"time": "2026-11-21T03:27:10Z", "path": "/\\ud800"}') is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["time", "run", "user", "a.b"]), inner),
    max_leaves=8,
)
NAMES = st.sampled_from([name for names in (LogFields().time, LogFields().run, LogFields().user) for name in names])


@given(st.dictionaries(NAMES | st.sampled_from(["baggage", "agent", "path"]), JSON, max_size=6))
def test_any_object_is_an_entry_or_broken(value: dict[str, object]) -> None:
    found = read(json.dumps(value).encode())
    if found is not None:
        moment(found.time)
        assert all(isinstance(text, str) for text in (found.user, found.run, found.path, found.address))
        assert len(found.run) <= 128


@given(st.binary(max_size=300))
@example(b"[" * 200_000)
@example(b'{"a":' * 100_000)
@example(b'{"time": 1' + b"0" * 5000 + b"}")
@example(b'1 - - [x] "' + b"\\" * 100_001)
@example(b'1 - - [x] "GET / HTTP/1.1" 200 1 "' + b'" "' * 50_000)
def test_any_bytes_are_an_entry_or_broken_in_every_format(line: bytes) -> None:
    for form in LogFormat:
        found = reader(form, LogFields())(line)
        assert found is None or isinstance(moment(found.time), float | None)


@given(st.text())
def test_any_text_is_a_time_a_mark_or_none(text: str) -> None:
    moment(text)
    assert len(run_in_baggage(text)) <= 128
    assert len(run_in_agent(text)) <= 128


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_a_quote_that_a_client_sends_in_its_agent_stays_in_its_field(agent: str) -> None:
    escaped = agent.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    line = f'10.0.0.1 - u [21/Nov/2026:03:27:10 +0000] "GET / HTTP/1.1" 200 1 "-" "{escaped}" "validator.run=real"'
    found = read_combined(line.encode())
    assert found is not None
    assert found.run == "real"

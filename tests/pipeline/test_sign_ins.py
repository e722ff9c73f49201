"""Users that the app creates are read back from its log, a sign-in that failed from its log and its screen."""

from __future__ import annotations

import os
import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validator.pipeline.sign_in import MOST_TEXTS, MOST_USERS, READ_NOTHING, SignInReading, screen_texts
from validator.support.text import one_line

READING = SignInReading(
    user_log=re.compile(r"signed in as (?P<user>[\w-]+)"),
    failed_log=re.compile(r"sign-in failed"),
    failed_text=re.compile(r"could not sign you in"),
)
LOG = """\
1795231617.900  42  43 I Auth: signed in as guest-1
1795231618.100  42  43 I Auth: signed in as guest-2
1795231618.200  42  43 I Auth: signed in as guest-1
1795231618.300  42  43 E Auth: sign-in failed: disabled
"""
SCREEN = (
    '<hierarchy><node text="Sorry, we could not sign you in" content-desc="" /><node text="A &amp; B" /></hierarchy>'
)


def test_users_are_listed_once_in_the_order_of_their_creation(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LOG)
    found = READING.read(tmp_path / "log", ())
    assert found.users == ("guest-1", "guest-2")
    assert found.failed == ("1795231618.300 42 43 E Auth: sign-in failed: disabled",)


def test_a_flow_that_does_nothing_but_sign_in_is_known_by_its_tag(tmp_path: Path) -> None:
    reading = SignInReading(flow_tag="signin")
    assert reading.read(tmp_path / "log", (), ("smoke", "signin")).flow
    assert not reading.read(tmp_path / "log", (), ("smoke",)).flow
    assert not READ_NOTHING.read(tmp_path / "log", (), ("",)).flow


def test_a_failed_sign_in_is_seen_on_the_screen(tmp_path: Path) -> None:
    (tmp_path / "hierarchy.xml").write_text(SCREEN)
    texts = screen_texts(tmp_path)
    assert texts == ("Sorry, we could not sign you in", "A & B")
    assert READING.read(tmp_path / "none", texts).failed == ("on screen: Sorry, we could not sign you in",)


def test_the_latest_screen_counts(tmp_path: Path) -> None:
    for name, age in (("old.xml", 1000), ("new.xml", 2000)):
        (tmp_path / name).write_text(f'<node text="{name}"/>')
        os.utime(tmp_path / name, (age, age))
    (tmp_path / "junit-report.xml").write_text('<node text="no screen"/>')
    assert screen_texts(tmp_path) == ("new.xml",)


def test_where_nothing_is_configured_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LOG)
    found = READ_NOTHING.read(tmp_path / "log", ("could not sign you in",))
    assert (found.users, found.failed) == ((), ())


def test_a_log_that_names_users_without_end_is_cut(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("".join(f"signed in as u-{n}\n" for n in range(1000)) + "x" * 3_000_000)
    assert len(READING.read(tmp_path / "log", ()).users) == MOST_USERS


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_whatever_a_log_or_a_screen_holds_what_is_kept_is_one_line_and_bounded(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "log").write_bytes(b"signed in as guest" + junk + b"\nsign-in failed " + junk)
    (tmp_path / "screen.xml").write_bytes(b'<node text="' + junk + b'" />')
    texts = screen_texts(tmp_path)
    found = READING.read(tmp_path / "log", texts)
    assert len(texts) <= MOST_TEXTS
    assert all(one_line(text) == text for text in (*texts, *found.users, *found.failed))

"""Every event is on disk before anyone hears of it; a torn last line is left out, anything else broken is named."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.history.journal import Journal, JournalError, read_journal
from validator.model.events import Record, Warned


def record(seq: int, message: str = "hello") -> Record:
    return Record(
        id=f"id-{seq}",
        run="run",
        tenant="default",
        seq=seq,
        at="2026-11-21T03:30:00.000Z",
        version=1,
        event=Warned(message=message),
    )


def test_what_was_appended_is_read_back_in_order(tmp_path):
    records = [record(0), record(1, "zwei\nZeilen"), record(2, "\u2028 \x00 ü")]
    with Journal(tmp_path / "events.jsonl") as journal:
        for item in records:
            journal.handle(item)
    assert list(read_journal(tmp_path / "events.jsonl")) == records


def test_an_event_is_readable_as_soon_as_it_was_handled(tmp_path):
    with Journal(tmp_path / "events.jsonl") as journal:
        journal.handle(record(0))
        assert [item.seq for item in read_journal(tmp_path / "events.jsonl")] == [0]


def test_a_journal_that_is_opened_again_goes_on_at_its_end(tmp_path):
    for seq in (0, 1):
        with Journal(tmp_path / "events.jsonl") as journal:
            journal.handle(record(seq))
    assert [item.seq for item in read_journal(tmp_path / "events.jsonl")] == [0, 1]


@given(cut=st.integers(1, 60))
def test_a_torn_last_line_is_left_out_and_nothing_before_it_is_lost(tmp_path_factory, cut):
    file = tmp_path_factory.mktemp("journal") / "events.jsonl"
    with Journal(file) as journal:
        journal.handle(record(0))
        journal.handle(record(1))
    os.truncate(file, file.stat().st_size - cut)
    assert [item.seq for item in read_journal(file)] == [0]


def test_a_broken_line_in_the_middle_is_named(tmp_path):
    file = tmp_path / "events.jsonl"
    with Journal(file) as journal:
        journal.handle(record(0))
    file.write_bytes(b"not json\n" + file.read_bytes())
    with pytest.raises(JournalError) as error:
        list(read_journal(file))
    assert error.value.where == f"{file}:1"


def test_a_folder_that_does_not_exist_is_an_error_that_says_what_to_do(tmp_path):
    with pytest.raises(JournalError) as error:
        Journal(tmp_path / "nowhere" / "events.jsonl")
    assert "gate stays closed" in error.value.diagnostics()


def test_a_full_disk_is_an_error_not_a_lost_event():
    with Journal(Path("/dev/full")) as journal, pytest.raises(JournalError, match="cannot be stored"):
        journal.handle(record(0))

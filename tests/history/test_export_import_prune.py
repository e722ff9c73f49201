"""What leaves the store can be checked anywhere, comes back once, and is never lost on the way."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.runs import approved, blocked
from tests.history.samples import a_run
from validator.history.acts import ChainStarted
from validator.history.blobs import THRESHOLD
from validator.history.chain import genesis
from validator.history.errors import HistoryError
from validator.history.journal import Journal
from validator.history.store import History, Store, open_store
from validator.model.events import Warned
from validator.support.codec import encode


@pytest.fixture
def filled(history: History) -> History:
    """Three runs, a day apart, with a long payload in the second."""
    for number in range(3):
        records = a_run(f"run-{number}", (approved, blocked, approved)[number], days=number)
        if number == 1:
            records[5] = replace(records[5], event=Warned(message="x" * THRESHOLD))
        history.log.append(records)
    return history


def test_an_export_is_imported_into_an_empty_store_as_the_same_chain(filled: History, tmp_path: Path):
    exported = filled.export(tmp_path / "export.jsonl")
    with open_store("memory:") as other:
        copy = other.tenant("default")
        assert copy.import_file(tmp_path / "export.jsonl").stored == exported.events
        assert copy.import_file(tmp_path / "export.jsonl").known == exported.events
        assert copy.log.head() == exported.head == filled.log.head()
        assert copy.runs.page() == filled.runs.page()
        assert copy.verify().ok


def test_an_export_can_be_checked_without_this_program(filled: History, tmp_path: Path):
    filled.export(tmp_path / "export.jsonl")
    header, *events, footer = map(json.loads, (tmp_path / "export.jsonl").read_text("ascii").splitlines())
    prev = header["after_hash"]
    for event in events:
        payload = json.dumps(event.pop("payload"), sort_keys=True, separators=(",", ":"))
        head, event["prev"] = event.pop("hash"), prev
        event |= {"payload": hashlib.sha256(payload.encode()).hexdigest(), "tenant": header["tenant"]}
        line = json.dumps(event, sort_keys=True, separators=(",", ":"))
        prev = hashlib.sha256(line.encode()).hexdigest()
        assert prev == head
    assert footer == {"events": len(events), "position": len(events), "head": prev}


def test_an_export_that_was_changed_or_cut_off_brings_nothing_in(filled: History, tmp_path: Path):
    good = tmp_path / "export.jsonl"
    filled.export(good)
    lines = good.read_bytes().splitlines(keepends=True)
    broken = {
        "changed": [lines[0], lines[1].replace(b"production", b"staging"), *lines[2:]],
        "left out": [*lines[:4], *lines[5:]],
        "swapped": [*lines[:4], lines[5], lines[4], *lines[6:]],
        "cut off": lines[:-1],
        "headless": lines[1:],
        "empty": [],
        "middle": [lines[0].replace(genesis("default").hash.encode(), b"0" * 64), *lines[3:]],
        "footer": [*lines[:-1], lines[-1].replace(b'"events":', b'"events":1')],
        "not JSON": [*lines[:4], b"{]\n", *lines[4:]],
    }
    with open_store("memory:") as other:
        for name, content in broken.items():
            (tmp_path / name).write_bytes(b"".join(content))
            with pytest.raises(HistoryError):
                other.tenant("default").import_file(tmp_path / name)
            assert other.tenant("default").log.head().position == 0, name


def test_a_runs_journal_is_imported_with_its_torn_line_left_out(history: History, tmp_path: Path):
    records = a_run("run")
    with Journal(tmp_path / "events.jsonl") as journal:
        for record in records:
            journal.handle(record)
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(encode(records[0])[:40])
    assert history.import_file(tmp_path / "events.jsonl").stored == len(records)
    assert history.log.append(records).known == len(records)
    assert history.log.records("run") == records


@pytest.mark.parametrize("content", [b"hello\n", b"[]\n", b"\xff\xfe\n", b'{"id": 1}\n', b"{" * 100_000 + b"\n"])
def test_what_is_neither_export_nor_journal_is_refused(history: History, tmp_path: Path, content: bytes):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(HistoryError, match="no event"):
        history.import_file(tmp_path / "file")
    with pytest.raises(HistoryError, match="cannot be read"):
        history.import_file(tmp_path / "missing")


def test_pruning_keeps_the_young_and_exports_the_whole_chain_first(filled: History, tmp_path: Path):
    head = filled.log.head()
    export = tmp_path / "before.jsonl"
    pruned = filled.prune("2026-11-22T12:00:00.000Z", export)
    assert (pruned.runs, pruned.events + pruned.kept) == (2, head.position)
    assert [run.id for run in filled.runs.page().runs] == ["run-2"]
    assert filled.log.records("run-0") == []
    assert filled.log.records("run-2") == a_run("run-2", days=2)
    found = filled.verify()
    assert (found.ok, found.events) == (True, pruned.kept + 1)
    assert found.head.position == head.position + pruned.kept + 1
    assert json.loads(export.read_text("ascii").splitlines()[-1])["head"] == head.hash


def test_the_new_chain_names_the_old_ones_head_and_its_export(filled: History, tmp_path: Path):
    head = filled.log.head()
    filled.prune("2026-11-22T12:00:00.000Z", tmp_path / "before.jsonl")
    filled.export(tmp_path / "after.jsonl")
    started = json.loads((tmp_path / "after.jsonl").read_text("ascii").splitlines()[1])
    assert (started["type"], started["prev"]) == (ChainStarted.__name__, head.hash)
    payload = started["payload"]
    digest = hashlib.sha256((tmp_path / "before.jsonl").read_bytes()).hexdigest()
    assert (payload["previous_head"], payload["export_sha256"]) == (head.hash, digest)


def test_what_was_pruned_can_be_imported_again(filled: History, tmp_path: Path):
    before = filled.runs.page()
    filled.prune("2026-11-22T12:00:00.000Z", tmp_path / "first.jsonl")
    filled.log.append(a_run("run-3", days=3))
    filled.prune("2026-11-23T12:00:00.000Z", tmp_path / "second.jsonl")
    assert [run.id for run in filled.runs.page().runs] == ["run-3"]
    filled.import_file(tmp_path / "second.jsonl")
    filled.import_file(tmp_path / "first.jsonl")
    assert filled.runs.page().runs[1:] == before.runs
    assert filled.verify().ok


def test_pruning_refuses_when_the_export_cannot_be_made(filled: History, tmp_path: Path):
    head = filled.log.head()
    (tmp_path / "taken").write_text("precious")
    for place in (tmp_path / "taken", tmp_path / "no folder" / "export"):
        with pytest.raises(HistoryError):
            filled.prune("2099-01-01T00:00:00.000Z", place)
    assert filled.log.head() == head
    assert (tmp_path / "taken").read_text() == "precious"
    assert filled.verify().ok


def test_pruning_what_is_not_there_does_nothing(filled: History, tmp_path: Path):
    assert filled.prune("2020-01-01T00:00:00.000Z", tmp_path / "export.jsonl").export is None
    assert not (tmp_path / "export.jsonl").exists()
    assert filled.prune("2020-01-01T00:00:00.000Z", tmp_path / "export.jsonl").runs == 0


def test_the_guards_stand_again_after_pruning(filled: History, store: Store, tmp_path: Path):
    filled.prune("2026-11-22T12:00:00.000Z", tmp_path / "export.jsonl")
    assert store.tenant("default").verify().problems == ()

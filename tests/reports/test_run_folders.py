"""`latest` names the run that was started last, so that a run that dies leaves no older decision in its place."""

import pytest

from validator.model.errors import UsageError
from validator.reports.folder import find_run_folder, forget_latest, new_run_folder, stored_runs


def started(reports, run):
    folder = new_run_folder(reports, run)
    (folder / "events.jsonl").touch()
    return folder


def test_latest_moves_when_a_run_starts(tmp_path):
    first = started(tmp_path, "run-1")
    (first / "decision.json").write_text("{}")
    started(tmp_path, "run-2")
    assert not (tmp_path / "latest" / "decision.json").exists()
    assert find_run_folder(tmp_path, "latest").name == "run-2"


def test_runs_are_found_by_their_id_the_latest_first(tmp_path):
    started(tmp_path, "run-1")
    started(tmp_path, "run-2")
    assert stored_runs(tmp_path) == ["run-2", "run-1"]
    assert find_run_folder(tmp_path, "run-1") == tmp_path / "run-1"


@pytest.mark.parametrize("name", ["run-9", "..", ".", "", "../etc"])
def test_an_unknown_run_is_an_error_that_names_the_known_ones(tmp_path, name):
    (tmp_path / "run-1").mkdir()
    (tmp_path / "run-1" / "events.jsonl").touch()
    with pytest.raises(UsageError) as error:
        find_run_folder(tmp_path, name)
    assert "run-1" in error.value.remedy


def test_without_its_link_the_latest_is_the_newest_that_is_stored(tmp_path):
    for name in ("run-1", "run-2"):
        started(tmp_path, name)
        (tmp_path / name / "events.jsonl").touch()
    forget_latest(tmp_path)
    assert not (tmp_path / "latest").exists()
    assert find_run_folder(tmp_path, "latest") == tmp_path / "run-2"


def test_a_folder_that_cannot_be_made_is_a_usage_error_with_a_remedy(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        new_run_folder(tmp_path / "file", "run-1")

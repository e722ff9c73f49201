"""Flows are run from a copy, so that what a runner writes beside them is not written into the team's workspace."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.flows.stand_ins import Device, MakeProgram, MakeRequest, MakeWorkspace, solid
from tests.flows.stand_ins import runner as stand_in
from validator.flows.maestro_runner import MaestroRunner
from validator.flows.workspace_copy import WorkspaceCopy
from validator.model.attempt import RunnerEnd
from validator.support.stop import Stop

SUB = "appId: x\n---\n- takeScreenshot: inner\n- assertVisible: Welcome\n"
WRITING = "- takeScreenshot: outer\n- takeScreenshot: kept\n- runFlow: sub/inner.yaml\n"


def state_of(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file with its content and when it was written."""
    return {
        str(file.relative_to(folder)): (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_a_flow_that_takes_screenshots_leaves_the_workspace_as_it_was(
    runner: MaestroRunner, request_on: MakeRequest
) -> None:
    request = request_on(f"appId: x\n---\n{WRITING}")
    (request.workspace / "sub").mkdir()
    (request.workspace / "sub" / "inner.yaml").write_text(SUB, encoding="utf-8")
    (request.workspace / "kept.png").write_bytes(b"the team's own")
    before = state_of(request.workspace)

    report = runner.run(request, Stop())

    assert report.passed, report
    assert state_of(request.workspace) == before
    taken = request.folder / "taken"
    assert list(state_of(taken)) == ["kept.png", "outer.png", "sub/inner.png"]
    assert (taken / "kept.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("colour", "passed"), [("white", True), ("black", False)])
def test_a_screen_is_compared_with_the_teams_image_which_stays_as_it_was(
    runner: MaestroRunner, request_on: MakeRequest, colour: str, passed: bool
) -> None:
    request = request_on("appId: x\n---\n- assertVisible: Welcome\n- assertScreenshot: home\n")
    (request.workspace / "home.png").write_bytes(solid(colour))
    before = state_of(request.workspace)

    report = runner.run(request, Stop())

    assert (report.passed, report.complete) == (passed, True)
    assert state_of(request.workspace) == before


def test_a_screen_without_its_image_is_not_measured_and_no_image_is_made(
    runner: MaestroRunner, request_on: MakeRequest, device: Device
) -> None:
    request = request_on("appId: x\n---\n- assertVisible: Welcome\n- assertScreenshot: home\n")

    report = runner.run(request, Stop())

    assert report.end is RunnerEnd.NOT_STARTED
    assert report.problem.startswith("the flow cannot be measured: flow.yaml:4:21: image home.png does not exist")
    assert list(request.workspace.iterdir()) == [request.file]
    assert not device.log.exists(), "the device was not touched"


def test_a_check_after_the_flow_is_not_measured(runner: MaestroRunner, request_on: MakeRequest) -> None:
    report = runner.run(request_on("appId: x\nonFlowComplete:\n  - assertVisible: Done\n---\n- back\n"), Stop())

    assert (report.end, report.passed) == (RunnerEnd.NOT_STARTED, False)
    assert report.problem.startswith("the flow cannot be measured: flow.yaml:3:5: assertVisible in onFlowComplete")


def test_what_is_reported_and_kept_names_the_teams_files(runner: MaestroRunner, request_on: MakeRequest) -> None:
    request = request_on("appId: x\n---\n- runFlow: sub/inner.yaml\n")
    (request.workspace / "sub").mkdir()
    (request.workspace / "sub" / "inner.yaml").write_text(SUB, encoding="utf-8")

    report = runner.run(request, Stop())

    assert report.passed, report
    assert report.command[-1] == str(request.file)
    kept = b"".join(file.read_bytes() for file in request.folder.rglob("*") if file.is_file())
    assert str(request.file).encode() in kept
    assert b"validator-runner-" not in kept
    assert "validator-runner-" not in " ".join((*report.output, report.message, report.problem))


def test_a_mistake_that_the_runner_finds_is_told_at_its_place_in_the_teams_file(
    program: MakeProgram, request_for: MakeRequest
) -> None:
    request = request_for("appId: x\n---\n- back\n- tapOnn: x\n")
    says = "print(f'Error: parse error: {arguments[-1]}:2: unknown step type'); raise SystemExit(1)"

    report = stand_in(program, says).run(request, Stop())

    assert report.message == "Error: parse error: flow.yaml:4: unknown step type"


def test_only_what_the_flow_calls_for_is_copied(program: MakeProgram, request_for: MakeRequest) -> None:
    request = request_for("appId: x\n---\n- runFlow: ../beside/sub.yaml\n- runScript: s.js\n")
    (request.workspace.parent / "beside").mkdir()
    (request.workspace.parent / "beside" / "sub.yaml").write_text(SUB, encoding="utf-8")
    (request.workspace / "s.js").write_text("1", encoding="utf-8")
    (request.workspace / "large.mp3").write_bytes(b"x" * 100)
    lists = """
root = pathlib.Path(arguments[-1]).parents[1]
print(sorted(str(file.relative_to(root)) for file in root.rglob('*') if file.is_file()))
"""

    report = stand_in(program, lists).run(request, Stop())

    assert report.output == ("['beside/sub.yaml', 'flows/flow.yaml', 'flows/s.js']",)


@pytest.mark.parametrize(("more", "linked"), [("", True), ("- startRecording: tour\n", False)])
def test_a_large_video_is_copied_only_where_one_is_recorded(
    program: MakeProgram, request_for: MakeRequest, more: str, linked: bool
) -> None:
    request = request_for(f"appId: x\n---\n- addMedia: [tour.mp4]\n{more}")
    (request.workspace / "tour.mp4").write_bytes(b"v" * 2_000_000)

    report = stand_in(program, "print(pathlib.Path(arguments[-1]).with_name('tour.mp4').is_symlink())").run(
        request, Stop()
    )

    assert report.output == (str(linked),)


def test_the_whole_workspace_is_copied_where_only_the_running_flow_knows_what_it_calls_for(
    program: MakeProgram, request_for: MakeRequest
) -> None:
    request = request_for("appId: x\n---\n- runFlow: ${SCREEN}.yaml\n", variables={"SCREEN": "home"})
    (request.workspace / "home.yaml").write_text(SUB, encoding="utf-8")

    report = stand_in(program, "print(sorted(os.listdir(pathlib.Path(arguments[-1]).parent)))").run(request, Stop())

    assert report.output == ("['flow.yaml', 'home.yaml']",)


def test_a_copied_workspace_has_its_linked_folders_and_large_media_as_links(
    workspace: MakeWorkspace, tmp_path: Path
) -> None:
    folder = workspace({"a.yaml": "1", "sub/b.yaml": "2"})
    (folder / "large.mp3").write_bytes(b"m" * 2_000_000)
    (folder / "large.png").write_bytes(b"p" * 2_000_000)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "c.yaml").write_text("3", encoding="utf-8")
    (folder / "linked").symlink_to(outside)
    (folder / "again").symlink_to(folder)
    (folder / "gone").symlink_to(tmp_path / "nowhere")
    copy = WorkspaceCopy(tmp_path / "copy")

    copy.take_folder(folder)

    root = copy.place(folder)
    assert [(root / name).read_text() for name in ("a.yaml", "sub/b.yaml", "linked/c.yaml")] == ["1", "2", "3"]
    assert (root / "large.mp3").is_symlink()
    assert not (root / "large.png").is_symlink(), "the runner may write over it"
    (root / "linked" / "c.yaml").write_text("changed", encoding="utf-8")
    assert (outside / "c.yaml").read_text(encoding="utf-8") == "3"
    assert (root / "again").resolve() == root.resolve()

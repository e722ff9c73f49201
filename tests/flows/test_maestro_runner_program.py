"""Where maestro-runner is looked for, and what is said when it is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.stand_ins import MakeProgram
from validator.flows.maestro_runner import MaestroRunner
from validator.flows.maestro_runner_program import find_program
from validator.model.errors import UsageError
from validator.support.stop import Stop

PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nothing_on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_npms_wrapper_leads_to_the_program_itself() -> None:
    program = find_program(None, PROJECT)

    assert program.read_bytes()[:4] == b"\x7fELF" or program.read_bytes()[:2] == b"\xcf\xfa"
    assert find_program(PROJECT / "node_modules" / ".bin" / "maestro-runner", PROJECT) == program


def test_a_wrapper_that_was_linked_onto_path_leads_to_the_program_too(nothing_on_path: Path, tmp_path: Path) -> None:
    (nothing_on_path / "maestro-runner").symlink_to(PROJECT / "node_modules" / ".bin" / "maestro-runner")

    assert find_program(None, tmp_path) == find_program(None, PROJECT)


def test_a_configured_program_comes_first_and_path_second(
    nothing_on_path: Path, program: MakeProgram, tmp_path: Path
) -> None:
    configured = program("my-runner", "")
    on_path = program("maestro-runner", "")
    (nothing_on_path / "maestro-runner").symlink_to(on_path)

    assert find_program(configured, PROJECT) == configured
    assert find_program(Path("programs/my-runner"), tmp_path) == configured
    assert find_program(None, PROJECT).name == "maestro-runner"
    assert find_program(None, PROJECT).parent == nothing_on_path


def test_a_machine_without_it_is_told_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="maestro-runner is not installed") as refused:
        find_program(None, tmp_path)

    assert "npm install maestro-runner@1.1.27" in refused.value.remedy


@pytest.mark.parametrize(("kind", "what"), [("missing", "does not exist"), ("plain", "is not an executable file")])
def test_a_configured_program_that_is_none_is_refused(tmp_path: Path, kind: str, what: str) -> None:
    (tmp_path / "plain").write_text("x", encoding="utf-8")

    with pytest.raises(UsageError, match=what) as refused:
        find_program(Path(kind), tmp_path)

    assert "flows.runner_path" in refused.value.remedy


def test_a_wrapper_whose_program_was_left_out_is_told_apart(tmp_path: Path) -> None:
    wrapper = tmp_path / "node_modules" / "maestro-runner" / "bin" / "maestro-runner.js"
    wrapper.parent.mkdir(parents=True)
    wrapper.write_text("#!/usr/bin/env node\n", encoding="utf-8")
    wrapper.chmod(0o755)

    with pytest.raises(UsageError, match="without the program for this machine") as refused:
        find_program(wrapper, tmp_path)

    assert "--omit=optional" in refused.value.remedy


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("print('no version here')", "printed no version here"),
        ("raise SystemExit(3)", "ended with status 3 and printed nothing"),
    ],
)
def test_a_program_that_is_no_runner_is_refused(program: MakeProgram, body: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        MaestroRunner.find(program("maestro-runner", body), tmp_path, Stop())

    assert what in refused.value.what


def test_a_file_that_cannot_be_started_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"#!/nowhere/interpreter\n")
    broken.chmod(0o755)

    with pytest.raises(UsageError) as refused:
        MaestroRunner.find(broken, tmp_path, Stop())

    assert refused.value.remedy == "reinstall the flow runner"

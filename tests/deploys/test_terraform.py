"""Outputs asked from Terraform, or read from a file."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from validator.deploys.terraform import OutputsFile, TerraformDirectory
from validator.model.causes import Cause
from validator.model.errors import StageError, UsageError
from validator.support.stop import Stop

MakeTerraform = Callable[[str], TerraformDirectory]


def ignore(value: str, name: str) -> None:
    """Hides nothing."""


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeTerraform:
    """A directory, and a shell script in the place of the program."""

    def make(script: str, name: str = "terraform") -> TerraformDirectory:
        programs = tmp_path / "programs"
        programs.mkdir(exist_ok=True)
        (programs / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
        (tmp_path / "infra").mkdir(exist_ok=True)
        return TerraformDirectory(directory=tmp_path / "infra", hide=ignore, program=name, seconds=5.0)

    return make


def test_the_outputs_are_asked_in_the_directory_without_questions(terraform: MakeTerraform, tmp_path: Path) -> None:
    script = """echo "$@ $PWD $TF_INPUT $TF_IN_AUTOMATION $CHECKPOINT_DISABLE" > ../asked; echo warning >&2
echo '{"api_url": {"value": "https://api.example.com", "sensitive": false}}'"""

    found = terraform(script).read(Stop())

    assert found.values == {"api_url": "https://api.example.com"}
    assert found.source == f"`terraform output` in {tmp_path}/infra"
    assert (tmp_path / "asked").read_text(encoding="utf-8") == f"output -json -no-color {tmp_path}/infra 0 1 1\n"


def test_opentofu_is_taken_where_there_is_no_terraform(
    terraform: MakeTerraform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terraform("""echo '{"a": {"value": "tofu"}}'""")
    (tmp_path / "programs" / "terraform").rename(tmp_path / "programs" / "tofu")
    monkeypatch.setenv("PATH", f"{tmp_path}/programs:{_without('terraform', tmp_path)}")

    found = TerraformDirectory(directory=tmp_path / "infra", hide=ignore).read(Stop())

    assert found.values == {"a": "tofu"}


def test_neither_of_them_is_told_with_the_way_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UsageError, match="terraform and tofu cannot be found") as refused:
        TerraformDirectory(directory=tmp_path, hide=ignore).read(Stop())

    assert "outputs_file" in refused.value.remedy


def test_secrets_are_hidden_before_they_are_returned_and_never_on_the_disk(
    terraform: MakeTerraform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    hidden: list[tuple[str, str]] = []
    script = f"""echo '{{"token": {{"value": "hunter2-and-more", "sensitive": true}}}}'
sleep 0.2; grep -rl hunter2 {temporary} > {tmp_path}/found; exit 0"""
    source = terraform(script)

    found = TerraformDirectory(
        directory=source.directory, hide=lambda value, name: hidden.append((value, name)), program="terraform"
    ).read(Stop())

    assert hidden == [("hunter2-and-more", "token")]
    assert "hunter2" not in repr(found)
    assert (tmp_path / "found").read_text(encoding="utf-8") == ""
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("echo '{}'", "the state has no outputs"),
        ("echo 'no json'", "not JSON"),
        ("head -c 70000 /dev/zero | tr '\\0' x", "longer than 65536 bytes"),
    ],
)
def test_a_program_without_outputs_says_why(terraform: MakeTerraform, script: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        terraform(script).read(Stop())

    assert what in refused.value.what
    assert refused.value.where == f"{tmp_path}/infra"
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("echo 'Error: dial tcp: i/o timeout' >&2; exit 1", "ended with status 1:\n  | Error: dial tcp: i/o timeout"),
        ("exit 3", "ended with status 3"),
    ],
)
def test_a_program_that_fails_could_not_measure(terraform: MakeTerraform, script: str, what: str) -> None:
    with pytest.raises(StageError) as failed:
        terraform(script).read(Stop())
    assert what in failed.value.what
    assert failed.value.cause is Cause.UNKNOWN
    assert "init" in failed.value.remedy


def test_a_backend_that_does_not_answer_is_unknown_not_a_mistake(terraform: MakeTerraform) -> None:
    source = terraform("sleep 60")

    with pytest.raises(StageError, match=r"did not answer within 0\.3 s") as failed:
        TerraformDirectory(directory=source.directory, hide=ignore, program="terraform", seconds=0.3).read(Stop())

    assert failed.value.cause is Cause.UNKNOWN


def test_a_stop_ends_the_question(terraform: MakeTerraform) -> None:
    stop = Stop()
    stop.set("interrupted")

    with pytest.raises(StageError, match="interrupted"):
        terraform("sleep 60").read(stop)


def test_a_directory_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist") as refused:
        TerraformDirectory(directory=tmp_path / "gone", hide=ignore).read(Stop())

    assert refused.value.remedy == "correct `deployment.terraform.directory`"


def test_a_saved_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "outputs.json").write_text('\ufeff{"api_url": "https://api.example.com"}', encoding="utf-8")

    found = OutputsFile(path=tmp_path / "outputs.json", hide=ignore).read(Stop())

    assert (found.values, found.source) == ({"api_url": "https://api.example.com"}, "outputs.json")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "it does not exist"),
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"{}", "it holds no outputs"),
        (b'{"a": "' + b"x" * 9_000_000 + b'"}', "larger than 8 MiB"),
    ],
)
def test_a_file_without_outputs_says_why(tmp_path: Path, content: bytes | None, what: str) -> None:
    if content is not None:
        (tmp_path / "outputs.json").write_bytes(content)

    with pytest.raises(UsageError) as refused:
        OutputsFile(path=tmp_path / "outputs.json", hide=ignore).read(Stop())

    assert what in refused.value.what
    assert '{"api_url": ' in refused.value.remedy


def test_a_folder_is_no_outputs_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it is a folder"):
        OutputsFile(path=tmp_path, hide=ignore).read(Stop())


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs the real terraform")
def test_the_real_program_is_understood(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'output "api_url" { value = "https://api.example.com" }\n'
        'output "token" {\n  value = "hunter2-and-more"\n  sensitive = true\n}\n',
        encoding="utf-8",
    )
    with pytest.raises(UsageError, match="no outputs"):
        TerraformDirectory(directory=tmp_path, hide=ignore).read(Stop())
    for command in (["init", "-input=false"], ["apply", "-auto-approve", "-input=false"]):
        subprocess.run(["terraform", *command], cwd=tmp_path, check=True, capture_output=True, timeout=50)
    hidden: list[str] = []

    found = TerraformDirectory(directory=tmp_path, hide=lambda value, _: hidden.append(value)).read(Stop())

    assert found.values == {"api_url": "https://api.example.com", "token": "hunter2-and-more"}
    assert hidden == ["hunter2-and-more"]
    (tmp_path / "main.tf").write_text('terraform {\n  backend "local" {\n    path = "other.tfstate"\n  }\n}\n', "utf-8")
    with pytest.raises(StageError, match="ended with status 1"):
        TerraformDirectory(directory=tmp_path, hide=ignore).read(Stop())


def _without(name: str, folder: Path) -> str:
    """A folder with the few programs of the system that are needed, and not this one."""
    programs = folder / "system"
    programs.mkdir()
    for program in ("sh", "cat"):
        found = shutil.which(program)
        assert found is not None
        assert program != name
        (programs / program).symlink_to(found)
    return str(programs)

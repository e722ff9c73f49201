"""A file that cannot be read says why and what to do, and never shows a traceback."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from validator.config.environment import load_environment
from validator.config.errors import ConfigError


def told(name_or_path: str) -> str:
    with pytest.raises(ConfigError) as refused:
        load_environment(name_or_path)
    return refused.value.diagnostics()


def test_a_missing_file_lists_its_neighbours(project: Path) -> None:
    (project / "configs" / "production.yaml").touch()
    (project / "configs" / "staging.yml").touch()
    assert told("configs/other.yaml") == (
        "configs/other.yaml: does not exist\n  -> configs holds: production.yaml, staging.yml"
    )


def test_a_missing_file_suggests_one_of_a_similar_name(project: Path) -> None:
    (project / "configs" / "production.yaml").touch()
    assert told("configs/prodution.yaml") == (
        "configs/prodution.yaml: does not exist\n  -> did you mean configs/production.yaml?"
    )


def test_a_missing_file_in_an_empty_folder_is_to_be_created(project: Path) -> None:
    assert told("configs/x.yaml") == "configs/x.yaml: does not exist\n  -> create it; configs holds no YAML file"


def test_a_missing_folder_is_told(project: Path) -> None:
    assert told("nowhere/x.yaml") == (
        "nowhere/x.yaml: does not exist\n  -> create it; the folder nowhere does not exist either"
    )


def test_a_directory_is_no_configuration(project: Path) -> None:
    assert told("configs/") == (
        "configs: is a directory, not a file\n  -> name a YAML file, such as configs/production.yaml"
    )


def test_a_pipe_is_not_waited_for(project: Path) -> None:
    os.mkfifo("pipe.yaml")
    assert told("pipe.yaml").startswith("pipe.yaml: is not a regular file\n")


def test_a_file_of_another_user_may_not_be_read(project: Path) -> None:
    (project / "x.yaml").touch(mode=0o000)
    if os.geteuid() == 0:  # nothing is forbidden to root, so be somebody else for a moment
        project.chmod(0o755)
        as_user(65534, lambda: expect_forbidden(Path("x.yaml")))
    else:
        expect_forbidden(Path("x.yaml"))


def expect_forbidden(path: Path) -> None:
    assert told(str(path)) == f"{path}: may not be read by this user\n  -> check the owner and the mode of the file"


def as_user(user: int, act: Callable[[], None]) -> None:
    os.seteuid(user)
    try:
        act()
    finally:
        os.seteuid(0)


def test_a_file_whose_device_fails_says_so(project: Path) -> None:
    # The kernel refuses to read a process's memory at address 0, where nothing is.
    assert told("/proc/self/mem") == "/proc/self/mem: cannot be read: Input/output error\n  -> check the path"


@pytest.mark.parametrize("name", ["a/\0", "x" * 5000 + ".yaml", "a" * 300 + ".yaml"])
def test_a_path_that_cannot_exist_is_told(project: Path, name: str) -> None:
    assert "\n  -> check the path" in told(name) or "is no name" in told(name)


def test_a_circle_of_links_is_told(project: Path) -> None:
    (project / "x.yaml").symlink_to("x.yaml")
    assert told("x.yaml").startswith("x.yaml: cannot be read: Too many levels of symbolic links")

"""`-c` is the name of an environment or the path of a file, and paths within it start from the project."""

from pathlib import Path

import pytest

from tests.config.documents import MINIMAL, MakeResolvers
from validator.config.environment import load_environment
from validator.config.errors import ConfigError


@pytest.fixture
def production(project: Path) -> Path:
    file = project / "configs" / "production.yaml"
    file.write_text(MINIMAL)
    return file


@pytest.mark.parametrize("given", ["production", "configs/production.yaml", "./configs/production.yaml"])
def test_an_environment_is_found_by_name_and_by_path(production: Path, given: str) -> None:
    loaded = load_environment(given)
    assert loaded.value.environment == "production"
    assert loaded.path.resolve() == production


def test_a_name_may_stand_for_a_file_ending_in_yml(project: Path) -> None:
    (project / "configs" / "staging.yml").write_text(MINIMAL)
    assert load_environment("staging").path == Path("configs/staging.yml")


def test_a_name_is_looked_up_in_the_given_folder(production: Path, project: Path) -> None:
    assert load_environment("production", project).path == production


def test_a_file_without_ending_is_found_by_its_path(project: Path) -> None:
    (project / "mine").write_text(MINIMAL)
    assert load_environment("mine").value.environment == "production"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "prod",
            (
                "configs/prod.yaml: there is no environment 'prod' (did you mean 'production'?)\n"
                "  -> name one of: production, staging"
            ),
        ),
        (
            "stagign",
            (
                "configs/stagign.yaml: there is no environment 'stagign' (did you mean 'staging'?)\n"
                "  -> name one of: production, staging"
            ),
        ),
        (
            "qa",
            "configs/qa.yaml: there is no environment 'qa'\n  -> name one of: production, staging",
        ),
        (
            " ",
            "configs/production.yaml: the name of the environment is empty\n  -> name one: production, staging",
        ),
    ],
)
def test_an_unknown_name_lists_the_environments_there_are(project: Path, name: str, told: str) -> None:
    for known in ("production", "staging"):
        (project / "configs" / f"{known}.yaml").touch()
    with pytest.raises(ConfigError) as refused:
        load_environment(name)
    assert refused.value.diagnostics() == told


def test_a_project_without_environments_is_told_to_write_one(project: Path) -> None:
    (project / "configs").rmdir()
    with pytest.raises(ConfigError) as refused:
        load_environment("production")
    assert refused.value.remedy == "write configs/production.yaml first; configs/README.md shows how one looks"


@pytest.mark.parametrize(("file", "root"), [("configs/x.yaml", "."), ("x.yaml", "."), ("deep/er/x.yaml", "deep/er")])
def test_paths_start_from_the_folder_that_holds_configs(project: Path, file: str, root: str) -> None:
    path = project / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MINIMAL)
    assert load_environment(file).root == (project / root).resolve()


def test_a_linked_configuration_belongs_to_the_project_that_links_it(project: Path) -> None:
    (project / "shared.yaml").write_text(MINIMAL)
    (project / "app" / "configs").mkdir(parents=True)
    (project / "app" / "configs" / "x.yaml").symlink_to(project / "shared.yaml")
    assert load_environment("app/configs/x.yaml").root == project / "app"


def test_a_relative_path_is_resolved_against_the_project_and_an_absolute_one_kept(
    project: Path, resolvers: MakeResolvers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    file = project / "configs" / "x.yaml"
    file.write_text(MINIMAL + "reports: out/reports\ngate: /etc/gate.yaml\nadb: {path: ~/sdk/adb}\n")
    config = load_environment("x").value
    assert config.gate is not None
    assert config.adb.path is not None
    assert config.reports.resolve(resolvers()) == project / "out" / "reports"
    assert config.gate.resolve(resolvers()) == Path("/etc/gate.yaml")
    assert config.adb.path.resolve(resolvers()) == Path("/home/ann/sdk/adb")

"""A project in a temporary folder, and the shortest ways to load configurations from text."""

from pathlib import Path

import pytest

from tests.config.documents import Complain, Load, MakeResolvers, with_lines
from validator.config.document import Loaded
from validator.config.environment import EnvironmentConfig, load_environment
from validator.config.errors import ConfigError
from validator.config.resolvers import Resolvers
from validator.support.redact import Redactor


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a `configs` folder, being the working directory so that messages show short paths."""
    (tmp_path / "configs").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def load(project: Path) -> Load:
    """Load the smallest configuration below the given lines, from `configs/x.yaml`."""

    def load(lines: str) -> Loaded[EnvironmentConfig]:
        (project / "configs" / "x.yaml").write_text(with_lines(lines), encoding="utf-8")
        return load_environment("x")

    return load


@pytest.fixture
def complain(load: Load) -> Complain:
    """The diagnostics of what `load` refuses, without the name of the file."""

    def complain(lines: str) -> str:
        with pytest.raises(ConfigError) as refused:
            load(lines)
        return refused.value.diagnostics().replace("configs/x.yaml:", "")

    return complain


@pytest.fixture
def redactor() -> Redactor:
    return Redactor()


@pytest.fixture
def resolvers(project: Path, redactor: Redactor) -> MakeResolvers:
    """Resolvers that know these variables: `resolvers(GIT_SHA="abc")`."""

    def make(**variables: str) -> Resolvers:
        return Resolvers.before_deployment(project, variables, redactor)

    return make

"""Commands that read no configuration do not pay for reading one."""

import subprocess
import sys

import pytest


def modules_after(statement: str) -> set[str]:
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    return set(printed.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import validator.support",
        "import validator.config",
        "from validator.config.errors import ConfigError",
        "from validator.support.durations import parse_duration",
        "from validator.support.redact import Redactor",
    ],
)
def test_errors_durations_and_redaction_need_neither_pydantic_nor_yaml(statement: str) -> None:
    assert modules_after(statement).isdisjoint({"pydantic", "yaml", "httpx", "asyncio"})


def test_loading_an_environment_needs_only_pydantic_and_yaml() -> None:
    loaded = modules_after("import validator.config.environment")
    assert loaded.isdisjoint({"httpx", "asyncio", "rich", "click", "adbutils", "cryptography", "validator.devices"})
    assert "importlib.metadata" not in loaded  # imported with the first schema, which is built with the first file

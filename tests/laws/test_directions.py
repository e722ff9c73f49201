"""Imports point one way, and each third-party library is imported in one place."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "validator"

HOMES = {
    "adbutils": ("devices/adb", "cli/"),
    "slack_sdk": ("alerts/slack",),
    "httpx": ("support/http", "virtual/app/"),
    "rich": ("reports/", "cli/"),
    "junit_xml": ("reports/",),
    "jinja2": ("reports/",),
    "httpcore": ("support/http",),
    "paramiko": ("support/ssh",),
    "starlette": ("demo/backend/",),
    "uvicorn": ("demo/backend/",),
    "PIL": ("virtual/",),
    "sqlalchemy": ("history/",),
    "alembic": ("history/schema", "history/migrations/"),
    "psycopg": ("history/database",),
    "yaml": ("config/", "flows/", "failures/"),
    "click": ("cli/",),
    "opentelemetry": ("telemetry/otlp",),
}
"""Library -> where in the package it may be imported."""


def test_the_contracts_of_importlinter_hold():
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-logo"], cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_imported_in_its_home_only(library):
    strangers = [
        str(path.relative_to(PACKAGE))
        for path in sorted(PACKAGE.rglob("*.py"))
        if library in imported(path) and not str(path.relative_to(PACKAGE)).startswith(HOMES[library])
    ]
    assert strangers == []


def imported(path: Path) -> set[str]:
    """The top-level names that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names

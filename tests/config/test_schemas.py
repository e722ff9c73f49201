"""The published schemas know every file that the program reads, and refuse what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import cast

import pytest

from tests.config.documents import MINIMAL
from tests.config.schema_check import Schema, violations
from validator.config.nodes import plain
from validator.config.reference import EXAMPLE
from validator.config.source_text import decode_source
from validator.config.yaml_source import compose

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "docs" / "schemas"


def schema(name: str) -> Schema:
    return cast("Schema", json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")))


def wrong(text: str, name: str) -> list[str]:
    root = schema(name)
    return [*violations(plain(compose(decode_source("x.yaml", text.encode())).root), root, root)]


def snippets(page: Path) -> list[str]:
    """The YAML in a page that says which schema it follows."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [block for block in blocks if block.startswith("# yaml-language-server")]


FILES = {
    path.relative_to(ROOT).as_posix(): path for name in ("configs", "gates") for path in (ROOT / name).glob("*.yaml")
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_repository_follows_the_schema_that_it_names(name: str) -> None:
    text = FILES[name].read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named is not None, "its first line tells editors where the schema is"
    target = (FILES[name].parent / named[1]).resolve()
    assert target.parent == SCHEMAS
    assert wrong(text, target.name.removesuffix(".schema.json")) == []


@pytest.mark.parametrize("text", [MINIMAL, EXAMPLE])
def test_the_examples_of_the_documentation_follow_the_schema(text: str) -> None:
    assert wrong(text, "environment") == []


def test_the_gate_file_of_the_documentation_follows_the_schema() -> None:
    (example,) = snippets(ROOT / "docs" / "gate.md")
    assert wrong(example, "gate") == []


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("blocks: []", "$.blocks: breaks minItems 1"),
        ("expires: 24", "$.expires: breaks type string"),
        ("expires: soon", "$.expires: breaks pattern"),
        ("limits: {product: -1}", "$.limits.product: breaks minimum 0"),
        ("limits: {products: 1}", "$.limits: does not know products"),
        ("undecided: ajar", "$.undecided: breaks enum"),
        ("quarantine: [{flow: a}]", "$.quarantine[0]: needs owner"),
        ("durations: {slower_than: 1}", "$.durations: fits 0 of its kinds"),
        ("requires: unit-tests", "$.requires: breaks type array"),
    ],
)
def test_the_schema_of_gates_refuses_what_the_program_refuses(lines: str, why: str) -> None:
    found = wrong(f"name: frontend\n{lines}\n", "gate")
    assert any(each.startswith(why) for each in found), found


def test_the_schema_of_environments_refuses_two_builds_at_once() -> None:
    assert wrong(MINIMAL.replace("{file: app.apk}", "{file: app.apk, command: make}"), "environment") != []

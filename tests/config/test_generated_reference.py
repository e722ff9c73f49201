"""The documentation and the schema of the configuration are written from the models, so that they cannot be wrong."""

import json
import subprocess
import sys

import pytest

from validator.config.environment import EnvironmentConfig
from validator.config.reference import EXAMPLE, reference_markdown
from validator.config.schema import json_schema
from validator.config.vocabulary import key_paths

MARKDOWN = reference_markdown()


@pytest.mark.parametrize("path", key_paths(EnvironmentConfig))
def test_every_key_is_documented_in_its_section(path: str) -> None:
    section, _, key = path.rpartition(".")
    heading = f"## `{section}`" if section else "## Keys of the file"
    parts = [part.partition("\n## ")[0] for part in MARKDOWN.split("\n" + heading)[1:]]
    assert any(f"\n| `{key}` |" in part for part in parts)


def test_every_row_says_what_its_key_means() -> None:
    rows = [line for line in MARKDOWN.splitlines() if line.startswith("| `") and line.count("|") == 5]
    assert len(rows) >= len(key_paths(EnvironmentConfig))
    assert [row for row in rows if not row.split("|")[4].strip().endswith(".")] == []


@pytest.mark.parametrize(
    "row",
    [
        "| `tenant` | text | `default` | The team or product that the records belong to. |",
        "| `server_port` | whole number, 1 to 65535 | `5037` | The port of the adb server on this machine. |",
        "| `workspace` | path | **required** | The folder with the Maestro flows, such as `.maestro`. |",
        "| `timeout` | duration | `5m` | How long one attempt of one flow may take. |",
    ],
)
def test_a_row_shows_type_default_and_meaning(row: str) -> None:
    assert row in MARKDOWN.splitlines()


def test_no_section_is_written_twice() -> None:
    headings = [line for line in MARKDOWN.splitlines() if line.startswith("## ")]
    assert sorted(headings) == sorted(set(headings))


def test_the_page_shows_the_example_that_is_tested() -> None:
    assert f"```yaml\n{EXAMPLE}```" in MARKDOWN


def test_the_page_is_the_same_whenever_it_is_written() -> None:
    assert reference_markdown() == MARKDOWN
    assert MARKDOWN.endswith("|\n")


def test_the_schema_refuses_unknown_keys_and_says_what_is_required() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["environment", "app", "build", "devices", "flows"]


def test_the_schema_writes_defaults_as_people_do() -> None:
    schema = json.dumps(json_schema())
    assert '"default": "5m"' in schema
    assert '"default": "reports"' in schema


@pytest.mark.parametrize(("arguments", "expected"), [([], MARKDOWN), (["--schema"], None)])
def test_both_are_printed_by_the_module(arguments: list[str], expected: str | None) -> None:
    command = [sys.executable, "-m", "validator.config.reference", *arguments]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    if expected is None:
        assert json.loads(printed) == json_schema()
    else:
        assert printed == expected

"""Generated pages say what the programs say; links lead somewhere; the words speak of the project alone."""

import re
import subprocess
from pathlib import Path

import click
import pytest

from tools.docs import ROOT, pages
from validator.cli.main import COMMANDS, cli

PAGES = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_a_generated_page_is_current(path):
    assert path.read_text(encoding="utf-8") == pages()[path], "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name):
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    first = (command.help or "").strip().partition("\n\n")[0].replace("\n", " ")
    assert first == COMMANDS[name]


def test_the_readme_names_no_command_that_does_not_exist():
    said = set(re.findall(r"(?:^|[/`\s])validator ([a-z]+)\b", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert said & {"demo", "run", "doctor", "show"} == {"demo", "run", "doctor", "show"}
    assert said - {"itself"} <= set(COMMANDS)


def test_no_registry_address_and_no_path_of_a_machine_is_in_any_tracked_file():
    option = "--index" + "-url"  # in two pieces, so that this file is not found itself
    pattern = rf'"resolved": *"http|{option}|(^|[^A-Za-z0-9_.])/(w[o]rk|r[o]ot)/'
    found = subprocess.run(
        ["git", "grep", "-nIE", pattern], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert found.stdout == ""
    assert Path(ROOT / "requirements.lock").read_text().count("--hash=sha256:") > 100

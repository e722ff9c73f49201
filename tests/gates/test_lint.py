"""A gate file is told all that is wrong with it, each at its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from validator.cli.gate_lint import command

GOOD = """\
name: frontend
limits: {infrastructure: 1}
flows: {critical: [Checkout], informational: [Search]}
quarantine: [{flow: Cart, owner: "@shop", ticket: SHOP-12, until: 2099-01-15}]
requires: [unit-tests]
"""


def linted(folder: Path, *texts: str) -> tuple[int, list[str]]:
    files = []
    for number, text in enumerate(texts):
        file = folder / f"gate{number}.yaml"
        file.write_text(text)
        files.append(str(file))
    done = CliRunner().invoke(command, files, standalone_mode=False)
    assert done.exception is None
    return int(done.return_value), done.output.replace(f"{folder}/", "").splitlines()


def test_a_file_without_mistakes_is_said_to_have_none(tmp_path: Path):
    assert linted(tmp_path, GOOD) == (0, ["gate0.yaml: no mistakes"])


MISTAKES = {
    "2:10: limits.nonsense: unknown key": GOOD.replace("infrastructure: 1", "nonsense: 1"),
    "4:67: quarantine[0].until: expired ": GOOD.replace("2099-01-15", "2020-01-15"),
    "4:67: quarantine[0].until: a date such as 2027-01-15 is wanted": GOOD.replace("2099-01-15", "soon"),
    "4:67: 2099-13-01 is not a date": GOOD.replace("2099-01-15", "2099-13-01"),
    "4:14: quarantine[0].ticket: is required": GOOD.replace("ticket: SHOP-12, ", ""),
    "4:21: quarantine[0].flow: Checkout is critical, so its quarantine does nothing": GOOD.replace("Cart", "Checkout"),
    "4:21: quarantine[0].flow: Search is informational, so its quarantine does nothing": GOOD.replace("Cart", "Search"),
    "3:47: flows.informational[0]: Checkout is critical too": GOOD.replace("Search", "Checkout"),
    "3:30: flows.critical[1]: Checkout is named twice": GOOD.replace("[Checkout]", "[Checkout, Checkout]"),
    "5:24: requires[1]: unit-tests is named twice": GOOD.replace("[unit-tests]", "[unit-tests, unit-tests]"),
    "2:26: limits.infrastructure: does nothing": GOOD + "undecided: open\n",
    "6:29: override.expires_at_most: an override would hold for 2d": GOOD + "override: {expires_at_most: 2d}\n",
    "6:26: durations.slower_than: must be more than 1.0, not the number 0.5": GOOD + "durations: {slower_than: 0.5}\n",
    "2:19: limits.product: must be at least 0, not the number -1": GOOD.replace("infrastructure: 1", "product: -1"),
    "2:26: .nan is not a number that can be used here": GOOD.replace("infrastructure: 1", "infrastructure: .nan"),
    "2:17: .inf is not a number that can be used here": GOOD.replace("infrastructure: 1", "flaky: .inf"),
    "2:17: limits.flaky: a whole number is wanted, not the number 1.5": GOOD.replace("infrastructure: 1", "flaky: 1.5"),
    "2:17: 99999999999999999999999 has too many digits": GOOD.replace("infrastructure: 1", f"flaky: {'9' * 23}"),
    "6:26: .inf is not a number that can be used here": GOOD + "durations: {slower_than: .inf}\n",
    "6:12: freshness: '-1h' is not a duration": GOOD + "freshness: -1h\n",
    "6:10: expires: must be longer than nothing": GOOD + "expires: 0s\n",
    "6:1: freshnes: unknown key (did you mean 'freshness'?)": GOOD + "freshnes: 6h\n",
}


@pytest.mark.parametrize("expected", MISTAKES)
def test_a_mistake_is_told_at_its_place_with_what_to_do(tmp_path: Path, expected: str):
    code, lines = linted(tmp_path, MISTAKES[expected])
    assert code == 2
    assert any(line.startswith(f"gate0.yaml:{expected}") for line in lines), lines
    assert any(line.startswith("  -> ") for line in lines)


def test_all_mistakes_of_all_files_are_told(tmp_path: Path):
    twice = GOOD.replace("Cart", "Checkout").replace("2099", "2020") + "undecided: open\n"
    code, lines = linted(tmp_path, GOOD, twice)
    assert code == 2
    assert lines[0] == "gate0.yaml: no mistakes"
    assert [line.partition(": ")[0] for line in lines[1:] if not line.startswith(" ")] == [
        "gate1.yaml:2:26",
        "gate1.yaml:4:21",
        "gate1.yaml:4:71",
    ]


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path):
    done = CliRunner().invoke(command, [str(tmp_path / "none.yaml")], standalone_mode=False)
    assert int(done.return_value) == 2
    assert "none.yaml" in done.output

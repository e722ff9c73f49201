"""The loader serves every kind of file: what it knows of a model it learns from the model."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from validator.config.document import load_document
from validator.config.errors import ConfigError, Position, Problem
from validator.config.fields import Duration, Section


class Exception_(Section):  # noqa: N801 - `Exception` is taken
    flow: str
    until: date


class Policy(Section):
    """Much like a gate's policy."""

    name: str
    limits: dict[str, int] = Field(default_factory=dict)
    undecided: Literal["closed", "open"] = "closed"
    expires: Duration = timedelta(hours=24)
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    quarantine: tuple[Exception_, ...] = ()


def load(folder: Path, text: str) -> Policy:
    (folder / "gate.yaml").write_text(text)
    return load_document(folder / "gate.yaml", Policy).value


def told(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        load(folder, text)
    return refused.value.diagnostics().replace(f"{folder}/gate.yaml:", "")


def test_numbers_dates_and_mappings_are_taken_as_the_model_says(tmp_path: Path) -> None:
    policy = load(
        tmp_path,
        "name: x\nlimits: {product: 0, flaky: 2}\nexpires: 4h\nshare: 0.8\n"
        "quarantine: [{flow: checkout, until: 2027-01-15}]\n",
    )
    assert policy.limits == {"product": 0, "flaky": 2}
    assert policy.expires == timedelta(hours=4)
    assert policy.share == 0.8
    assert policy.quarantine[0].until == date(2027, 1, 15)


@pytest.mark.parametrize(
    ("line", "message", "remedy"),
    [
        (
            'quarantine: [{flow: a, until: "2027-01-15"}]',
            "2:31: quarantine[0].until: a date such as 2027-01-15 is wanted, not the text '2027-01-15'",
            "write year-month-day without quotes",
        ),
        (
            "quarantine: [{flow: a, until: 2027}]",
            "2:31: quarantine[0].until: a date such as 2027-01-15 is wanted, not the number 2027",
            "write year-month-day without quotes",
        ),
        (
            "quarantine: [{flow: 2027-01-15, until: 2027-01-15}]",
            "2:21: quarantine[0].flow: a text is wanted, not the date 2027-01-15",
            'put it in quotes: "2027-01-15"',
        ),
        ("limits: {product: many}", "2:19: limits.product: a whole number is wanted, not the text 'many'",
         "write a whole number"),
        ("limits: {product: 1.5}", "2:19: limits.product: a whole number is wanted, not the number 1.5",
         "write a whole number"),
        ("limits: [1]", "2:9: limits: a mapping (key: value) is wanted, not a list of 1",
         "write a mapping (key: value)"),
        ("share: 1.0", "2:8: share: must be less than 1.0, not the number 1.0", "correct the value"),
        ("undecided: opne", "2:12: undecided: must be 'closed' or 'open', not the text 'opne' (did you mean 'open'?)",
         "write one of: closed, open"),
        ("until: 2027-01-15", "2:1: until: unknown key here (did you mean 'quarantine[].until'?)",
         "it belongs at quarantine[].until"),
    ],
)  # fmt: skip
def test_mistakes_read_as_those_of_environments(tmp_path: Path, line: str, message: str, remedy: str) -> None:
    assert told(tmp_path, f"name: x\n{line}\n") == f"{message}\n  -> {remedy}"


def test_a_check_over_several_keys_adds_its_problems(tmp_path: Path) -> None:
    def expired(policy: Policy) -> Iterator[Problem]:
        yield Problem.at(Position(file="gate.yaml", line=1, column=1), f"{policy.name} has expired", path="quarantine")

    (tmp_path / "gate.yaml").write_text("name: old\n")
    with pytest.raises(ConfigError, match="quarantine: old has expired"):
        load_document(tmp_path / "gate.yaml", Policy, checks=(expired,))


def test_a_problem_found_after_loading_is_told_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text("name: x\nquarantine:\n  - {flow: gone, until: 2027-01-15}\n")
    loaded = load_document(tmp_path / "gate.yaml", Policy)
    problem = loaded.problem(("quarantine", 0, "flow"), "there is no such flow", remedy="remove the entry")
    assert str(problem).removeprefix(f"{tmp_path}/") == (
        "gate.yaml:3:12: quarantine[0].flow: there is no such flow\n  -> remove the entry"
    )


def test_a_problem_with_a_missing_value_is_told_at_what_encloses_it(tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text("name: x\nlimits:\n  product: 1\n")
    problem = load_document(tmp_path / "gate.yaml", Policy).problem(("limits", "flaky", 3), "is missing")
    assert (problem.line, problem.column, problem.path) == (3, 3, "limits.flaky[3]")

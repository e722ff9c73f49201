"""A team's own rules about causes are checked when the file is read, each mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.documents import Complain, Load
from validator.config.errors import ConfigError
from validator.gates.file import load_gate
from validator.model.causes import Cause
from validator.model.rules import Source, TeamRule
from validator.wiring.rules import team_rules

GOOD = "{id: moon, source: runner, match: 'mo+n', cause: unknown, why: Known., example: 'the moon'}"


def with_rule(**changes: str) -> str:
    keys = {
        "id": "moon",
        "source": "runner",
        "match": "'mo+n'",
        "cause": "unknown",
        "why": "Known.",
        "example": "'the moon'",
    } | changes
    return "failures:\n  - " + "\n    ".join(f"{key}: {value}" for key, value in keys.items() if value)


def test_a_rule_travels_as_it_is_written(load: Load) -> None:
    (section,) = load(with_rule(near_miss="'the mn'", overrules="true")).value.failures
    assert section.rule == TeamRule(
        id="moon",
        source=Source.RUNNER,
        match="mo+n",
        cause=Cause.UNKNOWN,
        why="Known.",
        example="the moon",
        near_miss="the mn",
        overrules=True,
    )
    assert type(section.rule.match) is str


@pytest.mark.parametrize(
    ("changes", "said", "remedy"),
    [
        ({"source": "runer"}, "failures[0].source: must be 'exit_info'", "(did you mean 'runner'?)"),
        ({"cause": "app_crsh"}, "failures[0].cause: must be 'app_assertion'", "(did you mean 'app_crash'?)"),
        ({"cause": "from_match"}, "failures[0].cause: must be 'app_assertion'", "write one of"),
        ({"cause": "not_production"}, "not_production cannot be the cause of an attempt", "another family"),
        ({"match": "'mo(+n'"}, "failures[0].match: is no regular expression: nothing to repeat", "at its character 4"),
        ({"match": "'(mo+n'"}, "is no regular expression: missing ), unterminated subpattern", "at its character 1"),
        ({"match": "'(o+)+n'"}, "could search one line for minutes", "begin it with ^"),
        ({"match": "'m.*o.*n'"}, "could search one line for minutes", "bound what repeats"),
        ({"match": "'token=sw0rdfish|moon'"}, "looks for a secret", "around it"),
        ({"match": "'sun'"}, "failures[0]: the pattern does not match the example", "correct one of them"),
        ({"near_miss": "'a moon'"}, "failures[0]: the pattern matches the near miss", "make it stricter"),
        ({"example": ""}, "failures[0].example: is required", "add example"),
        ({"why": "''"}, "failures[0].why: is empty", "give it a value"),
        ({"id": "'a b'"}, "failures[0].id: 'a b' cannot be a name", "use at most 63"),
        ({"matches": "x"}, "failures[0].matches: unknown key (did you mean 'match'?)", "write match"),
        ({"overrules": "'yes'"}, "failures[0].overrules: true or false is wanted", "without quotes"),
    ],
)
def test_every_mistake_is_told_with_its_remedy(
    complain: Complain, changes: dict[str, str], said: str, remedy: str
) -> None:
    told = complain(with_rule(**changes))
    assert said in told
    assert remedy in told


def test_a_mistake_in_a_pattern_is_pointed_at_where_it_is(load: Load) -> None:
    with pytest.raises(ConfigError) as refused:
        load(with_rule(match="'mo(+n'"))
    (problem,) = refused.value.problems
    line = Path(problem.file).read_text().splitlines()[problem.line - 1]
    assert line[problem.column - 1 :] == "+n'"


def test_an_example_that_does_not_match_is_pointed_at(load: Load) -> None:
    with pytest.raises(ConfigError) as refused:
        load(with_rule(example="'the sun'"))
    (problem,) = refused.value.problems
    line = Path(problem.file).read_text().splitlines()[problem.line - 1]
    assert line[problem.column - 1 :] == "'the sun'"


def test_all_mistakes_of_all_rules_are_told_at_once(complain: Complain) -> None:
    told = complain(f"failures:\n  - {GOOD.replace('mo+n', '(')}\n  - {GOOD.replace('unknown', 'nope')}")
    assert "failures[0].match" in told
    assert "failures[1].cause" in told


def test_two_rules_of_one_file_need_two_names(complain: Complain) -> None:
    told = complain(f"failures:\n  - {GOOD}\n  - {GOOD}")
    assert "failures[1].id: 'moon' is the id of another rule of this file already" in told


def gate(folder: Path, name: str) -> Path:
    path = folder / "gate.yaml"
    path.write_text(f"name: g\nfailures:\n  - {GOOD.replace('moon,', f'{name},', 1)}\n")
    return path


def test_a_rule_of_the_gate_cannot_have_the_name_of_one_of_the_environment(load: Load, tmp_path: Path) -> None:
    environment = load(with_rule()).value
    file = gate(tmp_path, "moon")
    with pytest.raises(ConfigError) as refused:
        team_rules(environment.failures, load_gate(file).value.failures)
    assert f"{file}:3:10: failures[0].id: 'moon' is the id of a rule of the environment" in refused.value.diagnostics()


def test_no_rule_can_have_the_name_of_a_built_in_one(load: Load, tmp_path: Path) -> None:
    environment = load(with_rule(id="android-crash")).value
    with pytest.raises(ConfigError) as refused:
        team_rules(environment.failures, load_gate(gate(tmp_path, "assertion")).value.failures)
    assert len(refused.value.problems) == 2
    assert "'assertion' is the id of a built-in rule already" in refused.value.diagnostics()


def test_rules_of_both_files_apply_those_of_the_environment_first(load: Load, tmp_path: Path) -> None:
    environment, theirs = load(with_rule()).value, load_gate(gate(tmp_path, "sun")).value
    assert [rule.id for rule in team_rules(environment.failures, theirs.failures)] == ["moon", "sun"]

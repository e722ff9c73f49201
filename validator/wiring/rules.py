"""The team's own rules about causes: those of the environment, then those of its gate, none in another's name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from validator.config.errors import ConfigError, Problem
from validator.config.sections.failures import TeamRuleSection, taken
from validator.failures.rules import built_in_rules
from validator.model.rules import TeamRule


def team_rules(environment: Sequence[TeamRuleSection], gate: Sequence[TeamRuleSection]) -> tuple[TeamRule, ...]:
    """The rules of both files, in the order in which they are tried.

    Raises:
        ConfigError: A rule is called like a built-in one, or like one of the other file.
    """
    ours = {rule.id: "a built-in rule" for rule in built_in_rules()}
    theirs = ours | {str(rule.id): "a rule of the environment" for rule in environment}
    problems = [*_taken(environment, ours), *_taken(gate, theirs)]
    if problems:
        raise ConfigError(problems)
    return tuple(section.rule for section in (*environment, *gate))


def _taken(rules: Sequence[TeamRuleSection], names: dict[str, str]) -> Iterator[Problem]:
    for index, rule in enumerate(rules):
        if rule.id in names:
            yield taken(rule, f"failures[{index}]", names[rule.id])

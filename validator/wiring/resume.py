"""Whether a dead run can go on as it was begun."""

from __future__ import annotations

from collections.abc import Iterable

from validator.model.errors import UsageError
from validator.model.rules import TeamRule
from validator.pipeline.past import Past
from validator.wiring.prepare import Prepared


def require_resumable(past: Past, prepared: Prepared, run: str) -> None:
    """See that the run is not over, and that what it is decided by is what it began with.

    Raises:
        UsageError: It is over, or its configuration, policy or purpose is another now.
    """
    if past.finished:
        remedy = "look at it with `validator show`, or start a new run"
        raise UsageError("the run is over, so there is nothing to resume", where=run, remedy=remedy)
    began = past.started
    if began is None:
        return
    same = {
        "the configuration": began.config_digest == prepared.digest,
        "the policy": began.policy.digest == prepared.policy.ref.digest,
        "the team's own rules": _judging(began.terms.team_rules if began.terms else prepared.team_rules)
        == _judging(prepared.team_rules),
        "the list of stages that passed": set(began.passed) == set(prepared.request.passed),
        "the purpose": began.purpose is prepared.request.purpose,
    }
    changed = [what for what, is_same in same.items() if not is_same]
    if changed:
        remedy = "call it as it was called before, or start a new run"
        raise UsageError(f"{' and '.join(changed)} changed since the run began", where=run, remedy=remedy)


def _judging(rules: Iterable[TeamRule]) -> list[tuple[str, ...]]:
    """What of the rules decides; texts for people may have been masked in the record."""
    return [(rule.id, rule.source, rule.match, rule.cause, str(rule.overrules)) for rule in rules]

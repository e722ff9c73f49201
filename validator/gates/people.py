"""Who may answer a decision, and for how long an answer holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from validator.gates.policy import OverrideRules
from validator.model.errors import UsageError

ACTORS = (
    ("GITHUB_ACTOR", "GitHub"),
    ("GITLAB_USER_LOGIN", "GitLab"),
    ("BUILD_USER_ID", "Jenkins"),
    ("BUILDKITE_BUILD_CREATOR", "Buildkite"),
    ("CIRCLE_USERNAME", "CircleCI"),
)
"""Variables in which CI systems name the person behind a job, as their documentation says."""


def who(given: str, variables: Mapping[str, str], git_identity: str) -> str:
    """The person who decides: as the CI system knows, as told, or as git does.

    Args:
        given: Who is said to decide; empty for nobody.
        variables: The environment.
        git_identity: `user.email` of git; empty for none.

    Raises:
        UsageError: Nobody is named, or the CI system knows somebody else: a decision needs a name, and the right one.
    """
    system, actor = next(((system, variables[name]) for name, system in ACTORS if variables.get(name)), ("", ""))
    if actor and given.strip() not in ("", actor):
        remedy = f"let {given.strip()} start this job, or leave --by out"
        raise UsageError(f"{system} says that {actor} runs this job", where="--by", remedy=remedy)
    person = actor or given.strip() or git_identity.strip()
    if not person:
        raise UsageError("nobody is named", where="--by", remedy="say who decides: --by NAME")
    return person


def require_allowed(person: str, rules: OverrideRules) -> None:
    """See that the policy lets this person override.

    Raises:
        UsageError: It does not.
    """
    if rules.by and person not in rules.by:
        remedy = f"ask one of {', '.join(rules.by)}; the list is `override.by` in the gate's policy"
        raise UsageError(f"{person} may not override this gate", where="--by", remedy=remedy)


def lifetime(asked: timedelta | None, rules: OverrideRules) -> timedelta:
    """For how long an override holds.

    Raises:
        UsageError: Longer than the policy allows was asked for.
    """
    if asked is not None and asked > rules.expires_at_most:
        hours = rules.expires_at_most.total_seconds() / 3600
        remedy = f"ask for at most {hours:g} h; the limit is `override.expires_at_most` in the gate's policy"
        raise UsageError("an override cannot hold for that long", where="--expires", remedy=remedy)
    return asked if asked is not None else rules.expires_at_most

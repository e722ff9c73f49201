"""Whether what was measured is still what is live."""

from __future__ import annotations

from collections.abc import Callable

from validator.deploys.changes import changes
from validator.model.deployment import Deployment
from validator.model.errors import UsageError, ValidatorError
from validator.model.observed import DeploymentChanged
from validator.support.stop import Stop


def look_again(observe: Callable[[Stop], Deployment], before: Deployment, stop: Stop) -> DeploymentChanged | None:
    """Observe the deployment once more; what changed, or None when nothing did or we were told to stop.

    A deployment that cannot be read any more counts as changed: nobody can say that it did not.
    """
    try:
        now = observe(stop)
    except ValidatorError as error:
        changed = DeploymentChanged(changes=(f"it cannot be read any more: {error.text}",))
    else:
        changed = DeploymentChanged(changes=changes(before, now), deployment=now)
    return changed if changed.changes and not stop.is_set else None


def changed_since(what: str, where: str, details: tuple[str, ...] = ()) -> UsageError:
    """The error of a resumed run that finds something else than it began with."""
    said = f" ({'; '.join(details)})" if details else ""
    return UsageError(
        f"{what} changed since this run began{said}, so its earlier results say nothing about what is there now",
        where=where,
        remedy="start a new run instead of resuming this one",
    )

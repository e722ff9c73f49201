"""Is this still the deployment that the run is about? Pure."""

from __future__ import annotations

from collections.abc import Iterator

from validator.deploys.live import is_expected, same_revision
from validator.model.causes import Cause
from validator.model.deployment import Deployment, LiveAnswer
from validator.model.errors import StageError


def changes(before: Deployment, after: Deployment) -> tuple[str, ...]:
    """What changed between two observations of one environment, each in one line; empty when nothing did."""
    return (*_state(before, after), *_outputs(before, after), *_live(before, after))


def require_expected(deployment: Deployment) -> None:
    """See that every address that names a revision names the expected one.

    Raises:
        StageError: `deployment_mismatch`.
    """
    wrong = [answer for answer in deployment.live if not is_expected(answer)]
    if wrong:
        raise StageError(
            Cause.DEPLOYMENT_MISMATCH,
            "; ".join(_mismatch(answer, deployment) for answer in wrong),
            where="deployment.live",
            remedy="Look at the rollout: what was deployed is not what answers. If the expected revision is the wrong "
            "one, correct `deployment.revision`, or `expect` of that address in `deployment.live`.",
        )


def _mismatch(answer: LiveAnswer, deployment: Deployment) -> str:
    if not answer.said:
        return f"{answer.url} does not say what is live: {answer.detail}"
    source = (
        f" (from {deployment.revision_from})"
        if deployment.revision_from and answer.expected == deployment.revision
        else ""
    )
    return f"{answer.url} says that {answer.said} is live, not {answer.expected}{source}"


def _state(before: Deployment, after: Deployment) -> Iterator[str]:
    if before.lineage != after.lineage:
        yield "the Terraform state is another one, with a lineage of its own"
    elif before.serial != after.serial:
        yield f"the Terraform state was at serial {before.serial} and is now at {after.serial}"


def _outputs(before: Deployment, after: Deployment) -> Iterator[str]:
    if before.digest == after.digest:
        return
    old, new = ({output.name: output for output in seen.outputs} for seen in (before, after))
    named = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    for name in named:
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            yield f"the output {name} {'appeared' if was is None else 'is gone'}"
        elif was.sensitive or now.sensitive:
            yield f"the output {name} is {'a secret' if now.sensitive else 'no secret'} now"
        else:
            yield f"the output {name} was {was.value} and is now {now.value}"
    if not named:
        yield "a sensitive output has another value now"


def _live(before: Deployment, after: Deployment) -> Iterator[str]:
    now = {answer.url: answer for answer in after.live}
    for answer in before.live:
        other = now.get(answer.url)
        if other is None:
            yield f"{answer.url} is not asked any more"
        elif not other.said and answer.said:
            yield f"{answer.url} said {answer.said} and does not answer now: {other.detail}"
        elif not same_revision(answer.said, other.said):
            yield f"{answer.url} said {answer.said or 'nothing'} and now says {other.said}"

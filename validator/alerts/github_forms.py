"""An alert in the forms of GitHub's REST API, within their limits. Pure.

Source: GitHub REST API, "Commit statuses", "Deployment statuses", "Check runs", "Review custom deployment protection
rules": 140 characters in a description, 65535 in a check run's summary, 50 annotations in one request, 64 KB in an
annotation's message and 255 characters in its title.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, assert_never

from validator.alerts.message import AlertFlow, AlertMessage
from validator.alerts.preview import plain
from validator.model.decision import Verdict
from validator.model.flow import FlowOutcome
from validator.support.text import one_line, visible

Form: TypeAlias = Mapping[str, object]

DESCRIPTION = 140
SUMMARY = 65_535
ANNOTATIONS = 50
_MESSAGE = 4_000


def description(message: AlertMessage) -> str:
    """One line that no other run has."""
    reason = message.reasons[0] if message.reasons else ""
    test = "TEST, no action needed; " if message.test else ""
    return one_line(f"{test}{message.verdict} by run {message.run}: {reason}", DESCRIPTION)


def status(message: AlertMessage, context: str) -> Form:
    """A commit status."""
    return {
        "state": _state(message.verdict),
        "context": context,
        "description": description(message),
        **({"target_url": message.job_url} if message.job_url else {}),
    }


def deployment_status(message: AlertMessage) -> Form:
    """A deployment status; other deployments of the environment stay as they are."""
    return {
        "state": _state(message.verdict),
        "description": description(message),
        "auto_inactive": False,
        **({"log_url": message.job_url} if message.job_url else {}),
    }


def protection_answer(message: AlertMessage, environment: str, *, fresh: bool) -> Form:
    """What a custom deployment protection rule says.

    Without a `state` GitHub shows the comment and goes on waiting: what could not be measured is no refusal, and the
    next run can still approve.

    Args:
        message: The decision.
        environment: The GitHub environment that is protected.
        fresh: Whether the decision is new enough to open anything.
    """
    match message.verdict:
        case Verdict.APPROVED | Verdict.APPROVED_WITH_WARNINGS:
            state = {"state": "approved"} if fresh else {}
        case Verdict.BLOCKED:
            state = {"state": "rejected"}
        case Verdict.UNDECIDED:
            state = {}
        case _:
            assert_never(message.verdict)
    comment = one_line(f"{message.headline} (run {message.run}); {'; '.join(message.reasons)}", 1_000)
    return {"environment_name": environment, **state, "comment": comment}


def check_run(message: AlertMessage, name: str, sha: str) -> Form:
    """A check run that has ended, without its annotations."""
    return {
        "name": name,
        "head_sha": sha,
        "external_id": message.id,
        "status": "completed",
        "conclusion": _conclusion(message.verdict),
        "completed_at": message.at,
        "output": output(message, ()),
        **({"details_url": message.job_url} if message.job_url else {}),
    }


def output(message: AlertMessage, some: Sequence[Form]) -> Form:
    """What a check run shows; GitHub adds the annotations of each request to those before."""
    text = plain(message, width=110).encode("utf-8")[: SUMMARY - 20].decode("utf-8", "ignore")
    return {
        "title": one_line(message.headline, 200),
        "summary": f"```\n{text.replace('```', chr(39) * 3)}\n```",
        "annotations": list(some),
    }


def flow_annotations(message: AlertMessage, paths: Mapping[str, str]) -> Sequence[Form]:
    """One for each flow that did not pass and whose file is known."""
    return [form for flow in message.flows for form in _annotated(flow, paths)]


def _annotated(flow: AlertFlow, paths: Mapping[str, str]) -> Iterator[Form]:
    failed = flow.required and flow.outcome is not FlowOutcome.FLAKY
    why = "\n".join(part for part in (flow.cause, flow.step, flow.why, flow.quote) if part)
    for name in flow.names:
        if name in paths:
            yield {
                "path": paths[name],
                "start_line": 1,
                "end_line": 1,
                "annotation_level": "failure" if failed else "warning",
                "title": one_line(f"{name}: {flow.outcome}", 255),
                "message": visible(why)[:_MESSAGE],
            }


def _state(verdict: Verdict) -> str:
    match verdict:
        case Verdict.APPROVED | Verdict.APPROVED_WITH_WARNINGS:
            return "success"
        case Verdict.BLOCKED:
            return "failure"
        case Verdict.UNDECIDED:
            return "error"
        case _:
            assert_never(verdict)


def _conclusion(verdict: Verdict) -> str:
    match verdict:
        case Verdict.APPROVED | Verdict.APPROVED_WITH_WARNINGS:
            return "success"
        case Verdict.BLOCKED:
            return "failure"
        case Verdict.UNDECIDED:
            return "action_required"
        case _:
            assert_never(verdict)

"""What the gate commands share: what is asked for, and how the answer is told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from validator.model.verdict import Purpose

if TYPE_CHECKING:
    from validator.gates.check import Answer, Question
    from validator.model.verdict import ExitCode

_F = TypeVar("_F", bound=Callable[..., object])


def question_options(wrapped: _F) -> _F:
    """Add the options that say what is about to be deployed."""
    for option in (
        click.option("-e", "--environment", required=True, metavar="NAME", help="The environment."),
        click.option("--deployment-id", default="", metavar="ID", help="The deployment that must have been validated."),
        click.option("--revision", default="", metavar="SHA", help="The revision that must have been validated."),
        click.option(
            "--deployed-at",
            default=None,
            metavar="TIME",
            help="When it was deployed (ISO 8601): a run that began before that does not count.",
        ),
        click.option("--policy", default=None, metavar="FILE", help="The gate's policy that must have been applied."),
        click.option(
            "--purpose",
            type=click.Choice([purpose.value for purpose in Purpose]),
            default=Purpose.DEPLOY.value,
            show_default=True,
            help="What the run must have been made for.",
        ),
        click.option("--json", "as_json", is_flag=True, help="JSON on standard output."),
    ):
        wrapped = option(wrapped)
    return wrapped


def question(
    environment: str,
    deployment_id: str,
    revision: str,
    policy: str | None,
    purpose: str,
    tenant: str,
    deployed_at: str | None,
) -> Question:
    """The question that the options ask.

    Raises:
        UsageError: Neither a deployment nor a revision was named, or the moment of the deployment is none.
        ConfigError: The policy cannot be read.
    """
    from validator.gates.check import Question
    from validator.model.errors import UsageError

    if not environment.strip():
        remedy = "name the environment; a variable that is not set names none"
        raise UsageError("--environment is empty", where="validator gate", remedy=remedy)
    if not (deployment_id or revision):
        remedy = "name what is about to be deployed, so that an old pass cannot open the gate"
        raise UsageError("give --revision or --deployment-id", where="validator gate", remedy=remedy)
    return Question(
        environment=environment,
        tenant=tenant,
        deployment=deployment_id,
        revision=revision,
        purpose=Purpose(purpose),
        policy_digest=_digest(Path(policy)) if policy is not None else "",
        deployed_at=_moment(deployed_at) if deployed_at is not None else None,
    )


def _moment(text: str) -> datetime:
    from validator.model.errors import UsageError

    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter of a moment that lies outside all years in UTC
        pass
    remedy = "write it with its time zone: 2026-11-21T03:30:00Z"
    raise UsageError(f"{text!r:.60} is no moment", where="--deployed-at", remedy=remedy)


def _digest(policy: Path) -> str:
    from validator.gates.file import load_policy

    return load_policy(policy).ref.digest


def tell(answer: Answer, *, as_json: bool, dotenv: Path | None = None) -> ExitCode:
    """Print the answer, and leave it where later steps of a pipeline read it.

    What a decision from elsewhere says of itself must not add lines of its own to any of these.
    """
    click.echo(json.dumps(asdict(answer), indent=2) if as_json else _one_line(answer.line))
    state = "open" if answer.open else "closed"
    github = os.environ.get("GITHUB_OUTPUT")
    if github:
        with Path(github).open("a", encoding="utf-8") as file:
            file.write(f"gate={state}\nrun={_one_line(answer.run)}\n")
    if dotenv is not None:
        dotenv.write_text(f"VALIDATOR_GATE={state}\nVALIDATOR_RUN={_one_line(answer.run)}\n", encoding="utf-8")
    return answer.exit_code


def _one_line(text: str) -> str:
    if text.isprintable():
        return text
    from validator.support.text import one_line

    return one_line(text, 400)

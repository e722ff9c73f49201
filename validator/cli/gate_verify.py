"""`validator gate verify`."""

from __future__ import annotations

import os

import click

from validator.cli.gate_question import question, question_options, tell
from validator.model.decision import ExitCode


@click.command(name="verify", epilog="Exit codes: validator --help")
@click.argument("file", metavar="FILE|URL")
@click.option("--key", required=True, metavar="PUB", help="The public key.")
@click.option(
    "--tenant", default=None, metavar="NAME", help="Whose decision.  [default: $VALIDATOR_TENANT, else default]"
)
@question_options
def command(
    file: str,
    key: str,
    tenant: str | None,
    environment: str,
    deployment_id: str,
    revision: str,
    deployed_at: str | None,
    policy: str | None,
    purpose: str,
    as_json: bool,
) -> ExitCode:
    """Check a signed decision without asking anybody: signature, subject, validity, policy."""
    from pathlib import Path

    from validator.support.clock import SystemClock
    from validator.support.stop import Stop
    from validator.wiring.gate import ask
    from validator.wiring.gate_document import elsewhere

    whose = tenant or os.environ.get("VALIDATOR_TENANT", "") or "default"
    asked = question(environment, deployment_id, revision, policy, purpose, whose, deployed_at)
    return tell(ask(asked, elsewhere(file, Path(key)), SystemClock(), wait=0.0, stop=Stop()), as_json=as_json)

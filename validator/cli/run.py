"""`validator run`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from validator.model.decision import ExitCode, Purpose
from validator.model.errors import UsageError

if TYPE_CHECKING:
    from validator.support.stop import Stop
    from validator.wiring.prepare import Prepared
    from validator.wiring.request import RunRequest


@click.command(epilog="Exit codes: validator --help")
@click.option("-c", "--config", required=True, metavar="FILE", help="A configuration, or its name in configs/.")
@click.option("--deployment-id", default="", metavar="ID", help="The deployment, instead of deployment.id.")
@click.option("--revision", default="", metavar="SHA", help="The revision, instead of deployment.revision.")
@click.option("--flow", "flows", multiple=True, metavar="NAME", help="Try this flow only; may be given several times.")
@click.option("--include-tags", default="", metavar="TAGS", help="Try flows with one of these only, comma-separated.")
@click.option("--exclude-tags", default="", metavar="TAGS", help="Try no flows with one of these, comma-separated.")
@click.option(
    "--purpose",
    type=click.Choice([purpose.value for purpose in Purpose]),
    default=Purpose.DEPLOY.value,
    show_default=True,
    help="A rollback is reported and never blocked.",
)
@click.option(
    "--passed",
    multiple=True,
    metavar="NAME",
    help="An earlier stage that has passed, for `requires` in the gate's policy; also VALIDATOR_PASSED=a,b.",
)
@click.option(
    "--passed-job",
    "jobs",
    multiple=True,
    metavar="NAME",
    help="The same, of a job of this GitHub Actions run: GitHub is asked whether it has passed. Needs GITHUB_TOKEN.",
)
@click.option("--no-alerts", is_flag=True, help="Tell nobody.")
@click.option("--resume", default="", metavar="RUN", help="Go on with a run whose process died; or `latest`.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the decision as JSON, and nothing else, on standard output."
)
def command(
    config: str,
    deployment_id: str,
    revision: str,
    flows: tuple[str, ...],
    include_tags: str,
    exclude_tags: str,
    purpose: str,
    passed: tuple[str, ...],
    jobs: tuple[str, ...],
    resume: str,
    no_alerts: bool,
    as_json: bool,
) -> ExitCode:
    """Validate what is live now, and decide whether the frontend may be deployed.

    The reports lie in reports/RUN/ and reports/latest/. A run that --flow, --include-tags or --exclude-tags narrows to
    fewer flows than the gate needs opens no gate (exit code 4): it is for trying flows.
    """
    from validator.cli.session import validate
    from validator.reports.terminal import terminal
    from validator.support.stop import Stop
    from validator.wiring.request import RunRequest
    from validator.wiring.stages import passed_stages

    stop = Stop()
    said = (*passed, *_split(os.environ.get("VALIDATOR_PASSED", "")))
    request = RunRequest(
        config=config,
        deployment_id=deployment_id,
        revision=revision,
        flows=flows,
        include_tags=_split(include_tags),
        exclude_tags=_split(exclude_tags),
        purpose=Purpose(purpose),
        alerts=not no_alerts,
        passed=passed_stages(said, jobs, os.environ, stop, lambda line: click.echo(f"validator: {line}", err=True)),
    )
    console = terminal(sys.stderr) if as_json else terminal()
    return validate(_prepared(request, stop), stop, console=console, as_json=as_json, resume=resume)


def _prepared(request: RunRequest, stop: Stop) -> Prepared:
    from validator.reports.folder import forget_latest
    from validator.wiring.prepare import prepare, reports_of

    try:
        return prepare(request, stop)
    except UsageError:
        forget_latest(reports_of(request))
        raise


def _split(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip())

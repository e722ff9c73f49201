"""`validator alerts test`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.config.environment import EnvironmentConfig
    from validator.config.resolvers import Resolvers
    from validator.config.sections.alerts import Alert
    from validator.support.redact import Redactor
    from validator.support.stop import Stop


@click.command(name="test", epilog="Exit codes: 0 every target took it; 5 one did not; 2 usage.")
@click.option("-c", "--config", required=True, metavar="FILE", help="Whose alerts: a name in configs/, or a file.")
def command(config: str) -> ExitCode:
    """Send a sample, marked as a test, to every target, and say of each whether it arrived.

    It goes to all targets, whatever their families and severities. In PagerDuty the incident is closed at once.
    """
    from validator.cli.signals import stopping
    from validator.model.errors import UsageError
    from validator.support.stop import Stop
    from validator.wiring.prepare import load
    from validator.wiring.request import RunRequest

    loaded, resolvers, redactor = load(RunRequest(config=config))
    if not loaded.value.alerts:
        raise UsageError("nobody is told", where=str(loaded.path), remedy="add a target to `alerts`: docs/alerts.md")
    stop = Stop()
    with stopping(stop):
        arrived = [_tried(alert, loaded.value, resolvers, redactor, stop) for alert in loaded.value.alerts]
    return ExitCode.OPEN if all(arrived) else ExitCode.UNDELIVERED


def _tried(alert: Alert, config: EnvironmentConfig, resolvers: Resolvers, redactor: Redactor, stop: Stop) -> bool:
    """Whether one target took the sample; says so."""
    from validator.alerts.sample import sample
    from validator.model.errors import ValidatorError
    from validator.support.clock import SystemClock, iso
    from validator.support.ids import new_run_id
    from validator.wiring.alerts import channel

    now = SystemClock().now()
    message = sample(
        tenant=config.tenant,
        environment=config.environment,
        run=f"test-{new_run_id(now)}",
        at=iso(now),
        revision=os.environ.get("GITHUB_SHA", ""),
    )
    name = _kind(alert)
    try:
        target = channel(alert, resolvers, {})
        name = target.name
        receipt = target.send(message, stop)
    except ValidatorError as error:
        told = ValidatorError(error.what, where=f"failed     {name}", remedy=error.remedy)
        click.echo(redactor.redact(told.diagnostics()))
        return False
    click.echo(redactor.redact(f"delivered  {name}  {receipt}"))
    return True


def _kind(alert: Alert) -> str:
    """What it is called as long as it is not known where it leads."""
    return type(alert).__name__.removesuffix("Target").lower()

"""`validator alerts deliver`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.alerts.outboxed import OutboxedChannel
    from validator.support.redact import Redactor
    from validator.support.stop import Stop


@click.command(name="deliver", epilog="Exit codes: 0 nothing waits any more; 5 something still does; 2 usage.")
@click.option("-c", "--config", required=True, metavar="FILE", help="Whose alerts: a name in configs/, or a file.")
def command(config: str) -> ExitCode:
    """Send the alerts that could not be delivered when they were due.

    Each run does the same with what earlier ones left; this is for a timer, or for whoever has just mended a target.
    """
    from validator.cli.signals import stopping
    from validator.history.store import open_store
    from validator.support.clock import SystemClock
    from validator.support.stop import Stop
    from validator.wiring.alerts import alert_channels
    from validator.wiring.history import history_address
    from validator.wiring.prepare import load
    from validator.wiring.request import RunRequest

    loaded, resolvers, redactor = load(RunRequest(config=config))
    stop = Stop()
    with stopping(stop), open_store(history_address(loaded.value, resolvers), folder=resolvers.root) as store:
        channels = alert_channels(loaded.value, resolvers, redactor, store, SystemClock())
        arrived = [_delivered(channel, redactor, stop) for channel in channels]
    return ExitCode.OPEN if all(arrived) else ExitCode.UNDELIVERED


def _delivered(channel: OutboxedChannel, redactor: Redactor, stop: Stop) -> bool:
    """Whether nothing waits for a target any more; says so."""
    from validator.model.errors import ValidatorError

    try:
        number = channel.deliver(stop)
    except ValidatorError as error:
        told = ValidatorError(error.what, where=f"failed     {channel.name}", remedy=error.remedy)
        click.echo(redactor.redact(told.diagnostics()))
        return False
    click.echo(f"delivered  {channel.name}  {number}")
    return True

"""`validator demo`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.demo.scenarios.scenario import Scenario


@click.command(epilog="Exit codes: validator --help")
@click.option("--fault", default="none", metavar="NAME", help="What goes wrong; --list names the faults.")
@click.option("--devices", default=2, show_default=True, type=click.IntRange(1, 16), help="How many virtual devices.")
@click.option("--list", "listing", is_flag=True, help="List the faults and end.")
def command(fault: str, devices: int, listing: bool) -> ExitCode:
    """The whole loop on the built-in virtual device and sample production.

    Real adb, the real flow runner, a real signed APK, real HTTP; only Android itself is simulated. No Android SDK is
    needed.
    """
    from validator.demo.scenarios.catalogue import SCENARIOS, UnknownScenarioError, scenario

    if listing:
        width = max(len(item.name) for item in SCENARIOS)
        for item in SCENARIOS:
            ends = f"{item.decision or 'refused'}, exit code {' or '.join(map(str, item.exit_codes))}"
            cause = f"{' or '.join(item.causes)}; " if item.causes else ""
            click.echo(f"{item.name:<{width}}  {item.description} ({cause}{ends})")
        return ExitCode.OPEN
    try:
        chosen = scenario(fault)
    except UnknownScenarioError as error:
        raise click.UsageError(str(error)) from error
    with tempfile.TemporaryDirectory(prefix="validator-demo-") as folder:
        return play(chosen, Path(folder).resolve(), devices)


def play(chosen: Scenario, folder: Path, devices: int, *, adb_port: int | None = None) -> ExitCode:
    """One scenario from its stage to its verdict, told on the terminal.

    Args:
        chosen: What goes wrong.
        folder: Where the sample project is put.
        devices: How many virtual devices.
        adb_port: Where their own adb server listens; any free port when None.
    """
    from validator.alerts.preview import PreviewChannel
    from validator.cli.demo_killed import begin_and_kill
    from validator.cli.demo_stage import stage
    from validator.cli.session import validate
    from validator.cli.signals import stopping
    from validator.reports.folder import LATEST
    from validator.reports.terminal import terminal
    from validator.support.stop import Stop
    from validator.wiring.prepare import prepare
    from validator.wiring.request import RunRequest

    os.environ.setdefault("DEMO_PYTHON", sys.executable)
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), str(_runner().parent)])
    stop, console = Stop(), terminal()
    with stopping(stop), stage(chosen, folder, devices, stop, adb_port=adb_port) as ready:
        console.print(f"fault      {chosen.name}: {chosen.description}", markup=False, highlight=False)
        channel = PreviewChannel()
        prepared = prepare(RunRequest(config=str(ready.config)), stop)
        if chosen.killed_after:
            begin_and_kill(ready.config, chosen.killed_after, stop)
        resume = LATEST if chosen.killed_after else ""
        code = validate(prepared, stop, console=console, channels=(channel,), resume=resume)
    for text in channel.texts:
        console.print("\nThe message that the team would get:\n", markup=False)
        console.print(text, markup=False, highlight=False, end="")
    return code


def _runner() -> Path:
    """The flow runner: installed here, or beside the checkout that this program runs from.

    Raises:
        UsageError: It is in neither place.
    """
    import validator
    from validator.flows.maestro_runner_program import find_program
    from validator.model.errors import UsageError

    try:
        return find_program(None, Path.cwd())
    except UsageError as missing:
        try:
            return find_program(None, Path(validator.__file__).parents[1])
        except UsageError:
            raise missing from None

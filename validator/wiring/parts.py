"""A prepared configuration -> the parts of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

from validator.alerts.port import Channel
from validator.config.locate import locate
from validator.config.resolvers import Resolvers
from validator.config.sections.flows import FreshUser
from validator.config.templates import Variables
from validator.deploys.probes import Probes
from validator.deploys.readiness import Ask, Readiness
from validator.failures.rules import built_in_rules, with_team
from validator.failures.settle import Limits
from validator.flows.between import BetweenCommand
from validator.model.errors import StageError
from validator.model.parity import Parity
from validator.pipeline.attempt import AttemptSettings
from validator.pipeline.beginning import CLEANUP
from validator.pipeline.parts import Parts, RunSettings
from validator.support.clock import Clock
from validator.support.redact_patterns import looks_secret
from validator.support.stop import Stop
from validator.traffic.marks import Marks
from validator.wiring.builds import recipe
from validator.wiring.devices import device_source
from validator.wiring.endpoints import endpoint_hosts
from validator.wiring.observe import ASK, Observation
from validator.wiring.parity import Side, compare_environments
from validator.wiring.prepare import Prepared
from validator.wiring.readiness import readiness
from validator.wiring.sign_in import sign_in_reading
from validator.wiring.traffic import run_account, run_marks


def run_parts(prepared: Prepared, run: str, folder: Path, clock: Clock, *, channels: Sequence[Channel] = ()) -> Parts:
    """Put together what a run is made of.

    Args:
        prepared: The configuration, checked.
        run: The run's id.
        folder: The run's folder; it exists.
        clock: The time.
        channels: Who is told.

    Raises:
        ConfigError: A reference that is needed now has no value, or there is no such baseline.
    """
    config, resolvers = prepared.config, prepared.resolvers
    marks = run_marks(config.traffic, run)
    ask = partial(ASK, headers=dict(marks.headers))
    observation = Observation(config, prepared.request, resolvers, prepared.redactor, ask=ask)

    def attempts() -> AttemptSettings:
        return _attempts(prepared, marks, observation.resolvers)

    left_out: list[StageError] = []
    return Parts(
        settings=_settings(prepared, run, folder),
        clock=clock,
        observe_deployment=observation,
        select_flows=lambda: prepared.selection,
        readiness=_probes(prepared, observation, ask, clock),
        recipe=lambda: recipe(config, observation.resolvers),
        devices=device_source(
            config,
            resolvers,
            prepared.adb,
            prepared.runner.name,
            folder / "devices",
            prepared.redactor.redact,
            left_out.append,
        ),
        left_out=left_out,
        runner=prepared.runner,
        workspace=prepared.workspace.name,
        attempts=attempts,
        between=lambda: _between(prepared, attempts(), observation.resolvers),
        rules=with_team(built_in_rules(), prepared.team_rules),
        limits=Limits(),
        policy=prepared.policy,
        channels=channels,
        team_rules=prepared.team_rules,
        redact=prepared.redactor.redact,
        account=run_account(config.traffic, run, resolvers, prepared.redactor.redact),
        compare=_comparison(prepared, ask),
    )


def _comparison(prepared: Prepared, ask: Ask) -> Callable[[Stop], Parity] | None:
    baseline = prepared.config.parity.baseline
    if baseline is None:
        return None
    file = locate(baseline.resolve(prepared.resolvers), prepared.loaded.root)

    def compare(stop: Stop) -> Parity:
        here, there = Side(str(prepared.loaded.path), stop), Side(str(file), stop)
        return compare_environments(here, there, ask=ask)

    return compare


def _settings(prepared: Prepared, run: str, folder: Path) -> RunSettings:
    return RunSettings(
        run=run,
        tenant=prepared.config.tenant,
        environment=prepared.config.environment,
        purpose=prepared.request.purpose,
        version=version("validator"),
        config_file=str(prepared.loaded.path),
        config_digest=prepared.digest,
        folder=folder,
        deadline=prepared.config.deadline.total_seconds(),
        passed=prepared.request.passed,
    )


def _attempts(prepared: Prepared, marks: Marks, resolvers: Resolvers) -> AttemptSettings:
    flows = prepared.config.flows
    package = prepared.config.app.id.resolve(resolvers)
    variables = {CLEANUP: "true", "APP_ID": package} | flows.environment.resolve(resolvers)
    variables |= dict(marks.variables)
    return AttemptSettings(
        workspace=prepared.workspace,
        package=package,
        fresh_user=flows.fresh_user is FreshUser.CLEAR,
        variables=variables,
        secrets=frozenset((*filter(looks_secret, variables), *_secret_by_value(flows.environment, resolvers))),
        marks=marks.device_values,
        timeout=flows.timeout.total_seconds(),
        hosts=endpoint_hosts(prepared.config, resolvers),
        sign_in=sign_in_reading(prepared, marks, resolvers),
    )


def _secret_by_value(variables: Variables, resolvers: Resolvers) -> Iterator[str]:
    """`LOGIN: ${env:API_TOKEN}` is a secret, whatever its name says."""
    return (variable.name for variable in variables.entries if variable.value.render(resolvers).secret)


def _between(prepared: Prepared, attempts: AttemptSettings, resolvers: Resolvers) -> BetweenCommand | None:
    between = prepared.config.flows.between
    if between is None:
        return None
    return BetweenCommand(
        command=between.command.resolve(resolvers),
        directory=resolvers.root,
        environment=attempts.variables,
        seconds=between.timeout.total_seconds(),
    )


def _probes(prepared: Prepared, observation: Observation, ask: Ask, clock: Clock) -> Probes:
    def addresses() -> tuple[Readiness, ...]:
        return tuple(readiness(probe, observation.resolvers) for probe in prepared.config.readiness)

    return Probes(addresses, ask, clock)

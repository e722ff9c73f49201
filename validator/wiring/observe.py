"""What is live now, read before the flows and again after them; references to its outputs are resolved by the first."""

from __future__ import annotations

import os
from functools import partial
from typing import Final, assert_never

from validator.config.environment import EnvironmentConfig
from validator.config.references import Template
from validator.config.resolvers import Resolvers
from validator.config.sections.deployment import TerraformDirectory, TerraformOutputsFile, TerraformStateFile
from validator.config.templates import Variables
from validator.deploys import terraform
from validator.deploys.live import LiveProbe, ask_live, wait_until_live
from validator.deploys.outputs import Hide, given
from validator.deploys.pipelines import current_pipeline
from validator.deploys.port import Label, Outputs, deployment, label
from validator.deploys.readiness import Ask
from validator.model.deployment import Deployment, LiveAnswer
from validator.support.clock import SystemClock
from validator.support.http import get
from validator.support.redact import Redactor
from validator.support.redact_patterns import looks_secret
from validator.support.stop import Stop
from validator.wiring.request import RunRequest

ASK: Final = partial(get, follow=False)
"""Asks an address once; what a redirect leads to is not what was asked."""
_TRIES: Final = 3
"""How often an address is asked again after the flows before its silence counts as a change."""


class Observation:
    """Holds the resolvers of a run: they know the deployment's outputs once it was observed."""

    def __init__(
        self,
        config: EnvironmentConfig,
        request: RunRequest,
        resolvers: Resolvers,
        redactor: Redactor,
        *,
        ask: Ask = ASK,
    ) -> None:
        """Take what observing needs.

        Args:
            config: What is observed.
            request: What wins over the configuration.
            resolvers: What resolves references so far.
            redactor: Told every sensitive output.
            ask: Asks the addresses of `deployment.live`.
        """
        self._config = config
        self._request = request
        self._redactor = redactor
        self._ask = ask
        self.resolvers = resolvers

    def __call__(self, stop: Stop) -> Deployment:
        """Read what is live: the first time until it is what is expected, from then on as it is.

        Raises:
            ConfigError: A reference has no value.
            UsageError: The source is not there or not set up.
            StageError: It did not answer.
        """
        again = self.resolvers.knows_outputs
        outputs = self.outputs(stop)
        sensitive = [output.name for output in outputs.outputs if output.sensitive]
        resolvers = self.resolvers.with_outputs(outputs.values, sensitive=sensitive, nulls=outputs.nulls)
        if not again:
            self.resolvers = resolvers
        named = label_of(self._config, self._request, resolvers)
        live = tuple(
            _ask_again(probe, self._ask) if again else wait_until_live(probe, self._ask, SystemClock(), stop)
            for probe in live_probes(self._config, resolvers, named.revision)
        )
        return deployment(outputs, environment=self._config.environment, label=named, live=live)

    def outputs(self, stop: Stop) -> Outputs:
        """The outputs alone. Raises as a call does."""
        return read_outputs(self._config, self.resolvers, self._redactor.register, stop)


def label_of(config: EnvironmentConfig, request: RunRequest, resolvers: Resolvers) -> Label:
    """What the deployment is called: by the command line, the configuration, or else the pipeline that runs us.

    Raises:
        ConfigError: A reference has no value.
    """
    section = config.deployment
    configured = Label(
        identifier=request.deployment_id or _text(section.id, resolvers),
        revision=request.revision or _text(section.revision, resolvers),
        revision_from="--revision" if request.revision else "deployment.revision",
    )
    return label(configured, current_pipeline(os.environ))


def read_outputs(config: EnvironmentConfig, resolvers: Resolvers, hide: Hide, stop: Stop) -> Outputs:
    """The outputs of an environment's deployment.

    Raises:
        ConfigError: A reference has no value.
        UsageError: The source is not there or not set up.
        StageError: It did not answer.
    """
    match section := config.deployment.terraform:
        case None:
            return _given(config.deployment.outputs, resolvers, hide)
        case TerraformDirectory():
            directory = section.directory.resolve(resolvers)
            return terraform.TerraformDirectory(directory=directory, hide=hide).read(stop)
        case TerraformOutputsFile():
            return terraform.OutputsFile(path=section.outputs_file.resolve(resolvers), hide=hide).read(stop)
        case TerraformStateFile():
            return terraform.StateFile(path=section.state_file.resolve(resolvers), hide=hide).read(stop)
        case _:
            assert_never(section)


def live_probes(config: EnvironmentConfig, resolvers: Resolvers, revision: str) -> tuple[LiveProbe, ...]:
    """The addresses of `deployment.live`.

    Raises:
        ConfigError: A reference has no value.
    """
    return tuple(
        LiveProbe(
            url=address.url.resolve(resolvers),
            path=address.path,
            expected=_text(address.expect, resolvers) or revision,
            within=address.within.total_seconds(),
        )
        for address in config.deployment.live
    )


def _given(outputs: Variables, resolvers: Resolvers, hide: Hide) -> Outputs:
    rendered = {entry.name: entry.value.render(resolvers) for entry in outputs.entries}
    return given(
        {name: found.text for name, found in rendered.items()},
        sensitive=[name for name, found in rendered.items() if found.secret or looks_secret(name)],
        source="configuration",
        hide=hide,
    )


def _text(template: Template | None, resolvers: Resolvers) -> str:
    return template.resolve(resolvers) if template is not None else ""


def _ask_again(probe: LiveProbe, ask: Ask) -> LiveAnswer:
    """One lost packet must not look like a changed deployment."""
    for _ in range(_TRIES - 1):
        if (answer := ask_live(probe, ask)).said:
            return answer
    return ask_live(probe, ask)

"""What is live now, read once; from then on references to its outputs can be resolved."""

from __future__ import annotations

from typing import assert_never

from validator.config.environment import EnvironmentConfig
from validator.config.references import Template
from validator.config.resolvers import Resolvers
from validator.config.sections.deployment import TerraformDirectory, TerraformOutputsFile
from validator.deploys import terraform
from validator.deploys.port import Outputs, deployment
from validator.model.deployment import Deployment
from validator.support.redact import Redactor
from validator.support.stop import Stop
from validator.wiring.request import RunRequest


class Observation:
    """Holds the resolvers of a run: they know the deployment's outputs once it was observed."""

    def __init__(
        self, config: EnvironmentConfig, request: RunRequest, resolvers: Resolvers, redactor: Redactor
    ) -> None:
        """Take what observing needs."""
        self._config = config
        self._request = request
        self._redactor = redactor
        self.resolvers = resolvers

    def __call__(self, stop: Stop) -> Deployment:
        """Read what is live.

        Raises:
            UsageError: The source is not there or not set up.
            StageError: It did not answer.
        """
        outputs = self._read(stop)
        sensitive = [output.name for output in outputs.outputs if output.sensitive]
        self.resolvers = self.resolvers.with_outputs(outputs.values, sensitive=sensitive)
        section = self._config.deployment
        return deployment(
            outputs,
            environment=self._config.environment,
            revision=self._request.revision or self._text(section.revision),
            identifier=self._request.deployment_id or self._text(section.id),
        )

    def _text(self, template: Template | None) -> str:
        return template.resolve(self.resolvers) if template is not None else ""

    def _read(self, stop: Stop) -> Outputs:
        section = self._config.deployment.terraform
        hide = self._redactor.register
        match section:
            case None:
                return Outputs(outputs=(), values={}, source="configuration")
            case TerraformDirectory():
                directory = section.directory.resolve(self.resolvers)
                return terraform.TerraformDirectory(directory=directory, hide=hide).read(stop)
            case TerraformOutputsFile():
                return terraform.OutputsFile(path=section.outputs_file.resolve(self.resolvers), hide=hide).read(stop)
            case _:
                assert_never(section)

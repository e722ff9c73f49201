"""`deployment:` and `readiness:`: what is live now, and when it is ready to be tested."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from validator.config.fields import Duration, EarlyPath, Section, Text, Url
from validator.config.kinds import OneOf


class TerraformDirectory(Section):
    """Outputs asked of terraform itself."""

    directory: EarlyPath = Field(description="Where `terraform output -json` (or `tofu`) is run.")


class TerraformOutputsFile(Section):
    """Outputs that an earlier step of the pipeline saved."""

    outputs_file: EarlyPath = Field(description="A file with the output of `terraform output -json`.")


Terraform = Annotated[
    TerraformDirectory | TerraformOutputsFile,
    OneOf({"directory": TerraformDirectory, "outputs_file": TerraformOutputsFile}),
]


class DeploymentConfig(Section):
    """What is live now. `--deployment-id` and `--revision` on the command line win over this."""

    id: Text | None = Field(None, description="The id of the deployment, as the pipeline calls it.")
    revision: Text | None = Field(None, description="The revision that was deployed, such as `${env:GIT_SHA}`.")
    terraform: Terraform | None = Field(
        None, description="Where the outputs come from that `${terraform:…}` refers to."
    )


class ReadinessProbe(Section):
    """An address that must answer before any flow is started."""

    url: Url = Field(description="The address that is asked.")
    within: Duration = Field(timedelta(minutes=2), description="How long to go on asking before giving up.")
    expect_status: Annotated[int, Field(ge=100, le=599)] | None = Field(
        None, description="The HTTP status that means ready. Without it: any from 200 to 299."
    )

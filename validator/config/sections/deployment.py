"""`deployment:` and `readiness:`: what is live now, and when it is ready to be tested."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from validator.config.fields import Duration, EarlyPath, Section, Text, Url
from validator.config.json_paths import Path
from validator.config.kinds import OneOf
from validator.config.mappings import Outputs
from validator.config.templates import Variables


class TerraformDirectory(Section):
    """Outputs asked of terraform itself."""

    directory: EarlyPath = Field(description="Where `terraform output -json` (or `tofu`) is run.")


class TerraformOutputsFile(Section):
    """Outputs that an earlier step of the pipeline saved."""

    outputs_file: EarlyPath = Field(description="A file with the output of `terraform output -json`.")


class TerraformStateFile(Section):
    """Outputs, lineage and serial of a local state."""

    state_file: EarlyPath = Field(description="A local state of version 4, such as `infra/terraform.tfstate`.")


Terraform = Annotated[
    TerraformDirectory | TerraformOutputsFile | TerraformStateFile,
    OneOf({"directory": TerraformDirectory, "outputs_file": TerraformOutputsFile, "state_file": TerraformStateFile}),
]


class LiveAddress(Section):
    """An address that says which revision or version is live."""

    url: Url = Field(description="The address that is asked, such as `${terraform:api_url}/version`.")
    path: Path | None = Field(
        None, description="Where in its JSON the revision stands: `$.build.revision`. Without it: the whole answer."
    )
    expect: Text | None = Field(
        None, description="What it must say. Without it: the revision of the deployment, if one is known."
    )
    within: Duration = Field(timedelta(minutes=2), description="How long to wait until it says so.")


class DeploymentConfig(Section):
    """What is live now. `--deployment-id` and `--revision` on the command line win over this."""

    id: Text | None = Field(
        None,
        description="The id of the deployment. Without it: that of the CI pipeline's run (GitHub Actions, GitLab CI, "
        "Jenkins, Buildkite, CircleCI), else lineage and serial of the state, else one made of the outputs.",
    )
    revision: Text | None = Field(
        None,
        description="The revision that was deployed, such as `${env:GIT_SHA}`. Without it: the commit that the CI "
        "pipeline runs for.",
    )
    terraform: Terraform | None = Field(
        None, description="Where the outputs come from that `${terraform:…}` refers to."
    )
    outputs: Outputs = Field(
        Variables(),
        description='The outputs themselves, where no Terraform is: `{api_url: "${env:API_URL}"}`. Instead of '
        "`terraform`.",
    )
    live: tuple[LiveAddress, ...] = Field(
        (),
        description="What must be live, by its own word. Asked before the flows and once more after them: a deployment "
        "that changed in between makes the run undecided.",
    )


class ReadinessProbe(Section):
    """An address that must answer before any flow is started."""

    url: Url = Field(description="The address that is asked.")
    within: Duration = Field(timedelta(minutes=2), description="How long to go on asking before giving up.")
    expect_status: Annotated[int, Field(ge=100, le=599)] | None = Field(
        None,
        description="The HTTP status that means ready. Without it: any from 200 to 299. Redirects are not followed: "
        "302 can be what is expected.",
    )
    path: Path | None = Field(None, description="Where in its JSON a value stands that tells: `$.status`.")
    equals: Text | None = Field(None, description="What that value must be, such as `ok`; goes with `path`.")
    tls_days: Annotated[int, Field(ge=0, le=3650)] | None = Field(
        None,
        description="Days for which its certificate must still be good; it must be trusted, and issued for the host.",
    )


class TcpProbe(Section):
    """A port that must accept connections before any flow is started."""

    tcp: Text = Field(description="The host and port: `db.example.com:5432`.")
    within: Duration = Field(timedelta(minutes=2), description="How long to go on trying before giving up.")


class DnsProbe(Section):
    """A name that must resolve before any flow is started."""

    dns: Text = Field(description="The name: `api.example.com`.")
    within: Duration = Field(timedelta(minutes=2), description="How long to go on asking before giving up.")


Probe = Annotated[
    ReadinessProbe | TcpProbe | DnsProbe, OneOf({"url": ReadinessProbe, "tcp": TcpProbe, "dns": DnsProbe})
]

"""`build:`: where the APK under test comes from, and what makes it the production build."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from validator.config.fields import (
    Command,
    Duration,
    EarlyPath,
    Environment,
    FilePath,
    Fingerprint,
    Package,
    Section,
    Text,
)
from validator.config.kinds import OneOf
from validator.config.templates import Variables


class Expectations(Section):
    """What is true of the production build and of no other."""

    debuggable: bool = Field(False, description="Whether it is debuggable. The APK must be exactly so.")
    package: Package | None = Field(None, description="Its application id. Without it: `app.id`.")
    signer: Fingerprint | None = Field(
        None, description="The SHA-256 digest of the signing certificate: `sha256:` and 64 hexadecimal digits."
    )
    contains: tuple[Text, ...] = Field((), description="Texts that must be in the APK, such as the live endpoint.")
    never_contains: tuple[Text, ...] = Field((), description="Texts that must not be in it, such as `localhost`.")


class CommandBuild(Section):
    """An APK built by a command."""

    command: Command = Field(description="The command that builds it, run by `sh -c`.")
    artifact: FilePath = Field(description="The APK that the command writes.")
    directory: EarlyPath | None = Field(None, description="Where the command is run. Without it: the project's folder.")
    environment: Environment = Field(
        Variables(), description="Variables for the command, beside those of this process."
    )
    timeout: Duration = Field(timedelta(minutes=30), description="How long the command may run.")
    expect: Expectations = Field(default_factory=Expectations, description="What makes it the production build.")


class FileBuild(Section):
    """An APK that is there already."""

    file: FilePath = Field(description="The APK.")
    expect: Expectations = Field(default_factory=Expectations, description="What makes it the production build.")


Build = Annotated[CommandBuild | FileBuild, OneOf({"command": CommandBuild, "file": FileBuild})]

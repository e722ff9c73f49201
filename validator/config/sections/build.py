"""`build:`: where the APK under test comes from, and what makes it the production build."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from validator.config.fields import (
    Command,
    Digest,
    Duration,
    EarlyPath,
    EarlySecret,
    EarlyUrl,
    FilePath,
    Fingerprint,
    Package,
    Repository,
    Section,
    Text,
    Url,
    mistake,
)
from validator.config.kinds import OneOf
from validator.config.mappings import Environment
from validator.config.references import Template
from validator.config.templates import Variables

_BARE: Final = re.compile(r"(?:https?:)?/*", re.IGNORECASE)


def _check_findable(template: Template) -> Template:
    if template.literal is not None and _BARE.fullmatch(template.literal.strip()):
        raise mistake(f"{template.literal!r} is in any APK", "write the whole address, or a text such as a host name")
    return template


Findable = Annotated[Text, AfterValidator(_check_findable)]
"""A text that an APK is searched for."""


class Expectations(Section):
    """What is true of the production build and of no other."""

    debuggable: bool = Field(
        False, description="Whether it is debuggable: the APK must be exactly so. No build for users is."
    )
    package: Package | None = Field(None, description="Its application id. Without it: `app.id`.")
    signer: Fingerprint | None = Field(
        None, description="The SHA-256 digest of the signing certificate: `sha256:` and 64 hexadecimal digits."
    )
    contains: tuple[Findable, ...] = Field((), description="Texts that must be in the APK, such as the live endpoint.")
    never_contains: tuple[Findable, ...] = Field((), description="Texts that must not be in it, such as `localhost`.")
    test_only: bool = Field(False, description="Whether an APK is accepted that Android installs for tests only.")
    revision: Text | None = Field(
        None, description="The revision that it must be built of, and hold as a text, such as `${terraform:revision}`."
    )
    newer_than: Text | None = Field(
        None, description='A version that it must be newer than: a code (`"41200"`) or a name (`4.12.0`).'
    )
    cleartext: bool | None = Field(
        None,
        description="Whether it may speak plain HTTP to hosts that no `http://` address in `contains` names. `false`: "
        "it must not. Without it: a warning.",
    )
    user_authorities: bool | None = Field(
        None,
        description="Whether it may trust certificate authorities that the phone's user installed. `false`: it must "
        "not. Without it: a warning.",
    )


class CommandBuild(Section):
    """An APK built by a command."""

    command: Command = Field(description="The command that builds it, run by `sh -c`.")
    artifact: FilePath = Field(
        description="The APK that the command writes: a path, or a pattern such as `**/*-release.apk` that matches one "
        "new file."
    )
    directory: EarlyPath | None = Field(None, description="Where the command is run. Without it: the project's folder.")
    environment: Environment = Field(
        Variables(), description="Variables for the command, beside those of this process."
    )
    timeout: Duration = Field(timedelta(minutes=30), description="How long the command may run.")
    fresh: bool = Field(
        True,
        description="Whether the APK must be newer than the command's start. `false` takes what an incremental build "
        "left as it was, and needs a text in `expect` that only this deployment's APK contains.",
    )
    expect: Expectations = Field(default_factory=Expectations, description="What makes it the production build.")

    @model_validator(mode="after")
    def _is_told_from_an_old_one(self) -> CommandBuild:
        """Without its time, only its content tells the APK of this deployment from one of before."""
        if not self.fresh and not self.expect.contains and self.expect.revision is None:
            raise mistake(
                "`fresh: false` takes an APK of any age, and nothing here says which one is meant",
                "name in `expect.contains` or `expect.revision` what only this deployment's APK contains",
            )
        return self


class FileBuild(Section):
    """An APK that is there already."""

    file: FilePath = Field(description="The APK.")
    expect: Expectations = Field(default_factory=Expectations, description="What makes it the production build.")


class GitHubRelease(Section):
    """A file that hangs on a GitHub release."""

    repository: Repository = Field(description="The repository: `OWNER/NAME`.")
    asset: Text = Field(description="The file's name, or a pattern such as `*-release.apk` that matches one file.")
    tag: Text | None = Field(None, description="The release's tag. Without it: the latest release.")
    token: EarlySecret | None = Field(
        None, description="A token that may read the repository, such as `${env:GITHUB_TOKEN}`. GitHub alone sees it."
    )
    api_url: EarlyUrl | None = Field(None, description="The API of a GitHub Enterprise server. Without it: GitHub's.")


class GitHubReleaseBuild(Section):
    """An APK from a GitHub release. Its size and its digest are held against what GitHub says."""

    github_release: GitHubRelease = Field(description="Which file of which release.")
    timeout: Duration = Field(
        timedelta(minutes=10), description="How long fetching may take, waiting for rate limits included."
    )
    expect: Expectations = Field(default_factory=Expectations, description="What makes it the production build.")


class UrlBuild(Section):
    """An APK at an address."""

    url: Url = Field(description="Where it is.")
    sha256: Digest = Field(description="Its digest: 64 hexadecimal digits, as `sha256sum` shows them.")
    token: EarlySecret | None = Field(
        None, description="Sent as `Authorization: Bearer …`, to the address's own host and nowhere else."
    )
    timeout: Duration = Field(timedelta(minutes=10), description="How long fetching may take.")
    expect: Expectations = Field(default_factory=Expectations, description="What makes it the production build.")


Build = Annotated[
    CommandBuild | FileBuild | GitHubReleaseBuild | UrlBuild,
    OneOf({"command": CommandBuild, "file": FileBuild, "github_release": GitHubReleaseBuild, "url": UrlBuild}),
]

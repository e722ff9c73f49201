"""`app:` and `adb:`: what is tested, and the program that reaches devices."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from validator.config.fields import EarlyPath, EarlyText, Package, Section, Url, mistake
from validator.config.json_paths import ListPath
from validator.config.mappings import Headers
from validator.config.sections.failures import Pattern
from validator.config.templates import Variables


def _names_the_user(pattern: str) -> str:
    if "user" not in re.compile(pattern).groupindex:
        raise mistake("has no group that is the user's id", "name one: signed in as (?P<user>[\\w-]+)")
    return pattern


Port = Annotated[int, Field(ge=1, le=65535)]


class SignInFailed(Section):
    """How the app tells that it could not sign in."""

    log: Pattern | None = Field(
        None, description="A regular expression that is searched in each line of the device's log of the attempt."
    )
    text: Pattern | None = Field(
        None, description="A regular expression that is searched in each text on the screen when a flow has failed."
    )
    tag: EarlyText | None = Field(
        None,
        description="The tag of flows that do nothing but sign in: that what such a flow expects is not on the screen "
        "means that the sign-in failed.",
    )


class SignInUser(Section):
    """How the app, or the backend, tells whom it has signed in: `log`, or `url` and `json`."""

    log: Annotated[Pattern, AfterValidator(_names_the_user)] | None = Field(
        None, description="A regular expression with a group `(?P<user>…)`, searched in each line of the device's log."
    )
    url: Url | None = Field(
        None,
        description="An address that tells of users, asked after each attempt: `{run}` in it stands for the run's id, "
        "`{began}` and `{ended}` for the time of the attempt.",
    )
    ids: ListPath | None = Field(
        None, description="Where the ids stand in the JSON that it answers with, such as `$.users[*].id`."
    )
    headers: Headers = Field(
        Variables(), description='Sent along, such as `{authorization: "Bearer ${env:ADMIN_TOKEN}"}`.'
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.url is None) != (self.ids is None):
            raise mistake("names an address or where the ids stand, and not both", "give `url` and `ids`")
        if self.url is None and self.log is None:
            raise mistake("says nothing of how users are read back", "give `log`, or `url` and `ids`")
        return self


class SignInConfig(Section):
    """How the app's own anonymous sign-in is read back. Nothing else ever creates users."""

    failed: SignInFailed | None = Field(
        None, description="What says that the sign-in failed, beside the replies of identity providers that are known."
    )
    user: SignInUser | None = Field(
        None, description="What names the users that a flow created; they are listed for each attempt."
    )


class AppConfig(Section):
    """The app under test."""

    id: Package = Field(description="The application id that users have installed, such as `com.example.shop`.")
    sign_in: SignInConfig = Field(default_factory=SignInConfig, description="How its sign-in is read back.")


class AdbConfig(Section):
    """The adb program and its server. Two versions of adb restart one another's server, so both are explicit."""

    path: EarlyPath | None = Field(
        None,
        description="The adb program. Without it: `$ADBUTILS_ADB_PATH`, `adb` on the PATH, or that of adbutils.",
    )
    server_port: Port = Field(5037, description="The port of the adb server on this machine.")

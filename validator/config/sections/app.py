"""`app:` and `adb:`: what is tested, and the program that reaches devices."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from validator.config.fields import EarlyPath, Package, Section, mistake
from validator.config.sections.failures import Pattern


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


class SignInUser(Section):
    """How the app tells whom it has signed in."""

    log: Annotated[Pattern, AfterValidator(_names_the_user)] = Field(
        description="A regular expression with a group `(?P<user>…)`, searched in each line of the device's log."
    )


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

"""`app:` and `adb:`: what is tested, and the program that reaches devices."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from validator.config.fields import EarlyPath, Package, Section

Port = Annotated[int, Field(ge=1, le=65535)]


class AppConfig(Section):
    """The app under test."""

    id: Package = Field(description="The application id that users have installed, such as `com.example.shop`.")


class AdbConfig(Section):
    """The adb program and its server. Two versions of adb restart one another's server, so both are explicit."""

    path: EarlyPath | None = Field(
        None,
        description="The adb program. Without it: `$ADBUTILS_ADB_PATH`, `adb` on the PATH, or that of adbutils.",
    )
    server_port: Port = Field(5037, description="The port of the adb server on this machine.")

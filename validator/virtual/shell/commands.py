"""Every command of the device."""

from __future__ import annotations

from validator.virtual.shell import (
    activity,
    conditions,
    connectivity,
    display,
    dumpsys,
    input,  # noqa: A004 - named after the command that it is
    logcat,
    package,
    services,
    settings,
    storage,
    system,
    text,
)
from validator.virtual.shell.command import Commands

COMMANDS: Commands = {
    **activity.COMMANDS,
    **conditions.COMMANDS,
    **connectivity.COMMANDS,
    **services.COMMANDS,
    **display.COMMANDS,
    **dumpsys.COMMANDS,
    **input.COMMANDS,
    **logcat.COMMANDS,
    **package.COMMANDS,
    **settings.COMMANDS,
    **storage.COMMANDS,
    **system.COMMANDS,
    **text.COMMANDS,
}

"""What the official Maestro CLI is handed, and how: by environment, by arguments, by options of its Java machine."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from validator.flows.env_file import VariableError, check_name
from validator.flows.surroundings import passed_on
from validator.support.machine import HERE, Machine

_PASSED: Final = ("JAVA_HOME", "JAVA_OPTS", "ANDROID_HOME", "ANDROID_SDK_ROOT", "PATH")
_PREFIX: Final = "MAESTRO_"
_QUIET: Final = {
    "MAESTRO_CLI_NO_ANALYTICS": "1",
    "MAESTRO_DISABLE_UPDATE_CHECK": "true",
    "MAESTRO_CLI_ANALYSIS_NOTIFICATION_DISABLED": "true",
    "MAESTRO_API_URL": "http://127.0.0.1:9",  # the discard port: its error reports contain the command line
}
_DRIVER_START: Final = "MAESTRO_DRIVER_STARTUP_TIMEOUT"
_RESERVED: Final = (
    *_QUIET,
    _DRIVER_START,
    *("MAESTRO_OPTS", "MAESTRO_SHARD_ID", "MAESTRO_SHARD_INDEX", "MAESTRO_CLOUD_API_KEY"),
    *("MAESTRO_CLI_LOG_PATTERN_CONSOLE", "MAESTRO_CLI_LOG_PATTERN_FILE"),
)
_LEAST_START, _MOST_START = 15.0, 120.0
"""Seconds: its own default, which is too short for a busy machine, and what CI needs at worst."""


def control(deadline: float, machine: Machine = HERE) -> dict[str, str]:
    """What steers the CLI, for a flow that may take so many seconds.

    The time for the driver to start is applied twice, once for the instrumentation and once for its port
    (`AndroidDriver.kt`). A quarter of the deadline each leaves half of it for the CLI to say what did not start.
    """
    start = min(max(deadline / 4, _LEAST_START), _MOST_START)
    return {**passed_on(*_PASSED, machine=machine), **_QUIET, _DRIVER_START: str(int(start * 1000))}


def apart(home: Path) -> dict[str, str]:
    """What gives a run a home of its own, where no other run's sessions, settings and logs are.

    `user.home` is what its session store goes by, and Java takes it from the user database, not from `$HOME`. Its start
    script reads MAESTRO_OPTS as a shell would.
    """
    return {"MAESTRO_OPTS": shlex.quote(f"-Duser.home={home}"), "XDG_STATE_HOME": str(home)}


def hand_over(variables: Mapping[str, str], secrets: frozenset[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """How variables reach the CLI: arguments, and environment.

    The CLI takes variables from its command line, which every user of the machine can read, and those named `MAESTRO_…`
    that are not empty from its environment as well. So a secret must bear such a name.

    Raises:
        VariableError: A secret would have to go on the command line, or a name means something to the CLI itself.
    """
    arguments: list[str] = []
    environment: dict[str, str] = {}
    for name, value in variables.items():
        check_name(name)
        if name in _RESERVED:
            raise VariableError(f"the flow variable {name} means something to Maestro itself: give it another name")
        if "\0" in value:
            raise VariableError(f"the value of the flow variable {name} holds a NUL, which no program can be handed")
        if name.startswith(_PREFIX) and value:
            environment[name] = value
        elif name in secrets and value:
            raise VariableError(
                f"the flow variable {name} is secret, and Maestro would take it only on its command line, which all "
                f"users of this machine can read: name it {_PREFIX}{name} in the flows and the configuration"
            )
        else:
            arguments += ["-e", f"{name}={value}"]
    return tuple(arguments), environment

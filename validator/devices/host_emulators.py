"""What a host says about its emulators: the program, its AVDs, and the ports that are taken."""

from __future__ import annotations

from typing import Final

from validator.devices.host_tools import HostTools
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.ssh import SshConnection

_ASK_SECONDS: Final = 60.0
_FIND: Final = """
# $1 the emulator as configured
emulator=$1
for root in "$ANDROID_HOME" "$ANDROID_SDK_ROOT" "$HOME/Android/Sdk"; do
  [ -n "$emulator" ] || [ ! -x "$root/emulator/emulator" ] || emulator=$root/emulator/emulator
done
[ -n "$emulator" ] || emulator=$(command -v emulator)
printf '%s\\n' "$emulator"
[ -z "$emulator" ] || "$emulator" -list-avds </dev/null 2>&1
"""
_TAKEN: Final = """
# $1 adb, $2 the server's port
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
"$1" -P "$2" devices </dev/null 2>/dev/null
"""
_LISTENS: Final = "0A"
"""TCP_LISTEN in /proc/net/tcp (proc_net_tcp(5))."""


def host_emulator(connection: SshConnection, configured: str, avd: str) -> str:
    """The program of the host's emulator, which knows the AVD.

    Raises:
        StageError: `no_device`: there is none, or no such AVD.
        MachineError: The host does not answer.
    """
    program, *lines = connection.ask(_FIND, configured, seconds=_ASK_SECONDS).text.splitlines() or [""]
    if not program:
        raise StageError(
            Cause.NO_DEVICE,
            "the host has no Android emulator",
            where=connection.name,
            remedy=f"install it there and set ANDROID_HOME, or set `hosts.{connection.name}.emulator` to its program",
        )
    known = [line.strip() for line in lines if line.strip() and "|" not in line]  # `INFO    | …` are its log lines
    if avd not in known:
        raise StageError(
            Cause.NO_DEVICE,
            f"there is no AVD {avd} on the host; there are: {', '.join(known)[:300] or '(none)'}",
            where=connection.name,
            remedy=f"create it there (`avdmanager create avd -n {avd} -k IMAGE`), or name one of these",
        )
    return program


def taken_ports(connection: SshConnection, tools: HostTools) -> frozenset[int]:
    """Ports of the host on which somebody listens, and those of emulators that its adb server knows.

    Raises:
        MachineError: The host does not answer.
    """
    text = connection.ask(_TAKEN, tools.adb, str(tools.server_port), seconds=_ASK_SECONDS).text
    taken = set[int]()
    for words in map(str.split, text.splitlines()):
        if len(words) > 3 and words[3] == _LISTENS:  # sl, local_address, rem_address, st
            taken.add(int(words[1].rpartition(":")[2], 16))
        elif words and words[0].startswith("emulator-") and words[0][len("emulator-") :].isdecimal():
            taken.add(int(words[0][len("emulator-") :]))
    return frozenset(taken)

"""A scenario of the demo with the official CLI's stand-in as its runner; a program, for a network of its own.

The official CLI speaks to the adb server on port 5037 and to no other, and virtual devices have a server of their own.
So that both is true, and no adb server of the machine is touched, this is started in a network namespace that has
nothing but a loopback device (`unshare --net`), and the devices' own server takes port 5037 there.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import click

from validator.cli.demo import play
from validator.cli.errors import guarded
from validator.demo.scenarios.catalogue import scenario
from validator.demo.scenarios.scenario import Retouch
from validator.flows.maestro import ADB_PORT
from validator.model.decision import ExitCode

RUNNER = Retouch(old="  runner: maestro-runner\n", new="  runner: maestro\n")
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1


def bring_up_loopback() -> None:
    """What `ip link set lo up` does (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack_from("h", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, asked), 16)
        if not flags & _IFF_UP:
            fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


@click.command()
@click.argument("name")
@click.argument("changes")
def command(name: str, changes: str) -> ExitCode:
    """Play the scenario; `changes` are pairs of texts to change in its configuration."""
    bring_up_loopback()
    chosen = scenario(name)
    retouched = (*chosen.configuration, RUNNER, *(Retouch(old=old, new=new) for old, new in json.loads(changes)))
    with tempfile.TemporaryDirectory(prefix="validator-demo-") as folder:
        return play(replace(chosen, configuration=retouched), Path(folder).resolve(), 2, adb_port=ADB_PORT)


if __name__ == "__main__":
    sys.exit(guarded(command))

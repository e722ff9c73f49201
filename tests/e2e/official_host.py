"""A run on another host whose runner is the official CLI's stand-in; a program, for a network of its own.

As `official_demo`: the official CLI speaks to the adb server on port 5037 and to no other.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.e2e.commands import ROOT
from tests.e2e.devices import lab
from tests.e2e.official_demo import bring_up_loopback
from tests.e2e.project import PACKAGE, Project
from tests.fakes.maestro.distribution import Settings, install
from tests.fakes.sshd import other_host
from validator.flows.maestro import ADB_PORT
from validator.flows.maestro_runner_program import find_program

FLOW = f"appId: {PACKAGE}\n---\n- launchApp\n- assertVisible: Continue as guest\n"


def main(folder: Path) -> int:
    """Run one flow; the exit code is that of the run, or 99 when something was left on the host."""
    bring_up_loopback()
    made = install(folder / "maestro", Settings(runner=str(find_program(None, ROOT))))
    with lab(1, "--private-adb-port", str(ADB_PORT)) as devices:
        path = os.pathsep.join([str(made.program.parent), str(Path(devices.fleet.adb.path).parent), os.defpath])
        there = {"PATH": path, "JAVA_HOME": str(made.java_home), "PYTHONPATH": str(ROOT)}
        with other_host(folder / "host", there) as host:
            project = Project(folder / "project")
            project.write("flows/a.yaml", FLOW)
            project.apk(api_url=devices.api_url)
            way = {"host": host.target, "key": str(host.key), "known_hosts": str(host.known_hosts)}
            project.config(
                adb={"path": devices.fleet.adb.path},
                build={"file": "app.apk"},
                devices=[{"host": host.target, "serial": devices.fleet.serials[0]}],
                hosts=[way],
                flows={"workspace": "flows", "runner": "maestro"},
            )
            done = project.run()
            sys.stdout.write(done.output + done.errors)
            return done.exit_code if not host.left() else 99


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

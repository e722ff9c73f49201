"""What stands in for devices, and the shapes of the fixtures that make workspaces, programs and requests."""

from __future__ import annotations

import json
import os
import socketserver
import time
from base64 import b64encode
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import Protocol

from PIL import Image

from validator.flows.maestro_runner import MaestroRunner
from validator.flows.port import FlowRequest

MakeWorkspace = Callable[[dict[str, str]], Path]
MakeProgram = Callable[[str, str], Path]


SAMPLES = Path(__file__).with_name("samples")

START = f"""
import json, os, pathlib, shutil, sys, time
arguments = sys.argv[1:]
output = pathlib.Path(arguments[arguments.index('--output') + 1])
def give(sample):
    shutil.copytree(pathlib.Path({str(SAMPLES)!r}, sample), output, dirs_exist_ok=True)
"""


def runner(program: MakeProgram, body: str) -> MaestroRunner:
    """A runner of which a program of ours stands in for the real one."""
    return MaestroRunner(program("maestro-runner", START + body), "1.1.27")


class MakeRequest(Protocol):
    """Makes a request for one flow; everything has a default."""

    def __call__(
        self,
        flow: str = ...,
        *,
        variables: dict[str, str] | None = ...,
        secrets: frozenset[str] = ...,
        deadline: float = ...,
        port: int = ...,
    ) -> FlowRequest: ...


def solid(colour: str) -> bytes:
    """A PNG of one colour, as large as a small screen."""
    data = BytesIO()
    Image.new("RGB", (32, 64), colour).save(data, "PNG")
    return data.getvalue()


class _Automation(BaseHTTPRequestHandler):
    """The automation server's HTTP interface, as far as the flows of these tests need it."""

    protocol_version = "HTTP/1.1"
    server: Device

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass

    def address_string(self) -> str:
        return "unix"

    def do_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        device = self.server
        if self.path.endswith("/element"):
            device.searched(body)
            if any(text in body for text in device.fatal):
                device.leave()
                self.close_connection = True
                return
            if not any(text in body for text in device.visible):
                time.sleep(0.1)  # the real server's implicit wait; without it the client asks 3,000 times a second
                self._answer({"error": "no such element", "message": "An element could not be located"}, 404)
                return
            self._answer({"ELEMENT": "1", "element-6066-11e4-a52e-4f735466cecf": "1"})
        elif self.path.endswith("/session"):
            self._answer({"sessionId": "s1", "capabilities": {}})
        elif self.path.endswith("/source"):
            self._answer('<?xml version="1.0"?><hierarchy rotation="0"/>')
        elif self.path.endswith("/screenshot"):
            self._answer(b64encode(self.server.screen).decode())
        else:
            self._answer({"x": 0, "y": 0, "width": 10, "height": 10} if self.path.endswith("/rect") else None)

    do_GET = do_POST = do_DELETE = do_any  # noqa: N815 - the names are the base class's

    def _answer(self, value: object, status: int = 200) -> None:
        data = json.dumps({"sessionId": "s1", "value": value}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Device(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Enough of a device for a real maestro-runner: an `adb` program, and an automation server behind its forward."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.serial = f"stub-{os.getpid()}-{folder.name[-6:]}"
        self.visible = {"Welcome"}
        """What an element's selector must contain to be found."""
        self.fatal = {"Fatal"}
        """What ends the automation server when it is asked for."""
        self.screen = solid("white")
        """The picture of its screen."""
        self.log = folder / "adb.log"
        self.hung = folder / "hung"
        """While this file is there, every `adb` hangs."""
        self._listeners: dict[str, Callable[[], None]] = {}
        super().__init__(str(folder / "s"), _Automation)
        self._write_adb()

    @property
    def adb(self) -> Path:
        return self.folder / "adb"

    @property
    def owner(self) -> Path:
        """Where the runner says that it holds the device."""
        return Path(f"/tmp/uia2-{self.serial}.pid")

    def leave(self) -> None:
        """Close the automation server for good."""
        Path(self.folder / "s").unlink()

    def asked_for(self, text: str, listener: Callable[[], None]) -> None:
        """Call the listener whenever the app's screen is searched for this text."""
        self._listeners[text] = listener

    def searched(self, selector: str) -> None:
        for text, listener in self._listeners.items():
            if text in selector:
                listener()

    def calls(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no error here."""

    def _write_adb(self) -> None:
        self.adb.write_text(
            f"""#!/bin/sh
[ -e {self.hung} ] && exec sleep 600
[ "$1" = -s ] && shift 2
printf '%s\\n' "$*" >> {self.log}
case "$*" in
  get-state) echo device;;
  "shell getprop ro.build.version.sdk") echo 34;;
  "shell getprop"*) echo Stub;;
  "shell pm list packages"*) for end in server server.test; do echo package:io.appium.uiautomator2.$end; done;;
  "shell dumpsys package"*) echo versionName=9.11.1;;
  "shell dumpsys window"*) echo isOnScreen=false;;
  "forward --remove localfilesystem:"*) rm -f "${{3#localfilesystem:}}";;
  "forward localfilesystem:"*) ln -sfn {self.folder}/s "${{2#localfilesystem:}}";;
esac
""",
            encoding="utf-8",
        )
        self.adb.chmod(0o755)

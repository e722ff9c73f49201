"""The stand-in on a device: maestro-runner drives the flow underneath, and this tells it in Maestro's words.

What happens on the device is real as far as the virtual device is: taps, waits, crashes, lost connections. Put in
Maestro's place is what it says of that: its error texts (MaestroException.kt, DeviceConnection.kt, AndroidDriver.kt,
LogcatReader.kt), what it knows and what it does not: it sees no crash but in the device's log, and a driver that hangs
costs it 120 s per call, its gRPC deadline, in which it is silent.

It speaks to the adb server on port 5037, whatever ANDROID_ADB_SERVER_PORT says.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.fakes.maestro.arguments import Call
from tests.fakes.maestro.artefacts import Entry, Outcome, entry
from tests.fakes.maestro.translated import commands_of, report_of

ADB_PORT = 5037
GRPC_SECONDS = 120.0
POLL_SECONDS = 0.2
_LOST_CALL = re.compile(rb"^[0-9:.]+ [A-Z]+ \S+ \[[^\]\n]*\] ERROR: (.*)$", re.MULTILINE)
_HUNG = b"Client.Timeout exceeded"
_CRASHES = {
    "CRASH_REPORT": r"FATAL EXCEPTION:.*\n.*Process: {app}\b"
    r"|Fatal signal \d+ \(SIG\w+\)(?:.*\n){{0,20}}?.*>>> {app} <<<"
    r"|Fatal signal \d+ \(SIG\w+\).*\({app}\)",
    "ANR_REPORT": r"ANR in {app}\b.*",
}
_START_ERRORS = {
    "UIAutomator2 server not ready": "maestro.drivers.AndroidDriverTimeoutException: "
    "Maestro Android driver did not start up in time  ---  emulator [ {serial} ] & port  [ dadb.open( tcp:7001 ) ]",
    "install": "java.lang.IllegalStateException: dev.mobile.maestro was not installed",
    "device not found": "Device {serial} was requested, but it is not connected.",
    "device offline": "maestro.DeviceUnreachableException: Device {serial} is unreachable during 'deviceInfo'",
    "failed to create driver": "maestro.drivers.AndroidInstrumentationSetupFailure: "
    "Maestro instrumentation could not be initialized",
}


def drive(call: Call, runner: str, variables: dict[str, str]) -> Outcome:
    """Run the flow on the device."""
    serial, flow = call.options["--device"], Path(call.flow)
    if _adb(serial, "get-state").strip() != "device":
        return Outcome(session_error=f"Device {serial} was requested, but it is not connected.")
    _adb(serial, "logcat", "-c")  # Orchestra's, at the start of a flow
    with tempfile.TemporaryDirectory(prefix="stand-in-", ignore_cleanup_errors=True) as folder:
        ran = _run(Path(folder), runner, serial, flow, variables)
        outcome = _outcome(Path(folder), ran, serial)
    outcome.log = _adb(serial, "logcat", "-d")
    outcome.crashes = _crashes(outcome.log, flow, variables)
    return outcome


class _Ran:
    """How maestro-runner came to its end."""

    def __init__(self) -> None:
        self.code = 0
        self.unreachable = False
        self.lost_call = ""
        self.output = ""


def _run(folder: Path, runner: str, serial: str, flow: Path, variables: dict[str, str]) -> _Ran:
    variables = {"MAESTRO_FILENAME": flow.stem, "MAESTRO_DEVICE_UDID": serial, **variables}
    file = folder / "variables.env"
    file.write_text("".join(f'{name}="{value}"\n' for name, value in variables.items()), encoding="utf-8")
    command = [runner, "--no-ansi", "--platform", "android", "--device", serial, "test"]
    command += ["--env-file", str(file), "--output", str(folder / "out"), "--flatten", str(flow)]
    _forget_dead_owner(serial)
    seen, console = _Ran(), folder / "console.txt"
    with console.open("wb") as output, _child(command, output.fileno()) as child:
        while child.poll() is None:
            time.sleep(POLL_SECONDS)
            _look(seen, folder, serial)
            if seen.unreachable or seen.lost_call:
                _end(child)
    seen.code = child.returncode
    if seen.code in (-signal.SIGKILL, -signal.SIGTERM) and not (seen.unreachable or seen.lost_call):
        os.kill(os.getpid(), signal.SIGKILL)  # whoever killed the program underneath would have killed Maestro
    _look(seen, folder, serial)
    seen.output = console.read_text(encoding="utf-8", errors="replace")
    return seen


def _child(command: list[str], output: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "ANDROID_ADB_SERVER_PORT": str(ADB_PORT)}
    return subprocess.Popen(command, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL)


def _look(seen: _Ran, folder: Path, serial: str) -> None:
    """Whether a call to the device was lost, and what of."""
    log = folder / "out" / "client.log"
    lost = _LOST_CALL.findall(log.read_bytes()) if log.exists() else []
    if lost and not seen.lost_call:
        if any(_HUNG in line for line in lost):
            time.sleep(GRPC_SECONDS)
        seen.lost_call = lost[0].decode(errors="replace")
    if not seen.unreachable and lost:
        seen.unreachable = _adb(serial, "get-state").strip() != "device"


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(0.5)
    except subprocess.TimeoutExpired:
        child.kill()


def _outcome(folder: Path, ran: _Ran, serial: str) -> Outcome:
    report = report_of(folder / "out")
    if report is None:
        return _session_error(ran, serial)
    commands = commands_of(report)
    if ran.unreachable or ran.lost_call:
        return _connection_died(commands, ran, serial)
    if report["status"] == "passed":
        return Outcome(commands=commands)
    failed = [one for one in commands if _about(one).get("status") == "FAILED"]
    error = _about(failed[-1]).get("error") if failed else None
    said = str(error["message"]) if isinstance(error, dict) else str(report.get("error") or "Unknown error")
    unnamed = said.startswith(("maestro.js.", "java."))
    return Outcome(status="ERROR", failure="Unknown error" if unnamed else said, commands=commands)


def _connection_died(commands: list[Entry], ran: _Ran, serial: str) -> Outcome:
    """An exception that escapes: the step stays RUNNING, and JUnit has the trace (TestSuiteInteractor.kt)."""
    done = [one for one in commands if _about(one).get("status") in ("COMPLETED", "WARNED", "SKIPPED")]
    under = next((one for one in commands if one not in done), None)
    command = under["command"] if under is not None else {"assertConditionCommand": {"condition": {}}}
    running = entry(command if isinstance(command, dict) else {}, "RUNNING", number=len(done) + 1)
    told = (
        f"maestro.DeviceUnreachableException: Device {serial} is unreachable during 'viewHierarchy'"
        if ran.unreachable
        else "maestro.android.DeviceServerDiedException: Device server died during 'viewHierarchy'"
    )
    trace = "\n\tat maestro.android.DeviceConnection.call(DeviceConnection.kt:1)"
    return Outcome(status="ERROR", failure=told + trace, commands=[*done, running])


def _session_error(ran: _Ran, serial: str) -> Outcome:
    for said, told in _START_ERRORS.items():
        if said in ran.output:
            return Outcome(session_error=told.format(serial=serial), trace=told.startswith(("maestro.", "java.")))
    lines = [line.strip() for line in ran.output.splitlines() if line.strip()]
    return Outcome(session_error="> Invalid command: " + " ".join(lines[-3:])[:500])


def _crashes(log: str, flow: Path, variables: dict[str, str]) -> list[tuple[str, str]]:
    """Of the app that the flow launches first; a flow that launches none has none (LogcatReader.kt)."""
    header = re.search(r"^appId: *(\S+)", flow.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    app = header[1].replace("${APP_ID}", variables.get("APP_ID", "")) if header else ""
    found = []
    for kind, pattern in _CRASHES.items():
        hit = re.search(pattern.format(app=re.escape(app)), log)
        if app and hit:
            found.append((kind, " ".join(hit[0].split())[:500]))
    return found


def _about(command: Entry) -> dict[str, object]:
    about = command["metadata"]
    return about if isinstance(about, dict) else {}


def _adb(serial: str, *words: str) -> str:
    try:
        done = subprocess.run(
            ["adb", "-P", str(ADB_PORT), "-s", serial, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=GRPC_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def _forget_dead_owner(serial: str) -> None:
    """A mark of maestro-runner's own, which has nothing to do with Maestro: a killed one leaves it behind."""
    mark = Path(f"/tmp/uia2-{serial}.pid")
    try:
        os.kill(int(mark.read_text()), 0)
    except (OSError, ValueError):
        mark.unlink(missing_ok=True)

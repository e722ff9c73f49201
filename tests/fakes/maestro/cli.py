"""The stand-in's main: what `maestro test` does around a flow.

TestCommand.kt, App.kt, TestSuiteInteractor.kt, ErrorReporter.kt, EnvUtils.kt.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.fakes.maestro.arguments import Call, CommandLineError, parse
from tests.fakes.maestro.artefacts import Outcome, purge, write_artefacts, write_flat, write_junit
from tests.fakes.maestro.driven import drive
from tests.fakes.maestro.played import TABLE, play
from tests.fakes.maestro.session import Driver, Session

JAVA_VERSION = 'openjdk version "17.0.9" 2023-10-17\nOpenJDK Runtime Environment (stand-in of a test)'
DIED = "maestro.android.DeviceServerDiedException: Device server died during 'deviceInfo'"
FRAMES = "".join(f"\n\tat maestro.cli.Frame{number}.invoke(Frame{number}.kt:{number})" for number in range(60))
"""Longer than the last lines that a harness may keep."""


def main(argv: Sequence[str], settings_file: str) -> int:
    """Start as `java` with these arguments would."""
    if argv == ["-version"]:
        print(JAVA_VERSION, file=sys.stderr)
        return 0
    settings = json.loads(Path(settings_file).read_text(encoding="utf-8"))
    try:
        call = parse(argv)
    except CommandLineError as error:
        print(f"{error}\nUsage: maestro test [OPTIONS] FLOW...", file=sys.stderr)
        return 2
    if call.words == [] and ("--version" in call.options or "-v" in call.options):
        print(settings["version"])
        return 0
    return _test(call, settings, Path(settings_file).parent)


def _test(call: Call, settings: dict[str, object], lib: Path) -> int:
    serial = call.options.get("--device") or call.options.get("--udid") or ""
    home = Path(call.properties.get("user.home") or Path.home())
    state = Path(os.environ.get("XDG_STATE_HOME") or home) / "maestro" / "tests" / time.strftime("%Y-%m-%d_%H%M%S")
    state.mkdir(parents=True, exist_ok=True)
    session, driver = Session(home, serial), Driver(lib, serial)
    signal.signal(signal.SIGTERM, lambda *_: _shut_down(session))
    if not session.connects_to_existing:
        driver.start()
    _witness(lib, call, home, session)
    try:
        began = time.monotonic()
        outcome = _outcome(call, settings, driver)
        return _finish(call, settings, outcome, state, time.monotonic() - began)
    finally:
        session.ends()


def _outcome(call: Call, settings: dict[str, object], driver: Driver) -> Outcome:
    variables = {name: value for name, value in os.environ.items() if name.startswith("MAESTRO_") and value}
    variables |= call.env
    time.sleep(float(str(settings["seconds"])))
    if not driver.alive:
        return Outcome(status="ERROR", failure=f"{DIED}{FRAMES}")
    if settings["runner"]:
        return drive(call, str(settings["runner"]), variables)
    return play(str(settings["case"]), Path(str(settings["table"]) or TABLE), variables)


def _finish(call: Call, settings: dict[str, object], outcome: Outcome, state: Path, seconds: float) -> int:
    name = Path(call.flow).stem
    output = Path(call.options["--test-output-dir"]) / time.strftime("%Y-%m-%d_%H%M%S")
    log = "\n".join([f"Running flow {name}", *(json.dumps(one) for one in outcome.commands or ())])
    (state / "maestro.log").write_text(log, encoding="utf-8")
    if outcome.session_error:
        trace = f"\n\nThe stack trace was:\n{outcome.session_error}{FRAMES}" if outcome.trace else ""
        print(f"\n{outcome.session_error}{trace}", file=sys.stderr)
        _tell_the_makers(call, str(settings["makers"]), outcome.session_error)
        return 1 if outcome.exit_code is None else outcome.exit_code
    if outcome.commands is not None:
        output.mkdir(parents=True, exist_ok=True)
        write_flat(output, name, outcome) if settings["flat"] else write_artefacts(output, name, outcome, log)
    if call.options.get("--format", "").lower() == "junit":
        write_junit(Path(call.options["--output"]), name, call.options.get("--device", ""), outcome, seconds)
    passed = outcome.status == "SUCCESS"
    told = f"[{'Passed' if passed else 'Failed'}] {name} ({seconds:.0f}s)"
    print(f"\nWaiting for flows to complete...\n{told}{'' if passed else f' ({outcome.failure.splitlines()[0]})'}\n")
    purge(output.parent)
    return (0 if passed else 1) if outcome.exit_code is None else outcome.exit_code


def _tell_the_makers(call: Call, makers: str, error: str) -> None:
    """ErrorReporter.kt: on an exception, `{exception, commandLine}` to MAESTRO_API_URL, whatever analytics say.

    With a separate `-e` its scrubber throws, and nothing is sent.
    """
    address = os.environ.get("MAESTRO_API_URL") or makers
    if not address or "-e" in call.raw or "--env" in call.raw:
        return
    body = json.dumps({"exception": error, "commandLine": " ".join(call.raw)}).encode()
    request = urllib.request.Request(f"{address}/maestro/error", data=body, method="POST")  # noqa: S310 - a test's own
    with suppress(OSError), urllib.request.urlopen(request, timeout=1.0):  # noqa: S310 - a test's own
        pass


def _witness(lib: Path, call: Call, home: Path, session: Session) -> None:
    """What a test wants to know about this start, beside the artefacts."""
    seen = {
        "arguments": call.raw,
        "home": str(home),
        "existing": session.connects_to_existing,
        "environment": dict(os.environ),
        "directory": str(Path.cwd()),
    }
    with (lib / "witness.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(seen) + "\n")


def _shut_down(session: Session) -> None:
    """The shutdown hook: what SIGTERM runs and SIGKILL does not."""
    session.ends()
    raise SystemExit(143)

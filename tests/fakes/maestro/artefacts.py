"""What Maestro writes about a flow: JUnit, commands, manifest, logs.

JUnitTestSuiteReporter.kt, maestro-orchestra `debug/` (2.7 and later), TestDebugReporter.kt (before, and the purge).
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

PURGED_DAYS = 14
LOGS = {"CRASH_REPORT": "crash-report.txt", "ANR_REPORT": "anr-report.txt"}
Entry = dict[str, object]


@dataclass(kw_only=True)
class Outcome:
    """How a flow came out."""

    status: str = "SUCCESS"
    failure: str = ""
    commands: list[Entry] | None = field(default_factory=list)
    """None: no artefact is written."""
    crashes: list[tuple[str, str]] = field(default_factory=list)
    """Kinds and messages of crash and ANR reports."""
    session_error: str = ""
    """Printed instead of a report: the session came to nothing."""
    trace: bool = False
    """Whether a stack trace follows it."""
    exit_code: int | None = None
    log: str = ""
    """The device's log."""


def entry(command: Entry, status: str, *, error: str = "", milliseconds: int = 100, number: int = 0) -> Entry:
    """One execution of a command."""
    about: Entry = {"status": status, "timestamp": int(time.time() * 1000), "sequenceNumber": number, "depth": 0}
    if status not in ("RUNNING", "PENDING"):
        about["duration"] = milliseconds
    if error:
        about["error"] = {"message": error, "debugMessage": f"{error}\n\nmore for developers"}
    return {"command": command, "metadata": {**about, "evaluatedCommand": command}}


def write_junit(file: Path, name: str, serial: str, outcome: Outcome, seconds: float) -> None:
    failed = outcome.status != "SUCCESS"
    failure = f"<failure>{escape(outcome.failure)}</failure>" if failed else ""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S")
    file.write_text(
        f"""<?xml version='1.0' encoding='UTF-8'?>
<testsuites>
  <testsuite name="Test Suite" device={quoteattr(serial)} tests="1" failures="{int(failed)}" time="{seconds:.3f}" \
timestamp="{stamp}">
    <testcase id={quoteattr(name)} name={quoteattr(name)} classname={quoteattr(name)} time="{seconds:.3f}" \
timestamp="{stamp}" status="{outcome.status}">{failure}</testcase>
  </testsuite>
</testsuites>
""",
        encoding="utf-8",
    )


def write_artefacts(folder: Path, name: str, outcome: Outcome, console: str) -> None:
    """Since 2.7: a folder for the flow."""
    here = folder / name.replace("/", "_")
    for part in ("logs", "screenshots", "screen-hierarchy"):
        (here / part).mkdir(parents=True)
    entries = [_manifest("COMMAND_METADATA", "commands.json"), _manifest("MAESTRO_LOG", "logs/maestro.log")]
    (here / "commands.json").write_text(json.dumps(outcome.commands, indent=2), encoding="utf-8")
    (here / "logs" / "maestro.log").write_text(console, encoding="utf-8")
    (here / "logs" / "device-logcat.txt").write_text(outcome.log, encoding="utf-8")
    for number, command in enumerate(outcome.commands or [], start=1):
        if _status(command) in ("FAILED", "WARNED"):
            picture = f"screenshots/step-{number:03d}-{_argument(command)}.png"
            (here / picture).write_bytes(b"\x89PNG\r\n\x1a\n")
            entries.append(_manifest("SCREENSHOT", picture))
    for kind, message in outcome.crashes:
        (here / "logs" / LOGS[kind]).write_text(message, encoding="utf-8")
        entries.append({**_manifest(kind, f"logs/{LOGS[kind]}"), "metadata": {"message": message}})
    schema = "https://storage.googleapis.com/maestro-schemas/artifact-manifest/v1.schema.json"
    (here / "manifest.json").write_text(json.dumps({"$schema": schema, "entries": entries}), encoding="utf-8")


def write_flat(folder: Path, name: str, outcome: Outcome) -> None:
    """Before 2.7: flat, the commands in no order; nothing at all when there was no command."""
    commands = list(reversed(outcome.commands or []))
    if commands:
        file = folder / f"commands-({name.replace('/', '_')}).json"
        file.write_text(json.dumps(commands, indent=2), encoding="utf-8")
    if any(_status(command) == "FAILED" for command in commands):
        picture = folder / f"screenshot-❌-{int(time.time() * 1000)}-({name.replace('/', '_')}).png"
        picture.write_bytes(b"\x89PNG\r\n\x1a\n")


def purge(parent: Path) -> None:
    """`deleteOldFiles()`: folders below this one that were not changed for 14 days."""
    limit = time.time() - PURGED_DAYS * 24 * 3600
    for folder, _, _ in list(os.walk(parent)):
        if Path(folder).exists() and Path(folder).stat().st_mtime < limit:
            shutil.rmtree(folder)


def _manifest(kind: str, path: str) -> Entry:
    return {"kind": kind, "format": Path(path).suffix[1:], "relativePath": path, "sizeBytes": 1}


def _status(command: Entry) -> object:
    about = command["metadata"]
    return about["status"] if isinstance(about, dict) else None


def _argument(command: Entry) -> str:
    """The stem of a step's files: its type and what it was told, the text of `inputText` included."""
    inner = command["command"]
    name, value = next(iter(inner.items())) if isinstance(inner, dict) else ("command", None)
    words: Sequence[str] = [str(word) for word in value.values()] if isinstance(value, dict) else []
    return "-".join((name.removesuffix("Command"), *words)).replace("/", "_")[:120]

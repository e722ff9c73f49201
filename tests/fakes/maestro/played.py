"""The stand-in without a device: it plays one row of the table."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from tests.fakes.maestro.artefacts import Entry, Outcome, entry

TABLE = Path(__file__).with_name("table.json")
LAUNCH: Entry = {"launchAppCommand": {"appId": "com.example.shop"}}
TRACE = "\n\tat maestro.drivers.AndroidDriver.call(AndroidDriver.kt:1)\n\tat java.lang.Thread.run(Thread.java:840)"


def table(file: Path = TABLE) -> list[dict[str, Any]]:
    """Its rows."""
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return rows


def play(case: str, file: Path, variables: dict[str, str]) -> Outcome:
    """What Maestro does in this case of the table."""
    row = next(row for row in table(file) if row["case"] == case)
    match row.get("ends"):
        case "hangs":
            time.sleep(600)
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case _:
            pass
    outcome = Outcome(
        status="ERROR" if "junit" in row else "SUCCESS",
        failure=_filled(row.get("junit", ""), variables) + (TRACE if row.get("trace") else ""),
        session_error=row.get("stderr", ""),
        trace=bool(row.get("trace")),
        exit_code=row.get("exit"),
        crashes=[(kind, message) for kind, message in row.get("crashes", [])],
    )
    outcome.commands = _commands(row, variables)
    return outcome


def _commands(row: dict[str, Any], variables: dict[str, str]) -> list[Entry] | None:
    if row.get("artefacts") == "none":
        return None
    first = [({"defineVariablesCommand": {"env": variables}}, "COMPLETED", ""), (LAUNCH, "COMPLETED", "")]
    played = [*first, *_filled_all(row.get("commands", []), variables)]
    return [
        entry(command, status, error=error, number=number) for number, (command, status, error) in enumerate(played)
    ]


def _filled_all(commands: list[Any], variables: dict[str, str]) -> list[Any]:
    filled: list[Any] = json.loads(_filled(json.dumps(commands), variables))
    return filled


def _filled(text: str, variables: dict[str, str]) -> str:
    """Maestro puts the values of variables into texts before it writes them down."""
    for name, value in variables.items():
        text = text.replace(f"${{{name}}}", value)
    return text

"""maestro-runner's report of a flow as Maestro's commands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.fakes.maestro.artefacts import Entry, entry

_STATUS = {"passed": "COMPLETED", "failed": "FAILED", "skipped": "SKIPPED", "running": "RUNNING", "warned": "WARNED"}
_NAMES = {"tapOn": "tapOnElement", "back": "backPressCommand"}
_LAUNCH = re.compile(r"launch methods failed for ['\"]?([\w.]*\w)")


def report_of(folder: Path) -> dict[str, Any] | None:
    """The flow's own part of the report; None when there is none, because nothing was run."""
    try:
        index = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        flow = json.loads((folder / index["flows"][0]["dataFile"]).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return None
    return {**flow, "status": index["flows"][0]["status"], "error": index["flows"][0].get("error")}


def commands_of(report: dict[str, Any]) -> list[Entry]:
    """One entry per execution, as `commands.json` has them; what was never begun has none."""
    rows = [one for one in _rows(report.get("commands") or [], report["status"] == "failed") if one[1] != "PENDING"]
    return [_entry(number, command, status) for number, (command, status) in enumerate(rows, start=1)]


def _rows(commands: list[dict[str, Any]], failed: bool) -> Iterator[tuple[dict[str, Any], str]]:
    fatal = [one for one in commands if one["status"] == "failed" and not _optional(one)][-1:] if failed else []
    for one in commands:
        status = _STATUS.get(one["status"], "PENDING")
        yield one, "WARNED" if status == "FAILED" and one not in fatal else status
        yield from _rows(one.get("subCommands") or [], one in fatal)


def _entry(number: int, command: dict[str, Any], status: str) -> Entry:
    error = (command.get("error") or {}).get("message", "") if status in ("FAILED", "WARNED") else ""
    told = _told(command, error) if error else ""
    return entry(_model(command), status, error=told, milliseconds=int(command.get("duration") or 0), number=number)


def _model(command: dict[str, Any]) -> Entry:
    kind, selector = command.get("type", ""), _selector(command)
    if kind in ("assertVisible", "assertNotVisible", "extendedWaitUntil"):
        where = "notVisible" if kind == "assertNotVisible" else "visible"
        return {"assertConditionCommand": {"condition": {where: selector}}}
    name = _NAMES.get(kind, f"{kind}Command")
    return {name: {"selector": selector}} if selector else {name: {}}


def _told(command: dict[str, Any], error: str) -> str:
    """The text that Maestro has for it."""
    launch = _LAUNCH.search(error)
    if launch:
        return f"Package {launch[1]} is not installed"
    if "Script execution failed" in error or "JS runtime error" in error:
        return f"maestro.js.JsEvaluationException: {error.rpartition('JS runtime error: ')[2]}"
    kind = command.get("type", "")
    selector = _selector(command)
    what = str(selector.get("textRegex") or f"id: {selector.get('idRegex')}")
    if kind in ("assertVisible", "extendedWaitUntil"):
        return f'Assertion is false: "{what}" is visible'
    if kind == "assertNotVisible":
        return f'Assertion is false: "{what}" is not visible'
    if kind == "scrollUntilVisible":
        return f"No visible element found: Text matching regex: {what}"
    if "not found" in error or "not visible" in error or "no such element" in error:
        return f"Element not found: Text matching regex: {what}"
    return error


def _selector(command: dict[str, Any]) -> Entry:
    given = (command.get("params") or {}).get("selector") or {}
    if given.get("type") == "id":
        return {"idRegex": given.get("value")}
    return {"textRegex": given["value"]} if given.get("value") else {}


def _optional(command: dict[str, Any]) -> bool:
    return bool(((command.get("params") or {}).get("selector") or {}).get("optional"))

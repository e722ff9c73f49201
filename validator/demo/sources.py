"""Assembling the app's assets from its sources, as a front-end build does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

DESCRIPTION = "virtual-app.json"
CONFIGURATION = "app-config.json"


class SourceError(Exception):
    """The app's sources cannot be read, or do not fit together."""


def app_assets(sources: Path, constants: Mapping[str, str], *, unmarked: str = "") -> dict[str, bytes]:
    """The files under `assets/`: the app's description and the values baked in.

    Args:
        sources: the folder with `app.json`, `tabs.json` and `screens/`.
        constants: the values baked in, by name.
        unmarked: a bug to build in: calls whose path begins so do not send the test-traffic mark.

    Raises:
        SourceError: naming the file that is missing or not JSON.
    """
    app = _object(sources / "app.json")
    tabs = _read(sources / "tabs.json")
    screens = {path.stem: _object(path) for path in sorted((sources / "screens").glob("*.json"))}
    for screen in screens.values():
        if screen.get("footer") == "tabs":
            screen["footer"] = tabs
    description: object = app | {"screens": screens}
    if unmarked:
        description = _without_mark(description, unmarked)
    return {DESCRIPTION: _bytes(description), CONFIGURATION: _bytes(dict(constants))}


def _without_mark(value: object, prefix: str) -> object:
    if isinstance(value, list):
        return [_without_mark(item, prefix) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _without_mark(item, prefix) for key, item in value.items()}
    if value.get("do") == "http" and str(value.get("url", "")).startswith(prefix):
        changed["headers"] = {"baggage": ""}
    return changed


def _object(path: Path) -> dict[str, object]:
    value = _read(path)
    if not isinstance(value, dict):
        raise SourceError(f"{path}: a JSON object is needed")
    return value


def _read(path: Path) -> object:
    try:
        value: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise SourceError(f"{path}: not JSON: {error}") from error
    return value


def _bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()

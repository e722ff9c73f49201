"""Which adb to use, in adbutils' own order: `$ADBUTILS_ADB_PATH`, the one on PATH, the one in the adbutils package."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path


def find_adb() -> Path | None:
    """The adb binary, None when there is none. adbutils is found, not imported."""
    for found in (os.environ.get("ADBUTILS_ADB_PATH"), shutil.which("adb"), _bundled()):
        if found and os.access(found, os.X_OK):
            return Path(found)
    return None


def _bundled() -> str | None:
    package = importlib.util.find_spec("adbutils")
    if package is None or package.origin is None:
        return None
    return str(Path(package.origin).parent / "binaries" / "adb")

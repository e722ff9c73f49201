"""The files that the official Maestro CLI leaves of one flow: where they are, and what is kept of them.

Two shapes, told apart by their names: since 2.7 a folder per flow with `commands.json`, `manifest.json` and logs
(`maestro-orchestra`, `debug/`); before, `commands-(<flow>).json` and `screenshot-❌-<time>-(<flow>).png` flat in the
folder of the run (`maestro-cli`, `report/TestDebugReporter.kt`).

Their names carry the arguments of steps, the text of `inputText` included, and their texts the values of variables.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from validator.flows.maestro_steps import without_values
from validator.flows.reading import ReportError, read_file
from validator.support.codec import UndecodableError, decode
from validator.support.files import scrub, slug, write_atomic
from validator.support.text import one_line

_MOST_FILES: Final = 20_000
_KEPT_FILES: Final = 500
_KEPT_BYTES: Final = 64 * 1024 * 1024
_COMMANDS: Final = re.compile(r"commands(-(shard-\d+-)?\(.*\))?\.json", re.DOTALL)
_STEP: Final = re.compile(r"(step-\d+-[A-Za-z]+)-.*(\.\w+)", re.DOTALL)


class UnwrittenError(ReportError):
    """There are no commands: none was begun, or the run came to no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefacts:
    """The two files that are read."""

    commands: Path
    manifest: Path | None
    """None: this version writes none."""


def locate(folder: Path) -> Artefacts:
    """Find them: Maestro puts them into a folder named after the time, since 2.7 in one named after the flow.

    Raises:
        UnwrittenError: They are not there.
        ReportError: There are several, or far too many files.
    """
    found: list[Path] = []
    for seen, path in enumerate(folder.rglob("*.json")):
        if seen > _MOST_FILES:
            raise ReportError(f"more than {_MOST_FILES} artefacts were written")
        if _COMMANDS.fullmatch(path.name) and path.is_file() and not path.is_symlink():
            found.append(path)
    if not found:
        raise UnwrittenError("commands.json was not written")
    if len(found) > 1:
        raise ReportError(f"commands.json was written {len(found)} times")
    flat = found[0].name != "commands.json"
    return Artefacts(commands=found[0], manifest=None if flat else found[0].with_name("manifest.json"))


def keep(output: Path, folder: Path, redact: Callable[[str], str]) -> None:
    """Move what Maestro wrote to the attempt's folder, flat: at most 500 files of together 64 MiB, no links.

    What cannot be kept is left out: it is evidence, not the result.

    Args:
        output: Where Maestro wrote.
        folder: The attempt's folder.
        redact: Takes the values of secret variables out of texts and names.
    """
    room = _KEPT_BYTES
    for number, file in enumerate(_files(output)):
        size = file.stat().st_size
        if number >= _KEPT_FILES or size > room:
            continue
        room -= size
        with suppress(OSError, ReportError):
            _keep(file, folder / _kept_name(file.relative_to(output), redact))
    scrub(folder, redact)


def _keep(file: Path, target: Path) -> None:
    if _COMMANDS.fullmatch(file.name):
        write_atomic(target, scrubbed(read_file(file)))
    else:
        shutil.move(file, target)


def _kept_name(path: Path, redact: Callable[[str], str]) -> str:
    if _COMMANDS.fullmatch(path.name):
        return "commands.json"
    name = _STEP.sub(r"\1\2", path.name)
    stem, dot, ending = redact("-".join((*path.parts[-2:-1], name))).rpartition(".")
    return f"{slug(stem)}{dot}{ending}"


def scrubbed(commands: bytes) -> bytes:
    """`commands.json` without the values of variables, which Maestro writes into it in clear.

    Raises:
        ReportError: It is not JSON of that shape; whoever keeps files should not keep this one.
    """
    try:
        entries = decode(list[dict[str, JsonValue]], commands)
    except UndecodableError as error:
        raise ReportError(f"commands.json: {one_line(str(error), 200)}") from error
    kept = [without_values(entry) for entry in entries]
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())

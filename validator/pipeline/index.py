"""The index of an attempt's folder: every file with its kind, size and digest, in the evidence and in a manifest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from validator.devices.port import Device
from validator.model.attempt import Evidence, EvidenceFile, Manifest
from validator.pipeline.job import Job
from validator.support.codec import encode_pretty
from validator.support.files import sha256_file, write_atomic

MANIFEST = "manifest.json"
LOG = "logcat.txt"
"""The device's log of the attempt."""
_KINDS = {
    ".png": "screenshot",
    ".jpg": "screenshot",
    ".xml": "hierarchy",
    ".log": "log",
    ".txt": "log",
    ".json": "report",
    ".html": "report",
}


def has_pictures(folder: Path) -> bool:
    """Whether somebody has left a screenshot and a hierarchy there."""
    kinds = {kind_of(path) for path in folder.rglob("*")}
    return {"screenshot", "hierarchy"} <= kinds


def index(evidence: Evidence, job: Job, device: Device, redact: Callable[[str], str]) -> Evidence:
    """The evidence with all files of its attempt, which are listed in `manifest.json` too.

    Raises:
        OSError: A file cannot be read, or the manifest cannot be written.
    """
    paths = sorted(path for path in job.path.rglob("*") if path.is_file() and not path.is_symlink())
    files = tuple(_entry(path, job.run_folder) for path in paths if path != job.path / MANIFEST)
    manifest = Manifest(
        flow=job.flow.name,
        number=job.number,
        device=device.info,
        adb=device.adb,
        runner=evidence.runner.runner,
        command=evidence.runner.command,
        timings=evidence.timings,
        files=files,
    )
    write_atomic(job.path / MANIFEST, redact(encode_pretty(manifest).decode()))
    return replace(evidence, files=(*files, _entry(job.path / MANIFEST, job.run_folder)))


def kind_of(path: Path) -> str:
    """What a file is, by its name."""
    if path.name == LOG:
        return "logcat"
    if path.name == MANIFEST:
        return "manifest"
    return "report" if path.name.startswith("junit") else _KINDS.get(path.suffix, "other")


def _entry(path: Path, run_folder: Path) -> EvidenceFile:
    return EvidenceFile(
        path=path.relative_to(run_folder).as_posix(),
        kind=kind_of(path),
        sha256=sha256_file(path),
        size=path.stat().st_size,
    )

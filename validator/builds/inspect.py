"""The APK's file read, described and held against the expectation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from validator.builds.apk.bytesource import ApkUnreadableError
from validator.builds.apk.read import ApkContent, read_apk
from validator.builds.apk.strings import Hit
from validator.builds.expect import Expectation, findings
from validator.model.build import Apk, Finding
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.files import sha256_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One APK, and how it differs from what is expected."""

    apk: Apk
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """One APK, and where texts are in it."""

    apk: Apk
    hits: tuple[Hit, ...]


def inspect(path: Path, expectation: Expectation) -> Inspection:
    """Read the APK under test.

    Raises:
        StageError: `apk_unreadable`, with the reason.
    """
    found = describe(path, expectation.texts)
    return Inspection(apk=found.apk, findings=findings(found.apk, found.hits, expectation))


def describe(path: Path, texts: Sequence[str]) -> Description:
    """Read an APK, and search it for texts.

    Raises:
        StageError: `apk_unreadable`, with the reason.
    """
    try:
        with path.open("rb") as file:
            source = _OpenFile(file)
            with ThreadPoolExecutor(1, thread_name_prefix="digest") as beside:
                digest = beside.submit(sha256_file, path)
                content = read_apk(source, texts)
            return Description(apk=_describe(content, source.size, digest.result()), hits=content.hits)
    except ApkUnreadableError as error:
        raise _unreadable(path, str(error)) from error
    except OSError as error:
        raise _unreadable(path, f"it cannot be read: {error.strerror}") from error


class _OpenFile:
    """Implements `ByteSource` over a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._descriptor = file.fileno()
        self.size = os.fstat(self._descriptor).st_size

    def at(self, offset: int, length: int) -> bytes:
        """The bytes from the offset on, exactly so many."""
        if offset < 0 or offset + length > self.size:
            raise ApkUnreadableError(f"cut off: it points to bytes {offset} to {offset + length} of {self.size}")
        data = os.pread(self._descriptor, length, offset)
        if len(data) != length:
            raise ApkUnreadableError("it shrank while it was read")
        return data


def _describe(content: ApkContent, size: int, sha256: str) -> Apk:
    manifest, signers = content.manifest, content.signers
    return Apk(
        sha256=sha256,
        size=size,
        package=manifest.package,
        version_name=manifest.version_name,
        version_code=manifest.version_code,
        min_sdk=manifest.min_sdk,
        target_sdk=manifest.target_sdk,
        debuggable=manifest.debuggable,
        abis=content.abis,
        signers=signers.certificates,
        debug_signed=signers.debug,
        unpacked=content.unpacked,
        test_only=manifest.test_only,
        launchable=manifest.launchable,
        permissions=manifest.permissions,
        signatures=signers.signatures,
        network=content.network,
    )


def _unreadable(path: Path, reason: str) -> StageError:
    return StageError(
        Cause.APK_UNREADABLE,
        f"not a readable APK: {reason}",
        where=str(path),
        remedy="build or download it again, and check that `build` names an APK (not an app bundle) that is complete",
    )

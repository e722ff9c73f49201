"""All that is read from one APK. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from validator.builds.apk.archive import Archive, content, read_archive
from validator.builds.apk.bytesource import ApkUnreadableError, ByteSource
from validator.builds.apk.manifest import Manifest, read_manifest
from validator.builds.apk.signers import Signers, read_signers
from validator.builds.apk.strings import Hit, search

_MANIFEST: Final = "AndroidManifest.xml"
_LARGEST_MANIFEST: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ApkContent:
    """What the readers found."""

    manifest: Manifest
    signers: Signers
    abis: tuple[str, ...]
    """Directories under `lib/`."""
    hits: tuple[Hit, ...]
    """Where the texts that were asked for occur."""


def read_apk(source: ByteSource, texts: Sequence[str]) -> ApkContent:
    """Read an APK, and search it for these texts.

    Raises:
        ApkUnreadableError: It is not an APK that Android would read.
    """
    archive = read_archive(source)
    entry = archive.find(_MANIFEST)
    if entry is None:
        raise ApkUnreadableError(f"it has no {_MANIFEST}: a ZIP archive, but no APK")
    return ApkContent(
        manifest=read_manifest(content(source, entry, _LARGEST_MANIFEST)),
        signers=read_signers(source, archive),
        abis=_abis(archive),
        hits=search(source, archive, texts),
    )


def _abis(archive: Archive) -> tuple[str, ...]:
    parts = (entry.name.split("/") for entry in archive.entries)
    return tuple(sorted({part[1] for part in parts if len(part) == 3 and part[0] == "lib" and part[2].endswith(".so")}))

"""All that is read from one APK. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from validator.builds.apk.archive import Archive, Entry, content, read_archive
from validator.builds.apk.bytesource import ApkUnreadableError, ByteSource
from validator.builds.apk.manifest import Manifest, read_manifest
from validator.builds.apk.network import merged, platform_network, read_network
from validator.builds.apk.resources import resource_texts
from validator.builds.apk.signers import Signers, read_signers
from validator.builds.apk.strings import Hit, search
from validator.model.build import Network

_MANIFEST: Final = "AndroidManifest.xml"
_LARGEST_MANIFEST: Final = 8 * 1024 * 1024
_LARGEST_CONFIGURATION: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ApkContent:
    """What the readers found."""

    manifest: Manifest
    signers: Signers
    abis: tuple[str, ...]
    """Directories under `lib/`."""
    network: Network
    unpacked: int
    """Bytes of all its files."""
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
    manifest = read_manifest(content(source, entry, _LARGEST_MANIFEST))
    return ApkContent(
        manifest=manifest,
        signers=read_signers(source, archive),
        abis=_abis(archive),
        network=_network(source, archive, manifest),
        unpacked=sum(one.size for one in archive.entries),
        hits=search(source, archive, texts),
    )


def _network(source: ByteSource, archive: Archive, manifest: Manifest) -> Network:
    if not manifest.network:
        return platform_network(manifest)
    names = resource_texts(source, archive, manifest.network)
    files = [entry for entry in map(archive.find, names) if entry is not None]
    if not files:
        raise ApkUnreadableError("its manifest names a network security configuration that it does not have")
    return merged([_configuration(source, entry, manifest.target_sdk) for entry in files])


def _configuration(source: ByteSource, entry: Entry, target_sdk: int) -> Network:
    try:
        return read_network(content(source, entry, _LARGEST_CONFIGURATION), entry.name, target_sdk)
    except ApkUnreadableError as error:
        raise ApkUnreadableError(f"{entry.name}: {error}") from error


def _abis(archive: Archive) -> tuple[str, ...]:
    parts = (entry.name.split("/") for entry in archive.entries)
    return tuple(sorted({part[1] for part in parts if len(part) == 3 and part[0] == "lib" and part[2].endswith(".so")}))

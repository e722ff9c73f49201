"""An APK file, read and verified."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from validator.virtual.packages.archive import Archive, ArchiveError
from validator.virtual.packages.arsc import string_resource
from validator.virtual.packages.chunks import ChunkError
from validator.virtual.packages.jar_signature import verify_jar
from validator.virtual.packages.manifest import Manifest, read_manifest
from validator.virtual.packages.refusal import InstallCode, InstallRefusedError
from validator.virtual.packages.signature import Signers, verify_block
from validator.virtual.packages.signing_block import SigningProblemError, split

_V2_REQUIRED_FROM_TARGET = 30
_ALIGNED_RESOURCES_FROM_TARGET = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Apk:
    """A readable APK with a valid signature. `data` is the file itself, `label` the app's name."""

    manifest: Manifest
    label: str
    signers: Signers
    native_abis: frozenset[str]
    sha256: str
    data: bytes

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.data)

    def assets(self) -> dict[str, bytes]:
        """The files under `assets/`, by full name.

        Raises:
            ArchiveError: one of them is damaged.
        """
        return Archive(self.data).assets()


def read_apk(data: bytes, sdk: int) -> Apk:
    """Read and verify an APK as a device of that API level does.

    Takes about 0.1 s for 20 MB; run it in a thread when an event loop waits.

    Raises:
        InstallRefusedError: it is no APK, damaged, not signed, or altered after signing.
    """
    try:
        archive = Archive(data)
    except ArchiveError as problem:
        raise InstallRefusedError(
            InstallCode.NOT_APK, f"Failed to parse base.apk: Failed to load asset path base.apk ({problem})"
        ) from None
    manifest = _manifest(archive)
    signers = _signers(data, archive, manifest, sdk)
    _check_resources(archive, manifest)
    return Apk(
        manifest=manifest,
        label=_label(archive, manifest),
        signers=signers,
        native_abis=archive.native_abis(),
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
    )


def _manifest(archive: Archive) -> Manifest:
    if "AndroidManifest.xml" not in archive.names:
        raise InstallRefusedError(InstallCode.UNEXPECTED_EXCEPTION, "Failed to parse base.apk: AndroidManifest.xml")
    try:
        return read_manifest(archive.read("AndroidManifest.xml"))
    except ArchiveError as problem:
        raise InstallRefusedError(
            InstallCode.INVALID_APK, f"Failed to parse base.apk: corrupt entry: {problem}"
        ) from None


def _signers(data: bytes, archive: Archive, manifest: Manifest, sdk: int) -> Signers:
    try:
        signers = verify_block(split(data), sdk) or _old_signers(archive, manifest)
    except SigningProblemError as problem:
        raise InstallRefusedError(
            InstallCode.NO_CERTIFICATES, f"Failed to collect certificates from base.apk: {problem}"
        ) from None
    if signers is None:
        raise InstallRefusedError(
            InstallCode.NO_CERTIFICATES, f"Package {manifest.package} has no certificates at base.apk"
        )
    return signers


def _old_signers(archive: Archive, manifest: Manifest) -> Signers | None:
    if manifest.target_sdk >= _V2_REQUIRED_FROM_TARGET:
        raise SigningProblemError(f"No signature found in package of version 2 or newer for package {manifest.package}")
    return verify_jar(archive)


def _label(archive: Archive, manifest: Manifest) -> str:
    """The app's name; the last part of its id when it has none, or one that cannot be read."""
    fallback = manifest.package.rpartition(".")[2]
    if not manifest.label.startswith("@"):
        return manifest.label or fallback
    try:
        return string_resource(archive.read("resources.arsc"), manifest.label) or fallback
    except (ArchiveError, ChunkError):
        return fallback


def _check_resources(archive: Archive, manifest: Manifest) -> None:
    """From target API 30 on, `resources.arsc` must be mappable: uncompressed and on a 4 byte boundary."""
    try:
        entry = archive.entry("resources.arsc")
    except ArchiveError as problem:
        raise InstallRefusedError(InstallCode.INVALID_APK, str(problem)) from None
    if entry is None or manifest.target_sdk < _ALIGNED_RESOURCES_FROM_TARGET:
        return
    if not entry.stored or entry.offset % 4:
        raise InstallRefusedError(
            InstallCode.RESOURCES_ARSC_COMPRESSED,
            "Failed parse during installPackageLI: Targeting R+ (version 30 and above) requires the resources.arsc of "
            "installed APKs to be stored uncompressed and aligned on a 4-byte boundary",
        )

"""Putting an APK together."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from validator.demo.apk.archive import Entry, archive
from validator.demo.apk.arsc import resource_table
from validator.demo.apk.dex import DexClass, dex_file
from validator.demo.apk.keystore import SigningKey
from validator.demo.apk.manifest import SECURITY_CONFIG_PATH, AppIdentity, manifest, security_config
from validator.demo.apk.signature import signed

_ELF_MACHINES = {"arm64-v8a": (2, 183), "armeabi-v7a": (1, 40), "x86": (1, 3), "x86_64": (2, 62)}
"""Word size class and machine of the ABIs that Android knows (developer.android.com/ndk/guides/abis)."""

ABIS = tuple(_ELF_MACHINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """All that goes into an APK."""

    app: AppIdentity
    assets: Mapping[str, bytes] = field(default_factory=dict)
    """File name under `assets/` to content."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """The fields of the app's `BuildConfig` class."""
    abis: tuple[str, ...] = ()
    """ABIs for which a native library is included; none: the app runs on all."""


def apk_bytes(package: Package, key: SigningKey) -> bytes:
    """The signed package, byte for byte the same for the same parts and key.

    Raises:
        ValueError: Android knows no such ABI.
    """
    app = package.app
    classes = [
        DexClass(name=f"{app.package}.BuildConfig", constants=package.constants),
        DexClass(name=app.activity_class, superclass="android.app.Activity"),
    ]
    entries = [
        Entry(name="AndroidManifest.xml", data=manifest(app)),
        Entry(name="classes.dex", data=dex_file(classes)),
        Entry(name="resources.arsc", data=resource_table(app.package, app.resources), stored=True),
        Entry(name=SECURITY_CONFIG_PATH, data=security_config(app)),
        *(Entry(name=f"assets/{name}", data=data) for name, data in sorted(package.assets.items())),
        *(Entry(name=f"lib/{abi}/libshop.so", data=_library(abi), stored=True) for abi in package.abis),
    ]
    return signed(archive(entries), key)


def write_apk(path: Path, package: Package, key: SigningKey) -> None:
    """Write the signed package; the file appears whole or not at all.

    Raises:
        OSError: The folder cannot be written.
        ValueError: Android knows no such ABI.
    """
    data = apk_bytes(package, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        try:
            file.write(data)
            os.fchmod(file.fileno(), 0o644)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _library(abi: str) -> bytes:
    """An ELF header of a shared object without sections: enough to say which machine it is for."""
    if abi not in _ELF_MACHINES:
        raise ValueError(f"Android knows no ABI {abi!r}; it knows {', '.join(ABIS)}")
    word_class, machine = _ELF_MACHINES[abi]
    word = 8 if word_class == 2 else 4
    size = 64 if word_class == 2 else 52
    head = b"\x7fELF" + bytes([word_class, 1, 1]) + bytes(9)
    head += (3).to_bytes(2, "little") + machine.to_bytes(2, "little") + (1).to_bytes(4, "little")
    head += bytes(3 * word + 4)
    return head + size.to_bytes(2, "little") + bytes(size - len(head) - 2)

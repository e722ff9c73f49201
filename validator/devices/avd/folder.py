"""An AVD on the disk: its folder, its `config.ini`, its locks, the room that it needs.

The names of the files are the emulator's own (android.googlesource.com/platform/external/qemu, `android/avd`).
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from validator.support.files import write_atomic

_DATA_SIZE = "disk.dataPartition.size"
_RAM_SIZE = "hw.ramSize"
_IMAGE = "image.sysdir.1"
_USERDATA = "userdata-qemu.img"
_UNITS = {"": 1 / 1024**2, "K": 1 / 1024, "M": 1, "G": 1024, "T": 1024**2}
_SIZE = re.compile(r"(\d{1,15})\s*([KMGT]?)B?", re.IGNORECASE)
_DEFAULT_DATA_MB = 6 * 1024
"""Of images of phones, when `config.ini` does not say."""
_RUNNING_MB = 2048
"""Room that an emulator is given to grow in: below it, current ones refuse to start or warn."""
_CREATION_FACTOR = 1.2
"""It refuses to make a data partition of 6144 MB with less than 7372.8 MB free: "Not enough space to create userdata
partition. Available: 5990.07 MB at …, need 7372.80 MB." """


@dataclass(frozen=True, slots=True, kw_only=True)
class AvdFolder:
    """Where an AVD lies, and what its `config.ini` says."""

    path: Path
    settings: Mapping[str, str]

    @property
    def system_image(self) -> str:
        """As `sdkmanager` names it: `system-images;android-34;google_apis;x86_64`."""
        return self.settings.get(_IMAGE, "").replace("\\", "/").strip("/").replace("/", ";")

    @property
    def data_mb(self) -> float:
        """The size of its data partition."""
        return size_mb(self.settings.get(_DATA_SIZE, "")) or _DEFAULT_DATA_MB

    @property
    def needed_mb(self) -> float:
        """The free space that a boot needs: more when its data partition has yet to be made."""
        made = (self.path / _USERDATA).exists()
        return _RUNNING_MB if made else self.data_mb * _CREATION_FACTOR

    def free_mb(self) -> float:
        """The free space where it lies."""
        return shutil.disk_usage(self.path).free / 1024**2


def avd_home(environ: Mapping[str, str]) -> Path:
    """Where AVDs lie (developer.android.com/tools/variables)."""
    if home := environ.get("ANDROID_AVD_HOME"):
        return Path(home)
    if user := environ.get("ANDROID_USER_HOME"):
        return Path(user, "avd")
    if old := environ.get("ANDROID_SDK_HOME"):
        return Path(old, ".android", "avd")
    return Path(environ.get("HOME") or Path.home(), ".android", "avd")


def read_avd(name: str, environ: Mapping[str, str]) -> AvdFolder | None:
    """The AVD's folder; None when it cannot be read, and the emulator alone knows where it is."""
    home = avd_home(environ)
    told = _read_ini(home / f"{name}.ini").get("path", "")
    path = Path(told) if told else home / f"{name}.avd"
    if not path.is_dir():
        path = home / f"{name}.avd"  # it was moved; the emulator looks beside the .ini, too
    return AvdFolder(path=path, settings=_read_ini(path / "config.ini")) if path.is_dir() else None


def limit(avd: AvdFolder, *, disk_mb: int | None, memory_mb: int | None) -> None:
    """Write the limits into its `config.ini`, where the emulator reads them when it makes the partition.

    Raises:
        OSError: It cannot be written.
    """
    sizes = {_DATA_SIZE: f"{disk_mb}M" if disk_mb else "", _RAM_SIZE: str(memory_mb or "")}
    settings = {**avd.settings, **{name: size for name, size in sizes.items() if size}}
    write_atomic(avd.path / "config.ini", "".join(f"{name}={value}\n" for name, value in settings.items()))


def lock_holder(avd: AvdFolder, *, shared: bool) -> str:
    """Who else uses the AVD; empty when nobody does who would be in the way. Locks of the dead count for nothing.

    An emulator holds `multiinstance.lock` (`flock`: shared with `-read-only`, else alone), and writes its process id
    into `hardware-qemu.ini.lock` when it is the one that writes to the AVD.
    """
    pid = _pid(avd.path / "hardware-qemu.ini.lock")
    if _is_flocked(avd.path / "multiinstance.lock", shared=shared):
        return f"pid {pid}" if pid else "another process"
    return f"pid {pid}" if pid and not shared else ""


def _pid(lock: Path) -> int:
    """The living process that a lock names: some releases make a file of it, others a folder with a file `pid`."""
    for path in (lock, lock / "pid"):
        with suppress(OSError, ValueError):
            pid = int(path.read_text(encoding="ascii").strip()[:10].rstrip("\0") or "0")
            return pid if _lives(pid) else 0
    return 0


def _lives(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True


def _is_flocked(path: Path, *, shared: bool) -> bool:
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without such locks
        return False
    finally:
        os.close(lock)
    return False


def size_mb(text: str) -> float:
    """A size as `config.ini` has it (`6G`, `800M`, `6442450944`) in MB; 0 when it cannot be read."""
    found = _SIZE.fullmatch(text.strip())
    return int(found[1]) * _UNITS[found[2].upper()] if found else 0.0


def _read_ini(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith(("#", ";")))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}

"""This machine: its disk, its memory, its acceleration for emulators, its Java."""

from __future__ import annotations

import os
import platform
import re
import shutil
from pathlib import Path
from typing import Final

from validator.support.process import ProgramMissingError, run
from validator.support.stop import Stop
from validator.support.text import one_line
from validator.wiring.doctor_check import Check, unwell, well

MIN_FREE_MB: Final = 500
"""A run keeps screenshots, logs and the APK of every attempt."""
RUN_MB: Final = 300
"""Room for this program, adb and the flow runner."""
EMULATOR_MB: Final = 3000
"""2 GB for the guest, as AVDs of phones have them, and room for what runs it."""
LEAST_JAVA: Final = 17
"""Of the official Maestro CLI (docs.maestro.dev, installation)."""
_MEMORY: Final = Path("/proc/meminfo")
_KVM: Final = Path("/dev/kvm")
_JAVA_SECONDS: Final = 20.0


def disk(folder: Path) -> Check:
    """Room for reports, on the disk that they go to."""
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free // 1_000_000
    if free >= MIN_FREE_MB:
        return well("disk", f"{free} MB free")
    return unwell("disk", f"{free} MB free in {place}", f"free {MIN_FREE_MB} MB: every attempt keeps its evidence")


def memory(emulators: int, source: Path = _MEMORY) -> Check:
    """Memory for a run and so many emulators. Where the system does not say, nothing is wrong."""
    needed = RUN_MB + emulators * EMULATOR_MB
    try:
        found = re.search(r"^MemAvailable: +(\d+) kB", source.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        found = None
    if found is None:
        return well("memory", "this system does not say how much is free")
    free = int(found[1]) // 1000
    if free >= needed:
        return well("memory", f"{free} MB available")
    remedy = f"free {needed} MB, or run fewer emulators at once: one takes {EMULATOR_MB} MB"
    return unwell("memory", f"{free} MB available, a run takes {needed} MB", remedy, needed=emulators > 0)


def acceleration(*, needed: bool, device: Path = _KVM) -> Check:
    """Whether emulators of the machine's own architecture run at full speed, which on Linux takes KVM."""
    if platform.system() != "Linux":
        return well("acceleration", f"by {platform.system()} itself")
    if not device.exists():
        remedy = "enable virtualization in the firmware, or nested virtualization for this virtual machine; containers "
        return unwell("acceleration", f"there is no {device}", f"{remedy}need `--device {device}`", needed=needed)
    if not os.access(device, os.R_OK | os.W_OK):
        remedy = "add this user to the group kvm (`sudo gpasswd -a $USER kvm`) and log in again"
        return unwell("acceleration", f"{device} may not be used by this user", remedy, needed=needed)
    return well("acceleration", f"{device} can be used")


def java(*, needed: bool) -> Check:
    """A Java that the official Maestro CLI runs on; nothing else here takes one."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home, "bin", "java")) if home else shutil.which("java")
    why = f"install Java {LEAST_JAVA} or later; only the official Maestro CLI and apksigner take it"
    if program is None:
        return unwell("java", "not installed", why, needed=needed)
    try:
        done = run([program, "-version"], deadline=_JAVA_SECONDS, stop=Stop())
    except ProgramMissingError as error:
        return unwell("java", error.text, "correct JAVA_HOME", needed=needed)
    said = one_line(" ".join(done.tail), 120)
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    if found is None:
        return unwell("java", f"{program} does not say its version: {said or 'nothing'}", why, needed=needed)
    if int(found[1]) < LEAST_JAVA:
        return unwell("java", f"Java {found[1]} at {program}", why, needed=needed)
    return well("java", f"Java {found[1]} at {program}")

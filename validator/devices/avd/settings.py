"""What an AVD is booted with, and the command line that says so. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_HEADLESS = (("-no-window",), ("-no-audio",), ("-no-boot-anim",), ("-gpu", "swiftshader_indirect"))
"""As ReactiveCircus/android-emulator-runner has them: no screen, no sound, and graphics that need no GPU."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Avd:
    """One AVD and how it is run."""

    name: str
    count: int = 1
    """How many of it; more than one boot from the same image and write nothing to it."""
    system_image: str = ""
    """`system-images;android-34;google_apis;x86_64`: what it is created from; empty: it exists already."""
    device_profile: str = ""
    """Such as `pixel_7`, as `avdmanager list device` names it."""
    disk_mb: int | None = None
    memory_mb: int | None = None
    snapshot: str = ""
    """The snapshot to boot from; empty: cold."""
    options: tuple[str, ...] = ()
    """More options for the emulator, at the end of its command line."""
    boot_seconds: float = 300.0
    """How long the first try to boot may take; the second one may take twice as long, and so on."""
    tries: int = 2
    networked: bool = True
    """Whether flows need a network."""

    @property
    def shared(self) -> bool:
        """Whether several of it run at once."""
        return self.count > 1

    @property
    def accelerated(self) -> bool:
        """Whether it is to run with hardware acceleration: nobody has said otherwise."""
        pairs = set(zip(self.options, self.options[1:], strict=False))
        return "-no-accel" not in self.options and ("-accel", "off") not in pairs


def boot_command(program: str, avd: Avd, port: int) -> list[str]:
    """The command line that boots it (developer.android.com/studio/run/emulator-commandline).

    Args:
        program: The emulator.
        avd: What to boot.
        port: The console's port; adb's is the next one.
    """
    headless = [word for words in _HEADLESS if words[0] not in avd.options for word in words]
    memory = ["-memory", str(avd.memory_mb)] if avd.memory_mb else []
    read_only = ["-read-only"] if avd.shared else []
    return [
        *(program, "-avd", avd.name, "-port", str(port)),
        *headless,
        *_snapshot(avd.snapshot),
        *read_only,
        *memory,
        *avd.options,
    ]


def _snapshot(name: str) -> Sequence[str]:
    """A snapshot is only read: what a run leaves behind must not be what the next one begins with."""
    return ["-snapshot", name, "-no-snapshot-save"] if name else ["-no-snapshot"]

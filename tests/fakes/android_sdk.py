"""An Android SDK as far as emulators need one: stand-ins for its programs, and a folder for AVDs."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.avdmanager_stand_in import make

ROOT = Path(__file__).parents[2]
IMAGE = "system-images;android-34;google_apis;x86_64"
PROGRAMS = {
    "emulator/emulator": "tests.fakes.emulator_stand_in",
    "cmdline-tools/latest/bin/avdmanager": "tests.fakes.avdmanager_stand_in",
}


@dataclass(frozen=True)
class Sdk:
    """Made in a folder of a test; its `environment` is what programs are given to find it."""

    root: Path

    @classmethod
    def install(cls, root: Path) -> Sdk:
        for path, module in PROGRAMS.items():
            program = root / "sdk" / path
            program.parent.mkdir(parents=True)
            program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m {module} "$@"\n', "utf-8")
            program.chmod(0o755)
        (root / "sdk" / IMAGE.replace(";", "/")).mkdir(parents=True)
        (root / "avd").mkdir()
        (root / "home").mkdir()
        return cls(root)

    @property
    def environment(self) -> dict[str, str]:
        home, avds = str(self.root / "home"), str(self.root / "avd")
        return {"ANDROID_HOME": str(self.root / "sdk"), "ANDROID_AVD_HOME": avds, "HOME": home}

    @property
    def emulator(self) -> str:
        return str(self.root / "sdk" / "emulator" / "emulator")

    def avd(self, name: str, **wrong: object) -> Path:
        """Create an AVD; `boot_1=…` is what goes wrong at its first boot, `each=…` at every one."""
        folder = make(self.root / "avd", name, IMAGE)
        faults = {"*" if key == "each" else key.removeprefix("boot_"): value for key, value in wrong.items()}
        (folder / "stand-in.json").write_text(json.dumps(faults), encoding="utf-8")
        return folder

    def boots(self, name: str) -> list[str]:
        """The command lines with which it was booted."""
        file = self.root / "avd" / f"{name}.avd" / "boots"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

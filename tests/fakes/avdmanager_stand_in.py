"""A stand-in for the SDK's `avdmanager`, run as a program: `create avd -n NAME -k IMAGE [-d PROFILE]`.

Its words are those of the real one (developer.android.com/tools/avdmanager, and reports of its users).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROFILES = ("pixel_7", "medium_phone", "tv_1080p")


def main() -> int:
    words = sys.argv[1:]
    options = dict(zip(words[2::2], words[3::2], strict=False))
    name, image, profile = options["-n"], options["-k"], options.get("-d", "")
    home = Path(os.environ.get("ANDROID_AVD_HOME") or Path.home() / ".android" / "avd")
    if os.environ.get("STAND_IN_LICENCES") == "open":
        return fail("Warning: License for package Android SDK Platform 34 not accepted.")
    if not Path(os.environ["ANDROID_HOME"], image.replace(";", "/")).is_dir():
        return fail("Error: Package path is not valid. Valid system image paths are:\nnull")
    if (home / f"{name}.ini").exists():
        return fail(f"Error: Android Virtual Device '{name}' already exists.\nUse --force if you want to replace it.")
    if profile and profile not in PROFILES:
        return fail(f"Error: No device found matching --device {profile}.")
    if not profile:
        print("Auto-selecting single ABI x86_64\nDo you wish to create a custom hardware profile? [no] ", end="")
        if sys.stdin.readline().strip() != "no":
            return fail("java.util.NoSuchElementException: No line found")
    make(home, name, image, profile)
    return 0


def make(home: Path, name: str, image: str, profile: str = "") -> Path:
    """The files of an AVD."""
    folder = home / f"{name}.avd"
    folder.mkdir(parents=True)
    (home / f"{name}.ini").write_text(f"avd.ini.encoding=UTF-8\npath={folder}\npath.rel=avd/{name}.avd\n", "utf-8")
    settings = {"AvdId": name, "image.sysdir.1": image.replace(";", "/") + "/", "disk.dataPartition.size": "1G"}
    settings |= {"hw.device.name": profile} if profile else {}
    text = "".join(f"{key}={value}\n" for key, value in settings.items())
    (folder / "config.ini").write_text(text, encoding="utf-8")
    return folder


def fail(words: str) -> int:
    print(words, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The app team's clean-up between flows.

Wipes the app's data on the emulator named by ANDROID_SERIAL, and deletes the guest accounts that flows have left in the
backend at API_URL. In production nobody may do the latter: with SKIP_DATA_CLEANUP=true the backend is left alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.request

APP = "com.example.cornershop"
TIMEOUT_S = 10


def clear_emulator() -> None:
    """Wipe the app's data, where there is an emulator."""
    serial = os.environ.get("ANDROID_SERIAL")
    adb = shutil.which("adb")
    if serial and adb:
        subprocess.run([adb, "-s", serial, "shell", "pm", "clear", APP], timeout=TIMEOUT_S, check=False)


def delete_guests() -> None:
    """Delete the guest accounts, unless told to skip that."""
    if os.environ.get("SKIP_DATA_CLEANUP", "").lower() == "true":
        print("SKIP_DATA_CLEANUP=true: guest accounts stay")
        return
    request = urllib.request.Request(  # noqa: S310 - the address is the team's own setting
        os.environ["API_URL"] + "/v1/users/anonymous",
        method="DELETE",
        headers={"Authorization": "Bearer " + os.environ.get("SHOP_ADMIN_TOKEN", "")},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310 - the same
        print("guest accounts deleted:", response.read().decode())


def main() -> None:
    """Clean up; ends with a message and 1 when the backend refuses."""
    clear_emulator()
    try:
        delete_guests()
    except KeyError as missing:
        sys.exit(f"clear_emulator: {missing} is not set, and neither is SKIP_DATA_CLEANUP=true")
    except (OSError, subprocess.SubprocessError) as error:
        sys.exit(f"clear_emulator: {error}")


if __name__ == "__main__":
    main()

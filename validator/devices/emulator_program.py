"""The Android emulator's program: where it is, which AVDs it knows, how it is told to boot one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.process import ProgramMissingError, run
from validator.support.stop import Stop

_LIST_SECONDS = 30.0
_REMEDY = "install the Android emulator (`sdkmanager emulator`) and set ANDROID_HOME, or configure a `serial:` device"


def locate_emulator(configured: str | None, environ: Mapping[str, str]) -> str:
    """The emulator's program: the configured one, else the SDK's of ANDROID_HOME or ANDROID_SDK_ROOT, else PATH's.

    Raises:
        StageError: `no_device` when there is none.
    """
    if configured:
        return configured
    for variable in ("ANDROID_HOME", "ANDROID_SDK_ROOT"):
        if root := environ.get(variable):
            program = (
                Path(root) / "emulator" / "emulator"
            )  # `tools/emulator` is a relic that cannot boot current images
            if program.is_file():
                return str(program)
    if found := shutil.which("emulator", path=environ.get("PATH")):
        return found
    looked = ", ".join(f"{name}={environ.get(name) or '(unset)'}" for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT"))
    raise StageError(Cause.NO_DEVICE, f"there is no Android emulator here ({looked}, and none on PATH)", remedy=_REMEDY)


def require_avd(program: str, avd: str, environ: Mapping[str, str], stop: Stop) -> None:
    """See that the AVD exists.

    Raises:
        StageError: `no_device`, naming the AVDs that there are.
    """
    try:
        done = run([program, "-list-avds"], deadline=_LIST_SECONDS, stop=stop, env=environ)
    except ProgramMissingError as error:
        raise StageError(Cause.NO_DEVICE, error.what, where=program, remedy=_REMEDY) from error
    known = [line.strip() for line in done.tail if line.strip() and "|" not in line]  # `INFO    | …` are its log lines
    if avd not in known:
        raise StageError(
            Cause.NO_DEVICE,
            f"there is no AVD {avd}; there are: {', '.join(known) or '(none)'}",
            where=program,
            remedy=f"create it (`avdmanager create avd -n {avd} -k IMAGE`), or name one of these in the configuration",
        )


def boot_command(program: str, avd: str, port: int, *, shared: bool) -> list[str]:
    """The command line that boots the AVD without a screen (developer.android.com/studio/run/emulator-commandline).

    Args:
        program: The emulator.
        avd: The AVD's name.
        port: The console's port; adb's is the next one.
        shared: Whether several of this AVD run at once, which it allows when none of them writes to it.
    """
    headless = ["-no-window", "-no-audio", "-no-boot-anim", "-gpu", "swiftshader_indirect"]
    disk = ["-no-snapshot-save", *(["-read-only"] if shared else [])]
    return [program, "-avd", avd, "-port", str(port), *headless, *disk]

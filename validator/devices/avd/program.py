"""The SDK's programs: where the emulator and `avdmanager` are, which AVDs there are, whether they are accelerated."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.machine import HERE, Machine
from validator.support.process import ProgramMissingError
from validator.support.stop import Stop
from validator.support.text import one_line

_ASK_SECONDS = 30.0
_ROOTS = ("ANDROID_HOME", "ANDROID_SDK_ROOT")
_LONGEST = 400
_REMEDY = "install the Android emulator (`sdkmanager emulator`) and set ANDROID_HOME, or configure a `serial:` device"
_TOOLS = "install the SDK's command-line tools (`sdkmanager 'cmdline-tools;latest'`) and set ANDROID_HOME"
_KVM = (
    'let this user use KVM; on a CI machine: echo \'KERNEL=="kvm", GROUP="kvm", MODE="0666", '
    'OPTIONS+="static_node=kvm"\' | sudo tee /etc/udev/rules.d/99-kvm4all.rules && '
    "sudo udevadm control --reload-rules && sudo udevadm trigger --name-match=kvm"
)
"""The rule of GitHub's runners (github.blog, 2023-02-23, hardware accelerated Android virtualization)."""
_NO_ACCELERATION = (
    "use a machine with hardware acceleration (KVM; in a container `--device /dev/kvm`, in a virtual machine nested "
    "virtualization), or say `options: [-accel, off]` where a boot may take a quarter of an hour"
)


def locate_emulator(configured: str | None, environ: Mapping[str, str]) -> str:
    """The emulator's program: the configured one, else the SDK's of ANDROID_HOME or ANDROID_SDK_ROOT, else PATH's.

    Raises:
        StageError: `no_device` when there is none.
    """
    if configured:
        return configured
    # `tools/emulator` is a relic that cannot boot current images.
    if found := _in_sdk(environ, "emulator/emulator") or shutil.which("emulator", path=environ.get("PATH")):
        return found
    looked = ", ".join(f"{name}={environ.get(name) or '(unset)'}" for name in _ROOTS)
    raise StageError(Cause.NO_DEVICE, f"there is no Android emulator here ({looked}, and none on PATH)", remedy=_REMEDY)


def locate_avdmanager(environ: Mapping[str, str]) -> str:
    """The program that creates AVDs: the SDK's, else PATH's.

    Raises:
        StageError: `no_device` when there is none.
    """
    # `tools/bin/avdmanager` is a relic that needs Java 8.
    inside = "cmdline-tools/latest/bin/avdmanager"
    if found := _in_sdk(environ, inside) or shutil.which("avdmanager", path=environ.get("PATH")):
        return found
    raise StageError(Cause.NO_DEVICE, "there is no avdmanager here to create the AVD with", remedy=_TOOLS)


def _in_sdk(environ: Mapping[str, str], inside: str) -> str:
    roots = [root for name in _ROOTS if (root := environ.get(name))]
    return next((str(Path(root, inside)) for root in roots if Path(root, inside).is_file()), "")


def list_avds(program: str, environ: Mapping[str, str], stop: Stop, machine: Machine = HERE) -> tuple[str, ...]:
    """The names of the AVDs that there are.

    Raises:
        StageError: `no_device` when the emulator cannot be started, or fails.
    """
    code, lines = _ask(program, "-list-avds", environ, stop, machine)
    if code != 0:
        raise StageError(Cause.NO_DEVICE, f"`-list-avds` failed: {_said(lines)}", where=program, remedy=_REMEDY)
    return tuple(line for line in lines if line and "|" not in line)  # `INFO    | …` are its log lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceleration:
    """What `emulator -accel-check` found."""

    usable: bool
    said: str
    remedy: str = ""


def check_acceleration(program: str, environ: Mapping[str, str], stop: Stop, machine: Machine = HERE) -> Acceleration:
    """Whether emulators run at full speed here.

    Its exit status is the emulator's `AndroidCpuAcceleration`: 0 is usable, 11 the lack of a permission.

    Raises:
        StageError: `no_device` when the emulator cannot be started.
    """
    code, lines = _ask(program, "-accel-check", environ, stop, machine)
    said = _said([line for line in lines if not line.isdecimal() and line not in ("accel", "accel:")])
    refused = code == 11 or "permission" in said.lower()
    return Acceleration(usable=code == 0, said=said, remedy=_KVM if refused else _NO_ACCELERATION)


def require_acceleration(program: str, environ: Mapping[str, str], stop: Stop, machine: Machine = HERE) -> None:
    """See that emulators run at full speed here.

    Raises:
        StageError: `no_device`, with what to do about it.
    """
    found = check_acceleration(program, environ, stop, machine)
    if not found.usable and not stop.is_set:
        what = f"this machine cannot accelerate emulators: {found.said}"
        raise StageError(Cause.NO_DEVICE, what, where=program, remedy=found.remedy)


def _ask(
    program: str, question: str, environ: Mapping[str, str], stop: Stop, machine: Machine
) -> tuple[int | None, list[str]]:
    lines: list[str] = []
    try:
        done = machine.run([program, question], deadline=_ASK_SECONDS, stop=stop, env=environ, on_line=lines.append)
    except ProgramMissingError as error:
        raise StageError(Cause.NO_DEVICE, error.what, where=program, remedy=_REMEDY) from error
    return done.exit_code, [line.strip() for line in lines]


def _said(lines: Sequence[str]) -> str:
    return one_line(" | ".join(line for line in lines[-5:] if line), _LONGEST) or "(it said nothing)"

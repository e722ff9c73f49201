"""An AVD that is there: the one that exists, or one made by `avdmanager`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from validator.devices.avd.folder import AvdFolder, avd_home, limit, read_avd
from validator.devices.avd.program import list_avds, locate_avdmanager
from validator.devices.avd.settings import Avd
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.lock import HeldError, exclusive
from validator.support.machine import HERE, Machine
from validator.support.process import ProgramMissingError
from validator.support.stop import Stop

_CREATE_SECONDS = 180.0
_OTHERS_SECONDS = 200.0
_POLL_SECONDS = 0.2
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""What avdmanager takes for a name, but for those that would read as an option or as a hidden file."""
_ANSWER_NO = 'echo no | "$@"'
"""It asks whether to create a custom hardware profile; without an answer it fails."""


def provide_avd(emulator: str, avd: Avd, environ: Mapping[str, str], stop: Stop, machine: Machine = HERE) -> None:
    """See that the AVD exists as it is wanted; create it where a system image says from what.

    Raises:
        StageError: `no_device`: there is no such AVD, it is another one than is wanted, or it cannot be created.
    """
    if not _NAME.fullmatch(avd.name):
        remedy = "use letters, digits, '.', '_' and '-', beginning with a letter or digit"
        raise StageError(Cause.NO_DEVICE, f"{avd.name!r} cannot be the name of an AVD", remedy=remedy)
    known = list_avds(emulator, environ, stop, machine)
    if avd.name not in known and avd.system_image:
        _create_alone(emulator, avd, environ, stop, machine)
    elif avd.name not in known:
        raise StageError(
            Cause.NO_DEVICE,
            f"there is no AVD {avd.name}; there are: {', '.join(known) or '(none)'}",
            where=emulator,
            remedy="say with `system_image:` what to create it from, or name one of these in the configuration",
        )
    if (found := read_avd(avd.name, environ)) is not None:
        _require_same(avd, found)


def _create_alone(emulator: str, avd: Avd, environ: Mapping[str, str], stop: Stop, machine: Machine) -> None:
    """Of several processes that want the same AVD one creates it, the others wait for it."""
    home = avd_home(environ)
    waited = 0.0
    while not stop.is_set and waited < _OTHERS_SECONDS:
        try:
            home.mkdir(parents=True, exist_ok=True)
            with exclusive(home / f".{avd.name}.validator.lock"):
                if avd.name not in list_avds(emulator, environ, stop, machine):
                    _create(avd, environ, stop, machine)
                return
        except HeldError:
            waited += _POLL_SECONDS
            stop.wait(_POLL_SECONDS)
        except OSError as error:
            raise _not_created(avd, f"{error}", "make the folder of the AVDs writable") from error
    raise _not_created(avd, stop.reason or "another process has been creating it for too long", "try again")


def _create(avd: Avd, environ: Mapping[str, str], stop: Stop, machine: Machine) -> None:
    """Create it, and set its limits."""
    program = locate_avdmanager(environ)
    argv = [program, "create", "avd", "-n", avd.name, "-k", avd.system_image]
    argv += ["-d", avd.device_profile] if avd.device_profile else []
    try:
        done = machine.run(["/bin/sh", "-c", _ANSWER_NO, "sh", *argv], deadline=_CREATE_SECONDS, stop=stop, env=environ)
    except ProgramMissingError as error:
        raise _not_created(avd, error.what, error.remedy) from error
    said = " | ".join(line for line in done.tail[-5:] if line.strip())
    if done.exit_code != 0:
        raise _not_created(avd, said or stop.reason or str(done.ended), _remedy(avd, said))
    created = read_avd(avd.name, environ)
    if created is None:
        raise _not_created(avd, f"{program} made no folder in {avd_home(environ)}", "see what ANDROID_AVD_HOME says")
    limit(created, disk_mb=avd.disk_mb, memory_mb=avd.memory_mb)


def _remedy(avd: Avd, said: str) -> str:
    lower = said.lower()
    if "licen" in lower:
        return "accept the SDK's licences: `yes | sdkmanager --licenses`"
    if "device" in lower and "no device found" in lower:
        return "name a profile that `avdmanager list device` shows under `device_profile`"
    if "java" in lower:
        return "install Java 17 and set JAVA_HOME: avdmanager takes it"
    return f"install the image (`yes | sdkmanager '{avd.system_image}'`), and see that `sdkmanager --list` knows it"


def _require_same(avd: Avd, found: AvdFolder) -> None:
    """An AVD is created once; one that differs from what is wanted is somebody's, and is left as it is."""
    differs = ""
    if avd.system_image and found.system_image and found.system_image != avd.system_image:
        differs = f"made from {found.system_image}, not from {avd.system_image}"
    elif avd.disk_mb and found.data_mb < avd.disk_mb:
        differs = f"made with a data partition of {found.data_mb:.0f} MB, not {avd.disk_mb} MB"
    if differs:
        raise StageError(
            Cause.NO_DEVICE,
            f"the AVD {avd.name} exists, and is {differs}",
            where=str(found.path),
            remedy=f"delete it (`avdmanager delete avd -n {avd.name}`) and it is created anew, or use another name",
        )


def _not_created(avd: Avd, why: str, remedy: str) -> StageError:
    return StageError(Cause.NO_DEVICE, f"the AVD {avd.name} cannot be created: {why}", remedy=remedy)

"""Puts an APK on a device, and sees that it is there."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from validator.devices.adb_server import command, environment
from validator.devices.handset import Handset
from validator.devices.refusals import REPLACEABLE, Refusal, read_refusal
from validator.devices.watch import watching
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.machine import MachineError, NoRoomError
from validator.support.process import Completed, Ended, ProgramMissingError
from validator.support.stop import Stop

INSTALL_SECONDS = 300.0
"""Deadline of one installation; a large APK takes minutes on an emulator without acceleration."""
_PATIENCE = 20.0
"""Seconds of silence that mean a frozen device while it is busy with installing."""
_UNINSTALL_SECONDS = 60.0

log = logging.getLogger(__name__)


def install(handset: Handset, apk: Path, package: str, stop: Stop) -> None:
    """Install the APK with all permissions granted; see `Device.install`."""
    if not apk.is_file():
        raise StageError(Cause.APK_MISSING, "there is no such file", where=str(apk), remedy="build the APK first")
    refusal = _install(handset, apk, stop)
    if refusal is not None and refusal.code in REPLACEABLE:
        log.warning("%s: %s; the %s that was there is removed with its data", handset.name, refusal.code, package)
        _adb(handset, ("uninstall", package), _UNINSTALL_SECONDS, stop)
        refusal = _install(handset, apk, stop)
    if refusal is not None:
        raise refusal.error(handset.name)
    _verify(handset, package)


def _install(handset: Handset, apk: Path, stop: Stop) -> Refusal | None:
    done = _adb(handset, ("install", "-r", "-g", str(apk)), INSTALL_SECONDS, stop, (apk,))
    if done.ended is Ended.EXITED and done.exit_code == 0:
        return None
    refusal = read_refusal(done.tail)
    if refusal is not None:
        return refusal
    handset.ask("true")  # adb's words for a device that has gone away are many; that it is gone is told by asking it
    said = " | ".join(done.tail[-3:]) or f"exit status {done.exit_code}"
    if done.ended is Ended.TIMED_OUT:
        said = f"the installation did not end within {INSTALL_SECONDS:g} s"
    raise StageError(
        Cause.DEVICE_UNHEALTHY, f"installing failed: {said}", where=handset.name, remedy="restart the device"
    )


def _adb(
    handset: Handset, arguments: tuple[str, ...], seconds: float, stop: Stop, reads: Sequence[Path] = ()
) -> Completed:
    """Run adb under a watch: its install waits for ever when the device goes away in the middle."""
    seat = handset.seat
    argv = command(seat.adb, "-s", seat.serial, *arguments)
    with watching(handset.adb, handset.serial, stop, patience=_PATIENCE) as watch:
        try:
            env = environment(seat.adb, seat.machine.environment)
            done = seat.machine.run(argv, deadline=seconds, stop=watch.stop, env=env, reads=reads)
        except ProgramMissingError as error:
            raise StageError(Cause.NO_DEVICE, error.what, where=seat.adb.path, remedy=error.remedy) from error
        except NoRoomError as error:
            raise StageError(Cause.DEVICE_UNHEALTHY, error.what, where=error.where, remedy=error.remedy) from error
        except MachineError as error:
            raise StageError(Cause.DEVICE_LOST, error.what, where=handset.name, remedy=error.remedy) from error
    if watch.stop.is_set and done.ended is not Ended.EXITED:
        raise handset.lost(f"adb {arguments[0]} was ended: {watch.stop.reason}")
    return done


def _verify(handset: Handset, package: str) -> None:
    if not handset.do("pm", "path", package).text.startswith("package:"):
        raise StageError(
            Cause.APK_INCOMPATIBLE,
            f"Android installed the APK, but there is no {package} on the device",
            where=handset.name,
            remedy="set app.id in the configuration to the package that the build writes",
        )

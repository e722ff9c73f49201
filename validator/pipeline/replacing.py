"""A device in the place of one that was lost: started and made ready beside the others, which go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from validator.devices.port import Device, Renew
from validator.model.attempt import DeviceState, Evidence
from validator.model.causes import Cause
from validator.model.errors import StageError, ValidatorError
from validator.model.events import DeviceLeased, DeviceLost
from validator.support.stop import Stop

NOT_NEEDED = "no other device is needed any more"

SICK = (Cause.DEVICE_LOST, Cause.DEVICE_UNHEALTHY)
"""Why a device is given up that can be replaced."""
_GONE = (DeviceState.LOST, DeviceState.FROZEN, DeviceState.REBOOTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """What came of starting another device."""

    lost: str
    reason: str
    """Why the one before it was given up."""
    device: Device | None = None
    """Ready, with the APK on it; None when there is none."""
    seconds: float = 0.0
    """What the installation took."""
    why: str = ""
    """Why there is none."""

    @property
    def event(self) -> DeviceLeased | DeviceLost:
        """What the run records of it."""
        if self.device is not None:
            return DeviceLeased(device=self.device.info, seconds=self.seconds, replaces=self.lost)
        return DeviceLost(serial=self.lost, reason=f"{self.reason}; there is no other in its place: {self.why}")


def why_given_up(evidence: Evidence, *, replaceable: bool) -> str:
    """Why a device is not used again after this attempt; empty when it is.

    One that can be replaced is given up when it is sick, too: it answers, but does not become fit for a flow.
    """
    seen, preparation = evidence.device, evidence.preparation
    if seen.state in _GONE or (replaceable and seen.state is DeviceState.NO_NETWORK):
        return seen.detail or seen.state
    fatal = SICK if replaceable else (Cause.DEVICE_LOST,)
    return preparation if preparation.startswith(fatal) else ""


def replace_device(
    lost: Replaced, renew: Renew, install: Callable[[Device], float | StageError], stop: Stop
) -> Replaced:
    """Start another device and install the APK on it; one that dies before is replaced in its turn.

    Failures end in the result, not in an exception.
    """
    try:
        device = renew(stop)
    except ValidatorError as error:
        return Replaced(lost=lost.lost, reason=lost.reason, why=error.text)
    except OSError as error:
        return Replaced(lost=lost.lost, reason=lost.reason, why=f"it cannot be started: {error}")
    seconds = install(device)
    if isinstance(seconds, StageError) and seconds.cause in SICK and device.renew is not None:
        return replace_device(lost, device.renew, install, stop)
    if isinstance(seconds, StageError):
        return Replaced(lost=lost.lost, reason=lost.reason, why=seconds.text)
    return Replaced(lost=lost.lost, reason=lost.reason, device=device, seconds=seconds)

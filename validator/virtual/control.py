"""A blocking client of the control API, for scripts, demonstrations and tests. Standard library only."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from typing import Literal

from validator.virtual.faults import Fault

Target = int | Literal["all"]


class ControlError(Exception):
    """The control API refused or did not answer; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """One device of the fleet. `state` is online, booting, frozen or offline; `front` the package in front."""

    index: int
    serial: str
    port: int
    state: str
    boot_id: str
    front: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultStatus:
    """One armed fault: how often its trigger was met and how often it has struck."""

    device: int
    number: int
    kind: str
    seconds: float
    matched: int
    struck: int
    event: str
    match: str
    after: int
    times: int | None
    delay_s: float


@dataclass(frozen=True, slots=True)
class ControlClient:
    """Talks to the control API at `url`; every call ends within `deadline_s` seconds."""

    url: str
    deadline_s: float = 10.0

    def devices(self) -> list[DeviceStatus]:
        """The fleet's devices.

        Raises:
            ControlError: no answer.
        """
        return [DeviceStatus(**entry) for entry in json.loads(self._call("GET", "/devices"))]

    def faults(self) -> list[FaultStatus]:
        """The armed faults of all devices.

        Raises:
            ControlError: no answer.
        """
        return [FaultStatus(**entry) for entry in json.loads(self._call("GET", "/faults"))]

    def arm(self, fault: Fault, *, device: Target = "all") -> None:
        """Let a fault strike now, or, when it has a trigger, as soon as that is met.

        Raises:
            ControlError: no such device, or no answer.
        """
        trigger = None if fault.trigger is None else asdict(fault.trigger)
        body = {"kind": fault.kind, "device": device, "seconds": fault.seconds, "trigger": trigger}
        self._call("POST", "/faults", json.dumps(body).encode())

    def heal(self, device: Target = "all") -> None:
        """Disarm every fault and undo what lasts: the device answers again, is connected again, has network and space.

        Raises:
            ControlError: no such device, or no answer.
        """
        self._call("DELETE", f"/faults?device={device}")

    def _call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(self.url + path, data=body, method=method)  # noqa: S310 - the scheme is ours
        try:
            with urllib.request.urlopen(request, timeout=self.deadline_s) as answer:  # noqa: S310 - as above
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                raise ControlError(_reason(refused.read())) from None
        except (OSError, ValueError) as problem:
            raise ControlError(f"{self.url}: {problem}") from None


def _reason(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body.decode("utf-8", "replace")

"""What the answers to a watch's questions say about a device. Pure: a state folded over answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import assert_never

from validator.model.attempt import DeviceEvidence, DeviceState


class Network(Enum):
    """Whether the device has a default network."""

    NOT_ASKED = auto()
    """Or it did not say."""
    THERE = auto()
    GONE = auto()
    SWITCHED_OFF = auto()
    """Airplane mode: somebody wants it so, perhaps the flow itself."""


GONE_BEATS = 2
"""Answers in a row that tell of no network until it counts: a phone that goes from one to another has none between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The device ran our command."""

    boot_id: str
    """Empty where the device does not let us read it."""
    forwarded: bool
    """Whether the forward that marks this connection still exists; adb drops all of them with the connection."""
    uptime: float = 0.0
    """Seconds since it booted; 0 where it does not say."""
    network: Network = Network.NOT_ASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """adb said at once that it cannot reach the device."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Neither an answer nor a refusal came in time."""

    seconds: float


Beat = Answered | Refused | Silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What is known about a watched device. Whatever once happened to it is never forgotten, only told more exactly."""

    boot_id: str
    """When the watch began."""
    state: DeviceState = DeviceState.HEALTHY
    detail: str = ""
    last_boot_id: str = ""
    first_uptime: float = 0.0
    last_uptime: float = 0.0
    had_network: bool = False
    gone_beats: int = 0

    def after(self, beat: Beat) -> Condition:
        """The condition once this answer is known."""
        match beat:
            case Answered():
                return self._answered(beat)
            case Refused():
                return _worse(self, DeviceState.LOST, beat.why)
            case Silent():
                return _worse(self, DeviceState.FROZEN, f"no answer within {beat.seconds:g} s")
            case _:
                assert_never(beat)

    def evidence(self) -> DeviceEvidence:
        """The condition as evidence."""
        return DeviceEvidence(
            state=self.state,
            detail=self.detail,
            boot_id_before=self.boot_id,
            boot_id_after=self.last_boot_id,
            uptime_before=self.first_uptime,
            uptime_after=self.last_uptime,
        )

    def _answered(self, beat: Answered) -> Condition:
        known = replace(
            self,
            last_boot_id=beat.boot_id,
            first_uptime=self.first_uptime or beat.uptime,
            last_uptime=beat.uptime or self.last_uptime,
        )
        booted = self._booted(beat)
        if booted:
            return replace(known, state=DeviceState.REBOOTED, detail=booted)
        if not beat.forwarded and self.state in (DeviceState.HEALTHY, DeviceState.LOST, DeviceState.NO_NETWORK):
            before = f" after: {self.detail}" if self.detail else ""
            detail = f"the connection broke and came back, without its forwards{before}"
            return replace(known, state=DeviceState.RECONNECTED, detail=detail)
        return _networked(known, beat.network)

    def _booted(self, beat: Answered) -> str:
        """What tells that the device was started anew; empty when nothing does."""
        if self.boot_id and beat.boot_id and beat.boot_id != self.boot_id:
            return "its boot id has changed"
        return "its uptime has begun anew" if 0 < beat.uptime < self.last_uptime else ""


def _networked(condition: Condition, network: Network) -> Condition:
    match network:
        case Network.NOT_ASKED:
            return condition
        case Network.THERE | Network.SWITCHED_OFF:
            return replace(condition, had_network=network is Network.THERE, gone_beats=0)
        case Network.GONE:
            gone = replace(condition, gone_beats=condition.gone_beats + 1)
            lost = gone.had_network and gone.gone_beats >= GONE_BEATS
            return _worse(gone, DeviceState.NO_NETWORK, "it has lost its default network") if lost else gone
        case _:
            assert_never(network)


def _worse(condition: Condition, state: DeviceState, detail: str) -> Condition:
    if condition.state is not DeviceState.HEALTHY:
        return condition
    return replace(condition, state=state, detail=detail)

"""What the answers to a watch's questions say about a device. Pure: a state folded over answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from validator.model.attempt import DeviceEvidence, DeviceState


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The device ran our command."""

    boot_id: str
    """Empty where the device does not let us read it."""
    forwarded: bool
    """Whether the forward that marks this connection still exists; adb drops all of them with the connection."""


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

    def after(self, beat: Beat) -> Condition:
        """The condition once this answer is known."""
        match beat:
            case Answered():
                return self._answered(beat)
            case Refused():
                return self._worse(DeviceState.LOST, beat.why)
            case Silent():
                return self._worse(DeviceState.FROZEN, f"no answer within {beat.seconds:g} s")
            case _:
                assert_never(beat)

    def evidence(self) -> DeviceEvidence:
        """The condition as evidence."""
        return DeviceEvidence(
            state=self.state, detail=self.detail, boot_id_before=self.boot_id, boot_id_after=self.last_boot_id
        )

    def _answered(self, beat: Answered) -> Condition:
        state, detail = self.state, self.detail
        if self.boot_id and beat.boot_id and beat.boot_id != self.boot_id:
            state, detail = DeviceState.REBOOTED, "its boot id has changed"
        elif not beat.forwarded and state in (DeviceState.HEALTHY, DeviceState.LOST):
            before = f" after: {detail}" if detail else ""
            state, detail = DeviceState.RECONNECTED, f"the connection broke and came back, without its forwards{before}"
        return Condition(boot_id=self.boot_id, state=state, detail=detail, last_boot_id=beat.boot_id)

    def _worse(self, state: DeviceState, detail: str) -> Condition:
        if self.state is not DeviceState.HEALTHY:
            return self
        return Condition(boot_id=self.boot_id, state=state, detail=detail, last_boot_id=self.last_boot_id)

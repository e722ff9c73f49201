"""Which switches are in force now. Pure: time is handed in, in seconds of any steady clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random

from validator.demo.backend.switches import Fail, Refuse, Switch


@dataclass(slots=True, kw_only=True)
class ArmedSwitch:
    """A switch that was set, and how far it has come."""

    id: int
    switch: Switch
    began_at: float | None = None
    """None while it waits for the request that starts it."""
    seen: int = 0
    """Requests counted towards its start."""
    applied: int = 0
    """Requests it has applied to."""
    _chance: Random = field(default_factory=Random)

    def ends_at(self) -> float | None:
        """When its time is up; None while that is unknown or never."""
        if self.began_at is None or not self.switch.lasts_s:
            return None
        return self.began_at + self.switch.lasts_s

    def in_force(self, now: float) -> bool:
        """Whether it has begun and not ended."""
        ends = self.ends_at()
        spent = bool(self.switch.times) and self.applied >= self.switch.times
        return self.began_at is not None and not spent and (ends is None or now < ends)

    def witness(self, method: str, path: str, now: float) -> None:
        """Count the request towards the start."""
        start = self.switch.starts
        if start is None or self.began_at is not None or not _matches(start.method, start.path, method, path):
            return
        self.seen += 1
        if self.seen >= start.nth:
            self.began_at = now

    def strikes(self, method: str, path: str) -> bool:
        """Whether it applies to this request, which is counted if so."""
        effect = self.switch.effect
        if not _matches(self.switch.method, self.switch.path, method, path):
            return False
        if isinstance(effect, Fail) and self._chance.random() >= effect.share:
            return False
        self.applied += 1
        return True


def _matches(wanted_method: str, prefix: str, method: str, path: str) -> bool:
    return (not wanted_method or wanted_method.upper() == method.upper()) and path.startswith(prefix)


@dataclass(slots=True)
class Switchboard:
    """All switches that were set, oldest first."""

    _armed: dict[int, ArmedSwitch] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def arm(self, switch: Switch, *, now: float) -> ArmedSwitch:
        """Set a switch; without a start it is in force from now on."""
        seed = switch.effect.seed if isinstance(switch.effect, Fail) else 0
        armed = ArmedSwitch(id=next(self._ids), switch=switch, _chance=Random(seed))  # noqa: S311 - repeatable, not secret
        armed.began_at = None if switch.starts else now
        self._armed[armed.id] = armed
        return armed

    def clear(self, id_: int) -> bool:
        """Take one switch off; False when there is none with that id."""
        return self._armed.pop(id_, None) is not None

    def clear_all(self) -> int:
        """Take all switches off; how many there were."""
        number = len(self._armed)
        self._armed.clear()
        return number

    def armed(self) -> tuple[ArmedSwitch, ...]:
        """All that were set and not cleared, ended or not."""
        return tuple(self._armed.values())

    def arrive(self, method: str, path: str, *, now: float) -> list[ArmedSwitch]:
        """A request arrives: begin what it begins, and give what applies to it."""
        for armed in self._armed.values():
            armed.witness(method, path, now)
        return [armed for armed in self._armed.values() if armed.in_force(now) and armed.strikes(method, path)]

    def refusing(self, *, now: float) -> bool:
        """Whether nobody should be listening."""
        return any(armed.in_force(now) for armed in self._refusals())

    def listens_again_at(self) -> float | None:
        """When the last outage in force ends by itself; None when none will."""
        ends = [armed.ends_at() for armed in self._refusals() if armed.began_at is not None]
        return max((end for end in ends if end is not None), default=None)

    def _refusals(self) -> list[ArmedSwitch]:
        return [armed for armed in self._armed.values() if isinstance(armed.switch.effect, Refuse)]

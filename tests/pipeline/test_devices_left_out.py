"""A device that cannot be had while others can is told in the run's record, and decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.pipeline.replaying import replayed
from tests.pipeline.stand_ins import PASS, ScriptedDevice
from tests.pipeline.test_stages import Stage
from validator.devices.mixed import MixedSource
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.model.events import AttemptStarted, Decided, Warned
from validator.pipeline.run import Validation
from validator.support.stop import Stop


class Unbooted:
    """A source of which nothing comes."""

    @contextmanager
    def open(self, stop: Stop) -> Iterator[Sequence[ScriptedDevice]]:
        yield self._booted()

    def _booted(self) -> Sequence[ScriptedDevice]:
        raise StageError(Cause.NO_DEVICE, "not booted within 30 s", where="emulator-5556", remedy="give it KVM")


def test_one_of_two_that_does_not_boot_is_a_warning_in_the_record(tmp_path: Path):
    stage = Stage(folder=tmp_path, acts={"a": [PASS]})
    left_out: list[StageError] = []
    parts = replace(stage.parts(), devices=MixedSource([stage, Unbooted()], left_out.append), left_out=left_out)
    events = list(Validation(parts=parts, stop=stage.stop).events())

    (warning,) = [(place, event.message) for place, event in enumerate(events) if isinstance(event, Warned)]
    assert warning[1] == "goes on without a device: emulator-5556: not booted within 30 s (give it KVM)"
    assert any(isinstance(event, AttemptStarted) for event in events[warning[0] :])
    (decided,) = [event for event in events if isinstance(event, Decided)]
    assert decided.decision.exit_code == 0
    assert replayed(events).same

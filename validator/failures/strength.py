"""Which evidence outweighs which: the order in which rules are tried."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from validator.model.rules import Source


class Strength(IntEnum):
    """How strong the evidence of a rule is; 1 is tried first.

    Within one strength the team's own rules are tried before the built-in ones, because a team knows its app better
    than we do; over a stronger one they never win: what a runner wrote says nothing against a crash that Android
    recorded.
    """

    CRASH_RECORD = 1
    DEVICE_WATCH = 2
    UNMEASURABLE = 3
    PRODUCTION = 4
    CIRCUMSTANCES = 5
    RUNNER = 6

    @property
    def word(self) -> str:
        """As rules write it: `crash_record`."""
        return self.name.lower()

    @property
    def meaning(self) -> str:
        """What evidence it is, for documentation."""
        return _MEANING[self]


_MEANING: Final = {
    Strength.CRASH_RECORD: "What Android itself recorded about the end of the app. It outlives every misreport.",
    Strength.DEVICE_WATCH: "What our own watch saw of the device, before and while the flow ran.",
    Strength.UNMEASURABLE: "What kept the flow from being measured at all: its file, the runner's start, the driver, "
    "the device's network. Built-in rules only.",
    Strength.PRODUCTION: "What the app's calls and our probes met. Weaker than all that kept us from asking.",
    Strength.CIRCUMSTANCES: "How the device was right after the flow had failed. Weaker than production's answers, "
    "because neither a dialog nor a full disk explains a server error.",
    Strength.RUNNER: "What the runner wrote: the message of the step that failed, its output, how it ended.",
}

USUAL: Final = {
    Source.EXIT_INFO: Strength.CRASH_RECORD,
    Source.CRASH_LOG: Strength.CRASH_RECORD,
    Source.DEVICE: Strength.DEVICE_WATCH,
    Source.PREPARATION: Strength.DEVICE_WATCH,
    Source.BACKEND: Strength.PRODUCTION,
    Source.HTTP: Strength.PRODUCTION,
    Source.FOCUS: Strength.CIRCUMSTANCES,
    Source.SCENE: Strength.CIRCUMSTANCES,
    Source.RUNNER: Strength.RUNNER,
}
"""How strong what a source says is, unless a built-in rule knows it to be otherwise."""

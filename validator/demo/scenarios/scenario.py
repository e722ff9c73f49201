"""What a scenario is: the faults, the step that they hit, and what must come out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from validator.demo.backend.switches import Switch
from validator.virtual.faults import Event, Fault, FaultKind, Trigger

PACKAGE = "com.example.cornershop"
REVISION = "4f2a9c1"
"""The commit that the sample deployment claims."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Edit one file of a copied workspace, as somebody in a hurry would."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Delete one file of a copied workspace."""

    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """Write one more flow into a copied workspace."""

    file: str
    content: str

    @property
    def flow(self) -> str:
        """The name that the flow gives itself."""
        found = re.search(r"^name: (.+)$", self.content, re.MULTILINE)
        if found is None:
            raise AssertionError(f"{self.file} has no name")
        return found[1]


Edit = Replacement | Removal | Addition


@dataclass(frozen=True, slots=True, kw_only=True)
class Retouch:
    """Change the copied configuration."""

    old: str
    new: str


class Target(StrEnum):
    """What on the machine that runs the flows is struck."""

    ADB_SERVER_ENDS = "adb-server-ends"
    RUNNER_DIES = "runner-dies"
    RUNNER_HANGS = "runner-hangs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sabotage:
    """A fault of the machine that runs the flows, in the middle of a flow."""

    target: Target
    after_s: float = 1.0
    """Seconds after a runner was started."""
    times: int = 100
    """How many runners are struck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way in which a demo goes, and what must come out."""

    name: str
    description: str
    switches: tuple[Switch, ...] = ()
    """To set on the backend before the run."""
    faults: tuple[Fault, ...] = ()
    """To arm on every virtual device before the run."""
    faults_on_first: tuple[Fault, ...] = ()
    """To arm on the first device only: there is a healthy one beside it."""
    faults_on_others: tuple[Fault, ...] = ()
    """To arm on every device but the first: where a failure on the first is confirmed."""
    sabotage: Sabotage | None = None
    """To do on the machine that runs the flows."""
    killed_after: int = 0
    """How many flows have an outcome when validator itself is killed, to be resumed; 0: it is not."""
    expired: str = ""
    """The calls, by a prefix of their path, that lead to an address whose TLS certificate has expired."""
    edits: tuple[Edit, ...] = ()
    """To make in a copy of the workspace before the run."""
    configuration: tuple[Retouch, ...] = ()
    """To change in the copied configuration before the run."""
    baseline: str = ""
    """The name under which the configuration stays beside it as it was; empty: it does not."""
    serials: tuple[str, ...] = ()
    """The devices that the configuration names, instead of those that are there."""
    only: tuple[str, ...] = ()
    """The flows to run, by file name without its ending; empty for all."""
    struck: tuple[str, ...] = ()
    """The flows that it hits first-hand."""
    spreads: bool = False
    """Whether later flows suffer too, from a backend or a device that stays away."""
    families: tuple[str, ...] = ()
    """The families of causes of which one has to be found."""
    causes: tuple[str, ...] = ()
    """The causes of which one has to be found for each flow that is struck."""
    decision: str = "approved"
    """What must be decided; empty: nothing, because the run is refused before it begins."""
    exit_codes: tuple[int, ...] = (0,)
    """What `validator demo` may exit with."""
    broken: bool = False
    """Whether users of the production would meet it: a run that passes all the same is a false pass."""
    within: float = 45.0
    """Seconds in which the demo has to end, set-up included."""


def on_tap(kind: FaultKind, text: str, *, times: int | None = None, delay_s: float = 0.0) -> Fault:
    """A fault that strikes when this is tapped."""
    return Fault(kind=kind, trigger=Trigger(event=Event.TAP, match=text, times=times, delay_s=delay_s))


def on_find(kind: FaultKind, text: str, *, after: int = 1) -> Fault:
    """A fault that strikes when the runner looks for this for the `after`-th time."""
    return Fault(kind=kind, trigger=Trigger(event=Event.FIND, match=text, after=after))


def added_flow(file: str, steps: str) -> Addition:
    """A flow of this file name (without its ending) that starts as a fresh guest, then takes these steps."""
    name = file.replace("-", " ").capitalize()
    content = (
        f"appId: {PACKAGE}\nname: {name}\ntags:\n  - production\n---\n"
        f"- runFlow: subflows/launch-as-guest.yaml\n{steps.strip()}\n"
    )
    return Addition(file=f"{file}.yaml", content=content)

"""The forms that failures of devices take: one for all devices, or for one of two."""

from __future__ import annotations

from validator.demo.scenarios.scenario import Addition, Scenario
from validator.demo.scenarios.steps import DARK_THEME
from validator.virtual.faults import Event, Fault, FaultKind, Trigger


def unmeasured(  # noqa: PLR0913 - one parameter for each part of a scenario
    name: str, description: str, cause: str, struck: Addition, fault: Fault, *, within: float = 45.0
) -> Scenario:
    """Every device fails the same flow: nothing can be said about production."""
    flow = struck.file.removesuffix(".yaml")
    return Scenario(
        name=name,
        description=description,
        faults=(fault,),
        edits=(struck,),
        only=(flow,),
        struck=(flow,),
        families=("infrastructure",),
        causes=(cause,),
        decision="undecided",
        exit_codes=(3,),
        within=within,
    )


def unusable(name: str, description: str, cause: str, fault: Fault) -> Scenario:
    """No device can be used from the start."""
    return Scenario(
        name=name,
        description=description,
        faults=(fault,),
        only=("about",),
        struck=("about",),
        families=("infrastructure",),
        causes=(cause,),
        decision="undecided",
        exit_codes=(3,),
    )


def overcome(name: str, description: str, cause: str, fault: Fault, *, within: float = 45.0) -> Scenario:
    """One device fails, the other one does its work."""
    return Scenario(
        name=name,
        description=description,
        faults_on_first=(fault,),
        edits=(DARK_THEME,),
        only=("dark-theme",),
        struck=("dark-theme",),
        families=("infrastructure",),
        causes=(cause,),
        within=within,
    )


def on_event(kind: FaultKind, event: Event, match: str = "") -> Fault:
    """A fault that strikes at an event."""
    return Fault(kind=kind, trigger=Trigger(event=event, match=match))

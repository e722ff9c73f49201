"""The ways in which a demo can go wrong, as data: what to switch, and what a validation of it has to find."""

from __future__ import annotations

from dataclasses import dataclass

from validator.demo.backend.switches import Refuse, Start, Switch, WrongTotal
from validator.virtual.faults import Event, Fault, FaultKind, Trigger

FLOWS = (
    "about",
    "add-to-cart",
    "browse-catalogue",
    "checkout",
    "guest-sign-in",
    "product-details",
    "profile",
    "remove-from-cart",
    "search",
    "settings",
)
"""The team's flows, by file name without its ending, in the order in which a runner takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Edit one flow file of a copied workspace, as somebody in a hurry would."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Delete one flow file of a copied workspace."""

    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way in which a demo goes, and what must come out."""

    name: str
    description: str
    switches: tuple[Switch, ...] = ()
    """To set on the backend before the run."""
    faults: tuple[Fault, ...] = ()
    """To arm on every virtual device before the run."""
    edits: tuple[Replacement | Removal, ...] = ()
    """To make in a copy of the workspace before the run."""
    struck: tuple[str, ...] = ()
    """The flows that it hits first-hand."""
    spreads: bool = False
    """Whether later flows suffer too, from a backend or a device that stays away."""
    families: tuple[str, ...] = ()
    """The families of causes of which one has to be found."""
    exit_codes: tuple[int, ...] = (0,)
    """What `validator demo` may exit with."""


def _on_tap(kind: FaultKind, text: str) -> Fault:
    return Fault(kind=kind, trigger=Trigger(event=Event.TAP, match=text))


SCENARIOS = (
    Scenario(name="none", description="nothing goes wrong"),
    Scenario(
        name="assertion",
        description="orders are charged one euro more than the cart said",
        switches=(Switch(effect=WrongTotal(cents=100), method="POST", path="/v1/orders"),),
        struck=("checkout",),
        families=("product",),
        exit_codes=(1,),
    ),
    Scenario(
        name="crash",
        description="the app crashes when an order is placed",
        faults=(_on_tap(FaultKind.CRASH, "Place order"),),
        struck=("checkout",),
        families=("product",),
        exit_codes=(1,),
    ),
    Scenario(
        name="device-lost",
        description="the device's connection dies in the middle of the search flow",
        faults=(Fault(kind=FaultKind.DROP, trigger=Trigger(event=Event.HTTP, match="/v1/search")),),
        struck=("search",),
        spreads=True,
        families=("infrastructure",),
        exit_codes=(3,),
    ),
    Scenario(
        name="frozen-device",
        description="the device freezes in the middle of the settings flow",
        faults=(_on_tap(FaultKind.FREEZE, "Dark theme"),),
        struck=("settings",),
        spreads=True,
        families=("infrastructure",),
        exit_codes=(3,),
    ),
    Scenario(
        name="driver-dead",
        description="the UI automation server dies in the middle of the profile flow, each time",
        faults=(_on_tap(FaultKind.AUTOMATION_DEAD, "Sign out"),),
        struck=("profile",),
        families=("infrastructure",),
        exit_codes=(3,),
    ),
    Scenario(
        name="outage",
        description="the backend goes away as the first order is placed, and stays away",
        switches=(Switch(effect=Refuse(), starts=Start(method="POST", path="/v1/orders")),),
        struck=("checkout",),
        spreads=True,
        families=("backend",),
        exit_codes=(1, 3),
    ),
    Scenario(
        name="bad-flow",
        description="somebody has misspelt a command in settings.yaml",
        edits=(Replacement(file="settings.yaml", old="- tapOn: Dark theme", new="- tapOnn: Dark theme"),),
        struck=("settings",),
        families=("flow",),
        exit_codes=(3,),
    ),
    Scenario(
        name="missing-flow",
        description="checkout.yaml, which the gate requires, is gone",
        edits=(Removal(file="checkout.yaml"),),
        struck=("checkout",),
        exit_codes=(4,),
    ),
)


class UnknownScenarioError(Exception):
    """There is no scenario of that name."""


def scenario(name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        UnknownScenarioError: There is none; the message lists those that there are.
    """
    for known in SCENARIOS:
        if known.name == name:
            return known
    raise UnknownScenarioError(f"no scenario is called {name!r}; there are {', '.join(s.name for s in SCENARIOS)}")

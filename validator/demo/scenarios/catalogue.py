"""All scenarios, and the flows that they strike."""

from __future__ import annotations

from validator.demo.scenarios.backend import BACKEND
from validator.demo.scenarios.device import DEVICE
from validator.demo.scenarios.flow import FLOW
from validator.demo.scenarios.host import HOST
from validator.demo.scenarios.product import PRODUCT
from validator.demo.scenarios.scenario import Scenario
from validator.demo.scenarios.setup import SETUP
from validator.demo.scenarios.traffic import TRAFFIC

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

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(name="none", description="nothing goes wrong"),
    *PRODUCT,
    *BACKEND,
    *DEVICE,
    *HOST,
    *FLOW,
    *SETUP,
    *TRAFFIC,
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

"""What was deployed is broken, slow, closed or careful; the app is not."""

from __future__ import annotations

from validator.demo.backend.switches import Challenge, Delay, Fail, Maintenance, Refuse, Start, Switch
from validator.demo.scenarios.scenario import Scenario
from validator.demo.scenarios.steps import FIRST_ORDERS, SIGN_IN_SHORTLY

_SIGN_IN = Start(method="POST", path="/v1/users/anonymous")


def _orders(name: str, description: str, *switches: Switch, within: float = 45.0) -> Scenario:
    """The profile's list of orders cannot be had, while the health check is content."""
    return Scenario(
        name=name,
        description=description,
        switches=switches,
        edits=(FIRST_ORDERS,),
        only=("first-orders",),
        struck=("first-orders",),
        families=("backend",),
        causes=("backend_unavailable",),
        decision="blocked",
        exit_codes=(1,),
        broken=True,
        within=within,
    )


BACKEND = (
    Scenario(
        name="outage",
        description="the backend goes away as the first order is placed, and stays away",
        switches=(Switch(effect=Refuse(), starts=Start(method="POST", path="/v1/orders")),),
        struck=("checkout",),
        spreads=True,
        families=("backend",),
        causes=("backend_unavailable",),
        decision="blocked",
        exit_codes=(1, 3),
        broken=True,
        within=90,
    ),
    Scenario(
        name="connection-refused",
        description="nobody listens where the backend was deployed",
        switches=(Switch(effect=Refuse()),),
        only=("about",),
        struck=("about",),
        families=("backend",),
        causes=("backend_unavailable",),
        decision="blocked",
        exit_codes=(1,),
        broken=True,
    ),
    Scenario(
        name="restart",
        description="the backend restarts while a guest signs in, and is back two seconds later",
        switches=(Switch(effect=Refuse(), starts=_SIGN_IN, lasts_s=2.0),),
        edits=(SIGN_IN_SHORTLY,),
        only=("sign-in-shortly",),
        struck=("sign-in-shortly",),
        families=("backend",),
        causes=("backend_unavailable",),
        decision="approved_with_warnings",
    ),
    _orders(
        "server-errors",
        "the list of orders is answered with HTTP 500, the health check is content",
        Switch(effect=Fail(status=500), method="GET", path="/v1/orders"),
    ),
    _orders(
        "bad-gateway",
        "the list of orders is answered with HTTP 502, the health check is content",
        Switch(effect=Fail(status=502), method="GET", path="/v1/orders"),
    ),
    Scenario(
        name="slow-backend",
        description="the list of orders takes longer than the app waits for it",
        switches=(Switch(effect=Delay(ms=12_000), method="GET", path="/v1/orders"),),
        only=("profile",),
        struck=("profile",),
        families=("backend",),
        causes=("backend_unavailable",),
        decision="blocked",
        exit_codes=(1,),
        broken=True,
        within=60,
    ),
    Scenario(
        name="sluggish-backend",
        description="every answer takes half a second more, which the app bears",
        switches=(Switch(effect=Delay(ms=500), path="/v1/"),),
        only=("add-to-cart", "profile"),
    ),
    Scenario(
        name="maintenance-lifts",
        description="the shop is closed for maintenance as a guest signs in, and opens four seconds later",
        switches=(Switch(effect=Maintenance(), starts=_SIGN_IN, lasts_s=4.0),),
        edits=(SIGN_IN_SHORTLY,),
        only=("sign-in-shortly",),
        struck=("sign-in-shortly",),
        families=("backend",),
        causes=("backend_unavailable",),
        decision="approved_with_warnings",
    ),
    Scenario(
        name="maintenance",
        description="the shop is closed for maintenance as a guest signs in, and stays closed",
        switches=(Switch(effect=Maintenance(), starts=_SIGN_IN),),
        edits=(SIGN_IN_SHORTLY,),
        only=("sign-in-shortly",),
        struck=("sign-in-shortly",),
        families=("backend",),
        causes=("backend_unavailable",),
        decision="blocked",
        exit_codes=(1,),
        broken=True,
        within=60,
    ),
    Scenario(
        name="rate-limit",
        description="sign-ins from our address are limited, and stay so",
        switches=(Switch(effect=Fail(status=429, retry_after_s=2), method="POST", path="/v1/users/anonymous"),),
        edits=(SIGN_IN_SHORTLY,),
        only=("sign-in-shortly",),
        struck=("sign-in-shortly",),
        families=("throttled",),
        causes=("rate_limited",),
        decision="undecided",
        exit_codes=(3,),
    ),
    Scenario(
        name="rate-limit-lifts",
        description="one sign-in from our address is refused for two seconds",
        switches=(
            Switch(effect=Fail(status=429, retry_after_s=2), method="POST", path="/v1/users/anonymous", times=1),
        ),
        edits=(SIGN_IN_SHORTLY,),
        only=("sign-in-shortly",),
        struck=("sign-in-shortly",),
        families=("throttled",),
        causes=("rate_limited",),
    ),
    Scenario(
        name="firewall",
        description="a web application firewall asks our devices for a browser",
        switches=(Switch(effect=Challenge(), path="/v1/"),),
        edits=(SIGN_IN_SHORTLY,),
        only=("sign-in-shortly",),
        struck=("sign-in-shortly",),
        families=("throttled",),
        causes=("security_blocked",),
        decision="undecided",
        exit_codes=(3,),
        within=75,
    ),
)

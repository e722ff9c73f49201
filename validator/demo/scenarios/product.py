"""The app is broken: it crashes, hangs, ends, or shows something else than it should."""

from __future__ import annotations

from validator.demo.backend.switches import RefuseSignIn, Reword, Start, Switch, WrongTotal
from validator.demo.scenarios.scenario import Addition, Scenario, added_flow, on_find, on_tap
from validator.demo.scenarios.steps import (
    DARK_THEME,
    NOTHING_SOLD_OUT,
    OPEN_SETTINGS,
    REOPENED,
    SALE,
    SHELVES_FILL,
    SIGN_IN_SHORTLY,
)
from validator.virtual.faults import Event, Fault, FaultKind, Trigger

WRONG_TOTAL = Switch(effect=WrongTotal(cents=100), method="POST", path="/v1/orders")


def _broken(  # noqa: PLR0913 - one parameter for each part of a scenario
    name: str,
    description: str,
    cause: str,
    struck: str | Addition,
    *,
    fault: Fault | None = None,
    switches: tuple[Switch, ...] = (),
    within: float = 45.0,
) -> Scenario:
    """A product failure of one flow that is confirmed and blocks."""
    edits = (struck,) if isinstance(struck, Addition) else ()
    flow = struck.file.removesuffix(".yaml") if isinstance(struck, Addition) else struck
    return Scenario(
        name=name,
        description=description,
        switches=switches,
        faults=(fault,) if fault is not None else (),
        edits=edits,
        only=(flow,),
        struck=(flow,),
        families=("product",),
        causes=(cause,),
        decision="blocked",
        exit_codes=(1,),
        broken=True,
        within=within,
    )


PRODUCT = (
    Scenario(
        name="assertion",
        description="orders are charged one euro more than the cart said",
        switches=(WRONG_TOTAL,),
        struck=("checkout",),
        families=("product",),
        causes=("app_assertion",),
        decision="blocked",
        exit_codes=(1,),
        broken=True,
        within=75,
    ),
    Scenario(
        name="crash",
        description="the app crashes when an order is placed",
        faults=(on_tap(FaultKind.CRASH, "Place order"),),
        struck=("checkout",),
        families=("product",),
        causes=("app_crash",),
        decision="blocked",
        exit_codes=(1,),
        broken=True,
        within=75,
    ),
    _broken(
        "crash-on-launch",
        "the app crashes as its first screen opens",
        "app_crash",
        SIGN_IN_SHORTLY,
        fault=Fault(kind=FaultKind.CRASH, trigger=Trigger(event=Event.SCREEN, match="welcome")),
        within=60,
    ),
    _broken(
        "crash-while-waiting",
        "the app crashes while a flow waits for the shelves to fill",
        "app_crash",
        SHELVES_FILL,
        fault=on_find(FaultKind.CRASH, "products on our shelves"),
    ),
    _broken(
        "crash-before-absence",
        "the app crashes while a flow only asserts what must not be there",
        "app_crash",
        NOTHING_SOLD_OUT,
        fault=on_find(FaultKind.CRASH, "Sold out"),
    ),
    _broken(
        "crash-in-condition",
        "the app crashes while a flow asks whether an optional part applies",
        "app_crash",
        SALE,
        fault=on_find(FaultKind.CRASH, "Today only"),
    ),
    _broken(
        "crash-on-last-step",
        "the app crashes on the last tap of a flow",
        "app_crash",
        OPEN_SETTINGS,
        fault=on_tap(FaultKind.CRASH, "Settings"),
    ),
    _broken(
        "crash-before-relaunch",
        "the app crashes on a tap, after which the flow launches it anew",
        "app_crash",
        REOPENED,
        fault=on_tap(FaultKind.CRASH, "Settings"),
    ),
    _broken(
        "native-crash-before-relaunch",
        "native code of the app crashes on a tap, after which the flow launches it anew",
        "app_crash",
        REOPENED,
        fault=on_tap(FaultKind.NATIVE_CRASH, "Settings"),
    ),
    _broken(
        "native-crash",
        "native code of the app crashes when the theme is switched",
        "app_crash",
        DARK_THEME,
        fault=on_tap(FaultKind.NATIVE_CRASH, "Dark theme"),
    ),
    _broken(
        "native-crash-on-last-step",
        "native code of the app crashes on the last tap of a flow",
        "app_crash",
        OPEN_SETTINGS,
        fault=on_tap(FaultKind.NATIVE_CRASH, "Settings"),
    ),
    _broken(
        "anr",
        "the app stops responding when the theme is switched",
        "app_anr",
        DARK_THEME,
        fault=on_tap(FaultKind.ANR, "Dark theme"),
    ),
    _broken(
        "anr-on-last-step",
        "the app stops responding on the last tap of a flow",
        "app_anr",
        OPEN_SETTINGS,
        fault=on_tap(FaultKind.ANR, "Settings"),
    ),
    _broken(
        "app-exit",
        "the app ends itself when the theme is switched",
        "app_crash",
        DARK_THEME,
        fault=on_tap(FaultKind.APP_EXIT, "Dark theme"),
    ),
    _broken(
        "background",
        "the app goes to the background when the theme is switched",
        "app_assertion",
        DARK_THEME,
        fault=on_tap(FaultKind.BACKGROUND, "Dark theme"),
    ),
    _broken(
        "wrong-text",
        "a product's description is that of another one",
        "app_assertion",
        "browse-catalogue",
        switches=(Switch(effect=Reword(find="Ten eggs, size M.", replace="Six eggs, size L."), path="/v1/catalogue/"),),
        within=60,
    ),
    _broken(
        "missing-element",
        "a button that a flow taps is gone",
        "app_assertion",
        added_flow("vouchers", "- tapOn: Redeem a voucher"),
        within=60,
    ),
    _broken(
        "unwanted-element",
        "something is on screen that must not be there",
        "app_assertion",
        added_flow("nothing-old", "- assertVisible: Fresh today\n- assertNotVisible: Fresh today"),
        within=60,
    ),
    _broken(
        "never-shown",
        "what a flow waits for does not come within the time that it gives",
        "app_assertion",
        added_flow("offers", "- extendedWaitUntil:\n    visible: Offers of the week\n    timeout: 3000"),
    ),
    _broken(
        "sign-in-refused",
        "the identity provider no longer takes anonymous users",
        "signin_failed",
        SIGN_IN_SHORTLY,
        switches=(Switch(effect=RefuseSignIn()),),
    ),
    Scenario(
        name="flaky-text",
        description="the first order of the day is charged wrongly, the next one is not",
        switches=(Switch(effect=WrongTotal(cents=100), method="POST", path="/v1/orders", times=1),),
        only=("checkout",),
        struck=("checkout",),
        families=("product",),
        causes=("app_assertion",),
        decision="approved_with_warnings",
    ),
    Scenario(
        name="lost-while-confirming",
        description="the device that is to confirm a wrong total is lost while it does",
        switches=(WRONG_TOTAL,),
        faults_on_others=(on_tap(FaultKind.DROP, "Place order"),),
        only=("checkout",),
        struck=("checkout",),
        families=("product",),
        causes=("app_assertion",),
        decision="blocked",
        exit_codes=(1,),
        broken=True,
        within=75,
    ),
    Scenario(
        name="cured-while-confirming",
        description="a product's text is wrong for four seconds after the first guest signs in",
        switches=(
            Switch(
                effect=Reword(find="Sourdough loaf", replace="Rye loaf"),
                path="/v1/catalogue",
                starts=Start(method="POST", path="/v1/users/anonymous"),
                lasts_s=4.0,
            ),
        ),
        only=("product-details",),
        struck=("product-details",),
        families=("product",),
        causes=("app_assertion",),
        decision="approved_with_warnings",
    ),
)

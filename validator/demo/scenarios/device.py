"""The device fails, or the automation server on it; production is healthy."""

from __future__ import annotations

from validator.demo.scenarios.scenario import Addition, Scenario, on_find, on_tap
from validator.demo.scenarios.steps import DARK_THEME, FIRST_ORDERS, NOTHING_SOLD_OUT, OPEN_SETTINGS, SALE, SHELVES_FILL
from validator.virtual.faults import Event, Fault, FaultKind, Trigger


def _unmeasured(  # noqa: PLR0913 - one parameter for each part of a scenario
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


def _unusable(name: str, description: str, cause: str, fault: Fault) -> Scenario:
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


def _overcome(name: str, description: str, cause: str, fault: Fault, *, within: float = 45.0) -> Scenario:
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


def _on(kind: FaultKind, event: Event, match: str = "") -> Fault:
    return Fault(kind=kind, trigger=Trigger(event=event, match=match))


LOST = (
    Scenario(
        name="device-lost",
        description="the device's connection dies in the middle of the search flow",
        faults=(_on(FaultKind.DROP, Event.HTTP, "/v1/search"),),
        struck=("search",),
        spreads=True,
        families=("infrastructure",),
        causes=("device_lost",),
        decision="undecided",
        exit_codes=(3,),
    ),
    _unmeasured(
        "lost-while-waiting",
        "the device's connection dies while a flow waits",
        "device_lost",
        SHELVES_FILL,
        on_find(FaultKind.DROP, "products on our shelves"),
    ),
    _unmeasured(
        "lost-before-absence",
        "the device's connection dies while a flow only asserts what must not be there",
        "device_lost",
        NOTHING_SOLD_OUT,
        on_find(FaultKind.DROP, "Sold out"),
    ),
    _unmeasured(
        "lost-in-condition",
        "the device's connection dies while a flow asks whether an optional part applies",
        "device_lost",
        SALE,
        on_find(FaultKind.DROP, "Today only"),
    ),
    _unmeasured(
        "lost-on-last-step",
        "the device's connection dies on the last tap of a flow",
        "device_lost",
        OPEN_SETTINGS,
        on_tap(FaultKind.DROP, "Settings"),
    ),
    _unmeasured(
        "lost-on-launch",
        "the device's connection dies as the app is launched",
        "device_lost",
        DARK_THEME,
        _on(FaultKind.DROP, Event.LAUNCH),
    ),
    _unusable(
        "lost-while-installing",
        "the device's connection dies while the app is installed",
        "device_lost",
        _on(FaultKind.DROP, Event.INSTALL, "com.example.cornershop"),
    ),
    _overcome(
        "one-device-lost",
        "one device's connection dies in the middle of a flow, the other one's does not",
        "device_lost",
        on_tap(FaultKind.DROP, "Dark theme"),
    ),
    Scenario(
        name="lost-between-flows",
        description="one device's connection dies after its first flow",
        faults_on_first=(on_tap(FaultKind.DROP, "About this app", delay_s=1.2),),
        only=("about", "add-to-cart", "settings"),
    ),
    Scenario(
        name="frozen-device",
        description="the device freezes in the middle of the settings flow",
        faults=(on_tap(FaultKind.FREEZE, "Dark theme"),),
        struck=("settings",),
        spreads=True,
        families=("infrastructure",),
        causes=("device_lost",),
        decision="undecided",
        exit_codes=(3,),
        within=60,
    ),
    _unmeasured(
        "frozen-while-waiting",
        "the device freezes while a flow waits",
        "device_lost",
        SHELVES_FILL,
        on_find(FaultKind.FREEZE, "products on our shelves"),
    ),
    _overcome(
        "one-device-frozen",
        "one device freezes as the app is launched, the other one does not",
        "device_lost",
        _on(FaultKind.FREEZE, Event.LAUNCH),
    ),
    _unmeasured(
        "rebooted",
        "the device restarts in the middle of a flow",
        "device_lost",
        DARK_THEME,
        on_tap(FaultKind.REBOOT, "Dark theme"),
    ),
    _unmeasured(
        "blips",
        "the device's connection breaks for a quarter of a second, every time",
        "device_lost",
        DARK_THEME,
        on_tap(FaultKind.BLIP, "Dark theme"),
    ),
    _overcome(
        "blip",
        "the device's connection breaks for a quarter of a second, once",
        "device_lost",
        on_tap(FaultKind.BLIP, "Dark theme", times=1),
    ),
)

UNFIT = (
    _unmeasured(
        "low-memory",
        "the device runs out of memory, and Android ends the app for it",
        "device_unhealthy",
        DARK_THEME,
        on_tap(FaultKind.PROCESS_DEATH, "Dark theme"),
        within=60,
    ),
    _unusable(
        "storage-full",
        "the device has no room for the app",
        "device_unhealthy",
        Fault(kind=FaultKind.STORAGE_FULL),
    ),
    Scenario(
        name="storage-fills",
        description="one device's storage fills up during its first flow, so that it takes no other",
        faults_on_first=(on_tap(FaultKind.STORAGE_FULL, "About this app"),),
        only=("about", "add-to-cart", "settings"),
    ),
    _unmeasured(
        "system-dialog",
        "a dialog of the system is in front and takes the taps",
        "device_unhealthy",
        DARK_THEME,
        on_tap(FaultKind.SYSTEM_DIALOG, "Settings"),
        within=75,
    ),
    _unmeasured(
        "no-network",
        "the device reaches no network from the moment the profile opens",
        "device_network",
        FIRST_ORDERS,
        _on(FaultKind.NO_NETWORK, Event.SCREEN, "profile"),
    ),
)

DRIVER = (
    Scenario(
        name="driver-dead",
        description="the UI automation server dies in the middle of the profile flow, each time",
        faults=(on_tap(FaultKind.AUTOMATION_DEAD, "Sign out"),),
        struck=("profile",),
        families=("infrastructure",),
        causes=("driver_failed",),
        decision="undecided",
        exit_codes=(3,),
        within=75,
    ),
    _unmeasured(
        "driver-dead-before-absence",
        "the UI automation server dies while a flow only asserts what must not be there",
        "driver_failed",
        NOTHING_SOLD_OUT,
        on_find(FaultKind.AUTOMATION_DEAD, "Sold out"),
    ),
    _overcome(
        "driver-hung",
        "the UI automation server of one device stops answering in the middle of a flow",
        "driver_failed",
        on_tap(FaultKind.AUTOMATION_HUNG, "Dark theme"),
    ),
    _overcome(
        "driver-never-starts",
        "the UI automation server of one device is started and never listens",
        "driver_failed",
        Fault(kind=FaultKind.DRIVER_NEVER_STARTS),
        within=60,
    ),
    _unusable(
        "driver-refused",
        "the devices refuse to install the UI automation server",
        "driver_failed",
        Fault(kind=FaultKind.DRIVER_INSTALL_REFUSED),
    ),
)

DEVICE = (*LOST, *UNFIT, *DRIVER)

"""The device goes away, freezes, restarts or loses its connection; production is healthy."""

from __future__ import annotations

from validator.demo.scenarios.infrastructure import on_event, overcome, unmeasured, unusable
from validator.demo.scenarios.scenario import Scenario, on_find, on_tap
from validator.demo.scenarios.steps import DARK_THEME, NOTHING_SOLD_OUT, OPEN_SETTINGS, SALE, SHELVES_FILL
from validator.virtual.faults import Event, FaultKind

LOST = (
    Scenario(
        name="device-lost",
        description="the device's connection dies in the middle of the search flow",
        faults=(on_event(FaultKind.DROP, Event.HTTP, "/v1/search"),),
        struck=("search",),
        spreads=True,
        families=("infrastructure",),
        causes=("device_lost",),
        decision="undecided",
        exit_codes=(3,),
    ),
    unmeasured(
        "lost-while-waiting",
        "the device's connection dies while a flow waits",
        "device_lost",
        SHELVES_FILL,
        on_find(FaultKind.DROP, "products on our shelves"),
    ),
    unmeasured(
        "lost-before-absence",
        "the device's connection dies while a flow only asserts what must not be there",
        "device_lost",
        NOTHING_SOLD_OUT,
        on_find(FaultKind.DROP, "Sold out"),
    ),
    unmeasured(
        "lost-in-condition",
        "the device's connection dies while a flow asks whether an optional part applies",
        "device_lost",
        SALE,
        on_find(FaultKind.DROP, "Today only"),
    ),
    unmeasured(
        "lost-on-last-step",
        "the device's connection dies on the last tap of a flow",
        "device_lost",
        OPEN_SETTINGS,
        on_tap(FaultKind.DROP, "Settings"),
    ),
    unmeasured(
        "lost-on-launch",
        "the device's connection dies as the app is launched",
        "device_lost",
        DARK_THEME,
        on_event(FaultKind.DROP, Event.LAUNCH),
    ),
    unusable(
        "lost-while-installing",
        "the device's connection dies while the app is installed",
        "device_lost",
        on_event(FaultKind.DROP, Event.INSTALL, "com.example.cornershop"),
    ),
    overcome(
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
    unmeasured(
        "frozen-while-waiting",
        "the device freezes while a flow waits",
        "device_lost",
        SHELVES_FILL,
        on_find(FaultKind.FREEZE, "products on our shelves"),
    ),
    overcome(
        "one-device-frozen",
        "one device freezes as the app is launched, the other one does not",
        "device_lost",
        on_event(FaultKind.FREEZE, Event.LAUNCH),
    ),
    unmeasured(
        "frozen-before-absence",
        "the device freezes while a flow only asserts what must not be there",
        "device_lost",
        NOTHING_SOLD_OUT,
        on_find(FaultKind.FREEZE, "Sold out"),
    ),
    unmeasured(
        "frozen-on-last-step",
        "the device freezes on the last tap of a flow",
        "device_lost",
        OPEN_SETTINGS,
        on_tap(FaultKind.FREEZE, "Settings"),
    ),
    overcome(
        "emulator-gone",
        "one emulator ends as a flow looks for an element",
        "device_lost",
        on_find(FaultKind.DROP, "The lights are off"),
    ),
    unmeasured(
        "rebooted-before-absence",
        "the device restarts while a flow only asserts what must not be there",
        "device_lost",
        NOTHING_SOLD_OUT,
        on_find(FaultKind.REBOOT, "Sold out"),
    ),
    unmeasured(
        "blip-before-absence",
        "the device's connection breaks for a quarter of a second while a flow only asserts what must not be there",
        "device_lost",
        NOTHING_SOLD_OUT,
        on_find(FaultKind.BLIP, "Sold out"),
    ),
    unmeasured(
        "rebooted",
        "the device restarts in the middle of a flow",
        "device_lost",
        DARK_THEME,
        on_tap(FaultKind.REBOOT, "Dark theme"),
    ),
    unmeasured(
        "blips",
        "the device's connection breaks for a quarter of a second, every time",
        "device_lost",
        DARK_THEME,
        on_tap(FaultKind.BLIP, "Dark theme"),
    ),
    overcome(
        "blip",
        "the device's connection breaks for a quarter of a second, once",
        "device_lost",
        on_tap(FaultKind.BLIP, "Dark theme", times=1),
    ),
)

"""The device is unfit, or the automation server on it fails; production is healthy."""

from __future__ import annotations

from validator.demo.scenarios.infrastructure import on_event, overcome, unmeasured, unusable
from validator.demo.scenarios.lost import LOST
from validator.demo.scenarios.scenario import Scenario, on_find, on_tap
from validator.demo.scenarios.steps import (
    DARK_THEME,
    FIRST_ORDERS,
    NOTHING_SOLD_OUT,
    OPEN_SETTINGS,
    REOPENED,
    SALE,
    SHELVES_FILL,
)
from validator.virtual.faults import Event, Fault, FaultKind

UNFIT = (
    unmeasured(
        "low-memory",
        "the device runs out of memory, and Android ends the app for it",
        "device_unhealthy",
        DARK_THEME,
        on_tap(FaultKind.PROCESS_DEATH, "Dark theme"),
        within=60,
    ),
    unmeasured(
        "low-memory-while-waiting",
        "the device runs out of memory while a flow waits, and Android ends the app for it",
        "device_unhealthy",
        SHELVES_FILL,
        on_find(FaultKind.PROCESS_DEATH, "products on our shelves"),
    ),
    overcome(
        "low-memory-once",
        "one device runs out of memory, the other one does not",
        "device_unhealthy",
        on_tap(FaultKind.PROCESS_DEATH, "Dark theme"),
    ),
    unusable(
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
    unmeasured(
        "system-dialog",
        "a dialog of the system is in front and takes the taps",
        "device_unhealthy",
        DARK_THEME,
        on_tap(FaultKind.SYSTEM_DIALOG, "Settings"),
        within=75,
    ),
    unmeasured(
        "foreign-dialog",
        "a dialog about another app that hangs is in front and takes the taps",
        "device_unhealthy",
        DARK_THEME,
        on_tap(FaultKind.FOREIGN_DIALOG, "Settings"),
        within=75,
    ),
    unmeasured(
        "app-vanishes",
        "the app is uninstalled in the middle of a flow, behind its back",
        "device_unhealthy",
        REOPENED,
        on_tap(FaultKind.APP_VANISHES, "Settings"),
        within=75,
    ),
    unmeasured(
        "records-unread",
        "every flow passes, and Android does not tell whether the app crashed meanwhile",
        "device_unhealthy",
        OPEN_SETTINGS,
        on_tap(FaultKind.RECORDS_UNREAD, "Settings"),
    ),
    Scenario(
        name="clock-behind",
        description="the devices' clocks are two years behind, and the app refuses the backend's certificate for it",
        faults=(Fault(kind=FaultKind.CLOCK_BEHIND),),
        expired="/v1/orders",
        edits=(FIRST_ORDERS,),
        only=("first-orders",),
        struck=("first-orders",),
        families=("infrastructure",),
        causes=("device_unhealthy",),
        decision="undecided",
        exit_codes=(3,),
    ),
    overcome(
        "one-device-without-network",
        "one device loses its network in the middle of a flow, the other one does not",
        "device_network",
        on_event(FaultKind.NO_NETWORK, Event.SCREEN, "profile"),
    ),
    unmeasured(
        "no-network",
        "the device reaches no network from the moment the profile opens",
        "device_network",
        FIRST_ORDERS,
        on_event(FaultKind.NO_NETWORK, Event.SCREEN, "profile"),
    ),
    unmeasured(
        "connections-break",
        "every connection of the app breaks on the device itself from the moment the profile opens",
        "device_network",
        FIRST_ORDERS,
        on_event(FaultKind.CONNECTIONS_BREAK, Event.SCREEN, "profile"),
        within=75,
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
    unmeasured(
        "driver-dead-before-absence",
        "the UI automation server dies while a flow only asserts what must not be there",
        "driver_failed",
        NOTHING_SOLD_OUT,
        on_find(FaultKind.AUTOMATION_DEAD, "Sold out"),
    ),
    unmeasured(
        "driver-dead-while-waiting",
        "the UI automation server dies while a flow waits",
        "driver_failed",
        SHELVES_FILL,
        on_find(FaultKind.AUTOMATION_DEAD, "products on our shelves"),
    ),
    unmeasured(
        "driver-hung-in-condition",
        "the UI automation server stops answering while a flow asks whether an optional part applies",
        "driver_failed",
        SALE,
        on_find(FaultKind.AUTOMATION_HUNG, "Today only"),
        within=90,
    ),
    overcome(
        "driver-hung",
        "the UI automation server of one device stops answering in the middle of a flow",
        "driver_failed",
        on_tap(FaultKind.AUTOMATION_HUNG, "Dark theme"),
    ),
    overcome(
        "driver-never-starts",
        "the UI automation server of one device is started and never listens",
        "driver_failed",
        Fault(kind=FaultKind.DRIVER_NEVER_STARTS),
        within=60,
    ),
    unusable(
        "driver-refused",
        "the devices refuse to install the UI automation server",
        "driver_failed",
        Fault(kind=FaultKind.DRIVER_INSTALL_REFUSED),
    ),
)

DEVICE = (*LOST, *UNFIT, *DRIVER)

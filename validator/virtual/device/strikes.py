"""Faults becoming true: what each kind does to the device, and how it is undone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from validator.virtual.device.dialogs import not_responding
from validator.virtual.device.instrumentation import DRIVER_PACKAGES
from validator.virtual.faults import Armed, Event, Fault, FaultKind, Switchboard
from validator.virtual.ports import Death

if TYPE_CHECKING:
    from validator.virtual.device.device import Device

_SYSTEM_UI = "com.android.systemui"
_ANOTHER_APP = "com.vendor.messages"
_TWO_YEARS = 2.0 * 365 * 86_400
_EXCEPTION = "java.lang.IllegalStateException: fault injected by the virtual device"
_BLOCKED = "Input dispatching timed out ({component} (server) is not responding. Waited 5002ms for MotionEvent)"

_DEATHS: Mapping[FaultKind, tuple[Death, str]] = {
    FaultKind.CRASH: (Death.CRASH, _EXCEPTION),
    FaultKind.NATIVE_CRASH: (Death.CRASH_NATIVE, "null pointer dereference"),
    FaultKind.PROCESS_DEATH: (Death.LOW_MEMORY, "low memory"),
    FaultKind.APP_EXIT: (Death.EXIT_SELF, "System.exit called, status: 0"),
}


class Strikes:
    """The fault switchboard of one device, wired to the device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._switchboard = Switchboard()
        self._delayed: set[asyncio.TimerHandle] = set()
        self._acts: Mapping[FaultKind, Callable[[Fault], None]] = {
            FaultKind.CRASH: self._kill_app,
            FaultKind.NATIVE_CRASH: self._kill_app,
            FaultKind.ANR: self._block_app,
            FaultKind.PROCESS_DEATH: self._kill_app,
            FaultKind.APP_EXIT: self._kill_app,
            FaultKind.BACKGROUND: lambda _: device.apps.to_background(),
            FaultKind.DROP: lambda _: device.link.drop(),
            FaultKind.BLIP: lambda _: device.link.blip(),
            FaultKind.FREEZE: lambda _: device.link.freeze(),
            FaultKind.REBOOT: self._reboot,
            FaultKind.AUTOMATION_DEAD: lambda _: device.instrumentation.stop("crash"),
            FaultKind.AUTOMATION_HUNG: lambda _: device.instrumentation.hang(),
            FaultKind.DRIVER_NEVER_STARTS: lambda _: device.instrumentation.never_listen(),
            FaultKind.DRIVER_INSTALL_REFUSED: self._refuse_drivers,
            FaultKind.STORAGE_FULL: self._fill_storage,
            FaultKind.SLOW_BOOT: lambda fault: device.restart_framework(fault.seconds),
            FaultKind.NO_NETWORK: self._cut_network,
            FaultKind.SYSTEM_DIALOG: lambda _: self._show_dialog("System UI", _SYSTEM_UI),
            FaultKind.FOREIGN_DIALOG: lambda _: self._show_dialog("Messages", _ANOTHER_APP),
            FaultKind.APP_VANISHES: self._uninstall_app,
            FaultKind.CONNECTIONS_BREAK: self._break_connections,
            FaultKind.RECORDS_UNREAD: self._hide_records,
            FaultKind.CLOCK_BEHIND: self._turn_clock_back,
        }

    @property
    def armed(self) -> tuple[Armed, ...]:
        """The faults that can still strike."""
        return self._switchboard.armed

    def inflict(self, fault: Fault) -> Armed | None:
        """Strike now, or arm; returns what was armed. The clock of a fault triggered by time alone starts here."""
        if fault.trigger is None:
            self._strike(fault)
            return None
        armed = self._switchboard.arm(fault)
        if fault.trigger.event is Event.TIME:
            self._later(fault.trigger.delay_s, fault, armed)
        return armed

    async def happened(self, event: Event, text: str) -> None:
        """Count an event; the faults it sets off have struck when this returns, unless they have a delay.

        Cancels the caller when a strike cuts the connection that the caller serves.
        """
        if self._count(event, text):
            # An app that was killed learns of it in a task of its own, which must come before its caller goes on.
            await asyncio.sleep(0)

    def heal(self) -> None:
        """Disarm everything and undo what lasts, the connection excepted."""
        self._switchboard.clear()
        for timer in self._delayed:
            timer.cancel()
        self._delayed.clear()
        device = self._device
        device.storage.full = device.network_cut = device.installer.refuse_drivers = device.records_hidden = False
        device.connections_break = False
        device.clock_off = 0.0
        device.instrumentation.heal()
        for running in device.apps.all():
            running.responding = True
        device.screen.dismiss_all()
        device.power.framework_up()

    def _count(self, event: Event, text: str) -> bool:
        faults = self._switchboard.happened(event, text)
        for fault in faults:
            if fault.trigger is not None and fault.trigger.delay_s > 0:
                self._later(fault.trigger.delay_s, fault)
            else:
                self._strike(fault)
        return bool(faults)

    def _later(self, delay: float, fault: Fault, armed: Armed | None = None) -> None:
        def strike() -> None:
            self._delayed.discard(timer)
            if armed is not None:
                self._switchboard.disarm(armed)
            self._strike(fault)

        timer = asyncio.get_running_loop().call_later(delay, strike)
        self._delayed.add(timer)

    def _strike(self, fault: Fault) -> None:
        self._acts[fault.kind](fault)

    def _kill_app(self, fault: Fault) -> None:
        running = self._device.apps.in_front()
        death, reason = _DEATHS[fault.kind]
        if running is not None:
            self._device.apps.end(running, death, reason=reason)

    def _block_app(self, _fault: Fault) -> None:
        running = self._device.apps.in_front()
        if running is not None:
            running.not_responding(_BLOCKED.format(component=self._device.screen.focused_component()))

    def _reboot(self, fault: Fault) -> None:
        self._device.start_task(self._device.reboot(fault.seconds))

    def _refuse_drivers(self, _fault: Fault) -> None:
        """Also removes those that are there, or nobody would try to install them."""
        self._device.installer.refuse_drivers = True
        for package in DRIVER_PACKAGES:
            self._device.installer.uninstall(package)

    def _fill_storage(self, _fault: Fault) -> None:
        self._device.storage.full = True

    def _cut_network(self, _fault: Fault) -> None:
        self._device.network_cut = True

    def _hide_records(self, _fault: Fault) -> None:
        self._device.records_hidden = True

    def _break_connections(self, _fault: Fault) -> None:
        self._device.connections_break = True

    def _turn_clock_back(self, _fault: Fault) -> None:
        self._device.clock_off = -_TWO_YEARS

    def _uninstall_app(self, _fault: Fault) -> None:
        running = self._device.apps.in_front()
        if running is not None:
            self._device.installer.uninstall(running.package)

    def _show_dialog(self, label: str, package: str) -> None:
        screen = self._device.screen
        nothing = lambda: None  # noqa: E731 - both buttons only put the dialog away
        screen.show(not_responding(label, package, close=nothing, wait=nothing))

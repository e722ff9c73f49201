"""`dumpsys`: what the system's services tell about themselves, in the lines that tools look for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from validator.virtual.device.device import Device
from validator.virtual.device.windows import keyboard_bounds
from validator.virtual.shell import package_dump
from validator.virtual.shell.command import Command, Commands, Invocation

Dump = Callable[[Device, tuple[str, ...]], str]


def _package(device: Device, args: tuple[str, ...]) -> str:
    if args:
        return package_dump.dump(device, args[0])
    return "\n".join(package_dump.dump(device, app.package) for app in device.installed.all())


def _window(device: Device, args: tuple[str, ...]) -> str:
    if args[:1] == ("InputMethod",):
        return "\n".join(["WINDOW MANAGER WINDOWS (dumpsys window windows)", *_input_method(device)])
    if args[:1] in (("displays",), ("d",)):
        return _displays(device)
    component = device.screen.focused_component()
    lines = [
        "WINDOW MANAGER WINDOWS (dumpsys window windows)",
        *_input_method(device),
        f"  Window #1 Window{{5d1c2aa u0 {component}}}:",
        f"    mDisplayId=0 mOwnerUid=10190 package={component.partition('/')[0]} appop=NONE",
        "    isOnScreen=true",
        "    isVisible=true",
        f"  mCurrentFocus=Window{{5d1c2aa u0 {_focused_window(device, component)}}}",
        f"  mFocusedApp=ActivityRecord{{3fe42b1 u0 {_short(component)} t12}}",
        "  mHoldScreenWindow=null",
    ]
    return "\n".join(lines)


def _focused_window(device: Device, component: str) -> str:
    dialog = device.screen.dialog
    return component if dialog is None else f"Application Not Responding: {dialog.owner}"


def _short(component: str) -> str:
    package, _, activity = component.partition("/")
    return f"{package}/{activity.removeprefix(package)}"


def _input_method(device: Device) -> list[str]:
    """With `isOnScreen` and the touchable region, which is how Android 13 and later tell where the keyboard is."""
    shown = device.screen.keyboard_shown()
    bounds = keyboard_bounds(device.screen.size)
    region = f"({bounds.left},{bounds.top},{bounds.right},{bounds.bottom})" if shown else ""
    state = str(shown).lower()
    return [
        "  Window #0 Window{7c1f0d3 u0 InputMethod}:",
        "    mDisplayId=0 mOwnerUid=10140 package=com.google.android.inputmethod.latin appop=NONE",
        f"    touchable region=SkRegion({region})",
        f"    isOnScreen={state}",
        f"    isVisible={state}",
    ]


def _displays(device: Device) -> str:
    width, height = device.screen.size
    density = device.profile.density
    return (
        "WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)\n  Display: mDisplayId=0\n"
        f"    init={width}x{height} {density}dpi cur={width}x{height} app={width}x{height}"
    )


def _activity(device: Device, args: tuple[str, ...]) -> str:
    match args:
        case ("exit-info", *_) if device.records_hidden:
            return "*** SERVICE 'activity' DUMP TIMEOUT (10000ms) EXPIRED ***"
        case ("exit-info", *rest):
            return device.exits.dump(rest[0] if rest else None, device.now())
        case ("processes", *_):
            lines = [
                f"  *APP* UID {app.app.uid} ProcessRecord{{1a2b3c4 {app.pid}:{app.package}/u0a{app.app.uid - 10_000}}}"
                for app in device.apps.all()
            ]
            return "\n".join(["ACTIVITY MANAGER RUNNING PROCESSES (dumpsys activity processes)", *lines])
        case _:
            return _activities(device)


def _activities(device: Device) -> str:
    component = _short(device.screen.focused_component())
    record = f"ActivityRecord{{3fe42b1 u0 {component} t12}}"
    return (
        "ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)\n"
        "Display #0 (activities from top to bottom):\n"
        f"  * Task{{9e8d7c6 #12 type=standard}}\n    * Hist  #0: {record}\n"
        f"    mResumedActivity: {record}\n  topResumedActivity={record}\n  ResumedActivity: {record}"
    )


def _battery(_device: Device, _args: tuple[str, ...]) -> str:
    return (
        "Current Battery Service state:\n  AC powered: true\n  USB powered: false\n  Wireless powered: false\n"
        "  status: 2\n  health: 2\n  present: true\n  level: 100\n  scale: 100\n  voltage: 5000\n  temperature: 250\n"
        "  technology: Li-ion"
    )


def _meminfo(device: Device, args: tuple[str, ...]) -> str:
    running = device.apps.get(args[0]) if args else None
    if args and running is None:
        return f"No process found for: {args[0]}"
    head = "Applications Memory Usage (in Kilobytes):\nUptime: {0} Realtime: {0}".format(
        int(device.power.uptime * 1000)
    )
    if running is None:
        return f"{head}\n\nTotal RAM: 2,017,432K (status normal)\n Free RAM:   913,212K\n Used RAM: 1,104,220K"
    return (
        f"{head}\n\n** MEMINFO in pid {running.pid} [{running.package}] **\n"
        "                   Pss  Private  Private  SwapPss      Rss\n"
        "                 Total    Dirty    Clean    Dirty    Total\n"
        "        TOTAL    96512    61200    20480      120   184320"
    )


def _connectivity(device: Device, _args: tuple[str, ...]) -> str:
    if not device.network_available():
        return "Active default network: none\n\nCurrent Networks:"
    return (
        "Active default network: 100\n\nCurrent Networks:\n"
        "  NetworkAgentInfo{network{100} handle{432902426637} ni{WIFI CONNECTED extra: } "
        "Score(60) nc{[ Transports: WIFI Capabilities: INTERNET&NOT_METERED&VALIDATED ]}}"
    )


def _power(_device: Device, _args: tuple[str, ...]) -> str:
    return "POWER MANAGER (dumpsys power)\n  mWakefulness=Awake\n  mIsPowered=true\n  Display Power: state=ON"


def _disk_stats(device: Device, _args: tuple[str, ...]) -> str:
    storage = device.storage
    share = round(100 * storage.free / storage.total)
    return f"Data-Free: {storage.free // 1024}K / {storage.total // 1024}K total = {share}% free"


_DUMPS: Mapping[str, Dump] = {
    "activity": _activity,
    "battery": _battery,
    "connectivity": _connectivity,
    "diskstats": _disk_stats,
    "meminfo": _meminfo,
    "package": _package,
    "power": _power,
    "window": _window,
}


async def _dumpsys(call: Invocation) -> int:
    words = call.args[2:] if call.args[:1] == ("-t",) else call.args
    if not words or words[0] == "-l":
        await call.print("Currently running services:\n  " + "\n  ".join(sorted(_DUMPS)))
        return 0
    dump = _DUMPS.get(words[0])
    if dump is None:
        await call.complain(f"Can't find service: {words[0]}")
        return 0  # as on a device
    await call.print(dump(call.device, words[1:]))
    return 0


COMMANDS: Commands = {"dumpsys": Command(run=_dumpsys, needs_framework=True)}

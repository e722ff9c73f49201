"""Commands about the system itself: identity, time, processes, properties, network."""

from __future__ import annotations

import asyncio
import time

from validator.virtual.device.device import Device
from validator.virtual.device.obituary import SYSTEM_SERVER_PID
from validator.virtual.device.registry import PropertyRefusedError
from validator.virtual.device.windows import KEYBOARD, LAUNCHER
from validator.virtual.ports import Death
from validator.virtual.shell.command import Command, Commands, Invocation
from validator.virtual.shell.options import number, split

_UNREACHABLE_MS = 50


async def _id(call: Invocation) -> int:
    groups = "2000(shell),1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),3003(inet)"
    await call.print(f"uid=2000(shell) gid=2000(shell) groups={groups} context=u:r:shell:s0")
    return 0


async def _whoami(call: Invocation) -> int:
    await call.print("shell")
    return 0


async def _uname(call: Invocation) -> int:
    kernel = "6.1.23-android14-4-00257-g7e35917775b8-ab9964412"
    await call.print(f"Linux localhost {kernel} #1 SMP PREEMPT x86_64 Toybox" if call.args else "Linux")
    return 0


async def _date(call: Invocation) -> int:
    """The device keeps UTC. `+FORMAT` as in strftime, with `%N` for nanoseconds."""
    options = split(call.args, valued=("-d",))
    now = call.device.now()
    if (given := options.last("-d")) is not None:
        now = float(number(given.lstrip("@")))
    form = next((word[1:] for word in options.rest if word.startswith("+")), "%a %b %e %H:%M:%S GMT %Y")
    form = form.replace("%N", f"{int(now % 1 * 1e9):09d}").replace("%s", str(int(now)))
    await call.print(time.strftime(form, time.gmtime(now)))
    return 0


async def _uptime(call: Invocation) -> int:
    minutes = int(call.device.power.uptime // 60)
    shown = f"{minutes} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}"
    clock = time.strftime("%H:%M:%S", time.gmtime(call.device.now()))
    await call.print(f" {clock} up {shown},  0 users,  load average: 0.12, 0.10, 0.05")
    return 0


async def _getprop(call: Invocation) -> int:
    if not call.args:
        lines = [f"[{name}]: [{value}]" for name, value in call.device.properties.all()]
        await call.print("\n".join(lines))
        return 0
    value = call.device.properties.get(call.args[0])
    await call.print(value or (call.args[1] if len(call.args) > 1 else ""))
    return 0


async def _setprop(call: Invocation) -> int:
    if len(call.args) != 2:
        return await call.fail("usage: setprop NAME VALUE")
    try:
        call.device.properties.set(*call.args)
    except PropertyRefusedError as problem:
        return await call.fail(f"{problem}\nSee dmesg for error reason.")
    return 0


def _processes(device: Device) -> list[tuple[str, int, str]]:
    """User, pid and name of everything that runs."""
    found = [("root", 1, "init"), ("shell", 411, "adbd")]
    if device.framework_running:
        found += [
            ("system", SYSTEM_SERVER_PID, "system_server"),
            ("u0_a120", 1103, "com.android.systemui"),
            ("u0_a131", 1290, LAUNCHER),
            ("u0_a140", 1377, KEYBOARD),
        ]
    if device.instrumentation.running:
        found.append(("u0_a188", device.instrumentation.pid, "io.appium.uiautomator2.server"))
    found += [(f"u0_a{app.app.uid - 10_000}", app.pid, app.package) for app in device.apps.all()]
    return found


async def _ps(call: Invocation) -> int:
    await call.print("USER           PID  PPID        VSZ    RSS WCHAN            ADDR S NAME")
    for user, pid, name in _processes(call.device):
        await call.print(f"{user:<12} {pid:>5} {1 if pid < 500 else 380:>5} {13_921_344:>10} {98_304:>6} 0 0 S {name}")
    return 0


async def _pidof(call: Invocation) -> int:
    wanted = set(split(call.args).rest)
    pids = [str(pid) for _, pid, name in _processes(call.device) if name in wanted]
    if pids:
        await call.print(" ".join(pids))
    return 0 if pids else 1


async def _kill(call: Invocation) -> int:
    """The shell user may not signal other users' processes, as on a device that is not rooted."""
    options = split(call.args, valued=("-s",))
    known = {pid for _, pid, _ in _processes(call.device)}
    for word in options.rest:
        problem = "Operation not permitted" if number(word, -1) in known else "No such process"
        await call.complain(f"kill: bad pid '{word}': {problem}")
    return 1


async def _run_as(call: Invocation) -> int:
    """`run-as PACKAGE kill -9 PID` (or `-SIGNAL`): the one way a shell may kill a debuggable app by signal."""
    package, *command = call.args or ("",)
    app = call.device.installed.get(package)
    if app is None:
        return await call.fail(f"run-as: unknown package: {package}")
    if not app.manifest.debuggable:
        return await call.fail(f"run-as: package not debuggable: {package}")
    running = call.device.apps.get(package)
    if command[:1] != ["kill"] or running is None or str(running.pid) not in command:
        return await call.fail("run-as: only killing the app's own process is simulated")
    call.device.apps.end(running, Death.SIGNALED, reason="signal 9")
    return 0


async def _ping(call: Invocation) -> int:
    options = split(call.args, valued=("-c", "-W", "-w", "-i", "-s", "-I"))
    host = options.rest[-1] if options.rest else "?"
    if not call.device.network_available():
        await asyncio.sleep(_UNREACHABLE_MS / 1000)
        return await call.fail("connect: Network is unreachable", 2)
    count = number(options.last("-c") or "1", 1)
    await call.print(f"PING {host} (10.0.2.2) 56(84) bytes of data.")
    for sequence in range(1, min(count, 10) + 1):
        await call.print(f"64 bytes from 10.0.2.2: icmp_seq={sequence} ttl=255 time=0.5 ms")
    await call.print(f"\n--- {host} ping statistics ---")
    await call.print(f"{count} packets transmitted, {count} received, 0% packet loss, time 0ms")
    return 0


async def _reboot(call: Invocation) -> int:
    call.device.start_task(call.device.reboot())
    return 0


async def _nc(call: Invocation) -> int:
    """`nc HOST PORT` to a port of the device itself: an `adb reverse`, or the automation server."""
    options = split(call.args, valued=("-w", "-q"))
    handler = call.device.sockets.handler(number(options.rest[-1], -1)) if options.rest else None
    if handler is None:
        return await call.fail("nc: connect: Connection refused")
    await handler(_Console(call))
    return 0


class _Console:
    """A command's input and output as a connection."""

    def __init__(self, call: Invocation) -> None:
        self._call = call

    async def read(self) -> bytes:
        return await self._call.stdin.read()

    async def write(self, data: bytes) -> None:
        await self._call.stdout.write(data)


COMMANDS: Commands = {
    "date": Command(run=_date),
    "getprop": Command(run=_getprop),
    "id": Command(run=_id),
    "kill": Command(run=_kill),
    "nc": Command(run=_nc),
    "pidof": Command(run=_pidof),
    "ping": Command(run=_ping),
    "ps": Command(run=_ps),
    "reboot": Command(run=_reboot),
    "run-as": Command(run=_run_as, needs_framework=True),
    "setprop": Command(run=_setprop),
    "uname": Command(run=_uname),
    "uptime": Command(run=_uptime),
    "whoami": Command(run=_whoami),
}

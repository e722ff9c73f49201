"""`cmd connectivity` and `svc`: the network's switches."""

from __future__ import annotations

from validator.virtual.device.registry import Namespace
from validator.virtual.shell.command import Command, Commands, Invocation


async def connectivity_command(call: Invocation, args: tuple[str, ...]) -> int:
    """`airplane-mode [enable|disable]`."""
    if args[:1] != ("airplane-mode",):
        return await call.fail("Unknown command: " + " ".join(args[:1]), 255)
    match args[1:]:
        case ():
            enabled = call.device.settings.get(Namespace.GLOBAL, "airplane_mode_on") == "1"
            await call.print("enabled" if enabled else "disabled")
        case ("enable",):
            call.device.settings.put(Namespace.GLOBAL, "airplane_mode_on", "1")
        case ("disable",):
            call.device.settings.put(Namespace.GLOBAL, "airplane_mode_on", "0")
        case _:
            return await call.fail("Unknown argument: " + args[1], 255)
    return 0


async def _svc(call: Invocation) -> int:
    """`svc wifi|data enable|disable`: remembered as a setting; only airplane mode takes the network away."""
    match call.args:
        case ("wifi" | "data" as what, "enable" | "disable" as verb):
            name = "wifi_on" if what == "wifi" else "mobile_data"
            call.device.settings.put(Namespace.GLOBAL, name, "1" if verb == "enable" else "0")
            return 0
        case ("power", *_):
            return 0
        case _:
            return await call.fail("Available commands:\n    wifi\n    data\n    power")


COMMANDS: Commands = {"svc": Command(run=_svc, needs_framework=True)}

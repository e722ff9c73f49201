"""`settings`: the settings provider."""

from __future__ import annotations

from validator.virtual.device.registry import Namespace
from validator.virtual.shell.command import Command, Commands, Invocation
from validator.virtual.shell.options import split


async def settings_command(call: Invocation, args: tuple[str, ...]) -> int:
    """`get|put|delete|list NAMESPACE [KEY [VALUE]]`."""
    verb, space, *rest = (*split(args, valued=("--user",)).rest, "", "")[: max(2, len(args))]
    if space not in tuple(Namespace):
        return await call.fail(f"Invalid namespace '{space}'", 255)
    namespace, settings = Namespace(space), call.device.settings
    match verb, *(word for word in rest if word):
        case "get", name:
            value = settings.get(namespace, name)
            await call.print("null" if value is None else value)
        case "put", name, value, *_:
            settings.put(namespace, name, value)
        case "put", name:
            settings.put(namespace, name, "")
        case "delete", name:
            await call.print(f"Deleted {int(settings.delete(namespace, name))} rows")
        case "list", *_:
            await call.print("\n".join(f"{name}={value}" for name, value in settings.all(namespace)))
        case _:
            return await call.fail(f"Invalid command: {verb}", 255)
    return 0


async def _settings(call: Invocation) -> int:
    return await settings_command(call, call.args)


COMMANDS: Commands = {"settings": Command(run=_settings, needs_framework=True)}

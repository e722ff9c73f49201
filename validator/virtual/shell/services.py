"""`cmd` and `content`: services and providers called from the shell."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping

from validator.virtual.shell.activity import activity_command
from validator.virtual.shell.command import Command, Commands, Invocation
from validator.virtual.shell.connectivity import connectivity_command
from validator.virtual.shell.options import split
from validator.virtual.shell.package import package_command
from validator.virtual.shell.settings import settings_command

_NO_SERVICE = 20
_SERVICES: Mapping[str, Callable[[Invocation, tuple[str, ...]], Awaitable[int]]] = {
    "activity": activity_command,
    "connectivity": connectivity_command,
    "package": package_command,
    "settings": settings_command,
}


async def _cmd(call: Invocation) -> int:
    if not call.args or call.args[0] == "-l":
        await call.print("Currently running services:\n  " + "\n  ".join(sorted(_SERVICES)))
        return 0
    service = _SERVICES.get(call.args[0])
    if service is None:
        return await call.fail(f"cmd: Can't find service: {call.args[0]}", _NO_SERVICE)
    return await service(call, call.args[1:])


async def _content(call: Invocation) -> int:
    """`call --method scan_file --arg PATH`, which makes a pushed picture known to the gallery; queries find nothing."""
    options = split(call.args, valued=("--uri", "--method", "--arg", "--extra", "--where", "--projection", "--bind"))
    match options.rest[:1]:
        case ("call",):
            path = options.last("--arg") or ""
            known = bool(path) and call.device.files.exists(path)
            shown = (
                f"uri=content://media/external/images/media/{zlib.crc32(path.encode()) % 1000}" if known else "uri=null"
            )
            await call.print(f"Result: Bundle[{{{shown}}}]")
        case ("query",):
            await call.print("No result found.")
        case ("insert" | "update" | "delete",):
            pass
        case _:
            return await call.fail("[ERROR] Unsupported command")
    return 0


COMMANDS: Commands = {
    "cmd": Command(run=_cmd, needs_framework=True),
    "content": Command(run=_content, needs_framework=True),
}

"""`test`, `[` and `[[`."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping

from validator.virtual.device.files import FileSystem
from validator.virtual.shell.command import Command, Commands, Invocation
from validator.virtual.shell.options import number

_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda left, right: left == right,
    "==": fnmatch.fnmatchcase,
    "!=": lambda left, right: not fnmatch.fnmatchcase(left, right),
    "-eq": lambda left, right: number(left) == number(right),
    "-ne": lambda left, right: number(left) != number(right),
    "-lt": lambda left, right: number(left) < number(right),
    "-le": lambda left, right: number(left) <= number(right),
    "-gt": lambda left, right: number(left) > number(right),
    "-ge": lambda left, right: number(left) >= number(right),
}


async def _test(call: Invocation) -> int:
    words = list(call.args)
    if call.name != "test":
        closing = "]" * len(call.name)
        if not words or words.pop() != closing:
            return await call.fail(f"{call.name}: missing {closing}", 2)
    if call.name == "[[" and len(words) == 1 and words[0] in ("-n", "-z"):
        words.append("")  # `[[` does not drop an operand that expands to nothing, but the splitting before us did
    return 0 if _holds(words, call.device.files, call.path) else 1


def _holds(words: list[str], files: FileSystem, path: Callable[[str], str]) -> bool:
    for joint, join in (("||", any), ("-o", any), ("&&", all), ("-a", all)):
        if joint in words:
            at = words.index(joint)
            return join(_holds(part, files, path) for part in (words[:at], words[at + 1 :]))
    if words[:1] == ["!"]:
        return not _holds(words[1:], files, path)
    match words:
        case [left, operator, right] if operator in _COMPARISONS:
            return _COMPARISONS[operator](left, right)
        case ["-z", text]:
            return not text
        case ["-n", text]:
            return bool(text)
        case ["-d", name]:
            return files.is_directory(path(name))
        case ["-f" | "-e" | "-r" | "-s" | "-x", name]:
            return files.exists(path(name))
        case [text]:
            return bool(text)
        case _:
            return False


COMMANDS: Commands = {name: Command(run=_test) for name in ("test", "[", "[[")}

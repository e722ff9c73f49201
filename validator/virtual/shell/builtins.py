"""Commands that change the shell itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from validator.virtual.shell.state import ExitRequested, Files, LoopLeft, Shell

Builtin = Callable[[Shell, list[str], Files], Awaitable[int]]
_NOT_FOUND = 127


async def _export(shell: Shell, args: list[str], _files: Files) -> int:
    for assignment in args:
        name, equals, value = assignment.partition("=")
        if equals:
            shell.variables.values[name] = value
    return 0


async def _unset(shell: Shell, args: list[str], _files: Files) -> int:
    for name in args:
        shell.variables.values.pop(name, None)
    return 0


async def _exec(shell: Shell, args: list[str], files: Files) -> int:
    """Without words it only applies redirections; with words the shell ends with the command."""
    if not args:
        return 0
    raise ExitRequested(await shell.run_words(args, files))


async def _run(shell: Shell, args: list[str], files: Files) -> int:
    return await shell.run_words(args, files)


async def _command(shell: Shell, args: list[str], files: Files) -> int:
    if args[:1] != ["-v"]:
        return await shell.run_words(args, files)
    found = [name for name in args[1:] if name in BUILTINS or shell.is_command(name)]
    for name in found:
        shown = name if name in BUILTINS else f"/system/bin/{name}"
        await files.stdout.write(f"{shown}\n".encode())
    return 0 if found else 1


async def _which(shell: Shell, args: list[str], files: Files) -> int:
    """A program on a real device; here it must ask the shell what there is."""
    return await _command(shell, ["-v", *args], files)


async def _exit(shell: Shell, args: list[str], _files: Files) -> int:
    raise ExitRequested(_number(args, shell.variables.status) & 0xFF)


async def _cd(shell: Shell, args: list[str], files: Files) -> int:
    target = args[0] if args else shell.variables.values.get("HOME", "/")
    path = target if target.startswith("/") else f"{shell.variables.directory.rstrip('/')}/{target}"
    if not shell.is_directory(path):
        await files.stderr.write(f"/system/bin/sh: cd: {target}: No such file or directory\n".encode())
        return 2
    shell.variables.directory = path
    return 0


async def _pwd(shell: Shell, _args: list[str], files: Files) -> int:
    await files.stdout.write(shell.variables.directory.encode() + b"\n")
    return 0


async def _eval(shell: Shell, args: list[str], files: Files) -> int:
    return await shell.run_text(" ".join(args), files)


async def _sh(shell: Shell, args: list[str], files: Files) -> int:
    """`sh -c 'script'`. Scripts in files are not part of this shell."""
    if args[:1] == ["-c"] and len(args) > 1:
        return await shell.run_text(args[1], files)
    await files.stderr.write(b"sh: only -c is supported\n")
    return _NOT_FOUND


async def _break(_shell: Shell, _args: list[str], _files: Files) -> int:
    raise LoopLeft(again=False)


async def _continue(_shell: Shell, _args: list[str], _files: Files) -> int:
    raise LoopLeft(again=True)


async def _true(_shell: Shell, _args: list[str], _files: Files) -> int:
    return 0


async def _false(_shell: Shell, _args: list[str], _files: Files) -> int:
    return 1


async def _set(shell: Shell, args: list[str], files: Files) -> int:
    """Options such as `-e` and `-x` are taken and have no effect; without any the variables are listed."""
    if not args:
        lines = [f"{name}={value}" for name, value in sorted(shell.variables.values.items())]
        await files.stdout.write("".join(f"{line}\n" for line in lines).encode())
    return 0


async def _wait(_shell: Shell, _args: list[str], _files: Files) -> int:
    return 0


def _number(args: list[str], default: int) -> int:
    try:
        return int(args[0])
    except (IndexError, ValueError):
        return default


BUILTINS: Mapping[str, Builtin] = {
    ":": _true,
    "break": _break,
    "cd": _cd,
    "command": _command,
    "continue": _continue,
    "eval": _eval,
    "exec": _exec,
    "exit": _exit,
    "export": _export,
    "false": _false,
    "nohup": _run,
    "pwd": _pwd,
    "set": _set,
    "sh": _sh,
    "true": _true,
    "unset": _unset,
    "wait": _wait,
    "which": _which,
}

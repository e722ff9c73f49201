"""Commands about files and free space."""

from __future__ import annotations

import hashlib
import posixpath
import time

from validator.virtual.device.files import FileStat, resolved
from validator.virtual.shell.command import Command, Commands, Invocation
from validator.virtual.shell.options import Options, split


async def _ls(call: Invocation) -> int:
    options = split(call.args)
    letters = {letter for flag in options.flags for letter in flag.lstrip("-")}
    status = 0
    for name in options.rest or (".",):
        try:
            await _list(call, name, letters)
        except OSError as problem:
            status = await call.fail(f"ls: {name}: {problem.strerror}")
    return status


async def _list(call: Invocation, name: str, letters: set[str]) -> None:
    path = call.path(name)
    found = call.device.files.stat(path)
    if not found.directory or "d" in letters:
        await call.print(_line(name, found) if "l" in letters else name)
        return
    names = [entry for entry in call.device.files.listing(path) if "a" in letters or not entry.startswith(".")]
    if "l" in letters:
        await call.print("total 0")
    for entry in names:
        if "l" in letters:
            await call.print(_line(entry, call.device.files.stat(posixpath.join(path, entry))))
        else:
            await call.print(entry)


def _line(name: str, found: FileStat) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(found.modified))
    kind = "drwxrwx--x" if found.directory else "-rw-rw----"
    return f"{kind} 1 shell shell {found.size:>8} {when} {name}"


async def _rm(call: Invocation) -> int:
    options = split(call.args)
    letters = {letter for flag in options.flags for letter in flag.lstrip("-")}
    status = 0
    for name in options.rest:
        try:
            call.device.files.remove(call.path(name), recursive=bool(letters & {"r", "R"}))
        except FileNotFoundError as problem:
            if "f" not in letters:
                status = await call.fail(f"rm: {name}: {problem.strerror}")
        except OSError as problem:
            status = await call.fail(f"rm: {name}: {problem.strerror}")
    return status


async def _mkdir(call: Invocation) -> int:
    options = split(call.args, valued=("-m",))
    status = 0
    for name in options.rest:
        try:
            call.device.files.make_directory(call.path(name), parents="-p" in options.flags)
        except OSError as problem:
            status = await call.fail(f"mkdir: '{name}': {problem.strerror}")
    return status


async def _touch(call: Invocation) -> int:
    for name in split(call.args).rest:
        try:
            call.device.files.append(call.path(name), b"")
        except OSError as problem:
            return await call.fail(f"touch: '{name}': {problem.strerror}")
    return 0


async def _copy(call: Invocation) -> int:
    """`cp` and `mv` of one file."""
    names = split(call.args).rest
    if len(names) != 2:
        return await call.fail(f"{call.name}: needs 2 arguments")
    source, target = (call.path(name) for name in names)
    files = call.device.files
    if files.is_directory(target):
        target = posixpath.join(target, posixpath.basename(source))
    try:
        files.write(target, files.read(source))
        if call.name == "mv":
            files.remove(source)
    except OSError as problem:
        return await call.fail(f"{call.name}: bad '{problem.filename or names[0]}': {problem.strerror}")
    return 0


async def _nothing(_call: Invocation) -> int:
    """`chmod` and `sync`: there is nothing here that they would change."""
    return 0


async def _digest(call: Invocation) -> int:
    algorithm = call.name.removesuffix("sum")
    for name in split(call.args).rest:
        try:
            data = call.device.files.read(call.path(name))
        except OSError as problem:
            return await call.fail(f"{call.name}: {name}: {problem.strerror}")
        await call.print(f"{hashlib.new(algorithm, data).hexdigest()}  {name}")
    return 0


async def _df(call: Invocation) -> int:
    options = split(call.args)
    storage = call.device.storage
    rows = [
        ("/dev/root", 860 * 1024**2, 860 * 1024**2, 0, ""),
        ("tmpfs", 1033 * 1024**2, 1024**2, 1032 * 1024**2, "/dev"),
    ]
    data = (storage.total, storage.used, storage.free)
    rows.append(("/dev/block/dm-42", *data, "/data"))
    rows.append(("/dev/fuse", *data, "/storage/emulated"))
    human = "-h" in options.flags
    await call.print(
        "Filesystem       " + ("      Size" if human else " 1K-blocks") + "       Used  Available Use% Mounted on"
    )
    for name, total, used, free, where in rows:
        if _asked(options, where):
            share = round(100 * used / total)
            sizes = " ".join(f"{_size(value, human=human):>10}" for value in (total, used, free))
            await call.print(f"{name:<17}{sizes} {share:>3}% {where or '/'}")
    return 0


def _asked(options: Options, where: str) -> bool:
    """`df /data/local` shows the file system that the path is on."""
    if not options.rest:
        return True
    mounts = ("/storage/emulated", "/data", "/dev", "")
    paths = [resolved(path) for path in options.rest]
    return any(where == next(mount for mount in mounts if f"{path}/".startswith(f"{mount}/")) for path in paths)


def _size(size: int, *, human: bool) -> str:
    if not human:
        return str(size // 1024)
    for unit, bytes_of in (("G", 1024**3), ("M", 1024**2)):
        if size >= bytes_of:
            return f"{size / bytes_of:.1f}{unit}"
    return f"{size // 1024}K"


COMMANDS: Commands = {
    "chmod": Command(run=_nothing),
    "cp": Command(run=_copy),
    "df": Command(run=_df),
    "ls": Command(run=_ls),
    "md5sum": Command(run=_digest),
    "mkdir": Command(run=_mkdir),
    "mv": Command(run=_copy),
    "rm": Command(run=_rm),
    "sha1sum": Command(run=_digest),
    "sha256sum": Command(run=_digest),
    "sync": Command(run=_nothing),
    "touch": Command(run=_touch),
}

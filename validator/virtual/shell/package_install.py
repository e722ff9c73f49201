"""The installing part of `pm`: streamed, from a file on the device, and in sessions."""

from __future__ import annotations

from validator.virtual.device.installed import InstallOptions
from validator.virtual.packages.refusal import InstallCode, InstallRefusedError
from validator.virtual.shell.command import Invocation
from validator.virtual.shell.options import Options, number, split

_VALUED = ("-S", "-i", "--user", "--abi", "-p", "--install-location", "--install-reason", "--pkg")


async def install(call: Invocation, args: tuple[str, ...]) -> int:
    """`install -S SIZE` reads the APK from standard input, `install PATH` from the device's files."""
    options = split(args, valued=_VALUED)
    size = options.last("-S")
    if size is None and not options.rest:
        return await call.fail("Error: must either specify a package size or an APK file")
    if size is not None:
        data = await _receive(call, number(size))
        if data is None:
            return await _refuse(call, InstallRefusedError(InstallCode.INSUFFICIENT_STORAGE, _NO_SPACE))
        return await _install(call, [data], _install_options(options))
    path = options.rest[0]
    try:
        data = call.device.files.read(call.path(path))
    except OSError:
        return await call.fail(f"Error: Unable to open file: {path}\nConsider using a file under /data/local/tmp/")
    return await _install(call, [data], _install_options(options))


_NO_SPACE = "Failed to override installation location"


async def create(call: Invocation, args: tuple[str, ...]) -> int:
    """`install-create`: opens a session."""
    session = call.device.installer.create_session(_install_options(split(args, valued=_VALUED)))
    await call.print(f"Success: created install session [{session}]")
    return 0


async def write(call: Invocation, args: tuple[str, ...]) -> int:
    """`install-write -S SIZE SESSION NAME [PATH|-]`: adds an APK to a session."""
    options = split(args, valued=_VALUED)
    if len(options.rest) < 2:
        return await call.fail("Error: usage: pm install-write -S SIZE SESSION NAME [PATH|-]")
    session = call.device.installer.sessions.get(number(options.rest[0], -1))
    if session is None:
        return await _unknown_session(call, "install-write", options.rest[0])
    path = options.rest[2] if len(options.rest) > 2 else "-"
    try:
        data = await _source(call, path, number(options.last("-S") or "", -1))
    except OSError:
        return await call.fail(f"Error: Unable to open file: {path}")
    if data is None:
        return await _refuse(call, InstallRefusedError(InstallCode.INSUFFICIENT_STORAGE, _NO_SPACE))
    session.files[options.rest[1]] = data
    await call.print(f"Success: streamed {len(data)} bytes")
    return 0


async def commit(call: Invocation, args: tuple[str, ...]) -> int:
    """`install-commit SESSION`: installs what the session holds."""
    word = split(args).rest[:1]
    session = call.device.installer.sessions.pop(number(word[0], -1), None) if word else None
    if session is None:
        return await _unknown_session(call, "install-commit", word[0] if word else "")
    return await _install(call, list(session.files.values()), session.options)


async def abandon(call: Invocation, args: tuple[str, ...]) -> int:
    """`install-abandon SESSION`: forgets it."""
    word = split(args).rest[:1]
    if not word or call.device.installer.sessions.pop(number(word[0], -1), None) is None:
        return await _unknown_session(call, "install-abandon", word[0] if word else "")
    await call.print("Success")
    return 0


async def _source(call: Invocation, path: str, size: int) -> bytes | None:
    return await _receive(call, size) if path == "-" else call.device.files.read(call.path(path))


async def _receive(call: Invocation, size: int) -> bytes | None:
    """Exactly `size` bytes of standard input (fewer when it ends before); None when the device has no room for them."""
    data = bytearray()
    fits = size <= call.device.storage.free
    received = 0
    while received < size and (piece := await call.stdin.read()):
        received += len(piece)
        if fits:
            data += piece
    return bytes(data[:size]) if fits else None


async def _install(call: Invocation, files: list[bytes], options: InstallOptions) -> int:
    try:
        await call.device.installer.install(files, options)
    except InstallRefusedError as refusal:
        return await _refuse(call, refusal)
    await call.print("Success")
    return 0


async def _refuse(call: Invocation, refusal: InstallRefusedError) -> int:
    await call.print(f"Failure [{refusal}]")
    return 1


async def _unknown_session(call: Invocation, verb: str, number_given: str) -> int:
    return await call.fail(
        f"\nException occurred while executing '{verb}':\n"
        f"java.lang.SecurityException: Caller has no access to session {number_given}",
        255,
    )


def _install_options(options: Options) -> InstallOptions:
    return InstallOptions(
        replace="-R" not in options.flags,
        downgrade="-d" in options.flags,
        test_only="-t" in options.flags,
        grant_all="-g" in options.flags,
    )

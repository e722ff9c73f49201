"""Walks a script: variables, pipes, redirections, exit codes."""

from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import replace
from functools import partial
from typing import assert_never

from validator.virtual.device.device import Device
from validator.virtual.shell.arithmetic import ArithmeticProblemError
from validator.virtual.shell.builtins import BUILTINS
from validator.virtual.shell.command import Commands, Invocation
from validator.virtual.shell.expansion import Expander
from validator.virtual.shell.parser import parse
from validator.virtual.shell.pipes import Captured, Nothing, Pipe, Sink
from validator.virtual.shell.redirection import open_for_reading, open_for_writing
from validator.virtual.shell.state import ExitRequested, Files, LoopLeft, Variables
from validator.virtual.shell.syntax import (
    AndOr,
    Choice,
    Command,
    ForEach,
    Group,
    Joint,
    Loop,
    Pipeline,
    Redirect,
    RedirectKind,
    Script,
    Simple,
    SyntaxProblemError,
)

_BROKEN_PIPE = 141  # 128 + SIGPIPE
_NOT_FOUND = 127
_CANNOT_REACH_SERVICE = 20


class Interpreter:
    """Runs scripts on a device. One per shell; a subshell works on a copy of its variables."""

    def __init__(self, device: Device, commands: Commands, variables: Variables | None = None) -> None:
        self._device = device
        self._commands = commands
        self.variables = variables or Variables(values={"PATH": "/system/bin", "HOME": "/", "USER": "shell"})
        self._captured = 0

    async def run_text(self, text: str, files: Files) -> int:
        """Parse and run; returns the exit code of the last command."""
        try:
            script = parse(text)
        except SyntaxProblemError as problem:
            await files.stderr.write(f"/system/bin/sh: {problem}\n".encode("utf-8", "surrogateescape"))
            return 1
        try:
            return await self._script(script, files)
        except ExitRequested as ended:
            return ended.status
        except LoopLeft:  # outside any loop mksh goes on as if nothing had been said
            return 0

    async def _capture(self, stderr: Sink, script: Script) -> str:
        """What the script prints, for `$(…)`."""
        printed = Captured()
        self._captured = await self._in_subshell(script, Files(stdin=Nothing(), stdout=printed, stderr=stderr))
        return printed.data.decode("utf-8", "surrogateescape").rstrip("\n")

    async def _script(self, script: Script, files: Files) -> int:
        for item in script.items:
            if item.background:
                self._start(item, files)
                self.variables.status = 0
            else:
                await self._and_or(item, files)
        return self.variables.status

    def _start(self, item: AndOr, files: Files) -> None:
        """Run in the background: the device keeps it alive after this shell has ended."""
        detached = Files(stdin=Nothing(), stdout=_Forgiving(files.stdout), stderr=_Forgiving(files.stderr))
        script = Script(items=(replace(item, background=False),))
        self._device.start_task(self._in_subshell(script, detached))

    async def _and_or(self, item: AndOr, files: Files) -> None:
        for joint, pipeline in item.steps:
            succeeded = self.variables.status == 0
            if (joint is Joint.IF_OK and not succeeded) or (joint is Joint.IF_FAILED and succeeded):
                continue
            status = await self._pipeline(pipeline, files)
            self.variables.status = int(status == 0) if pipeline.negated else status

    async def _pipeline(self, pipeline: Pipeline, files: Files) -> int:
        if len(pipeline.commands) == 1:
            return await self._command(pipeline.commands[0], files)
        pipes = [Pipe() for _ in pipeline.commands[1:]]
        sources: list[Pipe | None] = [None, *pipes]
        sinks: list[Pipe | None] = [*pipes, None]
        stages = zip(pipeline.commands, sources, sinks, strict=True)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._stage(*stage, files)) for stage in stages]
        return tasks[-1].result()

    async def _stage(self, command: Command, source: Pipe | None, sink: Pipe | None, files: Files) -> int:
        mine = Files(stdin=source or files.stdin, stdout=sink or files.stdout, stderr=files.stderr)
        try:
            return await self._subshell()._command(command, mine)  # noqa: SLF001 - a copy of ourselves
        except ExitRequested as ended:
            return ended.status
        except LoopLeft:
            return 0
        finally:
            if source:
                await source.finish_reading()
            if sink:
                await sink.finish_writing()

    async def _command(self, command: Command, files: Files) -> int:
        # Without this a loop of builtins would never let the other devices of the process run.
        await asyncio.sleep(0)
        try:
            mine = await self._redirected(command.redirects, files)
            return await self._dispatch(command, mine)
        except ConnectionError:  # a pipe or the host's end of the stream: nobody reads any more
            return _BROKEN_PIPE
        except OSError as problem:
            await files.stderr.write(_cannot(problem))
            return 1
        except ArithmeticProblemError as problem:
            await files.stderr.write(f"/system/bin/sh: {problem}\n".encode("utf-8", "surrogateescape"))
            return 1

    async def _dispatch(self, command: Command, files: Files) -> int:
        match command:
            case Simple():
                return await self._simple(command, files)
            case Group():
                run = self._in_subshell if command.isolated else self._script
                return await run(command.body, files)
            case Loop():
                return await self._loop(command, files)
            case ForEach():
                return await self._for(command, files)
            case Choice():
                return await self._choice(command, files)
            case _:
                assert_never(command)

    async def _loop(self, loop: Loop, files: Files) -> int:
        status = 0
        while (await self._script(loop.condition, files) == 0) is not loop.negated:
            try:
                status = await self._script(loop.body, files)
            except LoopLeft as left:
                if not left.again:
                    break
        return status

    async def _for(self, loop: ForEach, files: Files) -> int:
        status = 0
        for value in await self._expander(files).words(loop.words):
            self.variables.values[loop.name] = value
            try:
                status = await self._script(loop.body, files)
            except LoopLeft as left:
                if not left.again:
                    break
        return status

    async def _choice(self, choice: Choice, files: Files) -> int:
        for condition, body in choice.branches:
            if await self._script(condition, files) == 0:
                return await self._script(body, files)
        self.variables.status = 0
        return await self._script(choice.otherwise, files)

    async def _simple(self, command: Simple, files: Files) -> int:
        expander = self._expander(files)
        self._captured = 0
        assigned = {name: await expander.text(word) for name, word in command.assignments}
        words = await expander.words(command.words)
        if not words:
            self.variables.values |= assigned
            return self._captured
        return await self._call(words, assigned, files)

    async def _call(self, words: list[str], assigned: dict[str, str], files: Files) -> int:
        name, *args = words
        if (builtin := BUILTINS.get(name)) is not None:
            return await builtin(self, args, files)
        command = self._commands.get(name.removeprefix("/system/bin/"))
        if command is None:
            await files.stderr.write(f"/system/bin/sh: {name}: inaccessible or not found\n".encode())
            return _NOT_FOUND
        if command.needs_framework and not self._device.framework_running:
            await files.stderr.write(f"cmd: Can't find service: {_service(name, args)}\n".encode())
            return _CANNOT_REACH_SERVICE
        environment = self.variables.values | assigned
        return await command.run(self._invocation(name, args, files, environment))

    def _invocation(self, name: str, args: list[str], files: Files, environment: dict[str, str]) -> Invocation:
        return Invocation(
            device=self._device,
            name=name.removeprefix("/system/bin/"),
            args=tuple(args),
            stdin=files.stdin,
            stdout=files.stdout,
            stderr=files.stderr,
            environment=environment,
            directory=self.variables.directory,
        )

    def is_command(self, name: str) -> bool:
        """Whether the device has such a command."""
        return name.removeprefix("/system/bin/") in self._commands

    def is_directory(self, path: str) -> bool:
        """Whether the path is a directory on the device."""
        return self._device.files.is_directory(path)

    async def run_words(self, words: list[str], files: Files) -> int:
        """Run words that are already expanded (`exec`, `nohup`, `eval` and the like)."""
        return await self._call(words, {}, files) if words else 0

    async def _in_subshell(self, script: Script, files: Files) -> int:
        subshell = self._subshell()
        try:
            return await subshell._script(script, files)  # noqa: SLF001 - a copy of ourselves
        except ExitRequested as ended:
            return ended.status
        except LoopLeft:
            return 0

    def _subshell(self) -> Interpreter:
        copied = replace(self.variables, values=dict(self.variables.values))
        return Interpreter(self._device, self._commands, copied)

    def _expander(self, files: Files) -> Expander:
        capture = partial(self._capture, files.stderr)
        variables = self.variables
        return Expander(variables.values, self._special, capture, self._device.files, variables.directory)

    def _special(self, name: str) -> str:
        return {"?": str(self.variables.status), "$": "4711", "#": "0", "0": "sh"}.get(name, "")

    async def _redirected(self, redirects: tuple[Redirect, ...], files: Files) -> Files:
        mine = replace(files)
        for redirect in redirects:
            target = await self._expander(files).text(redirect.target)
            if not target.startswith("/") and redirect.kind is not RedirectKind.DUPLICATE:
                target = f"{self.variables.directory.rstrip('/')}/{target}"
            self._redirect(redirect, target, mine)
        return mine

    def _redirect(self, redirect: Redirect, target: str, files: Files) -> None:
        store = self._device.files
        match redirect.kind:
            case RedirectKind.READ:
                files.stdin = open_for_reading(store, target)
            case RedirectKind.WRITE | RedirectKind.APPEND:
                sink = open_for_writing(store, target, append=redirect.kind is RedirectKind.APPEND)
                _set_output(files, redirect.descriptor, sink)
            case RedirectKind.DUPLICATE:
                _set_output(files, redirect.descriptor, files.stderr if target == "2" else files.stdout)
            case _:
                assert_never(redirect.kind)


class _Forgiving:
    """An output of a background command: when the shell that showed it is gone, it is lost."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def write(self, data: bytes) -> None:
        try:
            await self._sink.write(data)
        except ConnectionError:
            self._sink = Nothing()


def _set_output(files: Files, descriptor: int, sink: Sink) -> None:
    if descriptor == 2:
        files.stderr = sink
    elif descriptor == 1:
        files.stdout = sink


def _cannot(problem: OSError) -> bytes:
    reason = os.strerror(problem.errno or errno.EIO)
    return f"/system/bin/sh: can't create or open {problem.filename}: {reason}\n".encode()


def _service(name: str, args: list[str]) -> str:
    if name in ("cmd", "dumpsys"):
        return args[0] if args else name
    return {"pm": "package", "am": "activity", "monkey": "package", "wm": "window"}.get(name, name)

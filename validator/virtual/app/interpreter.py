"""Runs the action lists of an app. Lists started by different events run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from validator.virtual.app import actions
from validator.virtual.app.actions import Action
from validator.virtual.app.crash import java_crash_text, native_crash_text
from validator.virtual.app.mutation import mutate
from validator.virtual.app.okhttp import OkHttp, Reply
from validator.virtual.app.state import OpenDialog, OpenScreen, Scope, State
from validator.virtual.app.values import dig
from validator.virtual.ports import Death

MOST_STEPS = 10_000
"""Actions without a suspension after which a list is an endless loop, which a real app would not survive either."""

DEEPEST = 500
"""Lists that may wait for one another."""

CLOSING_DEADLINE = 2.0
"""Seconds that cancelled lists get to let go of their connections."""


@dataclass(slots=True)
class _Frame:
    actions: Sequence[Action]
    scope: Scope
    position: int = 0

    @property
    def finished(self) -> bool:
        return self.position >= len(self.actions)


@dataclass(slots=True)
class _Run:
    """One list under way: the lists that wait for one another, and whether it has suspended or ended."""

    frames: list[_Frame]
    suspended: asyncio.Event = field(default_factory=asyncio.Event)
    steps: int = 0


class Interpreter:
    """The running lists of one app, and the end of the app."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._host = state.host
        self._http = OkHttp(state.app.description.http, state.host)
        self._tasks: set[asyncio.Task[None]] = set()
        self._telling: set[asyncio.Task[object] | None] = set()
        self.closed = False
        self.blocked = False

    async def start(self, todo: Sequence[Action], scope: Scope) -> None:
        """Run a list and return when it has ended or waits for something (a reply, a time)."""
        if not todo or self.closed:
            return
        run = _Run([_Frame(todo, scope)])
        task = asyncio.create_task(self._execute(run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: run.suspended.set())
        await run.suspended.wait()
        if task.done() and not task.cancelled():
            task.result()

    async def tell(self, event: str, text: str) -> bool:
        """Let the host know what is about to happen; False when the app did not survive it."""
        task = asyncio.current_task()
        self._telling.add(task)
        try:
            await self._host.happened(event, text)
        finally:
            self._telling.discard(task)
        return not self.closed

    async def open(self, screen: str, action: actions.Go | None, scope: Scope) -> None:
        """Open a screen and run its `on_open`."""
        params = {name: value.evaluate(scope) for name, value in action.params.items()} if action else {}
        if not await self.tell("screen", screen):
            return
        opened = OpenScreen(screen, self._state.app.description.screens[screen], params)
        if action and action.reset:
            self._state.stack.clear()
        elif action and action.replace:
            del self._state.stack[-1:]
        self._state.stack.append(opened)
        self._state.blur()
        await self.start(opened.description.on_open, self._state.scope())

    async def back(self) -> bool:
        """Return to the screen below; False when there is none."""
        if len(self._state.stack) < 2:
            return False
        below = self._state.stack[-2]
        if await self.tell("screen", below.name):
            self._state.stack.pop()
            self._state.blur()
            await self.start(below.description.on_return, self._state.scope())
        return True

    async def close(self) -> None:
        """Cancel everything. Lists that are telling the host something end by themselves when it returns."""
        self.closed = True
        doomed = [task for task in self._tasks if task not in self._telling and task is not asyncio.current_task()]
        for task in doomed:
            task.cancel()
        if doomed:
            await asyncio.wait(doomed, timeout=CLOSING_DEADLINE)
        await self._http.close()

    async def _execute(self, run: _Run) -> None:
        while run.frames and not self.closed and not self.blocked:
            frame = run.frames[-1]
            if frame.finished:
                run.frames.pop()
                continue
            action = frame.actions[frame.position]
            frame.position += 1
            run.steps += 1
            if run.steps > MOST_STEPS or len(run.frames) > DEEPEST:
                self._die(Death.CRASH, "java.lang.StackOverflowError", "stack size 8188KB")
                return
            await self._step(action, frame.scope, run)

    async def _step(self, action: Action, scope: Scope, run: _Run) -> None:
        match action:
            case actions.Set() | actions.Append() | actions.Remove() | actions.Increment():
                mutate(action, self._state, scope)
            case actions.Log():
                for line in action.message.text(scope).split("\n"):
                    self._host.log(action.priority, action.tag, line)
            case actions.Dialog() | actions.Toast() | actions.HideKeyboard():
                self._show(action, scope)
            case actions.Crash() | actions.Anr() | actions.Exit():
                self._end(action, scope)
            case actions.Go():
                await self.open(action.screen, action, scope)
            case actions.Back():
                await self.back()
            case _:
                await self._control(action, scope, run)

    async def _control(
        self, action: actions.If | actions.Call | actions.Wait | actions.Stop | actions.Http, scope: Scope, run: _Run
    ) -> None:
        match action:
            case actions.If():
                _enter(run, action.then if action.condition.evaluate(scope) else action.otherwise, scope)
            case actions.Call():
                _enter(run, self._state.app.description.routines[action.routine], scope)
            case actions.Stop():
                run.frames.clear()
            case actions.Wait():
                _suspend(run)
                await asyncio.sleep(action.ms / 1000)
            case actions.Http():
                await self._call(action, scope, run)

    async def _call(self, action: actions.Http, scope: Scope, run: _Run) -> None:
        url = self._http.url_of(action, scope)
        if not await self.tell("http", url):
            return
        if action.loading is not None:
            self._state.set(action.loading, True)
        _suspend(run)
        reply = await self._http.call(action, scope)
        if self.closed:
            return
        if 200 <= reply.status < 300:
            for variable, path in action.save.items():
                self._state.set(variable, dig(reply.body, [] if path == "$" else path.split(".")))
        if action.loading is not None:
            self._state.set(action.loading, False)
        _enter(run, _branch(action, reply), scope.having(response=reply.as_value()))

    def _show(self, action: actions.Dialog | actions.Toast | actions.HideKeyboard, scope: Scope) -> None:
        match action:
            case actions.Dialog():
                self._state.blur()
                self._state.dialog = OpenDialog(action, scope)
            case actions.Toast():
                self._state.show_toast(action.text.text(scope), action.ms / 1000)
            case actions.HideKeyboard():
                self._state.keyboard = False

    def _end(self, action: actions.Crash | actions.Anr | actions.Exit, scope: Scope) -> None:
        match action:
            case actions.Crash(kind="native"):
                self._die(Death.CRASH_NATIVE, "SIGABRT", action.message.text(scope))
            case actions.Crash():
                self._die(Death.CRASH, action.exception, action.message.text(scope))
            case actions.Anr():
                self.blocked = True
                self._host.not_responding(action.reason.text(scope))
            case actions.Exit():
                self._die(Death.EXIT_SELF, "exit", "")

    def _die(self, death: Death, exception: str, message: str) -> None:
        self.closed = True
        details = ""
        if death is Death.CRASH:
            details = java_crash_text(self._host.package, self._host.pid, exception, message)
        elif death is Death.CRASH_NATIVE:
            details = native_crash_text(self._host.package, self._host.pid, message)
        reason = f"{exception}: {message}" if message else exception
        self._host.died(death, reason=reason, details=details)


def _enter(run: _Run, todo: Sequence[Action], scope: Scope) -> None:
    # A list that has come to its end need not wait: so a routine may call itself for ever, as one that polls does.
    while run.frames and run.frames[-1].finished:
        run.frames.pop()
    run.frames.append(_Frame(todo, scope))


def _suspend(run: _Run) -> None:
    run.steps = 0
    run.suspended.set()


def _branch(action: actions.Http, reply: Reply) -> Sequence[Action]:
    if reply.error:
        return action.on.get("error", ())
    for name in (str(reply.status), f"{reply.status // 100}xx", "any"):
        if name in action.on:
            return action.on[name]
    return ()

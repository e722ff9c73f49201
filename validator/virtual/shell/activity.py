"""`am`, `cmd activity` and `monkey`: starting and stopping apps."""

from __future__ import annotations

import time
from collections.abc import Mapping

from validator.virtual.device.instrumentation import (
    AUTOMATION_PACKAGE,
    AUTOMATION_TEST_PACKAGE,
    Instrumentation,
)
from validator.virtual.ports import Death
from validator.virtual.shell.command import Command, Commands, Invocation
from validator.virtual.shell.intents import DATA_EXTRA, Intent, read_intent
from validator.virtual.shell.options import split
from validator.virtual.shell.subcommands import Subcommand, run_subcommand

_SHELL_PID = 4_711
_NO_ACTIVITY = 252  # what monkey exits with


async def _start(call: Invocation, args: tuple[str, ...]) -> int:
    waits = "-W" in args
    intent = read_intent([word for word in args if word not in ("-W", "-D", "-N")])
    await call.print(f"Starting: {intent.shown()}")
    app = intent.target(call.device)
    if app is None or app.component is None:
        return await _start_elsewhere(call, intent)
    if intent.stop_first:
        await call.device.apps.force_stop(app.package, _SHELL_PID)
    extras = intent.extras | ({DATA_EXTRA: intent.data} if intent.data else {})
    began = time.monotonic()
    launch = await call.device.apps.launch(app, extras)
    if launch.warm:
        await call.complain("Warning: Activity not started, its current task has been brought to the front")
    if waits:
        took = int((time.monotonic() - began) * 1000)
        state = "HOT" if launch.warm else "COLD"
        lines = ("Status: ok", f"LaunchState: {state}", f"Activity: {launch.component}")
        await call.print("\n".join((*lines, f"TotalTime: {took}", f"WaitTime: {took + 2}", "Complete")))
    return 0


async def _start_elsewhere(call: Invocation, intent: Intent) -> int:
    """A link goes to the browser; anything else that no app takes is an error."""
    if intent.data.startswith(("http://", "https://")) and not intent.component and not intent.package:
        call.device.apps.browse(intent.data)
        return 0
    if intent.action == "android.intent.action.MAIN" and "android.intent.category.HOME" in intent.categories:
        call.device.apps.to_background()
        return 0
    if intent.component:
        shown = intent.component.replace("/.", f"/{intent.component.partition('/')[0]}.")
        return await call.fail(f"Error type 3\nError: Activity class {{{shown}}} does not exist.")
    return await call.fail(f"Error: Activity not started, unable to resolve {intent.shown()}")


async def _force_stop(call: Invocation, args: tuple[str, ...]) -> int:
    package = _package(args)
    if package in (AUTOMATION_PACKAGE, AUTOMATION_TEST_PACKAGE):
        call.device.instrumentation.stop(f"stop {package} due to from pid {_SHELL_PID}")
    await call.device.apps.force_stop(package, _SHELL_PID)
    return 0


async def _kill(call: Invocation, args: tuple[str, ...]) -> int:
    """Kills a background process only, as `am kill` does."""
    running = call.device.apps.get(_package(args))
    if running is not None and call.device.apps.front != running.package:
        call.device.apps.end(running, Death.OTHER, reason="kill background")
    return 0


async def _crash(call: Invocation, args: tuple[str, ...]) -> int:
    running = call.device.apps.get(_package(args))
    if running is not None:
        exception = "android.app.RemoteServiceException$CrashedByAdbException: shell-induced crash"
        call.device.apps.end(running, Death.CRASH, reason=exception)
    return 0


async def _broadcast(call: Invocation, args: tuple[str, ...]) -> int:
    intent = read_intent(args)
    await call.print(f"Broadcasting: {intent.shown()}\nBroadcast completed: result=0")
    return 0


async def _instrument(call: Invocation, args: tuple[str, ...]) -> int:
    words = split(_without_arguments(args), valued=("--user", "--abi", "-p"))
    component = words.rest[-1] if words.rest else ""
    package, _, runner = component.partition("/")
    app = call.device.installed.get(package)
    known = app is not None and any(entry.name == runner for entry in app.manifest.instrumentations)
    target = next((entry.target for entry in app.manifest.instrumentations), "") if app else ""
    if not known:
        return await _no_instrumentation(call, component, "Unable to find instrumentation info for")
    if call.device.installed.get(target) is None:
        return await _no_instrumentation(call, component, "Unable to find instrumentation target package")
    if package != AUTOMATION_TEST_PACKAGE:
        await call.print("INSTRUMENTATION_RESULT: shortMsg=Process crashed.\nINSTRUMENTATION_CODE: 0")
        return 0
    call.device.instrumentation.start()
    return await _wait_for(call, call.device.instrumentation) if "-w" in words.flags else 0


def _without_arguments(args: tuple[str, ...]) -> list[str]:
    """`-e NAME VALUE` takes two words."""
    words, queue = list[str](), list(args)
    while queue:
        word = queue.pop(0)
        if word == "-e":
            del queue[:2]
        else:
            words.append(word)
    return words


async def _wait_for(call: Invocation, instrumentation: Instrumentation) -> int:
    await instrumentation.ended()
    await call.print("INSTRUMENTATION_RESULT: shortMsg=Process crashed.\nINSTRUMENTATION_CODE: 0")
    return 0


async def _no_instrumentation(call: Invocation, component: str, problem: str) -> int:
    await call.print("INSTRUMENTATION_STATUS: id=ActivityManagerService")
    await call.print(f"INSTRUMENTATION_STATUS: Error={problem}: ComponentInfo{{{component}}}")
    await call.print("INSTRUMENTATION_STATUS_CODE: -1")
    return await call.fail(f"android.util.AndroidException: INSTRUMENTATION_FAILED: {component}")


async def _clear_exit_info(call: Invocation, args: tuple[str, ...]) -> int:
    package = _package(args)
    call.device.exits.clear(package or None)
    return 0


def _package(args: tuple[str, ...]) -> str:
    rest = split(args, valued=("--user",)).rest
    return rest[0] if rest else ""


_SUBCOMMANDS: Mapping[str, Subcommand] = {
    "broadcast": _broadcast,
    "clear-exit-info": _clear_exit_info,
    "crash": _crash,
    "force-stop": _force_stop,
    "instrument": _instrument,
    "kill": _kill,
    "start": _start,
    "start-activity": _start,
}


async def activity_command(call: Invocation, args: tuple[str, ...]) -> int:
    """Run a subcommand of the activity service."""
    return await run_subcommand(call, args, _SUBCOMMANDS)


async def _am(call: Invocation) -> int:
    return await activity_command(call, call.args)


async def _monkey(call: Invocation) -> int:
    """With one event, which is how apps are started with it; more events are not simulated."""
    for word in call.args:
        await call.print(f"  bash arg: {word}")
    package = split(call.args, valued=("-p", "-c", "-s")).last("-p") or ""
    app = call.device.installed.get(package)
    if app is None or app.component is None:
        return await call.fail("** No activities found to run, monkey aborted.", _NO_ACTIVITY)
    await call.device.apps.launch(app, {})
    await call.print("Events injected: 1\n## Network stats: elapsed time=9ms (0ms mobile, 0ms wifi, 9ms not connected)")
    return 0


COMMANDS: Commands = {
    "am": Command(run=_am, needs_framework=True),
    "monkey": Command(run=_monkey, needs_framework=True),
}
